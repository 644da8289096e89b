"""Time as learning sees it: instants are aware and in UTC, days are the calendar days of where people work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The local calendar day of an instant."""
    return at.astimezone(zone).date()


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a local day begins; where midnight is skipped, the first instant there is."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def same_time_on(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, when local clocks show `hour` on that day."""
    return (datetime.combine(day, time(), zone) + timedelta(hours=hour)).astimezone(UTC)
