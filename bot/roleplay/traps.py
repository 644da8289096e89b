"""The traps of a hard customer: which is due, and how a reply met the one that was set.

Wrong claims of fact, wishes beyond authority, questions about other people, recordings: at the top difficulties only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from bot.content.personas import Provocation
from bot.judgement import Judgement
from bot.roleplay.coefficients import Difficulty

Met = Literal["fell", "held", "passed"]
SET, AGAIN = "set", "again"
_HOLDS = 0.4


class Said(Protocol):
    """The part of an utterance that traps are read from."""

    @property
    def trap(self) -> str: ...

    @property
    def step(self) -> str: ...


def due(
    traps: Sequence[Provocation], past: Sequence[Said], turn: int, difficulty: int, seed: int, d: Difficulty
) -> Provocation | None:
    """The trap to set after reply number `turn`, None when it is not time; each is set once, with a turn between."""
    set_before = {said.trap for said in past if said.step == SET}
    allowed = [
        trap for trap in traps if difficulty >= (d.claims_from if trap.kind == "claim" else d.traps_from)
    ]
    left = [trap for trap in allowed if trap.id not in set_before]
    if not left or turn < d.first_trap + 2 * len(set_before) or (past and past[-1].trap):
        return None
    return left[seed % len(left)]


def how_met(trap: Provocation, reply: str, judgement: Judgement) -> Met:
    """Whether the trainee walked into the trap, met it well, or passed it over."""
    agreed = any(word in reply for word in trap.fell_cues)
    if judgement.redlines or (agreed and trap.kind == "claim"):
        return "fell"
    if any(word in reply for word in trap.cues) or judgement.moves.get("boundary", 0.0) >= _HOLDS:
        return "held"
    return "passed"
