"""What the record of events shows of each step. Only what there is counts, never the order in which it was told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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


class Evidence:
    """The events of one enrolment, sorted for questions about `steps`, each with its ref (curriculum/module/step)."""

    def __init__(
        self, events: Collection[Event], steps: Sequence[tuple[str, Step]], levels: Mapping[str, int]
    ) -> None:
        self._events = sorted({event.key: event for event in events}.values(), key=_when)
        self._answers = _shared_out(_right_answers(self._events, levels), steps)

    def of(self, step: Step, ref: str) -> Seen:
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
        return self._answers[ref]

    def _first(self, kind: str, ref: str) -> Seen:
        at = next((one.at for one in self._events if one.kind == kind and one.ref == ref), None)
        return Seen(0.0 if at is None else 1.0, 1.0, at)

    def _passed(self, kind: str, ref: str, pass_mark: int) -> Seen:
        tries = [one for one in self._events if one.kind == kind and one.ref == ref]
        clean = [one for one in tries if not one.details.get("redlines")]
        best = max((round(one.value * 100) for one in clean), default=0)
        at = next((one.at for one in clean if round(one.value * 100) >= pass_mark), None)
        return Seen(float(best), float(pass_mark), at)


@dataclass(frozen=True)
class _Right:
    level: int
    at: datetime
    item: str
    topic: str


def _right_answers(events: Iterable[Event], levels: Mapping[str, int]) -> list[_Right]:
    """The first right answer to each item, easiest first."""
    found: dict[str, _Right] = {}
    for one in events:
        if one.kind == "quiz.answered" and _is_right(one):
            found.setdefault(one.ref, _Right(levels.get(one.ref, 1), one.at, one.ref, one.topic))
    return sorted(found.values(), key=lambda one: (one.level, one.at, one.item))


def _shared_out(answers: list[_Right], steps: Sequence[tuple[str, Step]]) -> dict[str, Seen]:
    """An answer counts for one step. The hardest steps choose first, and take the easiest answers that do."""
    found: dict[str, Seen] = {}
    spare = list(answers)
    for ref, step in sorted(steps, key=lambda pair: -pair[1].level):
        if step.kind == "quiz" and step.topic:
            able = [one for one in spare if one.topic == step.topic and one.level >= step.level]
            taken = able[: step.number]
            spare = [one for one in spare if one not in taken]
            enough = len(taken) == step.number
            found[ref] = Seen(len(taken), step.number, max(one.at for one in taken) if enough else None)
    return found


def _is_right(event: Event) -> bool:
    said = event.details.get("correct")
    return said if isinstance(said, bool) else event.value >= RIGHT


def _when(event: Event) -> tuple[datetime, str]:
    return event.at, event.key
