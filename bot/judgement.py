"""What a scorer is told about one turn and what it answers: the only words role-play and tone share.

`bot.tone` makes a Judgement, `bot.roleplay` consumes it, `bot.services` joins them; neither imports the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

POSITIVE_MOVES = (
    "respect", "ack", "para", "ask", "verify", "apol", "explain", "option", "plan", "safety", "boundary",
)  # fmt: skip
NEGATIVE_MOVES = (
    "threat", "insult", "blame", "rhet", "command", "deflect",
    "cold", "refuse", "jargon", "leak", "false", "interrupt",
)  # fmt: skip
MOVES = POSITIVE_MOVES + NEGATIVE_MOVES
DIMENSIONS = ("respect", "empathy", "listening", "accuracy", "solution", "steadiness", "closing")
REDLINES = (
    "threat", "insult", "privacy", "private_collection",
    "false_promise", "illegal_cutoff", "deceive", "obstruct_complaint",
)  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """One earlier turn: what the customer said, and what the trainee answered."""

    customer: str
    reply: str


@dataclass(frozen=True)
class Need:
    """A hidden interest of the customer: a plan fits when its words touch `cues`. Weights of one customer sum to 1."""

    name: str
    weight: float
    cues: tuple[str, ...]


@dataclass(frozen=True)
class VulnerableFact:
    """Something the customer has said that must not be passed over (a patient at home, a loss), and what answers it."""

    id: str
    severity: float
    cues: tuple[str, ...]


@dataclass(frozen=True)
class TurnContext:
    """One reply with all a judge may know of it.

    `facts` are checkable (amount, overdue_days, billing_mode postpaid|prepaid, life_support, verified_holder …);
    absent means unknown. `anger` and `understood` (0..100) say how far the call has come; None means unknown.
    """

    customer: str
    reply: str
    history: tuple[Exchange, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    vulnerable: tuple[VulnerableFact, ...] = ()
    anger: float | None = None
    understood: float | None = None


@dataclass(frozen=True)
class Span:
    """Evidence: code points `start`..`end` (exclusive) of the reply, the cue, its polarity, and why it counts."""

    start: int
    end: int
    cue: str
    polarity: Literal["+", "-"]
    why: str


@dataclass(frozen=True)
class Judgement:
    """The verdict on one reply.

    `moves` maps every name of MOVES to 0..1. `fit` is the weighted share of needs the plan covers (1.0 when no needs
    are known). `repeat` 0..1 is likeness to the trainee's own earlier replies. `answered` names vulnerable facts the
    reply took up. `overall` 0..100 and `band` 1..5 follow DESIGN section 5; a dimension that does not apply is None.
    """

    overall: int
    band: int
    dimensions: Mapping[str, int | None]
    redlines: tuple[str, ...]
    evidence: tuple[Span, ...]
    moves: Mapping[str, float]
    fit: float
    ack_first: bool
    stock_apology: bool
    repeat: float
    answered: tuple[str, ...]
    praise: str
    advice: str
    rewrite: str
