"""What managers write about points: which verified event earns how much, at most how much, and from which day on.

One file of knowledge/points/ is one edition of the rule book. An event is judged by the edition of its own day, so an
old edition stays where it is and a change is a new file. `bot.learning.points` does the judging.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.models import Id, Line, Topic
from bot.errors import Fault

EarningKind = Literal[
    "quiz.answered", "quiz.finished", "practice.finished", "task.signed", "module.finished",
    "curriculum.certified", "contest.finished", "drill.finished", "hazard.verified", "hazard.fixed",
    "rotation.assessed", "checklist.done", "speech.scored", "day.safe",
]  # fmt: skip
"""What somebody or something has checked. Reading a page, playing a game, asking or merely reporting earns nothing."""
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
Scalar = str | int | float | bool


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Caps(_Authored):
    """The most points a rule (or, on an edition, all rules together) gives one person in a day, a week from Monday, a
    calendar month, for one `ref` (the same item, scenario, course), and `ever`."""

    day: int | None = Field(default=None, ge=1)
    week: int | None = Field(default=None, ge=1)
    month: int | None = Field(default=None, ge=1)
    ref: int | None = Field(default=None, ge=1)
    ever: int | None = Field(default=None, ge=1)


class Condition(_Authored):
    """All that is written must hold. `details` compares fields of the event's details with the values that are allowed;
    `at_most` and `at_least` compare numbers; `empty` names lists that must have nothing in them, such as redlines.

    `first_time`: only while nothing has been earned by this rule for the same ref.
    """

    value_at_least: float | None = Field(default=None, ge=0, le=1)
    topic: tuple[Topic, ...] = ()
    details: Mapping[str, tuple[Scalar, ...]] = {}
    at_most: Mapping[str, float] = {}
    at_least: Mapping[str, float] = {}
    empty: tuple[str, ...] = ()
    first_time: bool = False


class Bonus(_Authored):
    """Money that is proposed to a manager, who decides; it is never paid by itself."""

    yuan: int = Field(ge=1, le=100_000)
    why: Line


class Rule(_Authored):
    """`reason` is what the person reads in the statement. `per` multiplies the points by a number in the details."""

    id: Id
    event: EarningKind
    reason: Short
    points: int = Field(ge=1, le=500)
    per: str = ""
    when: Condition = Condition()
    caps: Caps = Caps()
    bonus: Bonus | None = None

    @model_validator(mode="after")
    def _multiplied_is_capped(self) -> Self:
        if self.per and self.caps == Caps():
            raise ValueError("写了 per 就要写 caps，免得一个大数把积分撑破")
        return self


class RuleBook(_Authored):
    """An edition. `effective_until` is its last day; left out, it holds until the next one begins."""

    id: Id
    title: Short
    effective_from: date
    effective_until: date | None = None
    about: Line
    caps: Caps = Caps()
    rules: tuple[Rule, ...] = Field(min_length=1)
    reviewed_on: date

    @model_validator(mode="after")
    def _rules_are_told_apart(self) -> Self:
        names = [rule.id for rule in self.rules]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"规则编号 {twice} 用了两次")
        if self.effective_until and self.effective_until < self.effective_from:
            raise ValueError("effective_until 比 effective_from 还早")
        if self.caps.ref:
            raise ValueError("整本规则的 caps 不写 ref，写在单条规则里")
        return self


def edition_of(books: Iterable[RuleBook], day: date) -> RuleBook | None:
    """The edition in force on a day: the one that began last, and has not ended."""
    begun = [book for book in books if book.effective_from <= day]
    latest = max(begun, key=lambda book: book.effective_from, default=None)
    if latest is None or (latest.effective_until and latest.effective_until < day):
        return None
    return latest


def points_faults(books: Mapping[str, RuleBook], files: Mapping[str, str]) -> Iterable[Fault]:
    """Two editions that begin on the same day would be chosen by chance."""
    first: dict[date, str] = {}
    for book in books.values():
        other = first.setdefault(book.effective_from, book.id)
        if other != book.id:
            yield Fault(
                files[book.id], "effective_from", f"和 {other} 同一天开始",
                "两版错开一天，或者合成一版。",
            )  # fmt: skip
