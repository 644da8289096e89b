"""Quizzes read and grade the answers of contests; what a contest counts is whether all of it was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.content.quizzes import Item
from bot.learning.contests.plan import Mark
from bot.learning.quizzes.grading import Verdict, grade, order_for, right_answer
from bot.learning.quizzes.reading import DONT_KNOW


class QuizGrader:
    """Fulfils `bot.learning.contests.plan.Grader`."""

    def order(self, item: Item, showing: str) -> tuple[int, ...]:
        return order_for(item, "contest", showing)

    def mark(self, item: Item, text: str, order: Sequence[int]) -> Mark | None:
        text = text.strip()
        if not text:
            return None
        if text in DONT_KNOW:
            return Mark(0.0, False, "不会")
        found = grade(item, text, order, _no_reply)
        return Mark(min(1.0, found.score), found.right, found.given) if found else None

    def answer(self, item: Item, order: Sequence[int]) -> str:
        return right_answer(item, order)


def _no_reply(_customer: str, _reply: str, _facts: Mapping[str, object]) -> Verdict:
    """Replies to customers are not asked in contests; content is checked for it."""
    return Verdict(0, 1)
