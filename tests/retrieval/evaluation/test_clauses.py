"""One rule says whether a card or a citation holds a clause that answers."""

from __future__ import annotations

from typing import Any

import pytest

from bot.retrieval.answering.citing import citation
from bot.retrieval.evaluation.clauses import Clause, clauses_of, holds
from tests.retrieval.fakes import card, knowledge


@pytest.mark.parametrize(
    ("article", "accept", "right"),
    [
        (39, "供电条例:39", True),
        (39, "供电条例：39", True),
        (39, "供电条例:28", False),
        (39, "电力法:39", False),
        ((26, 50), "供电条例:50", True),
        ("253之一", "供电条例:253", True),
        (253, "供电条例:253之一", True),
        (3, "供电条例:39", False),
        (39, "供电条例", True),
        (39, {"law": "供电条例", "article": 39}, True),
        (39, {"law": "供电条例", "article": None}, True),
    ],
)
def test_clause_is_held_by_law_and_number(article: Any, accept: Any, right: bool) -> None:
    """Law and number must fit, one number of a group is enough, and a law without a number accepts all of it."""
    held = card("fc-x", law="供电条例", article=article)

    assert right == holds(held, clauses_of({"accept": [accept]}))
    assert right == holds(citation(held), clauses_of({"accept": [accept]}))


def test_case_holds_no_clause() -> None:
    """A story names no law: citing it is never right by itself."""
    case = citation(knowledge().cases["case-day-twenty"])

    assert not holds(case, [Clause("供电条例"), Clause("供电条例", "39")])


def test_card_without_number_needs_whole_law() -> None:
    """Where the source's numbering is unknown, only the law as a whole can be meant."""
    held = card("fc-x", law="供电营业规则", article=None, status="second_hand")

    assert holds(held, [Clause("供电营业规则")])
    assert not holds(held, [Clause("供电营业规则", "66")])


@pytest.mark.parametrize("entry", [39, "", {"article": 39}, ["供电条例", 39]])
def test_odd_entry_is_refused(entry: Any) -> None:
    """What names no law is no clause."""
    with pytest.raises(ValueError, match="not a clause"):
        clauses_of({"accept": [entry]})
