"""What the record of events shows of each step. Only what there is counts, never the order in which it was told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.content.curricula import Step
from bot.learning.events import Event

COUNTED: frozenset[str] = frozenset(
    {
        "lesson.read", "case.read", "task.signed", "quiz.answered", "quiz.finished", "practice.finished", "drill.finished",
    }
)  # fmt: skip
RIGHT = 0.6
"""An answer of this value is right where it does not say so itself."""


@dataclass(frozen=True)
class Seen:
    """How far a step is: `have` of `need`, and when that was enough."""

    have: float
    need: float
    at: datetime | None = None

    @property
    def done(self) -> bool:
        return self.at is not None


@dataclass
class Evidence:
    """The events of one enrolment, sorted for questions. Answers that one step used up do not count for the next."""

    events: Collection[Event]
    levels: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._events = sorted({event.key: event for event in self.events}.values(), key=_when)
        self._spare = self._right_answers()

    def of(self, step: Step, ref: str) -> Seen:
        """`ref` is the step's own name: curriculum/module/step."""
        if step.kind in ("lesson", "reading"):
            return self._first("lesson.read", ref)
        if step.kind == "case":
            return self._first("case.read", str(step.case))
        if step.kind == "task":
            return self._first("task.signed", ref)
        if step.kind == "drill":
            return self._first("drill.finished", str(step.drill))
        if step.kind == "practice":
            return self._passed("practice.finished", str(step.scenario), step.pass_mark)
        if step.set:
            return self._passed("quiz.finished", step.set, step.pass_mark)
        return self._answered(step)

    def _first(self, kind: str, ref: str) -> Seen:
        at = next((one.at for one in self._events if one.kind == kind and one.ref == ref), None)
        return Seen(0.0 if at is None else 1.0, 1.0, at)

    def _passed(self, kind: str, ref: str, pass_mark: int) -> Seen:
        tries = [one for one in self._events if one.kind == kind and one.ref == ref]
        clean = [one for one in tries if not one.details.get("redlines")]
        best = max((round(one.value * 100) for one in clean), default=0)
        at = next((one.at for one in clean if round(one.value * 100) >= pass_mark), None)
        return Seen(float(best), float(pass_mark), at)

    def _answered(self, step: Step) -> Seen:
        """Takes the easiest answers that do: the harder ones may be needed by a harder step."""
        able = [one for one in self._spare if one.topic == step.topic and one.level >= step.level]
        taken = able[: step.number]
        self._spare = [one for one in self._spare if one not in taken]
        enough = len(taken) == step.number
        return Seen(len(taken), step.number, max(one.at for one in taken) if enough else None)

    def _right_answers(self) -> list[_Right]:
        """The first right answer to each item, easiest first."""
        found: dict[str, _Right] = {}
        for one in self._events:
            if one.kind == "quiz.answered" and _is_right(one):
                found.setdefault(one.ref, _Right(self.levels.get(one.ref, 1), one.at, one.ref, one.topic))
        return sorted(found.values(), key=lambda one: (one.level, one.at, one.item))


@dataclass(frozen=True)
class _Right:
    level: int
    at: datetime
    item: str
    topic: str


def _is_right(event: Event) -> bool:
    said = event.details.get("correct")
    return said if isinstance(said, bool) else event.value >= RIGHT


def _when(event: Event) -> tuple[datetime, str]:
    return event.at, event.key
