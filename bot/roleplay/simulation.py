"""Synthetic collectors: they say nothing real, but move the customer as a good, cold, hostile or random one would.

They calibrate the emotion model (`anxun simulate`): a scorer that makes the moves up instead of reading them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Literal, get_args

from bot.judgement import DIMENSIONS, MOVES, NEGATIVE_MOVES, POSITIVE_MOVES, Judgement, TurnContext

Policy = Literal["good", "cold", "hostile", "random"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
WORDS = "（模拟的第 {number} 句）"
_HEARD, _CALM = 45.0, 60.0
_STRENGTH = (0.6, 1.0)
_CARES = 0.9
_OVERALL: dict[Policy, int] = {"good": 85, "cold": 40, "hostile": 12, "random": 50}
Chance = random.Random


class SyntheticCollector:
    """One collector with a policy; the same seed and call give the same moves."""

    def __init__(self, policy: Policy, seed: int) -> None:
        self._policy: Policy = policy
        self._seed = seed

    def judge(self, turn: TurnContext) -> Judgement:
        """Moves of this policy for the state of the call; the words of `turn.reply` are not read."""
        number = len(turn.history)
        chance = Chance(f"simulated:{self._policy}:{self._seed}:{number}")
        names = _CHOICES[self._policy](turn, number, chance)
        moves = {name: chance.uniform(*_STRENGTH) for name in names}
        good = self._policy == "good"
        caring = good or self._policy == "random"
        return Judgement(
            overall=_OVERALL[self._policy],
            band=1,
            dimensions=dict.fromkeys(DIMENSIONS, _OVERALL[self._policy]),
            redlines=("threat",) if moves.get("threat", 0.0) >= 0.5 else (),
            evidence=(),
            moves=_full(moves),
            fit=chance.uniform(0.6, 1.0) if good else chance.random(),
            ack_first=good,
            stock_apology=not good,
            repeat=0.0 if good or self._policy == "random" else chance.choice((0.0, 0.8)),
            answered=tuple(
                f.id for f in turn.vulnerable if caring and chance.random() < (_CARES if good else 0.5)
            ),
            praise="",
            advice="",
            rewrite="",
        )


def _good(turn: TurnContext, number: int, chance: Chance) -> tuple[str, ...]:
    """Listens until the customer feels heard, then checks, explains, and offers a way; closes with a plan."""
    understood = turn.understood or 0.0
    if number == 0 or understood < _HEARD or (turn.anger or 0.0) > _CALM:
        return ("respect", "ack", chance.choice(("para", "ask")), chance.choice(("verify", "apol")))
    return ("respect", "plan", chance.choice(("option", "verify", "explain")), chance.choice(("para", "ack")))


def _cold(turn: TurnContext, number: int, chance: Chance) -> tuple[str, ...]:
    return (
        chance.choice(("cold", "deflect", "jargon", "refuse")),
        chance.choice(("explain", "respect", "apol")),
    )


def _hostile(turn: TurnContext, number: int, chance: Chance) -> tuple[str, ...]:
    return tuple(chance.sample(("threat", "insult", "blame", "rhet", "command", "deflect"), 2))


def _random(turn: TurnContext, number: int, chance: Chance) -> tuple[str, ...]:
    return (*chance.sample(POSITIVE_MOVES, 2), *chance.sample(NEGATIVE_MOVES, chance.randint(0, 1)))


_CHOICES: Mapping[Policy, Callable[[TurnContext, int, Chance], tuple[str, ...]]] = {
    "good": _good,
    "cold": _cold,
    "hostile": _hostile,
    "random": _random,
}


def _full(moves: Mapping[str, float]) -> dict[str, float]:
    return dict.fromkeys(MOVES, 0.0) | dict(moves)
