"""What an event earns: conditions, caps, editions."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.loader import load_knowledge, read_knowledge
from bot.content.points import edition_of
from bot.learning.points.awards import Earned, Past, awards, history_from
from bot.learning.points.periods import period
from bot.settings import Settings
from tests.learning.points.books import MONDAY, book, event, rule


def earned(
    rules: list[dict[str, Any]], one: Earned, before: tuple[Past, ...] = (), **other: Any
) -> list[int]:
    return [award.points for award in awards(book(rules, **other), one, before)]


@pytest.mark.parametrize(
    ("when", "details", "given_points"),
    [
        ({"value_at_least": 0.9}, {}, [2]),
        ({"value_at_least": 1, "details": {"mode": ["daily"]}}, {"mode": "daily"}, [2]),
        ({"details": {"mode": ["daily"]}}, {"mode": "drill"}, []),
        ({"details": {"mode": ["daily"]}}, {}, []),
        ({"at_most": {"rank": 3}}, {"rank": 3}, [2]),
        ({"at_most": {"rank": 3}}, {"rank": 4}, []),
        ({"at_most": {"rank": 3}}, {}, []),
        ({"at_most": {"rank": 3}}, {"rank": float("nan")}, []),
        ({"at_least": {"players": 6}}, {"players": "many"}, []),
        ({"empty": ["redlines"]}, {"redlines": []}, [2]),
        ({"empty": ["redlines"]}, {"redlines": ["threat"]}, []),
        ({"empty": ["redlines"]}, {}, []),
        ({"topic": ["contracts"]}, {}, []),
    ],
)
def test_every_condition_must_hold(
    when: dict[str, Any], details: dict[str, Any], given_points: list[int]
) -> None:
    """What is asked for must be there and fit; a field that is missing earns nothing."""
    assert given_points == earned([rule(when=when)], event(details=details))


@pytest.mark.parametrize(
    ("caps", "before", "left"),
    [
        ({"day": 5}, [(0, "other", 4)], [1]),
        ({"day": 5}, [(0, "other", 5)], []),
        ({"day": 5}, [(-1, "other", 5)], [2]),
        ({"week": 5}, [(0, "other", 4), (-1, "other", 9)], [1]),
        ({"month": 5}, [(-29, "other", 5)], []),
        ({"month": 5}, [(1, "other", 5)], [2]),
        ({"ref": 2}, [(-300, "item-1", 2)], []),
        ({"ref": 2}, [(-300, "item-1", 2), (-300, "item-1", -2)], [2]),
        ({"ever": 3}, [(-300, "other", 2)], [1]),
    ],
)
def test_caps_leave_the_rest(
    caps: dict[str, int], before: list[tuple[int, str, int]], left: list[int]
) -> None:
    """A day, a week from Monday, a month, an item, ever: what is left is given, and what was taken back frees room."""
    past = tuple(Past("right", ref, MONDAY + timedelta(days=day), points) for day, ref, points in before)

    assert left == earned([rule(caps=caps)], event(), past)


def test_whole_book_has_a_cap() -> None:
    """All rules together stay below the book's cap; corrections by hand use none of it."""
    rules = [rule(id="one", points=4), rule(id="two", points=4)]

    assert [4, 2] == earned(rules, event(), caps={"day": 6})
    assert [4, 2] == earned(rules, event(), (Past("", "", MONDAY, 50),), caps={"day": 6})


def test_first_time_counts_once() -> None:
    """The same item earns once; after a reversal it may earn again."""
    rules = [rule(when={"first_time": True})]
    before = Past("right", "item-1", date(2025, 1, 1), 2)

    assert [2] == earned(rules, event())
    assert [] == earned(rules, event(), (before,))
    assert [2] == earned(rules, event(), (before, Past("right", "item-1", date(2025, 1, 1), -2)))


def test_days_are_multiplied_within_caps() -> None:
    """Points per safe day, as many as were confirmed and not more than the month gives; odd numbers earn nothing."""
    rules = [rule(points=1, per="days", caps={"month": 23})]

    assert [[20], [23], [], [], []] == [
        earned(rules, event(details={"days": days})) for days in (20, 31, 0, -5, "viele")
    ]


