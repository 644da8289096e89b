"""DingTalk's Stream mode: the bot calls DingTalk and is called back over that connection, so no public address is needed.

Started and stopped with the application. A frame is handed to `accept` before it is acknowledged; whatever happens to
a connection, the next one is opened without storming the gateway.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket

from bot.channels.chat.inbound import Accept, Inbound
from bot.channels.chat.reconnecting import (
    LARGEST_FRAME,
    REFUSED_PAUSE_S,
    SETTLED_S,
    Lifetime,
    pause_after,
    reason_of,
)
from bot.channels.dingtalk.frames import DISCONNECT, OK, SYSTEM, Frame, acknowledgement, read_frame
from bot.channels.dingtalk.gateway import CannotConnect, open_connection
from bot.channels.dingtalk.intake import Intake
from bot.errors import BadInput

log = structlog.get_logger()

_quiet = logging.getLogger("anxun.dingtalk.websocket")
_quiet.setLevel(logging.WARNING)  # at debug level the library writes the address with its ticket


@dataclass(frozen=True)
class Timing:
    """Seconds. `idle` without a frame and the connection is renewed, `quiet` at most where nothing is said for long.

    `ping` is how often the far end must show that it lives, `network` the longest wait for one step of the network,
    `close` the longest goodbye, `drain` how long a replaced connection is still listened to, `accept` one try to
    remember a message, `stop` the longest orderly end.
    """

    idle: float = 60.0
    quiet: float = 300.0
    ping: float = 20.0
    network: float = 10.0
    close: float = 2.0
    drain: float = 12.0
    accept: float = 10.0
    stop: float = 10.0


@dataclass(frozen=True)
class StreamStatus:
    """For health pages; times in seconds since 1970, None for never or not now. Holds no secret."""

    connected_since: float | None
    last_frame: float | None
    last_error: str


@dataclass(eq=False)
class _Link:
    """One connection. `leave` is set once it should be replaced, and `why` says what for."""

    socket: ClientConnection
    since: float
    patience: float
    heard: bool = False
    why: str = ""
    leave: asyncio.Event = field(default_factory=asyncio.Event)

    def go(self, why: str) -> None:
        if not self.leave.is_set():
            self.why = why
            self.leave.set()

    async def acknowledge(self, frame: Frame, code: int, data: str) -> None:
        """Nothing depends on it, so a closed connection is no trouble."""
        if not frame.message_id:
            return
        with suppress(websockets.ConnectionClosed, TimeoutError):
            async with asyncio.timeout(self.patience):
                await self.socket.send(acknowledgement(frame, code, data))


class DingtalkStream:
    """One connection to DingTalk, for ever: `run` as a task, `stop` at the end.

    Example:
        stream = DingtalkStream(app_key, app_secret, dispatcher.accept, read_robot_message)
        task = asyncio.create_task(stream.run())
        ...
        await stream.stop()
    """

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        accept: Accept,
        read: Callable[[Mapping[str, Any]], Inbound],
        *,
        base: str = "https://api.dingtalk.com",
        transport: httpx.AsyncBaseTransport | None = None,
        connect: Callable[..., Awaitable[ClientConnection]] = connect_websocket,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._app_key, self._app_secret, self._base = app_key, app_secret, base
        self._transport, self._connect = transport, connect
        self._now, self._sleep, self._rng = now, sleep, rng or random.SystemRandom()
        self._timing = timing or Timing()
        self._allowance = self._timing.idle
        self._links: set[_Link] = set()
        self._intake = Intake(accept, read, now, sleep, self._timing.accept)
        self._life = Lifetime(self._stay_connected, self._intake.work, self._finish)
        self._since: float | None = None
        self._last_frame: float | None = None
        self._last_error = ""

    def status(self) -> StreamStatus:
        return StreamStatus(self._since if self._links else None, self._last_frame, self._last_error)

    async def run(self) -> None:
        """Receives until `stop`, or until cancelled, which ends it just as orderly. Call it once."""
        await self._life.run()

    async def stop(self) -> None:
        """Takes no more, finishes what has come, and returns when every socket is closed."""
        await self._life.stop()

    async def _stay_connected(self) -> None:
        limits = httpx.Timeout(self._timing.network)
        async with httpx.AsyncClient(transport=self._transport, timeout=limits) as http:
            failures = 0
            while True:
                try:
                    link = await self._dial(http)
                except CannotConnect as failure:
                    failures += 1
                    await self._pause(failures, failure)
                    continue
                await link.leave.wait()
                if link.why == "idle":  # still open; how often this happens is limited by the allowance
                    continue
                settled = link.heard and self._now() - link.since >= SETTLED_S
                failures = 0 if settled else failures + 1
                if link.why == "closed" or not settled:
                    await self._pause(failures)

    async def _dial(self, http: httpx.AsyncClient) -> _Link:
        """A new connection, listened to; only then are older ones left. CannotConnect for any reason it fails."""
        wait = self._timing.network
        try:
            async with asyncio.timeout(wait):
                address = await open_connection(http, self._base, self._app_key, self._app_secret)
            socket = await self._connect(
                address,
                open_timeout=wait,
                close_timeout=self._timing.close,
                ping_interval=self._timing.ping,
                ping_timeout=self._timing.ping,
                max_size=LARGEST_FRAME,
                logger=_quiet,
            )
        except CannotConnect as failure:
            self._last_error = str(failure)
            raise
        except Exception as error:
            # Whatever it was, it is a reason to try again; its own words may hold the ticket.
            self._last_error = f"连不上钉钉（{reason_of(error)}）"
            raise CannotConnect(self._last_error) from None
        link = _Link(socket, self._now(), wait)
        if not self._links:
            self._since = link.since
        older = [*self._links]
        self._links.add(link)
        self._life.spawn(self._listen(link))
        for old in older:
            self._life.spawn(self._retire(old))
        log.info("dingtalk.connected", open=len(self._links))
        return link

    async def _pause(self, failures: int, failure: CannotConnect | None = None) -> None:
        seconds = pause_after(failures, self._rng)
        if failure is not None and failure.refused:
            seconds = self._rng.uniform(*REFUSED_PAUSE_S)
            log.error(
                "dingtalk.refused", reason=failure.message, remedy=failure.remedy, wait_s=round(seconds)
            )
        elif failure is not None:
            log.warning(
                "dingtalk.unreachable", reason=failure.message, tries=failures, wait_s=round(seconds, 1)
            )
        await self._sleep(seconds)

    async def _listen(self, link: _Link) -> None:
        """Reads one connection to its end; also after it was left, as the gateway may still be pushing into it."""
        try:
            while True:
                raw = await self._next(link)
                self._last_frame = self._now()
                self._allowance = self._timing.idle
                await self._sort(link, raw)
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            if not link.leave.is_set() and not self._life.stopping:
                self._last_error = f"钉钉断开了连接（{code}）"
                log.warning("dingtalk.closed", code=code)
        finally:
            self._links.discard(link)
            link.go("closed")
            await link.socket.close()

    async def _next(self, link: _Link) -> bytes:
        """The next frame as bytes, so that broken UTF-8 is one bad frame and not the end of the connection."""
        if not link.leave.is_set():
            try:
                async with asyncio.timeout(self._allowance):
                    return await link.socket.recv(decode=False)
            except TimeoutError:
                self._fell_silent(link)
        return await link.socket.recv(decode=False)

    def _fell_silent(self, link: _Link) -> None:
        """A connection may be open and dead, or it is night: renew it, and more seldom while nothing at all comes."""
        if not link.heard:
            self._allowance = min(2 * self._allowance, self._timing.quiet)
        log.info("dingtalk.idle", next_s=self._allowance)
        link.go("idle")

    async def _sort(self, link: _Link, raw: bytes) -> None:
        """System frames are answered here, the rest queues: a ping does not wait for the database."""
        try:
            frame = read_frame(raw)
        except BadInput as error:
            log.warning("dingtalk.frame.unreadable", reason=error.message, size=len(raw))
            return
        if frame.type == SYSTEM and frame.topic == DISCONNECT:
            log.info("dingtalk.disconnect")
            link.go("disconnect")
            return
        link.heard = True
        if frame.type == SYSTEM:
            await link.acknowledge(frame, OK, frame.data or "{}")
        else:
            await self._intake.put(frame, link.acknowledge)

    async def _retire(self, link: _Link) -> None:
        """Closes a replaced connection. One the gateway is about to close is left to it, for what is on its way."""
        if link.why == DISCONNECT:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.drain):
                    await link.socket.wait_closed()
        await link.socket.close()

    async def _finish(self, worker: asyncio.Task[None]) -> None:
        """What was received is remembered and acknowledged, then the sockets close; what came meanwhile counts too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.stop):
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._timing.stop / 2):
                        await self._intake.settled()
                await asyncio.gather(*(link.socket.close() for link in self._links))
                await asyncio.gather(*self._life.tasks, return_exceptions=True)
                await self._intake.settled()
        await self._life.cancel(worker)
