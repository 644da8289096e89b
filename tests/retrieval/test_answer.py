"""What a person gets back: an answer with its clause, or an honest no."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.loader import Knowledge
from bot.retrieval.answering.answer import Answerer
from tests.retrieval.fakes import knowledge, models, terms


def test_answer_cites_its_clause(small: Answerer) -> None:
    """The nearest card answers first, with law, article, quote, and that it is in force."""
    answer = small.ask("客户欠费多久可以停电？")

    assert answer.answered
    assert (answer.citations[0].id, answer.citations[0].law, answer.citations[0].article) == (
        "fc-stop",
        "电力供应与使用条例",
        39,
    )
    assert (
        answer.citations[0].status, answer.citations[0].status_label, answer.citations[0].effective,
    ) == ("current", "现行", "1996-09-01")  # fmt: skip
    assert answer.do and answer.dont


def test_named_clause_comes_first(small: Answerer) -> None:
    """Asked for by number, the card of that clause is the first citation, whatever else is near."""
    assert small.ask("民法典第九百四十四条是不是讲违约金怎么算").citations[0].id == "nb-property"
    assert small.ask("治安法50条").citations[0].article == [26, 50]


def test_old_clause_number_is_explained(small: Answerer) -> None:
    """The number of an older version is answered with today's clause, and called old."""
    assert small.ask("治安法42条").answer.startswith("第42条是旧条号")


def test_unheld_clause_is_not_guessed(small: Answerer) -> None:
    """A clause without a card is refused, with what is held of that law."""
    answer = small.ask("供电营业规则66条")

    assert not answer.answered
    assert answer.citations == []
    assert "供电营业规则" in answer.answer and "客户要验表" in answer.answer


def test_false_premise_starts_with_no(small: Answerer) -> None:
    """A presumed wrong number is put right before anything else."""
    assert small.ask("欠费三天就可以停电吧？").answer.startswith("不是。逾期超过30日")


def test_second_hand_carries_caution(small: Answerer) -> None:
    """What is not law is labelled and points to the rules in force."""
    answer = small.ask("验表几天出结果")

    assert (answer.citations[0].status, answer.citations[0].status_label) == ("unverified", "二手资料")
    assert answer.caution and answer.answer.endswith("（以本公司、当地现行文件为准）")


def test_lookalike_counts_against_card(small: Answerer) -> None:
    """A question that a card says it must not answer goes to the card that may."""
    assert small.explain("物业拿停电逼物业费").candidates[0].item == "nb-property"


def test_faq_cites_its_clause_first(small: Answerer) -> None:
    """A procedure is answered from the FAQ; the clause it rests on is cited before it."""
    answer = small.ask("分期要什么手续")

    assert [(c.id, c.kind) for c in answer.citations][:2] == [
        ("fc-stop", "regulation"),
        ("faq-instalment", "faq"),
    ]
    assert answer.citations[1].status_label == "问答"


def test_related_questions_are_answerable(small: Answerer) -> None:
    """Every question offered next is one that gets an answer."""
    related = small.ask("客户欠费多久可以停电？").related

    assert related
    assert all(small.ask(question).answered for question in related)


def test_other_trade_is_refused(small: Answerer) -> None:
    """Water is not ours: no citation, and where to ask instead."""
    answer = small.ask("自来水费怎么交")

    assert not answer.answered
    assert answer.citations == []
    assert "12345" in answer.answer


@pytest.mark.parametrize(
    "text",
    ["", " ", "？", "啊", "a", "😀😀", "电" * 20_000, "欠費三個月可以停電嗎", "<script>alert(1)</script>停电",
     "\x00\u200b", "\ud83d", "第条", "第零条例", "条例0条", "1" * 500, "*.[](){}?", "select * from users"],
)  # fmt: skip
def test_anything_typed_gets_a_reply(small: Answerer, text: str) -> None:
    """An answer or a refusal, never an exception, and always words."""
    answer = small.ask(text)

    assert answer.answer
    assert answer.answered == bool(answer.citations)


def test_same_question_same_answer(tmp_path: Path, small: Answerer) -> None:
    """Two answerers over the same content give the same bytes."""
    other = Answerer(knowledge(), terms(tmp_path), models(), tmp_path)

    assert small.ask("违约金怎么算") == other.ask("违约金怎么算")


def test_empty_knowledge_refuses(tmp_path: Path) -> None:
    """With no content at all there is a refusal, not a crash."""
    empty = Answerer(Knowledge({}, {}, {}, {}, {}), terms(tmp_path), models())

    assert not empty.ask("欠费多久可以停电").answered
