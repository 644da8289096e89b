"""Between the Stream connection and `accept`: frames in order of arrival, each remembered before it is acknowledged."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from bot.channels.chat.inbound import Accept, Inbound
from bot.channels.dingtalk.frames import (
    CONSUMED,
    EVENT,
    FAILED,
    NO_SUCH_TOPIC,
    NOTHING,
    OK,
    ROBOT_TOPIC,
    UNREADABLE,
    Frame,
)

ACCEPT_PAUSES_S = (0.5, 2.0, 8.0)
"""Between tries to remember a message: a robot message is not sent again, so it is not given up at once."""
WAITING = 1000
REMEMBERED, REMEMBERED_S = 10_000, 600.0

log = structlog.get_logger()

Acknowledge = Callable[[Frame, int, str], Awaitable[None]]
"""Tells the gateway, on the connection the frame came by, the code and data for it; never raises."""


class Intake:
    """Takes frames of any number of connections one after the other, so that a chat keeps its order.

    `patience` is the seconds one try to remember a message may take.
    """

    def __init__(
        self,
        accept: Accept,
        read: Callable[[Mapping[str, Any]], Inbound],
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        patience: float,
    ) -> None:
        self._accept, self._read, self._sleep, self._patience = accept, read, sleep, patience
        self._waiting: asyncio.Queue[tuple[Frame, Acknowledge]] = asyncio.Queue(WAITING)
        self._seen = Recent(now)

    async def put(self, frame: Frame, acknowledge: Acknowledge) -> None:
        """Waits when too much is waiting: the gateway then feels it, and memory does not grow."""
        await self._waiting.put((frame, acknowledge))

    async def settled(self) -> None:
        """Returns when everything put so far is dealt with."""
        await self._waiting.join()

    async def work(self) -> None:
        """Runs until cancelled; says so if that loses something."""
        while True:
            frame, acknowledge = await self._waiting.get()
            try:
                await acknowledge(frame, *await self._handle(frame))
            except asyncio.CancelledError:
                log.error("dingtalk.dropped", count=1 + self._waiting.qsize())
                raise
            except Exception as error:  # one message must not end the others
                log.error("dingtalk.frame.failed", message_id=frame.message_id, reason=type(error).__name__)
            finally:
                self._waiting.task_done()

    async def _handle(self, frame: Frame) -> tuple[int, str]:
        """Code and data of the acknowledgement, once `accept` has the message."""
        if frame.type == EVENT:  # not subscribed to; unacknowledged it would come again
            return OK, CONSUMED
        if frame.topic != ROBOT_TOPIC:
            log.warning("dingtalk.topic.unknown", message_id=frame.message_id)
            return NO_SUCH_TOPIC, NOTHING
        if frame.message_id in self._seen:
            log.info("dingtalk.repeated", message_id=frame.message_id)
            return OK, NOTHING
        try:
            inbound = self._read(frame.body())
        except Exception as error:  # the sender's input; whatever is wrong with it, it is theirs
            log.warning("dingtalk.unreadable", message_id=frame.message_id, reason=type(error).__name__)
            return UNREADABLE, NOTHING
        if not await self._remember(inbound, frame):
            return FAILED, NOTHING
        self._seen.add(frame.message_id)
        return OK, NOTHING

    async def _remember(self, inbound: Inbound, frame: Frame) -> bool:
        for pause in (*ACCEPT_PAUSES_S, None):
            try:
                async with asyncio.timeout(self._patience):
                    await self._accept(inbound)
                return True
            except Exception as error:  # a database that is locked, full or away
                given_up = pause is None
                write = log.error if given_up else log.warning
                write(
                    "dingtalk.not_remembered",
                    message_id=frame.message_id,
                    reason=type(error).__name__,
                    given_up=given_up,
                )
                if pause is not None:
                    await self._sleep(pause)
        return False


class Recent:
    """Ids of the last minutes, a bounded number of them."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ids: OrderedDict[str, float] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._ids and self._now() - self._ids[key] < REMEMBERED_S

    def add(self, key: str) -> None:
        if not key:
            return
        self._ids[key] = self._now()
        self._ids.move_to_end(key)
        while len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
