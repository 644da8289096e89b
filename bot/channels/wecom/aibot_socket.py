"""WeCom's 智能机器人 over the long connection: the bot calls WeCom, so no public address is needed.

Started and stopped with the application when ANXUN_WECOM_BOT_MODE is socket. WeCom allows one connection for a bot: a
second process with the same bot would push this one out.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket

from bot.channels.chat.inbound import Accept, Inbound
from bot.channels.chat.outbound import Part
from bot.channels.chat.reconnecting import (
    LARGEST_FRAME,
    REFUSED_PAUSE_S,
    SETTLED_S,
    Lifetime,
    pause_after,
    reason_of,
)
from bot.channels.wecom.aibot import (
    WELCOME,
    Pressed,
    event_of,
    message_id,
    nothing_pressed,
    pressed_button,
    read_message,
    read_pressed,
    stream_id,
)
from bot.channels.wecom.aibot_bubbles import Bubbles, quietly, stream
from bot.channels.wecom.aibot_link import (
    BAD_CREDENTIALS,
    EVENT,
    MESSAGE,
    RESPOND,
    SUBSCRIBE,
    WELCOME_BACK,
    AibotLink,
    LinkLost,
    Timing,
    WecomRefused,
    quiet,
)
from bot.errors import AnxunError

KICKED_PAUSE_S, LONGEST_KICKED_S = 60.0, 600.0
ACCEPT_PAUSES_S = (0.5, 2.0)
"""Between tries to remember a message: WeCom does not send it again over this connection."""
WAITING = 1000
NOT_KEPT = "这条我没记下来，麻烦过一分钟再发一次。"
REMEDY = "请到企业微信管理后台 › 智能机器人 › API 模式 › 长连接，核对 Bot ID 和 Secret，改好设置后重启。"
KICKED = "同一个机器人在别处又建了一条长连接，企业微信只留最新的一条。"
KICKED_REMEDY = "请确认只有一个安训进程在用这个机器人，测试环境请另建机器人。"

log = structlog.get_logger()


class CannotConnect(AnxunError):  # noqa: N818
    """`refused` when it is our credentials that WeCom does not accept."""

    def __init__(self, message: str, refused: bool = False) -> None:
        super().__init__(message, REMEDY if refused else "")
        self.refused = refused


@dataclass(frozen=True)
class SocketStatus:
    """For health pages; seconds since 1970, None for not now or never."""

    connected_since: float | None
    last_frame: float | None
    last_error: str


class AibotSocket:
    """The connection, for ever, and the courier of what it brings: `run` as a task, `stop` after the dispatcher.

    It must be given all parts of an answer at once.

    Example:
        bot = AibotSocket(bot_id, secret, dispatcher.accept)
        task = asyncio.create_task(bot.run())
        ...
        await dispatcher.stop()
        await bot.stop()
    """

    def __init__(
        self,
        bot_id: str,
        secret: str,
        accept: Accept,
        *,
        url: str = "wss://openws.work.weixin.qq.com",
        pressed: Pressed = nothing_pressed,
        welcome: str = WELCOME,
        connect: Callable[..., Awaitable[ClientConnection]] = connect_websocket,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._bot_id, self._secret, self._accept, self._url = bot_id, secret, accept, url
        self._pressed, self._welcome, self._connect = pressed, welcome, connect
        self._now, self._sleep, self._rng = now, sleep, rng or random.SystemRandom()
        self._timing = timing or Timing()
        self._bubbles = Bubbles(now, sleep)
        self._keeper: asyncio.Task[None] | None = None
        self._arrived: asyncio.Queue[tuple[AibotLink, str, str, Mapping[str, Any]]] = asyncio.Queue(WAITING)
        self._kicks = 0
        self._life = Lifetime(self._stay_connected, self._work, self._finish)
        self._last_frame: float | None = None
        self._last_error = ""

    def status(self) -> SocketStatus:
        link = self._bubbles.link
        last = link.last_frame if link else self._last_frame
        return SocketStatus(link.since if link else None, last, self._last_error)

    async def run(self) -> None:
        """Receives until `stop`, or until cancelled, which ends it just as orderly. Call it once."""
        await self._life.run()

    async def stop(self) -> None:
        """Lets answers under way arrive, tells who still waits that theirs comes later, and closes."""
        await self._life.stop()

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        """The courier: called again after a failure, it goes on where it stopped."""
        await self._bubbles.deliver(reply_to, parts)

    # Staying connected

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                link = await self._dial()
            except CannotConnect as failure:
                failures += 1
                await self._pause(failures, failure)
                continue
            await link.leave.wait()
            await self._left(link)
            lived = self._now() - link.since
            failures = 0 if link.heard and lived >= SETTLED_S else failures + 1
            if lived >= LONGEST_KICKED_S:
                self._kicks = 0
            if link.why == "kicked":
                await self._pause_kicked()
            else:
                self._last_error = f"长连接断开（{link.why}）"
                await self._pause(failures)

    async def _dial(self) -> AibotLink:
        """A subscribed connection; raises CannotConnect, whatever the reason."""
        try:
            socket = await self._connect(
                self._url,
                open_timeout=self._timing.network,
                close_timeout=self._timing.close,
                ping_interval=None,  # WeCom's own heartbeat tells more: that the far end still answers
                max_size=LARGEST_FRAME,
                logger=quiet,
            )
        except Exception as error:
            raise CannotConnect(f"连不上企业微信（{reason_of(error)}）") from None
        link = AibotLink(socket, self._take, self._timing, self._now)
        self._life.spawn(link.listen())
        try:
            await link.request(SUBSCRIBE, {"bot_id": self._bot_id, "secret": self._secret})
        except (WecomRefused, LinkLost) as error:
            await link.close()
            refused = isinstance(error, WecomRefused) and error.code == BAD_CREDENTIALS
            raise CannotConnect(error.message, refused) from None
        except asyncio.CancelledError:
            await link.close()
            raise
        link.since, link.heard = self._now(), False
        self._bubbles.connect(link)
        self._keeper = self._life.spawn(self._keep_alive(link))
        log.info("wecom.aibot.connected")
        return link

    async def _keep_alive(self, link: AibotLink) -> None:
        while not link.leave.is_set():
            await self._sleep(self._timing.ping)
            if self._now() - link.last_frame > self._timing.idle:
                log.warning("wecom.aibot.silent")
                link.go("silent")
                return
            with suppress(LinkLost):
                await link.ping()

    async def _left(self, link: AibotLink) -> None:
        self._bubbles.disconnect()
        self._last_frame = link.last_frame
        if self._keeper is not None:
            self._keeper.cancel()
        await link.close()

    async def _pause(self, failures: int, failure: CannotConnect | None = None) -> None:
        seconds = pause_after(failures, self._rng)
        if failure is not None:
            self._last_error = failure.message
            if failure.refused:
                seconds = self._rng.uniform(*REFUSED_PAUSE_S)
            write = log.error if failure.refused else log.warning
            write(
                "wecom.aibot.refused" if failure.refused else "wecom.aibot.unreachable",
                reason=failure.message,
                remedy=failure.remedy,
                tries=failures,
                wait_s=round(seconds, 1),
            )
        await self._sleep(seconds)

    async def _pause_kicked(self) -> None:
        """Two processes that push each other out must not do so all day: each time the pause is longer."""
        self._kicks += 1
        longest = min(KICKED_PAUSE_S * 2**self._kicks, LONGEST_KICKED_S)
        seconds = self._rng.uniform(min(KICKED_PAUSE_S * 2 ** (self._kicks - 1), longest / 2), longest)
        self._last_error = KICKED
        if self._kicks == 1:
            log.error("wecom.aibot.kicked", reason=KICKED, remedy=KICKED_REMEDY, wait_s=round(seconds))
        await self._sleep(seconds)

    # What arrives

    async def _take(self, link: AibotLink, cmd: str, req_id: str, body: Mapping[str, Any]) -> None:
        """Called for each callback in order; only what must be remembered waits for the database."""
        event = event_of(body)
        if cmd == EVENT and event == "disconnected_event":
            link.go("kicked")
        elif cmd == EVENT and event == "enter_chat":
            welcome = {"msgtype": "text", "text": {"content": self._welcome}}
            self._life.spawn(quietly(link, WELCOME_BACK, welcome, req_id))
        elif cmd == MESSAGE or event == "template_card_event":
            await self._arrived.put((link, cmd, req_id, body))

    async def _work(self) -> None:
        while True:
            link, cmd, req_id, body = await self._arrived.get()
            try:
                if cmd == MESSAGE:
                    await self._message(link, req_id, body)
                else:
                    await self._press(body)
            except Exception as error:  # whatever is wrong with one message, it must not end the others
                log.warning("wecom.aibot.unreadable", reason=type(error).__name__)
            finally:
                self._arrived.task_done()

    async def _message(self, link: AibotLink, req_id: str, body: Mapping[str, Any]) -> None:
        bubble, asked = stream_id(message_id(body)), self._now()
        inbound = read_message(body, {"stream": bubble, "asked": asked})
        # Before it is remembered, as the answer may be quick; None when it is there from an earlier delivery.
        question = self._bubbles.open(link, req_id, bubble, inbound.chat, asked)
        fresh = await self._remember(inbound)
        if question is None:
            return
        if fresh:
            self._bubbles.keep_company(question)
            return
        self._bubbles.forget(question)
        if fresh is None:
            await quietly(link, RESPOND, stream(bubble, NOT_KEPT, True), req_id)

    async def _press(self, body: Mapping[str, Any]) -> None:
        words = await self._pressed(*pressed_button(body))
        if words is None:
            log.info("wecom.aibot.button.unknown", message=message_id(body))
            return
        reply_to = {"stream": stream_id(message_id(body)), "asked": self._now()}
        await self._remember(read_pressed(body, words, reply_to))

    async def _remember(self, inbound: Inbound) -> bool | None:
        """Whether it is new; None when it could not be remembered."""
        for pause in (*ACCEPT_PAUSES_S, None):
            try:
                async with asyncio.timeout(self._timing.accept):
                    return await self._accept(inbound)
            except Exception as error:  # a database that is locked, full or away
                log.error("wecom.aibot.not_kept", error=type(error).__name__, given_up=pause is None)
                if pause is not None:
                    await self._sleep(pause)
        return None

    # The end

    async def _finish(self, worker: asyncio.Task[None]) -> None:
        """What has come is remembered, what is being said is said to its end, and what came meanwhile counts too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.stop):
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._timing.stop / 2):
                        await self._arrived.join()
                await self._bubbles.finish()
        link = self._bubbles.link
        self._bubbles.disconnect()
        if link is not None:
            await link.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.stop / 2):
                await self._arrived.join()
        if not self._arrived.empty():
            log.error("wecom.aibot.dropped", count=self._arrived.qsize())
        await self._life.cancel(worker)
