"""What happens once a day without anybody asking: records are told again, lessons planned, teams measured, people reminded.

`anxun learn daily` runs it from a timer of the machine; the app runs it by itself as well. Whoever is first does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.desks.loop import LoopDesk
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.learning.clock import Clock, day_of, same_time_on
from bot.messages import Choice, ChoicesBlock, Message, TextBlock
from bot.stores.shared import SharedStore

MORNING = 8
"""People hear of their lesson from eight on, on working days."""
LOOK_EVERY_S = 600.0
Chore = Callable[[datetime], None]

log = structlog.get_logger()


@dataclass(frozen=True)
class Done:
    """`first` is False when the day's round had been made already; then nothing else happened."""

    first: bool
    planned: int = 0
    reminded: int = 0


class DailyRound:
    """`chores` are what other parts do once a day, each harmless when done twice."""

    def __init__(
        self,
        staff: Staff,
        records: Records,
        loop: LoopDesk,
        notices: Notices,
        shared: SharedStore,
        zone: ZoneInfo,
        chores: Sequence[tuple[str, Chore]] = (),
    ) -> None:
        self._staff, self._records, self._loop, self._notices = staff, records, loop, notices
        self._shared, self._zone, self._chores = shared, zone, chores

    def run(self, at: datetime) -> Done:
        """The whole round, by the first who asks on a local day."""
        name = f"daily:{day_of(at, self._zone)}"
        if not self._shared.keep_once(name, (at + timedelta(days=2)).timestamp(), at.timestamp()):
            return Done(False)
        self._records.catch_up(at)
        self._loop.forget_keys(at)
        people = self._staff.all()
        planned = self._loop.plan_day(people, at)
        self._loop.snapshot(people, at)
        for chore, do in self._chores:
            try:
                do(at)
            except Exception as error:
                log.error("daily.chore.failed", chore=chore, error=type(error).__name__)
        reminded = sum(self._remind(one.id, at) for one in people)
        log.info("daily.done", people=len(people), planned=planned, reminded=reminded)
        return Done(True, planned, reminded)

    def _remind(self, person: str, at: datetime) -> bool:
        """One message a day at most, in the morning of a working day, to people with an account."""
        day = day_of(at, self._zone)
        plan = self._loop.planned(person, at)
        if plan is None or day.weekday() > 4 or not self._staff.accounts_of(person):
            return False
        due = max(at, same_time_on(day, MORNING, self._zone))
        choices = [Choice(label=plan.title, send=plan.words), Choice(label="每日五题", send="每日五题")]
        message = Message(
            blocks=[
                TextBlock(text=f"早。{plan.reason}"),
                ChoicesBlock(prompt="有空的时候：", choices=choices),
            ]
        )
        return self._notices.send(person, message, f"daily:{person}:{day}", due)


async def keep_making(daily: DailyRound, clock: Clock, zone: ZoneInfo) -> None:
    """The app's own timer: looks every ten minutes whether a new day has begun, from six in the morning on."""
    while True:
        now = clock()
        if now.astimezone(zone).hour >= 6:
            try:
                await asyncio.to_thread(daily.run, now)
            except Exception as error:
                log.error("daily.failed", error=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_S)
