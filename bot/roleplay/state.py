"""How a customer feels: State is the whole of it, Moves is what one reply did; `dynamics` changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.content.lines import level_of
from bot.content.personas import Parameters
from bot.judgement import NEGATIVE_MOVES, Judgement
from bot.roleplay.coefficients import Difficulty

MIDDLE = 3
SHOWN = ("anger", "trust", "understood", "clarity", "face")


def clip(value: float, low: float = 0.0, high: float = 100.0) -> float:
    return max(low, min(high, value))


@dataclass(frozen=True)
class OpenFact:
    """Something said that nobody has answered yet, and how many replies have passed it over."""

    id: str
    severity: float
    missed: int = 0


@dataclass(frozen=True)
class State:
    """All on 0..100 as floats, except `trauma` (0..1) and the counters. Nothing here is ever rounded.

    `most_missed` is the largest number of times one fact was passed over; `boiling` counts turns in a row
    at the top; `complied` means a threat has won an obedience that is not meant.
    """

    anger: float
    trust: float
    understood: float
    clarity: float
    face: float
    trauma: float = 0.0
    turn: int = 0
    apologies: int = 0
    boiling: int = 0
    most_missed: int = 0
    escalated: bool = False
    complied: bool = False
    open: tuple[OpenFact, ...] = ()

    @property
    def level(self) -> int:
        return level_of(self.anger)

    def shown(self) -> dict[str, float]:
        """The five numbers of the contract, to one digit, for people and programs to read."""
        return {name: round(float(getattr(self, name)), 1) for name in SHOWN}


@dataclass(frozen=True)
class Moves:
    """What one reply did, strengths 0..1; a name that is absent is 0."""

    strengths: Mapping[str, float]
    fit: float = 1.0
    ack_first: bool = False
    stock_apology: bool = False
    repeat: float = 0.0
    answered: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float:
        return self.strengths.get(name, 0.0)

    def without_kindness(self) -> Moves:
        """What is left of a reply in which nothing kind could be heard."""
        bad = {name: value for name, value in self.strengths.items() if name in NEGATIVE_MOVES}
        return Moves(strengths=bad, repeat=self.repeat)

    @classmethod
    def of(cls, judgement: Judgement) -> Moves:
        """The part of a judgement that the customer feels."""
        return cls(
            strengths=judgement.moves,
            fit=judgement.fit,
            ack_first=judgement.ack_first,
            stock_apology=judgement.stock_apology,
            repeat=judgement.repeat,
            answered=judgement.answered,
        )


def first_state(parameters: Parameters) -> State:
    """How the customer feels before the first word."""
    return State(
        anger=parameters.anger0,
        trust=parameters.trust0,
        understood=parameters.understood0,
        clarity=parameters.clarity0,
        face=parameters.face0,
    )


def harden(parameters: Parameters, difficulty: int, shift: Difficulty) -> Parameters:
    """The same person on a better (1) or worse (5) day; 3 changes nothing, no number leaves its range."""
    steps = difficulty - MIDDLE
    return parameters.model_copy(
        update={
            "anger0": clip(parameters.anger0 + steps * shift.anger, 25, 95),
            "patience": int(clip(parameters.patience + steps * shift.patience, 4, 14)),
            "trust0": clip(parameters.trust0 + steps * shift.trust, 10, 60),
        }
    )


def raise_fact(state: State, fact_id: str, severity: float) -> State:
    """The customer has now said it: from here on it waits for an answer. Twice is the same as once."""
    if any(fact.id == fact_id for fact in state.open):
        return state
    return replace(state, open=(*state.open, OpenFact(fact_id, severity)))
