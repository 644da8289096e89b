"""Periods of which points are counted: a month, a quarter, a year, or always, as whole months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

NAMES = {"month": "本月", "last": "上月", "quarter": "本季度", "year": "今年", "ever": "累计"}


@dataclass(frozen=True)
class Period:
    """`first` and `last` are months as YYYYMM, both counted."""

    name: str
    first: int
    last: int


def month_of(day: date) -> int:
    return day.year * 100 + day.month


def period(name: str, today: date) -> Period:
    """A period by its name in `NAMES`; one nobody knows is this month."""
    last_month = month_of(today.replace(day=1) - timedelta(days=1))
    this = month_of(today)
    quarter = today.year * 100 + (today.month - 1) // 3 * 3 + 1
    spans = {
        "month": (this, this),
        "last": (last_month, last_month),
        "quarter": (quarter, this),
        "year": (today.year * 100 + 1, this),
        "ever": (0, 999912),
    }
    first, last = spans.get(name, spans["month"])
    return Period(NAMES.get(name, NAMES["month"]), first, last)
