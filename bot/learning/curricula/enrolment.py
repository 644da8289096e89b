"""A person in a course, for the first time or to renew the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.learning.clock import day_begins

FIRST = 1


@dataclass(frozen=True)
class Enrolment:
    """`began` is the local day; `round` is 1 the first time, and counts up with each renewal."""

    id: int
    person: str
    curriculum: str
    began: date
    round: int = FIRST
    active: bool = True

    @property
    def is_renewal(self) -> bool:
        return self.round > FIRST

    def counts_from(self, zone: ZoneInfo) -> datetime:
        """What is done on the day of enrolment counts from its first minute, whatever somebody does to the clock."""
        return day_begins(self.began, zone)