def test_old_event_keeps_old_rules() -> None:
    """An event is judged by the edition of its own day, also when it is told late."""
    first = book([rule(points=1)], id="first", effective_from="2026-01-01")
    second = book([rule(points=9)], id="second", effective_from="2026-12-01")
    ended = book([rule()], id="ended", effective_from="2025-01-01", effective_until="2025-06-30")
    books = [second, ended, first]

    assert [first, second, first, None, None] == [
        edition_of(books, day)
        for day in (
            date(2026, 11, 30),
            date(2026, 12, 1),
            date(2026, 1, 1),
            date(2025, 7, 1),
            date(2024, 1, 1),
        )
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["a", "b", "c"]), st.integers(0, 3)), max_size=40
    ),
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 20), st.integers(1, 30), st.integers(1, 6),
)  # fmt: skip
def test_caps_hold_in_any_order(
    told: list[tuple[int, str, int]], points: int, day: int, week: int, month: int, ref: int
) -> None:
    """However events come, no day, week, month or item ever has more than its cap."""
    rules = book([rule(points=points, caps={"day": day, "week": week, "month": month, "ref": ref})])
    past: list[Past] = []
    for number, (offset, item, _) in enumerate(told):
        one = event(f"quiz:{number}", offset, ref=item)
        past += [Past(award.rule, one.ref, one.day, award.points) for award in awards(rules, one, past)]

    def most(group: Any) -> int:
        sums: dict[Any, int] = {}
        for one in past:
            sums[group(one)] = sums.get(group(one), 0) + one.points
        return max(sums.values(), default=0)

    assert most(lambda p: p.day) <= day
    assert most(lambda p: p.day.isocalendar()[:2]) <= week
    assert most(lambda p: (p.day.year, p.day.month)) <= month
    assert most(lambda p: p.ref) <= ref and all(p.points > 0 for p in past)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_history_reaches_far_enough(day: date) -> None:
    """The days that caps look back to are those of the week and of the month."""
    first = history_from(day)

    assert first <= day.replace(day=1) and first <= day - timedelta(days=day.weekday())
    assert (day - first).days <= 36


def test_periods_are_whole_months() -> None:
    """This month, last month over a year's end, the quarter, the year, ever."""
    january = date(2027, 1, 15)
    spans = [
        (one.first, one.last)
        for one in (period(n, january) for n in ("month", "last", "quarter", "year", "ever"))
    ]

    assert [(202701, 202701), (202612, 202612), (202701, 202701), (202701, 202701), (0, 999912)] == spans


def test_shipped_rules_reward_checked_deeds() -> None:
    """The book in force: an urgent hazard proposes a bonus, self-checks and games earn nothing, everything has a cap."""
    rules = edition_of(load_knowledge(Settings().knowledge).points.values(), MONDAY)
    assert rules is not None
    urgent = event("h", kind="hazard.verified", details={"severity": "urgent"})

    assert [(30, 200)] == [(one.points, one.bonus and one.bonus.yuan) for one in awards(rules, urgent, [])]
    assert {one.event for one in rules.rules}.isdisjoint({"game.played", "selfcheck.done", "hazard.reported"})
    assert all(one.caps.model_dump(exclude_none=True) for one in rules.rules)


BROKEN = """
id: odd
title: 坏规则
effective_from: 2026-01-01
about: 公司规定
reviewed_on: 2026-11-27
rules:
  - {id: one, event: game.played, reason: 玩游戏, points: 5}
  - {id: two, event: day.safe, reason: 安全, points: 1, per: days}
  - {id: three, event: quiz.answered, reason: 答对, points: 0, wenn: {}}
"""


def test_broken_book_names_file_and_key(tmp_path: Path) -> None:
    """A fault in the rule book says where, what and what to do."""
    (tmp_path / "points").mkdir()
    (tmp_path / "points" / "odd.yaml").write_text(BROKEN, encoding="utf-8")
    faults = [str(fault) for fault in read_knowledge(tmp_path)[1]]

    assert any("points/odd.yaml › rules.0.event" in fault and "可选" in fault for fault in faults)
    assert any("per" in fault and "caps" in fault for fault in faults)
    assert any("rules.2.wenn：不认识这个键" in fault for fault in faults)
