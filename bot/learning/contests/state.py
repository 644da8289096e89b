"""What a contest is at one moment: the values that a log folds into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

Phase = Literal[
    "lobby", "round", "staking", "reading", "open", "answering", "collecting", "shown", "finish", "ended"
]
Kind = Literal[
    "joined", "left", "begun", "round", "asked", "staked", "posed", "opened", "buzzed", "pressed", "fouled",
    "answered", "judged", "shown", "time_up", "paused", "resumed", "corrected", "voided", "finished", "overtime",
    "ended",
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One line of the log. `who` is a player, a host, or "" for the clock. `at` is when it reached the server, UTC."""

    seq: int
    kind: Kind
    who: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Player:
    """`present` is False for one who left, or whom the host sent away (`is_barred`); their points stay."""

    id: str
    name: str
    team: str
    present: bool = True
    is_guest: bool = False
    is_barred: bool = False


@dataclass(frozen=True)
class Given:
    """A player's one answer to the question under way."""

    contestant: str
    given: str
    score: float
    right: bool
    seconds: float


@dataclass(frozen=True)
class Ruling:
    """What a contestant got for a question or a foul, after all corrections. `worth` is what right and wrong are worth.

    `seq` is the log's line that ruled; with the contestant it names the ruling. `tie` counts in overtime alone.
    """

    seq: int
    contestant: str
    player: str
    question: str
    is_foul: bool
    right: bool
    points: int
    worth: tuple[int, int]
    tie: int = 0
    corrected: bool = False
    void: bool = False


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class State:
    """`step` counts what moved the contest on, so that a host's second tap moves nothing twice.

    `turn` is the contestant who is to answer, `player` the one who pressed. `deadline` is None where no clock runs;
    while paused, `left` is what was left of it in seconds. `order` is who takes turns in this round, `taken` how many
    questions it has asked. `keys` are messages of a host that were acted on. `out` may not press for this question. `stakes` are by contestant, `given` by player.
    """

    seq: int = 0
    at: datetime | None = None
    step: int = 0
    phase: Phase = "lobby"
    round: int = -1
    order: tuple[str, ...] = ()
    taken: int = 0
    question: str = ""
    asked: frozenset[str] = frozenset()
    turn: str = ""
    player: str = ""
    since: datetime | None = None
    deadline: datetime | None = None
    paused: bool = False
    cause: str = ""
    left: float | None = None
    players: Mapping[str, Player] = field(default_factory=_empty)
    stakes: Mapping[str, int] = field(default_factory=_empty)
    given: Mapping[str, Given] = field(default_factory=_empty)
    out: frozenset[str] = frozenset()
    tries: int = 0
    presses: tuple[tuple[str, int], ...] = ()
    fouls: Mapping[str, int] = field(default_factory=_empty)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=_empty)
    rulings: tuple[Ruling, ...] = ()
    scores: Mapping[str, int] = field(default_factory=_empty)
    ties: Mapping[str, int] = field(default_factory=_empty)
    tied: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()

    @property
    def is_over(self) -> bool:
        return self.phase == "ended"

    def of(self, contestant: str) -> int:
        return self.scores.get(contestant, 0)

    def ruling(self, seq: int, contestant: str) -> Ruling | None:
        return next((one for one in self.rulings if (one.seq, one.contestant) == (seq, contestant)), None)
