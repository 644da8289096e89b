"""A person in a course, for the first time or to renew the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.learning.clock import day_begins

FIRST = 1


@dataclass(frozen=True)
class Enrolment:
    """`began` is the local day of `began_at`; `round` is 1 the first time.

    A renewal asks only for what one knows and can do; a later round that is none (a certificate was revoked) asks for
    everything again.
    """

    id: int
    person: str
    curriculum: str
    began: date
    began_at: datetime
    round: int = FIRST
    renewal: bool = False
    active: bool = True

    def counts_from(self, zone: ZoneInfo) -> datetime:
        """The first time from the day's first minute, whatever somebody does to the clock; later rounds from their
        own beginning, so that what earned the last certificate does not earn the next."""
        return day_begins(self.began, zone) if self.round == FIRST else self.began_at
