"""One moment of a contest while something is decided: what is drafted is folded at once, so the next rule sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.learning.contests.fold import fold
from bot.learning.contests.plan import Grader, Plan, PlannedRound, Question
from bot.learning.contests.ranking import contestant_of, level_at_the_top
from bot.learning.contests.state import Entry, Kind, Player, State

Do = Literal[
    "join", "leave", "buzz", "answer", "stake", "tick", "begin", "next", "open", "close", "rule", "correct", "void",
    "pause", "resume", "overtime", "end", "remove",
]  # fmt: skip


@dataclass(frozen=True)
class Command:
    """`who` wants something; `at` is when it reached the server. The order of commands is the order of arrival."""

    do: Do
    who: str
    at: datetime
    is_host: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What the one who asked for it is told. `code` is for scripts: floor, late, foul, locked, taken, unread …"""

    ok: bool
    words: str
    code: str = ""


_OF_A_QUESTION = frozenset({"buzzed", "pressed", "fouled", "answered", "judged", "shown"})


class Moment:
    def __init__(self, plan: Plan, state: State, grader: Grader, at: datetime) -> None:
        self.plan, self.state, self.grader = plan, state, grader
        self.arrived = at
        self.at = max(at, state.at) if state.at else at
        self.entries: list[Entry] = []

    def add(self, kind: Kind, who: str = "", /, **data: Any) -> None:
        if kind in _OF_A_QUESTION:
            data["question"] = data.get("question", self.state.question)
        if kind == "buzzed":
            data["try"] = self.state.tries + 1
        entry = Entry(self.state.seq + 1, kind, who, self.at, data)
        self.entries.append(entry)
        self.state = fold(self.state, entry)

    @property
    def part(self) -> PlannedRound | None:
        return self.plan.rounds[self.state.round] if 0 <= self.state.round < len(self.plan.rounds) else None

    @property
    def question(self) -> Question | None:
        return question_of(self.plan, self.state.question)

    def contestant(self, player: Player) -> str:
        return contestant_of(self.plan, player)

    def may_press(self, contestant: str) -> bool:
        """Not locked out of this question and, in overtime, one of those who are level."""
        return contestant not in self.state.out and (
            not self.state.tied or contestant in self.state.tied or not self.is_overtime
        )

    @property
    def is_overtime(self) -> bool:
        return self.part is not None and self.part.kind == "overtime"

    def unasked(self) -> list[Question]:
        return [one for one in self.part.questions if one.key not in self.state.asked] if self.part else []

    def level(self) -> tuple[str, ...]:
        return level_at_the_top(self.plan, self.state)

    def present(self) -> list[Player]:
        return [one for one in self.state.players.values() if one.present]


def question_of(plan: Plan, key: str) -> Question | None:
    return next((one for part in plan.rounds for one in part.questions if one.key == key), None)


def claim_of(entry: Entry) -> str | None:
    """What only one line of a log may say, whoever writes it: the floor at one try, one answer, one ruling."""
    data = entry.data
    question = data.get("question", "")
    match entry.kind:
        case "buzzed":
            return f"floor:{question}:{data['try']}"
        case "answered":
            return f"answer:{question}:{entry.who}"
        case "judged":
            return f"judged:{question}:{data['contestant']}"
        case "fouled":
            return f"foul:{question}:{data['contestant']}"
        case "shown":
            return f"shown:{question}" if question else None
        case _:
            return None
