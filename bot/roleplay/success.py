"""Whether a call did what its scenario asked: each condition checked on the call as it was played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.content.scenarios import Condition, Scenario
from bot.roleplay.session import Practice


@dataclass(frozen=True)
class Checked:
    """A condition in its author's words, and whether it was met."""

    what: str
    met: bool


def checked(scenario: Scenario | None, practice: Practice) -> tuple[Checked, ...]:
    """Every condition of the scenario in its order; nothing without a scenario or before the first word."""
    if scenario is None or not practice.turns:
        return ()
    return tuple(Checked(condition.what, _met(condition, practice)) for condition in scenario.success)


def _met(condition: Condition, practice: Practice) -> bool:
    return all(
        test(practice, value)
        for name, test in _TESTS.items()
        if (value := getattr(condition, name)) is not None
    )


def _says(reply: str, words: tuple[str, ...]) -> bool:
    return any(word in reply for word in words)


def _answered(practice: Practice, fact: str) -> bool:
    return any(
        fact in turn.judgement.answered and any(one.id == fact for one in turn.before.open)
        for turn in practice.turns
    )


_TESTS: dict[str, Callable[[Practice, Any], bool]] = {
    "outcome": lambda call, value: call.outcome == value,
    "anger_below": lambda call, value: call.state.anger < value,
    "trust_above": lambda call, value: call.state.trust > value,
    "answered": lambda call, value: _answered(call, str(value)),
    "revealed": lambda call, value: any(value in said.revealed for said in call.said),
    "said": lambda call, value: any(_says(turn.reply, value) for turn in call.turns),
    "unsaid": lambda call, value: not any(_says(turn.reply, value) for turn in call.turns),
    "first": lambda call, value: _says(call.turns[0].reply, value),
    "no_redlines": lambda call, _: not any(turn.judgement.redlines for turn in call.turns),
}
