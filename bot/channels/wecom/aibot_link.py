"""One long connection to WeCom's 智能机器人: frames out and their answers, callbacks in, pictures up.

aibot_socket.py opens one after the other and decides what to do when one is lost.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog
import websockets
from websockets.asyncio.client import ClientConnection

from bot.channels.wecom.aibot import read_object
from bot.errors import AnxunError, BadInput

SUBSCRIBE, PING = "aibot_subscribe", "ping"
RESPOND, WELCOME_BACK, SEND = "aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_send_msg"
MESSAGE, EVENT = "aibot_msg_callback", "aibot_event_callback"

BAD_CREDENTIALS, BAD_REQ_ID, STREAM_EXPIRED, NOT_SUBSCRIBED = 853000, 846605, 846608, 846609
CHUNK = 512 * 1024
MOST_CHUNKS = 100

log = structlog.get_logger()

quiet = logging.getLogger("anxun.wecom.websocket")
quiet.setLevel(
    logging.WARNING
)  # at debug level the library writes every frame: the secret, and what people say


@dataclass(frozen=True)
class Timing:
    """Seconds. `ping` between heartbeats; `idle` without any frame and the connection counts as dead.

    `network` is the longest wait to be connected, `ack` for the answer to a frame, `accept` for one try to remember a
    message, `close` for a goodbye, `stop` for an orderly end.
    """

    ping: float = 30.0
    idle: float = 75.0
    network: float = 10.0
    ack: float = 10.0
    accept: float = 10.0
    close: float = 2.0
    stop: float = 10.0


class WecomRefused(AnxunError):  # noqa: N818
    """WeCom answered a frame with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"企业微信不收（错误码 {code}）")
        self.code = code


class LinkLost(AnxunError):  # noqa: N818
    """A frame got no answer. `sent` when it may have arrived all the same."""

    def __init__(self, sent: bool) -> None:
        super().__init__("企业微信的长连接断了" if not sent else "企业微信没有回执")
        self.sent = sent


Arrived = Callable[["AibotLink", str, str, Mapping[str, Any]], Awaitable[None]]
"""A callback: the connection it came by, its cmd, req_id and body."""


class AibotLink:
    """`leave` is set once the connection should be replaced, and `why` says what for."""

    def __init__(
        self, socket: ClientConnection, arrived: Arrived, timing: Timing, now: Callable[[], float]
    ) -> None:
        self._socket, self._arrived, self._timing, self._now = socket, arrived, timing, now
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self.since = self.last_frame = now()
        self.heard = False
        self.why = ""
        self.leave = asyncio.Event()

    def go(self, why: str) -> None:
        if not self.leave.is_set():
            self.why = why
            self.leave.set()

    async def listen(self) -> None:
        """Reads to the end of the connection."""
        try:
            while True:
                raw = await self._socket.recv(decode=False)
                self.last_frame = self._now()
                await self._sort(raw)
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            if not self.leave.is_set():
                log.warning("wecom.aibot.closed", code=code)
        finally:
            self.go("closed")
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(LinkLost(sent=True))
            await self._socket.close()

    async def close(self) -> None:
        self.go("left")
        await self._socket.close()

    async def request(self, cmd: str, body: Mapping[str, Any], req_id: str = "") -> Mapping[str, Any]:
        """WeCom's answer to a frame; raises WecomRefused and LinkLost.

        Answers are told apart by `req_id` alone: the caller sees to it that one is answered before it is used again.
        """
        frame = await self._exchange(cmd, body, req_id or f"{cmd}_{uuid4().hex}")
        code = frame.get("errcode")
        if code != 0:
            code = code if isinstance(code, int) else -1
            if code == NOT_SUBSCRIBED:
                self.go("unsubscribed")
            raise WecomRefused(code)
        answer = frame.get("body")
        return answer if isinstance(answer, dict) else {}

    async def ping(self) -> None:
        """Its answer is a frame like any other: what counts is that frames come at all."""
        await self._send(PING, None, f"{PING}_{uuid4().hex}")

    async def upload(self, png: bytes) -> str:
        """The media_id of a picture, good for three days."""
        pieces = [png[at : at + CHUNK] for at in range(0, len(png), CHUNK)]
        digest = hashlib.md5(png, usedforsecurity=False).hexdigest()
        about = {"type": "image", "filename": "anxun.png", "total_size": len(png), "md5": digest}
        begun = await self.request("aibot_upload_media_init", about | {"total_chunks": len(pieces)})
        upload = {"upload_id": begun.get("upload_id")}
        for index, piece in enumerate(pieces):
            data = {"chunk_index": index, "base64_data": base64.b64encode(piece).decode()}
            await self.request("aibot_upload_media_chunk", upload | data)
        media = (await self.request("aibot_upload_media_finish", upload)).get("media_id")
        if not isinstance(media, str):
            raise WecomRefused(-1)
        return media

    async def _exchange(self, cmd: str, body: Mapping[str, Any], req_id: str) -> Mapping[str, Any]:
        if self.leave.is_set():
            raise LinkLost(sent=False)
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = future
        try:
            await self._send(cmd, body, req_id)
            async with asyncio.timeout(self._timing.ack):
                return await future
        except TimeoutError:
            raise LinkLost(sent=True) from None
        finally:
            self._waiting.pop(req_id, None)
            if not future.cancel() and not future.cancelled():
                future.exception()  # asked for, or asyncio complains that nobody did

    async def _send(self, cmd: str, body: Mapping[str, Any] | None, req_id: str) -> None:
        frame: dict[str, Any] = {"cmd": cmd, "headers": {"req_id": req_id}}
        try:
            async with asyncio.timeout(self._timing.network):
                await self._socket.send(json.dumps(frame if body is None else frame | {"body": body}))
        except websockets.ConnectionClosed:
            raise LinkLost(sent=False) from None
        except TimeoutError:
            raise LinkLost(sent=True) from None

    async def _sort(self, raw: bytes) -> None:
        try:
            frame = read_object(raw)
        except BadInput as error:
            log.warning("wecom.aibot.frame.unreadable", reason=error.message, size=len(raw))
            return
        headers, body = frame.get("headers"), frame.get("body")
        req_id = headers.get("req_id") if isinstance(headers, dict) else None
        req_id = req_id if isinstance(req_id, str) else ""
        cmd = frame.get("cmd")
        if isinstance(cmd, str) and cmd:
            self.heard = True
            await self._arrived(self, cmd, req_id, body if isinstance(body, dict) else {})
            return
        if req_id.startswith(PING):
            self.heard = True
        future = self._waiting.get(req_id)
        if future is not None and not future.done():
            future.set_result(frame)
        elif frame.get("errcode") == NOT_SUBSCRIBED:
            self.go("unsubscribed")
