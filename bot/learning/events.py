"""One append-only record of what people did. Curricula, points and the loop read it; nothing is ever changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

Kind = Literal[
    "quiz.answered",
    "quiz.finished",
    "practice.turn",
    "practice.finished",
    "question.asked",
    "question.unanswered",
    "lesson.read",
    "case.read",
    "task.signed",
    "module.finished",
    "curriculum.certified",
    "contest.finished",
    "drill.finished",
    "hazard.reported",
    "hazard.verified",
    "hazard.fixed",
    "rotation.assessed",
    "game.played",
    "selfcheck.done",
    "checklist.done",
    "speech.opened",
    "speech.marked",
    "speech.closed",
    "speech.scored",
    "day.safe",
    "next.lesson",
]
KINDS: frozenset[str] = frozenset(get_args(Kind))


@dataclass(frozen=True)
class Event:
    """`key` is unique: the same thing noted twice counts once. `value` 0..1 says how well; `at` is aware, UTC.

    `person` is a learner: a member of staff, or a guest nobody has bound yet. `topic` is one of `TOPIC_NAMES`, or "".
    """

    key: str
    kind: str
    person: str
    at: datetime
    topic: str = ""
    ref: str = ""
    value: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of event: {self.kind}")
        if self.at.tzinfo is None:
            raise ValueError("an event's time knows its zone")
        if not 0 <= self.value <= 1:
            raise ValueError(f"value {self.value} is not in 0..1")
