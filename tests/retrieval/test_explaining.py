"""An explanation adds up: its parts are the numbers that the answer was made from."""

from __future__ import annotations

import math

import pytest

from bot.explaining import as_document, explanation_tables
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.explaining import NAMES
from bot.retrieval.ranker import FEATURES as RANKED_BY
from bot.retrieval.refusal import FEATURES as SURE_BY

ASKED = "客户欠费多久可以停电？"


def test_reasons_add_up_to_score(small: Answerer) -> None:
    """Each candidate's reasons sum to its score, and differences of scores are the log odds that the answer ranked by."""
    hits = {hit.item: hit for hit in small.candidates(ASKED)}
    candidates = small.explain(ASKED).candidates

    for c in candidates:
        assert c.score == pytest.approx(sum(r.adds for r in c.reasons))
        assert candidates[0].score - c.score == pytest.approx(-math.log(hits[c.item].ratio), abs=1e-3)


def test_sureness_adds_up_to_probability(small: Answerer) -> None:
    """Bias and reasons sum to the log odds of the confidence that the answer states."""
    explained = small.explain(ASKED)
    odds = explained.bias + sum(r.adds for r in explained.sure_by)

    assert small.ask(ASKED).confidence == round(1 / (1 + math.exp(-odds)), 3)


def test_others_say_why_they_lost(small: Answerer) -> None:
    """The first lost to nobody; each of the others names what it lacks."""
    first, *others = small.explain(ASKED).candidates

    assert first.lost == ""
    assert others and all(c.lost for c in others)


def test_outcome_is_the_answers(small: Answerer) -> None:
    """What is explained is what was said, answered or declined."""
    assert ("answered", small.ask(ASKED).answer) == (
        small.explain(ASKED).outcome,
        small.explain(ASKED).answer,
    )
    assert "declined" == small.explain("自来水费怎么交").outcome


def test_every_feature_has_a_name() -> None:
    """Nobody reads `dense_rank`."""
    assert {*RANKED_BY, *SURE_BY} == set(NAMES)


@pytest.mark.parametrize("question", ["", ASKED, "治安法50条", "自来水费怎么交"])
def test_explanation_can_be_shown(small: Answerer, question: str) -> None:
    """For every kind of reply there is something to read, and a document for programs."""
    explained = small.explain(question)

    assert list(explanation_tables(explained))
    assert as_document(explained)["answer"] == small.ask(question).answer
