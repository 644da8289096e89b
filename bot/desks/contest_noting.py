"""Writes what a contest came to into people's records, once it is over and every ruling stands.

Not during it: a record cannot be edited, a ruling can be corrected; and two hundred people's records are much work for a
database that has a buzzer to decide.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.desks.contest_floor import ContestFloor
from bot.desks.records import Records
from bot.learning.contests.outcomes import events_of

log = structlog.get_logger()


@dataclass
class ContestNoting:
    records: Records
    floor: ContestFloor | None = None
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, contest: str) -> None:
        """In a thread of its own."""
        threading.Thread(target=self._safely, args=(contest,), name=f"contest-{contest}", daemon=True).start()

    def note(self, contest: str) -> int:
        """How many events were new. Harmless to do again: each has its key."""
        live = self.floor.find(contest) if self.floor else None
        if self.floor is None or live is None or not live.state.is_over:
            return 0
        with self._one_at_a_time:
            new = sum(
                self.records.publish(one) for one in events_of(contest, live.plan, live.state, live.log)
            )
            self.floor.store.note(contest)
        log.info("contest.noted", contest=contest, events=new)
        return new

    def catch_up(self, _at: datetime) -> None:
        """What a restart interrupted, and contests that nobody ended."""
        if self.floor is None:
            return
        self.floor.end_forgotten()
        for one in self.floor.store.listed(over=True, noted=False, limit=50):
            self.note(one.id)

    def _safely(self, contest: str) -> None:
        try:
            self.note(contest)
        except Exception as error:
            log.error("contest.noting.failed", contest=contest, error=type(error).__name__)
