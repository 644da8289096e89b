"""Every measure agrees with figures worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from bot.retrieval.evaluation.measures import MEASURES, first_scores, measure, recall_by_depth
from bot.retrieval.evaluation.runs import Run, ranked
from bot.retrieval.evaluation.wordings import Wordings
from tests.retrieval.evaluation.conftest import document

QRELS = {"q1": {"a1": 1}, "q2": {"a2": 1, "a5": 1}, "q3": {"a4": 1}}
RUN: Run = {
    "q1": [("a3", 3.0), ("a1", 2.0), ("a2", 1.0)],
    "q2": [("a2", 9.0), ("a1", 8.0)],
}


def test_measures_agree_with_hand_figures() -> None:
    """Right at the second place; one of two found at the first; a question that the run lacks."""
    values = measure(RUN, QRELS)

    assert {"q1": 1 / 2, "q2": 1.0, "q3": 0.0} == values["MRR@10"]
    assert {"q1": 1.0, "q2": 0.5, "q3": 0.0} == values["R@10"] == values["R@100"]
    assert {"q1": 1.0, "q2": 1.0, "q3": 0.0} == values["S@10"] == values["S@100"]
    assert {"q1": 1 / log2(3), "q2": 1 / (1 + 1 / log2(3)), "q3": 0.0} == pytest.approx(values["nDCG@10"])


def test_grades_weigh_in_gain_alone() -> None:
    """A better document counts more for nDCG; to find it is the same as to find any other."""
    values = measure({"q1": [("a1", 2.0), ("a2", 1.0)]}, {"q1": {"a1": 1, "a2": 3, "a3": 0}})

    assert (1 + 3 / log2(3)) / (3 + 1 / log2(3)) == pytest.approx(values["nDCG@10"]["q1"])
    assert 1.0 == values["R@10"]["q1"] == values["MRR@10"]["q1"]


def test_measures_stop_at_their_depth() -> None:
    """The eleventh place is too late for ten and early enough for a hundred."""
    late: Run = {"q1": [*((f"b{i}", 100.0 - i) for i in range(10)), ("a1", 1.0)]}
    values = measure(late, {"q1": {"a1": 1}})

    assert [0.0, 0.0, 0.0, 1.0, 0.0, 1.0] == [values[name]["q1"] for name in MEASURES]


def test_measures_agree_on_a_tie() -> None:
    """All measures see the same place: equal scores are put in order once, for everything."""
    tied: Run = {"q1": ranked([("a1", 1.0), ("a2", 1.0), ("a3", 1.0)])}
    values = measure(tied, {"q1": {"a2": 1}})

    assert 1 / 2 == values["MRR@10"]["q1"]
    assert 1 / log2(3) == pytest.approx(values["nDCG@10"]["q1"])


def test_scores_nearer_than_single_precision_are_told_apart() -> None:
    """The order is what was found, even where trec_eval's own numbers could not hold the difference."""
    near: Run = {"q1": [("a1", 1.0 + 1e-12), ("z9", 1.0)]}

    assert 1.0 == measure(near, {"q1": {"a1": 1}})["nDCG@10"]["q1"]


def test_missing_document_counts_against_recall() -> None:
    """A right document that nothing could find is still missed."""
    assert 0.5 == measure({"q1": [("a1", 1.0)]}, {"q1": {"a1": 1, "不在语料里": 1}})["R@100"]["q1"]


@pytest.mark.parametrize("run", [{}, {"q1": []}])
def test_empty_run_gets_zero(run: Run) -> None:
    """A system that finds nothing is measured like any other."""
    values = measure(run, QRELS)

    assert all(set(QRELS) == set(held) and not any(held.values()) for held in values.values())
    assert [0.0, 0.0] == recall_by_depth(run, QRELS, (1, 100))
    assert ([], []) == first_scores(run, QRELS)


def test_recall_grows_with_depth() -> None:
    """Mean recall of three questions at each depth: 0.5/3, then 1.5/3, and no more."""
    assert [0.5 / 3, 1.5 / 3, 1.5 / 3] == pytest.approx(recall_by_depth(RUN, QRELS, (1, 2, 100)))


def test_first_scores_are_parted() -> None:
    """The score of each first document, by whether it was right."""
    assert ([9.0], [3.0]) == first_scores(RUN, QRELS)


def test_equal_wordings_stand_for_each_other() -> None:
    """The old version at the second place answers for the new one, once; its twin neither helps nor moves anything."""
    articles = [
        document("旧", "饲养的动物，咬伤他人。"),
        document("新", "饲养的动物咬伤他人"),
        document("他", "用电安全。"),
    ]
    words = Wordings(articles)
    run: Run = {"q1": [("他", 3.0), ("旧", 2.0), ("新", 1.0)]}
    qrels = {"q1": {"新": 1}}
    plain, merged = measure(run, qrels), measure(words.of_run(run), words.of_qrels(qrels))

    assert (1 / 3, 1 / 2) == (plain["MRR@10"]["q1"], merged["MRR@10"]["q1"])
    assert (1.0, 1.0) == (plain["R@10"]["q1"], merged["R@10"]["q1"])
    assert 1 / log2(3) == pytest.approx(merged["nDCG@10"]["q1"])


@pytest.mark.parametrize("order", [["旧", "新", "今"], ["今", "旧", "新"], ["新", "今", "旧"]])
def test_twins_in_any_order_count_once(order: list[str]) -> None:
    """Three versions of the right text in one ranking are one hit at the first place, whichever leads."""
    words = Wordings([document(i, "咬伤他人") for i in ("旧", "新", "今")])
    ranking = [(version, 9.0 - place) for place, version in enumerate(order)]
    values = measure(words.of_run({"q1": ranking}), words.of_qrels({"q1": {"今": 1, "新": 1}}))

    assert {1.0} == {held["q1"] for held in values.values()}


def test_equal_wordings_are_not_needed_twice() -> None:
    """Two right versions of one text are one thing to find; a wrong one beside them does not make it wrong."""
    words = Wordings([document("旧", "咬伤他人"), document("新", "咬伤他人。"), document("他", "用电")])

    assert {"q1": {"旧": 2, "外": 1}} == words.of_qrels({"q1": {"旧": 0, "新": 2, "外": 1}})
    assert (
        1.0
        == measure(words.of_run({"q1": [("新", 1.0)]}), words.of_qrels({"q1": {"旧": 1, "新": 1}}))["R@10"][
            "q1"
        ]
    )
