"""One step of the model: the document's own trajectories, named reasons, and how a call ends."""

from __future__ import annotations

from typing import Any

import pytest

from bot.roleplay.dynamics import step
from bot.roleplay.state import Moves, first_state, level_of, raise_fact
from tests.roleplay.factory import coefficients, parameters

GOOD: list[dict[str, Any]] = [
    {"respect": 1, "ack": 0.9, "ask": 0.6},
    {"respect": 1, "ack": 0.6, "para": 1, "verify": 0.6, "apol": 0.8},
    {"respect": 1, "verify": 1, "explain": 0.7, "para": 0.5},
    {"respect": 1, "option": 1, "plan": 0.9, "explain": 0.3},
    {"respect": 1, "plan": 1, "para": 0.6, "ack": 0.4},
    {"respect": 1, "plan": 0.8, "ack": 0.5},
]
THREATS: list[dict[str, Any]] = [{"command": 0.8, "threat": 0.8}, {"rhet": 0.8, "blame": 0.6}]
STOCK: list[dict[str, Any]] = [{"respect": 0.7, "apol": 0.6, "explain": 0.6, "ack": 0.2}] * 8
MADE_UP = [
    *GOOD[:2],
    {"threat": 0.7, "command": 0.6},
    {"respect": 1, "ack": 0.8, "apol": 1, "para": 0.6},
    *GOOD[2:],
]


def path(turns: list[dict[str, Any]], stock: bool = False) -> tuple[list[int], str]:
    p, c = parameters(anger0=72), coefficients()
    state, angers, outcome = first_state(p), [], "open"
    for number, strengths in enumerate(turns):
        repeat = 0.9 if stock and number else 0.0
        result = step(p, state, Moves(strengths, ack_first=True, stock_apology=stock, repeat=repeat), 3, c)
        state, outcome = result.state, result.outcome
        angers.append(round(state.anger))
        if outcome != "open":
            break
    return angers, outcome


def test_good_caller_settles_it() -> None:
    """The document's good trainee calms 72 to 23 in four turns."""
    assert path(GOOD) == ([65, 51, 39, 23], "resolved")


def test_threats_end_in_complaint() -> None:
    """The document's threatening trainee escalates the call in two turns."""
    assert path(THREATS) == ([92, 100], "escalated")


def test_stock_phrases_wear_out() -> None:
    """Stock phrases only heat the customer, who hangs up once patience is spent."""
    assert path(STOCK, stock=True) == ([71, 73, 76, 80, 84, 88, 92, 95], "hung_up")


def test_one_threat_costs_turns() -> None:
    """A single threat can be made up for, two turns later than without it."""
    assert path(MADE_UP) == ([65, 51, 72, 61, 50, 30], "resolved")


def test_reasons_carry_their_names() -> None:
    """Acknowledging before explaining is named as such, and so is doing it the wrong way round."""
    p, c = parameters(understood0=10, sigma=0), coefficients()
    kind = {"ack": 1.0, "para": 1.0, "explain": 1.0}
    right = step(p, first_state(p), Moves(kind, ack_first=True), 1, c)
    wrong = step(p, first_state(p), Moves({"explain": 1.0}), 1, c)

    assert {r.label for r in right.reasons} == {"听懂了", "先认后解", "慢慢平复"}
    assert [(r.label, r.value > 0) for r in wrong.reasons] == [("先解后认", True)]


def test_unmoved_customer_gives_none() -> None:
    """A reply that does nothing changes nothing and names no cause."""
    p = parameters(sigma=0)
    result = step(p, first_state(p), Moves({}), 1, coefficients())

    assert result.reasons == ()
    assert result.state.anger == 70


def test_guard_is_named() -> None:
    """When only the guard keeps a threat from calming, the guard is the named cause."""
    p = parameters(temper=0.6, face=0.5, sigma=0)
    kind = {"ack": 1.0, "para": 1.0, "respect": 1.0, "plan": 1.0, "option": 1.0, "apol": 1.0, "false": 0.5}
    result = step(p, first_state(p), Moves(kind, ack_first=True), 1, coefficients())

    assert result.state.anger == 74
    assert "红线不降" in {r.label for r in result.adjustments}


def test_answered_fact_is_closed() -> None:
    """A fact taken up stops waiting; one passed over counts its misses."""
    p, c = parameters(), coefficients()
    state = raise_fact(first_state(p), "ventilator", 1.0)
    missed = step(p, state, Moves({"respect": 1.0}), 1, c).state
    answered = step(p, missed, Moves({}, answered=("ventilator",)), 1, c).state

    assert [fact.missed for fact in missed.open] == [1]
    assert answered.open == ()


@pytest.mark.parametrize(
    ("anger", "level"), [(0, 1), (24.99, 1), (25, 2), (45, 3), (65, 4), (82, 5), (100, 5)]
)
def test_levels_follow_document(anger: float, level: int) -> None:
    """Anger is cut into five levels where the document cuts it."""
    assert level_of(anger) == level
