"""What authors write about a course: for whom, by when, in which order, and what counts as done.

`bot.content.loader` validates the YAML of knowledge/curricula/; `bot.learning.curricula` keeps people's progress.
"""

from __future__ import annotations

from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.models import Id, Line, Topic

StepKind = Literal["lesson", "reading", "case", "quiz", "practice", "task", "drill"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=24)]
Point = Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=160)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Audience(_Authored):
    """Who is enrolled without asking: all that is written must hold, what is left out holds for everybody.

    `joined_within_days` and `years_at_least` count from the day of joining. `changed_to` are posts: whoever comes to
    one of them from another post; `changed_from` narrows it to those who come from these.
    """

    posts: tuple[Word, ...] = ()
    departments: tuple[Word, ...] = ()
    joined_within_days: int | None = Field(default=None, ge=1, le=3650)
    years_at_least: int | None = Field(default=None, ge=1, le=50)
    changed_to: tuple[Word, ...] = ()
    changed_from: tuple[Word, ...] = ()
    invited: bool = True
    """False: nobody is enrolled without asking; people sign up themselves."""

    @model_validator(mode="after")
    def _one_kind_of_time(self) -> Self:
        if self.joined_within_days and self.years_at_least:
            raise ValueError("joined_within_days 和 years_at_least 只写一个")
        if self.changed_from and not self.changed_to:
            raise ValueError("写了 changed_from 就要写 changed_to")
        return self


class Step(_Authored):
    """One thing to do, of one kind.

    lesson: `points` in our own words, resting on `cites` (cards, cases, answers). reading: `cites` to open and read.
    case: `case` to read and talk over. quiz: a quiz `set` with its `pass_mark`, or `number` right answers on a `topic`,
    of `level` or above. practice: a `scenario` with its `pass_mark`, without a red line. task: a `checklist` for the
    mentor's signature. drill: a `drill` gone through to its end.
    `own_numbers` lists numbers in the points that are ours and stand in no cited source, each with its reason.
    """

    id: Id
    kind: StepKind
    title: Title
    minutes: int = Field(default=5, ge=1, le=480)
    points: tuple[Point, ...] = ()
    cites: tuple[Id, ...] = ()
    own_numbers: dict[str, str] = {}
    case: Id | None = None
    set: Id | None = None
    topic: Topic | None = None
    level: Literal[1, 2, 3] = 1
    number: int = Field(default=0, ge=0, le=50)
    pass_mark: int = Field(default=0, ge=0, le=100)
    scenario: Id | None = None
    checklist: tuple[Point, ...] = ()
    drill: Id | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if problem := _misfit(self):
            raise ValueError(problem)
        return self


class Module(_Authored):
    """`due_days` after enrolment it should be done; `after` are modules that come first."""

    id: Id
    title: Title
    why: Line
    due_days: int = Field(ge=0, le=730)
    after: tuple[Id, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1, max_length=8)

    @model_validator(mode="after")
    def _steps_are_told_apart(self) -> Self:
        if twice := _twice([step.id for step in self.steps]):
            raise ValueError(f"步骤编号 {twice} 用了两次")
        return self


class Curriculum(_Authored):
    """A course. Its certificate holds for `valid_months`."""

    id: Id
    title: Title
    about: Line
    audience: Audience
    valid_months: int = Field(ge=1, le=60)
    reviewed_on: date
    modules: tuple[Module, ...] = Field(min_length=2, max_length=20)

    @model_validator(mode="after")
    def _modules_can_be_walked(self) -> Self:
        names = [module.id for module in self.modules]
        if twice := _twice(names):
            raise ValueError(f"模块编号 {twice} 用了两次")
        for module in self.modules:
            if unknown := [name for name in module.after if name not in names]:
                raise ValueError(f"模块 {module.id} 的 after 里没有 {'、'.join(unknown)} 这个模块")
        try:
            TopologicalSorter({module.id: module.after for module in self.modules}).prepare()
        except CycleError as error:
            raise ValueError(f"先后绕成了圈：{' → '.join(error.args[1])}") from None
        return self

    def step(self, module: str, step: str) -> tuple[Module, Step] | None:
        for one in self.modules:
            if one.id == module:
                return next(((one, two) for two in one.steps if two.id == step), None)
        return None


def _twice(names: list[str]) -> str:
    return next((name for name in names if names.count(name) > 1), "")


_NEEDS: dict[StepKind, tuple[str, ...]] = {
    "lesson": ("points", "cites"),
    "reading": ("cites",),
    "case": ("case",),
    "quiz": (),
    "practice": ("scenario", "pass_mark"),
    "task": ("checklist",),
    "drill": ("drill",),
}
_MAY: dict[StepKind, tuple[str, ...]] = {
    "lesson": ("own_numbers",),
    "quiz": ("set", "topic", "level", "number", "pass_mark"),
    "task": ("cites",),
}
_EVERY = ("id", "kind", "title", "minutes")


def _misfit(step: Step) -> str:
    """Why a step is not what it says it is; "" when it is."""
    needs = _NEEDS[step.kind]
    if missing := [name for name in needs if not getattr(step, name)]:
        return f"{step.kind} 这一步要写 {'、'.join(missing)}"
    allowed = {*_EVERY, *needs, *_MAY.get(step.kind, ())}
    if odd := sorted(step.model_fields_set - allowed):
        return f"{step.kind} 这一步用不上 {'、'.join(odd)}，删掉它"
    if step.kind == "quiz" and not _is_one_quiz(step):
        return "quiz 要么写 set 和 pass_mark，要么写 topic 和 number"
    return ""


def _is_one_quiz(step: Step) -> bool:
    by_set = bool(step.set and step.pass_mark) and not (step.topic or step.number)
    by_topic = bool(step.topic and step.number) and not (step.set or step.pass_mark)
    return by_set or by_topic
