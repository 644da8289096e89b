"""Who is told when a hazard waits too long: after the time in `TAKE_UP_WITHIN` once, after three times as long again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.learning.hazards.severity import TAKE_UP_WITHIN, Severity

WAITING: frozenset[str] = frozenset({"reported", "assigned"})


class Waiting(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def severity(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def waits_since(self) -> datetime: ...
    @property
    def escalated(self) -> int: ...


@dataclass(frozen=True)
class Escalation:
    """`level` 1 goes to those who should have taken it up, 2 to every manager."""

    id: int
    level: int
    hours: float


def overdue(hazards: Iterable[Waiting], now: datetime) -> list[Escalation]:
    """Those that wait too long and whose level was not told yet; those that wait longest first."""
    found = []
    for one in hazards:
        if one.status not in WAITING:
            continue
        waited = now - one.waits_since
        limit = TAKE_UP_WITHIN[_severity(one.severity)]
        level = 2 if waited >= 3 * limit else 1 if waited >= limit else 0
        if level > one.escalated:
            found.append(Escalation(one.id, level, waited.total_seconds() / 3600))
    return sorted(found, key=lambda one: (-one.hours, one.id))


def _severity(name: str) -> Severity:
    return next((known for known in TAKE_UP_WITHIN if known == name), "minor")
