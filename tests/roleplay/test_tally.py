"""Many calls counted together."""

from __future__ import annotations

from bot.roleplay.dynamics import Outcome
from bot.roleplay.tally import Played, distinct, tally


def call(outcome: Outcome, *curve: float, redlines: tuple[str, ...] = ()) -> Played:
    return Played("s", "p", 3, 0, outcome, 60, redlines, curve, ("您好", "行吧"))


def test_endings_are_counted() -> None:
    """Every ending has its share, anger is the median at the end, turns a mean."""
    found = tally(
        [
            call("resolved", 60, 30),
            call("resolved", 60, 40, 20),
            call("hung_up", 60, 99, redlines=("threat",)),
        ]
    )

    assert {"resolved": 2, "open": 0, "escalated": 0, "hung_up": 1} == found.outcomes
    assert (30, 4 / 3) == (found.anger, found.turns)
    assert 1 / 3 == found.share("hung_up", "escalated")
    assert {"threat": 1} == found.redlines


def test_repeated_lines_are_counted() -> None:
    """Lines that come again lower the share of different ones, within a call and across calls."""
    assert 0.5 == distinct([("您好", "行吧"), ("您好", "行吧")])
    assert 1.0 == distinct([])
