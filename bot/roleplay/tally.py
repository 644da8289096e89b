"""Many calls counted together: how they ended, how angry, and how often a customer repeated a line.

Used by `bot.batching` for reports and by `benchmarks/roleplay`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.roleplay.dynamics import Outcome
from bot.roleplay.scoring import Result
from bot.roleplay.session import Practice

OUTCOMES: tuple[Outcome, ...] = ("resolved", "open", "escalated", "hung_up")


@dataclass(frozen=True)
class Played:
    """What is kept of one call: little enough for a million of them. `curve` is anger after each turn, from 0."""

    script: str
    persona: str
    difficulty: int
    seed: int
    outcome: Outcome
    overall: int
    redlines: tuple[str, ...]
    curve: tuple[float, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """Figures of several calls. `outcomes` counts each ending; anger and score are medians, `turns` a mean."""

    calls: int
    outcomes: dict[Outcome, int]
    anger: float
    overall: float
    turns: float
    redlines: dict[str, int]

    def share(self, *outcomes: Outcome) -> float:
        """0..1: how many calls ended in one of these ways."""
        return sum(self.outcomes[outcome] for outcome in outcomes) / self.calls


def played(script: str, practice: Practice, result: Result) -> Played:
    """The part of a finished call that reports need."""
    return Played(
        script=script,
        persona=practice.persona,
        difficulty=practice.difficulty,
        seed=practice.seed,
        outcome=result.outcome,
        overall=result.overall or 0,
        redlines=tuple(dict.fromkeys(hit.code for hit in result.redlines)),
        curve=(practice.first.anger, *(turn.after.anger for turn in practice.turns)),
        lines=tuple(said.line for said in practice.said),
    )


def tally(calls: Sequence[Played]) -> Tally:
    """Count at least one call."""
    found = Counter(call.outcome for call in calls)
    return Tally(
        calls=len(calls),
        outcomes={outcome: found[outcome] for outcome in OUTCOMES},
        anger=statistics.median(call.curve[-1] for call in calls),
        overall=statistics.median(call.overall for call in calls),
        turns=statistics.mean(len(call.curve) - 1 for call in calls),
        redlines=dict(Counter(code for call in calls for code in call.redlines)),
    )


def distinct(calls: Iterable[Sequence[str]]) -> float:
    """0..1: how many of all the lines spoken in these calls are different ones; 1.0 when nothing was said."""
    lines = [line for call in calls for line in call]
    return len(set(lines)) / len(lines) if lines else 1.0
