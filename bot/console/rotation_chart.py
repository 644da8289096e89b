"""The weeks of everybody's rotation as bars, laid out here so that the page needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MOST_WEEKS = 26
WEEK, ROW, LEFT, TOP = 34, 44, 8, 26
_SHORTEST = 10


@dataclass(frozen=True)
class Bar:
    """`label` stands above the bar; `words` say it for who cannot see it."""

    x: int
    y: int
    width: int
    label: str
    words: str


@dataclass(frozen=True)
class Tick:
    x: int
    label: str


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    ticks: list[Tick]
    bars: list[Bar]
    today: int | None


def chart(plans: Sequence[tuple[str, str, date, date]], today: date) -> Chart | None:
    """Of (name, department, first, last); None for no plan. Weeks begin on Mondays; what is far off is cut at the edge."""
    if not plans:
        return None
    begin = _monday(min(min(first for _, _, first, _ in plans), today))
    begin = max(begin, _monday(today) - timedelta(weeks=8))
    ends = max(max(last for _, _, _, last in plans), today)
    weeks = min(MOST_WEEKS, max(6, (ends - begin).days // 7 + 1))
    right = LEFT + weeks * WEEK
    bars = [bar for row, plan in enumerate(plans) if (bar := _bar(plan, row, begin, right))]
    step = 1 if weeks <= 8 else 2 if weeks <= 16 else 4
    ticks = [
        Tick(LEFT + week * WEEK, f"{day.month}/{day.day}")
        for week in range(0, weeks, step)
        for day in [begin + timedelta(weeks=week)]
    ]
    return Chart(right + LEFT, TOP + ROW * len(plans) + 4, ticks, bars, _x(today, begin))


def _bar(plan: tuple[str, str, date, date], row: int, begin: date, right: int) -> Bar | None:
    name, department, first, last = plan
    left = max(LEFT, _x(first, begin))
    end = min(right, _x(last + timedelta(days=1), begin))
    words = f"{name}在{department}，{first} 到 {last}"
    width = max(_SHORTEST, end - left)
    return Bar(min(left, right - _SHORTEST), TOP + row * ROW + 22, width, f"{name} · {department}", words)


def _x(day: date, begin: date) -> int:
    return LEFT + round((day - begin).days * WEEK / 7)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
