"""Messages for people who are elsewhere: kept once per key, then carried to their chat, or shown in the widget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.desks.staff import Staff
from bot.errors import AnxunError
from bot.messages import Message
from bot.stores.learning.desks import Notice, NoticeStore
from bot.stores.learning.people import Account

TRIES = 5
PAUSE = timedelta(minutes=10)

log = structlog.get_logger()

Carry = Callable[[Account, Message], Awaitable[None]]
"""Brings a message to a platform account; raises AnxunError when it cannot."""


class Notices:
    def __init__(self, store: NoticeStore, staff: Staff) -> None:
        self._store, self._staff = store, staff

    def send(self, person: str, message: Message, key: str, at: datetime) -> bool:
        """To be told once, from `at` on; False when this key was sent before. Guests have no inbox and get nothing."""
        if person.startswith("guest-"):
            return False
        return self._store.add(key[:160], person, message.model_dump(mode="json"), at)

    def take(self, person: str, at: datetime) -> list[tuple[int, Message]]:
        """What waits for a person who is looking now, with its number; each is given out once."""
        return [
            (notice.id, Message.model_validate(notice.message))
            for notice in self._store.waiting(at, person)
            if self._store.claim(notice.id, at)
        ]

    async def deliver(self, carriers: Mapping[str, Carry], at: datetime) -> int:
        """Carries what is due to the accounts of these channels, and says how many went; the rest waits for the widget."""
        sent = 0
        for notice in await asyncio.to_thread(self._store.waiting, at):
            account = await asyncio.to_thread(self._claimed, notice, carriers, at)
            if account is None:
                continue
            try:
                await carriers[account.channel](account, Message.model_validate(notice.message))
                sent += 1
            except AnxunError as error:
                log.warning("notice.delivery.failed", notice=notice.id, error=type(error).__name__)
                await asyncio.to_thread(self._store.release, notice.id, at + PAUSE)
        return sent

    def _claimed(self, notice: Notice, carriers: Mapping[str, Carry], at: datetime) -> Account | None:
        """The account to carry it to, once the notice is ours to send."""
        if notice.tries >= TRIES:
            return None
        for account in self._staff.accounts_of(notice.person):
            if account.channel in carriers and account.address:
                return account if self._store.claim(notice.id, at) else None
        return None
