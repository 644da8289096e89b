"""A question of two parts is answered in both, from the clause of each, on one screen."""

from __future__ import annotations

import pytest

from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.parts import parts_of
from bot.retrieval.answering.wording import MAX_CHARS


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("欠费多久停电，停了多久能复？", ["欠费多久停电", "停了多久能复"]),
        ("违约金怎么算？电表不准找谁验？", ["违约金怎么算", "电表不准找谁验"]),
        ("客户搬走了，电费没交，找谁要？那多久停电？", ["客户搬走了，电费没交，找谁要", "多久停电"]),
        ("欠费多久停电还有违约金怎么算", ["欠费多久停电", "违约金怎么算"]),
    ],
)
def test_parts_are_cut_apart(question: str, parts: list[str]) -> None:
    """Where one part ends the next begins; circumstances stay with the part that asks about them."""
    assert parts == parts_of(question)


@pytest.mark.parametrize(
    "question", ["客户欠费多久可以停电？", "客户骂人，堵门，不让走，怎么办", "停电", "谁？啥？哪？几天？"]
)
def test_one_question_stays_whole(question: str) -> None:
    """One thing asked, or more than a screen could answer, is not taken apart."""
    assert [] == parts_of(question)


def test_both_parts_are_answered(small: Answerer) -> None:
    """Two parts, each with a clause of its own: both clauses are cited, both are said, within one screen."""
    block = small.ask("欠费多久可以停电？违约金怎么算？")

    assert ["fc-stop", "fc-fee"] == [c.id for c in block.citations]
    assert "30日" in block.answer and "1‰" in block.answer
    assert len(block.answer) <= MAX_CHARS


def test_unsure_part_leaves_question_whole(small: Answerer) -> None:
    """A part that has no answer of its own is not glued to another's."""
    assert "\n" not in small.ask("欠费多久可以停电？自来水费怎么交？").answer
