"""Answers are judged by the clauses they cite, refusals by what should be refused, confidence by what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.messages import AnswerBlock
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.citing import citation
from bot.retrieval.evaluation.answers import Ask, Asked, Point, evaluate_answers, read_asked
from bot.retrieval.evaluation.clauses import Clause
from tests.retrieval.evaluation.conftest import write_rows
from tests.retrieval.fakes import knowledge

CARDS = knowledge().cards
STOP, PROPERTY = CARDS["fc-stop"], CARDS["nb-property"]
RULE, CODE = Clause("电力供应与使用条例", "39"), Clause("民法典", "944")


def answers(threshold: float, **given: tuple[float, list[str]]) -> Ask:
    """Answers by question: (confidence, cards cited); refused below `threshold`."""

    def ask(question: str) -> AnswerBlock:
        confidence, cited = given[question]
        answered = confidence >= threshold
        return AnswerBlock(
            question=question, answered=answered, answer="……", confidence=confidence,
            citations=[citation(CARDS[c]) for c in cited] if answered else [],
        )  # fmt: skip

    return ask


QUESTIONS = [
    Asked("1", "停电", (RULE,)),
    Asked("2", "物业", (CODE,)),
    Asked("3", "校表", (RULE,)),
    Asked("4", "天气", ()),
    Asked("5", "股票", ()),
]
GIVEN: dict[str, tuple[float, list[str]]] = {
    "停电": (0.9, ["fc-stop", "nb-property"]),
    "物业": (0.8, ["ws-law", "nb-property"]),
    "校表": (0.3, ["fc-stop"]),
    "天气": (0.6, ["nb-property"]),
    "股票": (0.1, ["nb-property"]),
}


def test_shares_agree_with_hand_figures() -> None:
    """Three answerable: one right first, two among three, one refused; of two others one is answered."""
    report = evaluate_answers(QUESTIONS, answers(0.5, **GIVEN), answers(0.0, **GIVEN))

    assert (3, 2) == (report.answerable, report.unanswerable)
    assert report.right_first and 1 / 3 == pytest.approx(report.right_first.value)
    assert report.right_among_three and 2 / 3 == pytest.approx(report.right_among_three.value)
    assert report.answered and 2 / 3 == pytest.approx(report.answered.value)
    assert report.refused and 1 / 2 == pytest.approx(report.refused.value)


def test_confidence_agrees_with_hand_figures() -> None:
    """Of six pairs of an answerable question and another, five are in order. What was kept back is judged too."""
    report = evaluate_answers(QUESTIONS, answers(0.5, **GIVEN), answers(0.0, **GIVEN))

    assert 5 / 6 == pytest.approx(report.auc)
    assert (0.1**2 + 0.2**2 + 0.7**2 + 0.6**2 + 0.1**2) / 5 == pytest.approx(report.brier)
    assert (0.1 + 0.2 + 0.7 + 0.6 + 0.1) / 5 == pytest.approx(report.ece)
    assert [1, 1, 1, 1, 1] == [b.questions for b in report.bins]


def test_risk_grows_with_coverage() -> None:
    """The two surest are right, the third is the weather, then comes one that was kept back although right."""
    report = evaluate_answers(QUESTIONS, answers(0.5, **GIVEN), answers(0.0, **GIVEN))

    assert [0.2, 0.4, 0.6, 0.8, 1.0] == pytest.approx([p.coverage for p in report.risk_coverage])
    assert [0, 0, 1 / 3, 1 / 4, 2 / 5] == pytest.approx([p.risk for p in report.risk_coverage])
    assert report.shipped and (0.6, 0.6, 1 / 3) == pytest.approx(
        (report.shipped.confidence, report.shipped.coverage, report.shipped.risk)
    )


def test_equally_sure_answers_stand_together() -> None:
    """No order among equals is invented: one point for both."""
    given = {"停电": (0.7, ["fc-stop"]), "天气": (0.7, ["nb-property"])}
    report = evaluate_answers([QUESTIONS[0], QUESTIONS[3]], answers(0.5, **given), answers(0.0, **given))

    assert [Point(0.7, 1.0, 0.5)] == report.risk_coverage
    assert 0.5 == report.auc


def test_misses_say_what_went_wrong() -> None:
    """Another clause first, refused although answerable, answered although not; what went well is not listed."""
    report = evaluate_answers(QUESTIONS, answers(0.5, **GIVEN), answers(0.0, **GIVEN))

    assert [("2", "wrong"), ("3", "refused"), ("4", "answered")] == [(m.id, m.fault) for m in report.misses]
    assert (["民法典:944"], ["治安管理处罚法:26、50", "民法典:944"]) == (
        report.misses[0].accept,
        report.misses[0].cited,
    )


def test_one_kind_of_question_is_enough() -> None:
    """Without unanswerable questions there is no refusal and no AUC to state, and the rest stands."""
    report = evaluate_answers(QUESTIONS[:1], answers(0.5, **GIVEN), answers(0.0, **GIVEN))

    assert (None, None) == (report.refused, report.auc)
    assert report.right_first and 1.0 == report.right_first.value


def test_product_that_answers_nothing_has_no_place() -> None:
    """Everything refused: no point on the curve, every answerable question a miss."""
    report = evaluate_answers(QUESTIONS, answers(2.0, **GIVEN), answers(0.0, **GIVEN))

    assert report.shipped is None
    assert ["refused"] * 3 == [m.fault for m in report.misses]


def test_real_answerer_is_measured(small: Answerer) -> None:
    """From question to figure with the real way of answering, over five cards."""
    asked = [Asked("1", "欠费多久可以停电", (RULE,)), Asked("2", "附近哪家火锅好吃", ())]
    report = evaluate_answers(asked, small.ask, small.ask)

    assert report.right_first and report.refused
    assert (1.0, 1.0) == (report.right_first.value, report.refused.value)
    assert [] == report.misses


def test_questions_say_what_they_accept(tmp_path: Path) -> None:
    """Clauses in either form; without a word about it, a question with clauses is answerable."""
    path = write_rows(
        tmp_path / "q.jsonl",
        [
            {"id": 1, "question": "停电", "accept": ["民法典:944", "民法典"]},
            {"id": 2, "question": "停电", "accept": [{"law": "民法典", "article": 944}], "answerable": True},
            {"id": 3, "question": "天气", "accept": []},
            {"id": 4, "question": "天气", "accept": ["民法典:944"], "answerable": False},
            {"id": 5, "question": "天气", "unanswerable": True, "accept": ["民法典"]},
        ],
    )

    assert [(CODE, Clause("民法典")), (CODE,), (), (), ()] == [asked.accept for asked in read_asked(path)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"question": "停电", "accept": ["民法典"]}, "缺少 id"),
        ({"id": 1, "accept": ["民法典"]}, "没有问题"),
        ({"id": 1, "question": "停电", "accept": [944]}, "accept 看不懂"),
        ({"id": 1, "question": "停电", "accept": 944}, "accept 看不懂"),
        ({"id": 1, "question": "停电", "accept": "民法典:944"}, "accept 看不懂"),
        ({"id": 1, "question": "停电", "answerable": True}, "没有 accept"),
        ({"id": 1, "question": "停电", "answerable": "是"}, "不是真假"),
    ],
)
def test_faulty_question_is_named(tmp_path: Path, row: dict[str, object], fault: str) -> None:
    """File, line, and what is wrong, in one line."""
    path = write_rows(tmp_path / "q.jsonl", [{"id": 0, "question": "好", "accept": []}, row])

    with pytest.raises(BadInput, match=rf"q\.jsonl 第 2 行.*{fault}"):
        read_asked(path)


def test_empty_question_file_is_refused(tmp_path: Path) -> None:
    """Nothing was asked, so nothing can be said."""
    with pytest.raises(BadInput, match="没有问题"):
        read_asked(write_rows(tmp_path / "q.jsonl", []))
