"""Between the platforms and the bot: remembers what arrives before it is acknowledged, answers each chat in order.

Adapters call `accept`; answers leave through the channel's courier. What was not answered when the process ended is
answered by the next one, or by another process, as everything it needs lies in the database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import uuid4

import structlog

from bot.channels.chat.dialects import Dialect
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.outbound import Courier, DeliveryFailed, Part
from bot.channels.chat.people import chat_of
from bot.errors import NotReady
from bot.stores.inbox import Arrived, InboxStore, Waiting
from bot.stores.shared import SharedStore
from bot.stores.tables import now as utc_now
from bot.text import mask_personal_data, normalise

AT_ONCE = 3
"""Chats answered at the same time by one process: two cores are busy with these, and more would only make every
acknowledgement wait."""
LEASE_S = 120.0
LOOK_AROUND_S = 10.0
PAUSES_S = (1, 4, 15, 30)
"""Between tries to deliver while the platform is away; the last one again and again."""
GIVE_UP_S = 3600.0
KEEP = timedelta(days=1)
STOP_S = 20.0

log = structlog.get_logger()

Compose = Callable[[Inbound, Dialect], Awaitable[list[Part]]]
"""Makes the answer to one message as parts for its channel; never raises."""


@dataclass(frozen=True)
class ChatChannel:
    """How one channel writes, and who carries it there.

    `at_once` is for a courier that must be given all parts together; the others are given one after the other, so that
    after a failure nothing is said twice.
    """

    dialect: Dialect
    courier: Courier
    at_once: bool = False


class Dispatcher:
    """One for a process. `start` before the first message, `stop` after the last.

    Example:
        dispatcher = Dispatcher(inbox, shared, compose, {"wecom": ChatChannel(WECOM_APP, courier)})
        await dispatcher.start()
        fresh = await dispatcher.accept(inbound)   # now the platform may be told 200
        await dispatcher.stop()
    """

    def __init__(
        self,
        inbox: InboxStore,
        shared: SharedStore,
        compose: Compose,
        channels: Mapping[str, ChatChannel],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._inbox, self._shared, self._compose, self._channels = inbox, shared, compose, channels
        self._now = now
        self._holder = uuid4().hex
        self._arriving: list[tuple[Arrived, asyncio.Future[bool]]] = []
        self._arrived, self._stopping = asyncio.Event(), asyncio.Event()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._chats: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._record()), asyncio.create_task(self._look_around())]

    async def accept(self, inbound: Inbound) -> bool:
        """Kept when this returns; False when it was seen before. Raises when the database does not take it.

        After `stop` it raises NotReady: the platform then sends the message again, or somebody is told.
        """
        if self._stopping.is_set():
            raise NotReady("安训正在停止。", "等它起来以后再发一次。")
        masked = {**asdict(inbound), "text": mask_personal_data(normalise(inbound.text))}
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._arriving.append((Arrived(inbound.channel, inbound.key[:200], chat_of(inbound), masked), future))
        self._arrived.set()
        return await future

    async def stop(self) -> None:
        """Lets answers in flight finish; whoever waits for the platform is left to the next start."""
        self._stopping.set()
        self._arrived.set()
        if self._chats:
            await asyncio.wait(list(self._chats.values()), timeout=STOP_S)
        for task in [*self._tasks, *self._chats.values()]:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def idle(self) -> None:
        """Returns when nothing that arrived here waits any more."""
        while self._arriving or self._chats:
            await asyncio.sleep(0.01)

    async def _record(self) -> None:
        """Commits what arrived meanwhile in one go: a commit costs the disk as much for fifty messages as for one."""
        while not (self._stopping.is_set() and not self._arriving):
            await self._arrived.wait()
            self._arrived.clear()
            batch, self._arriving = self._arriving, []
            if not batch:
                continue
            try:
                fresh = await asyncio.to_thread(self._inbox.remember, [arrived for arrived, _ in batch])
            except Exception as error:
                log.error("chat.not_kept", messages=len(batch), error=type(error).__name__)
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (arrived, future), is_fresh in zip(batch, fresh, strict=True):
                if not future.done():
                    future.set_result(is_fresh)
                if is_fresh:
                    self._wake(arrived.chat)

    async def _look_around(self) -> None:
        """Takes up what an earlier run or a lost process left, and forgets what is old."""
        while not self._stopping.is_set():
            try:
                for chat in await asyncio.to_thread(self._inbox.chats_waiting, list(self._channels)):
                    self._wake(chat)
                await asyncio.to_thread(self._inbox.forget, utc_now() - KEEP)
                await asyncio.to_thread(self._shared.forget, self._now())
            except Exception as error:
                log.error("chat.look_around.failed", error=type(error).__name__)
            await self._pause(LOOK_AROUND_S)

    def _wake(self, chat: str) -> None:
        if self._stopping.is_set():
            return
        if chat in self._chats:
            self._again.add(chat)
            return
        task = asyncio.create_task(self._work(chat))
        self._chats[chat] = task
        task.add_done_callback(lambda _done: self._finished(chat))

    def _finished(self, chat: str) -> None:
        self._chats.pop(chat, None)
        if chat in self._again:
            self._again.discard(chat)
            self._wake(chat)

    async def _work(self, chat: str) -> None:
        """Answers what waits in one chat, oldest first, while no other process does."""
        name = f"chat:{chat}"
        try:
            if not await asyncio.to_thread(self._shared.lease, name, self._holder, self._now(), LEASE_S):
                return
            self._again.discard(chat)
            while not self._stopping.is_set():
                waiting = await asyncio.to_thread(self._inbox.next, chat)
                if waiting is None:
                    break
                await asyncio.to_thread(self._shared.lease, name, self._holder, self._now(), LEASE_S)
                if not await self._answer(waiting, name):
                    break
            await asyncio.to_thread(self._shared.release, name, self._holder)
        except Exception as error:
            log.error("chat.failed", chat=chat, error=type(error).__name__)

    async def _answer(self, waiting: Waiting, lease: str) -> bool:
        """Whether this message is done with, so that the next may be taken."""
        inbound = Inbound(**waiting.inbound)
        channel = self._channels.get(inbound.channel)
        if channel is None:
            log.warning("chat.channel.off", channel=inbound.channel, message=waiting.id)
            await asyncio.to_thread(self._inbox.close, waiting.id, False)
            return True
        async with self._at_once:
            parts = await self._compose(inbound, channel.dialect)
        left = [parts] if channel.at_once else [[part] for part in parts]
        began, tries = self._now(), 0
        while left:
            try:
                await channel.courier.deliver(inbound.reply_to, left[0])
                left, tries = left[1:], 0
            except DeliveryFailed as error:
                ids = {"channel": inbound.channel, "message": waiting.id, "why": error.message}
                if not error.again or self._now() - began > GIVE_UP_S:
                    log.error("chat.undelivered", **ids)
                    await asyncio.to_thread(self._inbox.close, waiting.id, False)
                    return True
                log.warning("chat.delivery.later", **ids)
                await self._pause(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
                tries += 1
                if self._stopping.is_set():
                    return False
                await asyncio.to_thread(self._shared.lease, lease, self._holder, self._now(), LEASE_S)
        await asyncio.to_thread(self._inbox.close, waiting.id, True)
        return True

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
