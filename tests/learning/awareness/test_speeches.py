"""Speeches: an outline that fills its time, and marks that no single friend decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.loader import load_knowledge
from bot.learning.awareness.speeches import MARKS, PACE, outline, seconds_to_say, standings, total_of

CASES = list(load_knowledge(Path("knowledge")).cases.values())
TOTALS = st.lists(st.floats(20, 100), min_size=5, max_size=30)


@pytest.mark.parametrize("minutes", [3, 5, 8])
def test_outline_fills_its_time(minutes: int) -> None:
    """Whatever the case, the parts take the whole time, and each has something to begin with and something to ask."""
    for case in CASES:
        parts = outline(case, "先看一眼，再伸手", minutes)

        assert 60 * minutes == sum(one.seconds for one in parts)
        assert all(one.given and one.ask for one in parts), case.id


def test_punctuation_is_not_said() -> None:
    """A page of words takes as long as its words."""
    assert 60 == seconds_to_say("电，" * PACE) == seconds_to_say("电" * PACE)


@given(TOTALS, st.floats(20, 100), st.floats(20, 100))
def test_no_single_sheet_decides(others: list[float], one: float, other: float) -> None:
    """Whatever one colleague marks, the score stays between those that the others could give by themselves."""
    low, high = sorted(others)[0], sorted(others)[-1]
    for mark in (one, other):
        (found,) = standings(["甲"], [("甲", total) for total in [*others, mark]])

        assert found.score is not None and low - 0.1 <= found.score <= high + 0.1


@given(st.dictionaries(st.sampled_from("甲乙丙丁戊"), st.lists(st.floats(20, 100), max_size=8), min_size=1))
def test_places_follow_scores(sheets: dict[str, list[float]]) -> None:
    """Best first; the same score, the same place; no place without a sheet."""
    found = standings(list(sheets), [(who, one) for who, totals in sheets.items() for one in totals])
    scored = [one for one in found if one.score is not None]

    assert set(sheets) == {one.speaker for one in found}
    assert found[: len(scored)] == scored
    for one in scored:
        assert one.place == 1 + sum(float(other.score or 0) > float(one.score or 0) for other in scored)


@pytest.mark.parametrize("marks", [{}, dict.fromkeys(MARKS, 6), dict.fromkeys(MARKS, 0), {"true": 5}])
def test_half_a_sheet_is_no_sheet(marks: dict[str, int]) -> None:
    """All five, one to five."""
    with pytest.raises(ValueError, match="five marks"):
        total_of(marks)
