"""What every connection that a platform's messages come over has in common: it is kept for ever, and ends orderly.

Used by the long connections of WeCom and DingTalk.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import websockets

LONGEST_PAUSE_S = 60.0
REFUSED_PAUSE_S = (60.0, 300.0)
"""Where our credentials are not accepted, only a person can help."""
SETTLED_S = 10.0
"""A connection that ends sooner counts as a failed try, even if a frame came: a flapping gateway is not hurried."""
LARGEST_FRAME = 1 << 20

Work = Callable[[], Coroutine[Any, Any, None]]


class Lifetime:
    """Stays connected beside a worker until told to stop, and then lets `finish` bring both to their end.

    `finish` gets the worker's task, and ends it with those of `tasks`.
    """

    def __init__(
        self, stay_connected: Work, work: Work, finish: Callable[[asyncio.Task[None]], Awaitable[None]]
    ) -> None:
        self._stay_connected, self._work, self._finish = stay_connected, work, finish
        self._main: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self.stopping = False
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until `stop`, or until cancelled, which ends it just as orderly. Call it once."""
        if self.stopping:
            return
        worker = asyncio.create_task(self._work())
        self._main = asyncio.create_task(self._stay_connected())
        try:
            await asyncio.wait({self._main})
        finally:
            self.stopping = True
            self._main.cancel()
            await asyncio.wait({self._main})
            await self._finish(worker)
            self._ended.set()
        if not self._main.cancelled():
            self._main.result()

    async def stop(self) -> None:
        """Returns when everything has ended."""
        self.stopping = True
        if self._main is not None:
            self._main.cancel()
            await self._ended.wait()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of its own; held, as one that nobody holds may vanish before it ran."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def cancel(self, worker: asyncio.Task[None]) -> None:
        """The end of `finish`: whatever is still running is not any more."""
        rest = [*self.tasks, worker]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def pause_after(failures: int, rng: random.Random) -> float:
    """Seconds until the next try: under one after a connection that was good, then 1 to 60, wider with each failure."""
    return rng.uniform(min(1, failures), min(LONGEST_PAUSE_S, 2.0 ** min(failures, 10)))


def reason_of(error: Exception) -> str:
    """Why a connection could not be made, without the words of the error, which may hold a secret."""
    if isinstance(error, websockets.InvalidStatus):
        return f"HTTP {error.response.status_code}"
    return type(error).__name__
