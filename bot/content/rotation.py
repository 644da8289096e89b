"""What trainers write about rotation: what a guest does in a department week by week, and who may not be missing at home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.models import Id, Line
from bot.errors import Fault

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=24)]
Deed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=120)]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WeekTask(_Authored):
    """`what` to do, and `proof`: by what the mentor sees that it was done."""

    id: Id
    what: Deed
    proof: Deed
    cards: tuple[Id, ...] = ()


class Week(_Authored):
    title: Short
    tasks: tuple[WeekTask, ...] = Field(min_length=2, max_length=6)


class Criterion(_Authored):
    """One thing the mentor marks from 1 to 5: `low` is what 1 looks like, `high` what 5 looks like."""

    id: Id
    name: Short
    low: Deed
    high: Deed


class RotationPlace(_Authored):
    """A department that takes guests. After the last week the last tasks go on."""

    id: Id
    department: Short
    about: Line
    goals: tuple[Deed, ...] = Field(min_length=2, max_length=5)
    weeks: tuple[Week, ...] = Field(min_length=2, max_length=12)
    criteria: tuple[Criterion, ...] = Field(min_length=3, max_length=6)
    most_per_mentor: int = Field(default=2, ge=1, le=10)
    reviewed_on: date

    @model_validator(mode="after")
    def _tasks_are_told_apart(self) -> Self:
        names = [task.id for week in self.weeks for task in week.tasks]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"任务编号 {twice} 用了两次")
        return self


class Need(_Authored):
    """So many of a post must stay in a department while others are away."""

    department: Short
    post: Short
    at_least: int = Field(ge=1, le=500)


class Coverage(_Authored):
    id: Id
    about: Line
    needs: tuple[Need, ...] = Field(min_length=1)
    reviewed_on: date


def rotation_faults(
    places: Mapping[str, RotationPlace], cards: Iterable[str], files: Mapping[str, str]
) -> Iterable[Fault]:
    """Tasks that rest on a card that is not there."""
    known = set(cards)
    for place in places.values():
        for week in place.weeks:
            for card in (card for task in week.tasks for card in task.cards):
                if card not in known:
                    yield Fault(
                        files[place.id], "weeks", f"没有卡片 {card}", "改成已有的编号，或先写那张卡。"
                    )
