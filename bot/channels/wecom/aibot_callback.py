"""WeCom's 智能机器人 over HTTP: WeCom posts what people say, and then asks for the answer until it is finished.

Included in the application when ANXUN_WECOM_BOT_MODE is callback. `AibotCourier` writes the answers.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from bot.channels.chat.inbound import Accept
from bot.channels.chat.outbound import DeliveryFailed, Part
from bot.channels.chat.receiving import NotRead, read_body
from bot.channels.wecom.aibot import (
    GOES_ON,
    LATE_BEGINS,
    MOST_BYTES,
    STREAM_S,
    TOO_LONG,
    WELCOME,
    Pressed,
    as_markdown,
    cut,
    event_of,
    message_id,
    nothing_pressed,
    pressed_button,
    read_message,
    read_object,
    read_pressed,
    stream_id,
)
from bot.channels.wecom.crypto import SIGNATURE, MessageCrypt, Refused
from bot.channels.wecom.streams import MOST_PICTURES, Streams, StreamShelf, stream_reply
from bot.errors import AnxunError, BadInput

PATH = "/channels/wecom/aibot"
WINDOW_S = 600
RESPONSE_URL_S = 3600.0
TIMEOUT_S = 10.0
AGAIN = (-1, 45009)
"""Codes of WeCom after which the same may succeed later: busy, too often."""

log = structlog.get_logger()


def build_aibot_callback(
    crypt: MessageCrypt,
    accept: Accept,
    shelf: StreamShelf,
    pressed: Pressed = nothing_pressed,
    welcome: str = WELCOME,
    now: Callable[[], float] = time.time,
) -> APIRouter:
    """GET, by which WeCom checks the address, and POST. `crypt` has the empty receiver id of a 智能机器人."""
    router = APIRouter(include_in_schema=False)
    desk = _Desk(accept, Streams(shelf, now), pressed, welcome, now)

    @router.get(PATH)
    async def check(request: Request) -> Response:
        try:
            return PlainTextResponse(_opened(crypt, request, request.query_params.get("echostr", ""), now()))
        except AnxunError as refused:
            return _refused(refused, "GET")

    @router.post(PATH)
    async def receive(request: Request) -> Response:
        try:
            encrypted = read_object(await read_body(request)).get("encrypt")
            body = read_object(
                _opened(crypt, request, encrypted if isinstance(encrypted, str) else "", now())
            )
        except AnxunError as refused:
            return _refused(refused, "POST")
        try:
            reply = await desk.answer(body)
        except BadInput as error:
            log.warning("wecom.aibot.unreadable", reason=error.message, message=str(body.get("msgid"))[:64])
            return Response(status_code=400)
        except Exception as error:
            # Not remembered: WeCom sends it again on anything but 200, and then it may be.
            log.error("wecom.aibot.not_kept", error=type(error).__name__, message=str(body.get("msgid"))[:64])
            return Response(status_code=503)
        if reply is None:
            return Response(status_code=200)
        return JSONResponse(_sealed(crypt, reply, request.query_params.get("nonce", ""), int(now())))

    return router


class AibotCourier:
    """Finishes the stream WeCom is asking for; what comes too late or does not fit goes through the response_url.

    It must be given all parts of an answer at once. `base` is the only place a response_url may lead to.
    """

    def __init__(
        self,
        shelf: StreamShelf,
        base: str = "https://qyapi.weixin.qq.com",
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._streams = Streams(shelf, now)
        self._base, self._transport, self._now = urlsplit(base), transport, now

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        text, pictures = as_markdown(parts)
        stream = reply_to.get("stream", "")
        if not stream or not await self._in_time(stream, reply_to["asked"]):
            begins = LATE_BEGINS if stream else ""
            in_words = [picture.words for picture in pictures]
            await self._respond(reply_to, begins + "\n\n".join(filter(None, [text, *in_words])))
            return
        more = [picture.words for picture in pictures[MOST_PICTURES:]]
        text = "\n\n".join(filter(None, [text, *more]))
        rest = ""
        if len(text.encode()) > MOST_BYTES:
            ends = GOES_ON if reply_to.get("response_url") else TOO_LONG
            head, rest = cut(text, MOST_BYTES - len(ends.encode()))
            text = head + ends
        await self._streams.finish(stream, text, [one.png for one in pictures[:MOST_PICTURES]])
        if rest and reply_to.get("response_url"):
            await self._respond(reply_to, rest)

    async def _in_time(self, stream: str, asked: float) -> bool:
        """Also for an answer that is there already, and of which only the rest is to be tried again."""
        return self._now() - asked < STREAM_S or await self._streams.answered(stream)

    async def _respond(self, reply_to: Mapping[str, Any], text: str) -> None:
        """WeCom allows it once for each message, within the hour."""
        url = reply_to.get("response_url", "")
        if not self._ours(url):
            raise DeliveryFailed("没有可用的 response_url", again=False)
        if self._now() - reply_to["asked"] > RESPONSE_URL_S:
            raise DeliveryFailed("response_url 过了一小时", again=False)
        if len(text.encode()) > MOST_BYTES:
            text = cut(text, MOST_BYTES - len(TOO_LONG.encode()))[0] + TOO_LONG
        body = {"msgtype": "markdown", "markdown": {"content": text}}
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_S) as client:
                response = await client.post(url, json=body)
        except httpx.HTTPError as error:
            raise DeliveryFailed(f"response_url 连不上（{type(error).__name__}）") from None
        code = _errcode(response)
        if code != 0:
            again = response.status_code >= 500 or response.status_code == 429 or code in AGAIN
            raise DeliveryFailed(
                f"response_url 不收（HTTP {response.status_code}，错误码 {code}）", again=again
            )

    def _ours(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return bool(url) and (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc)


class _Desk:
    """What WeCom is answered at once; None is an empty answer. Raises BadInput for what is no message."""

    def __init__(
        self, accept: Accept, streams: Streams, pressed: Pressed, welcome: str, now: Callable[[], float]
    ) -> None:
        self._accept, self._streams, self._pressed, self._welcome = accept, streams, pressed, welcome
        self._now = now

    async def answer(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        if body.get("msgtype") == "event":
            return await self._event(body)
        if body.get("msgtype") == "stream":
            stream = body.get("stream")
            id = stream.get("id") if isinstance(stream, dict) else None
            if not isinstance(id, str) or re.fullmatch(r"[0-9a-f]{32}", id) is None:
                raise BadInput("企业微信推送的流式消息缺少标识")
            return stream_reply(id, await self._streams.view(id))
        id = stream_id(message_id(body))
        response_url = _url(body)
        read_message(body, {})  # a message without ids opens no stream
        asked = await self._streams.open(id)
        await self._accept(read_message(body, {"stream": id, "asked": asked, "response_url": response_url}))
        return stream_reply(id, await self._streams.view(id))

    async def _event(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """The welcome must be in the answer itself; words behind a button are answered like any others."""
        event = event_of(body)
        if event == "enter_chat":
            return {"msgtype": "text", "text": {"content": self._welcome}}
        if event == "template_card_event":
            words = await self._pressed(*pressed_button(body))
            if words is None:
                log.info("wecom.aibot.button.unknown", message=message_id(body))
            else:
                reply_to = {"asked": self._now(), "response_url": _url(body)}
                await self._accept(read_pressed(body, words, reply_to))
        return None


def _opened(crypt: MessageCrypt, request: Request, encrypted: str, now: float) -> str:
    """What was sent to us, once it is sure who sent it and that it is not old."""
    query = request.query_params
    signature, timestamp, nonce = (query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    crypt.verify(signature, timestamp, nonce, encrypted)
    if not timestamp.isdecimal() or len(timestamp) > 12 or abs(now - int(timestamp)) > WINDOW_S:
        raise BadInput("时间戳不在十分钟以内")
    return crypt.decrypt(encrypted)


def _sealed(crypt: MessageCrypt, reply: Mapping[str, Any], nonce: str, timestamp: int) -> dict[str, Any]:
    encrypted = crypt.encrypt(json.dumps(reply, ensure_ascii=False))
    signature = crypt.sign(str(timestamp), nonce, encrypted)
    return {"encrypt": encrypted, "msgsignature": signature, "timestamp": timestamp, "nonce": nonce}


def _refused(refused: AnxunError, method: str) -> Response:
    """One line for the administrator, and nothing for whoever tries."""
    code = refused.code if isinstance(refused, Refused) else None
    status = refused.status if isinstance(refused, NotRead) else 401 if code == SIGNATURE else 400
    reason = refused.reason if isinstance(refused, Refused | NotRead) else refused.message
    log.warning("wecom.aibot.refused", method=method, reason=reason, code=code, status=status)
    return Response(status_code=status)


def _url(body: Mapping[str, Any]) -> str:
    url = body.get("response_url")
    return url if isinstance(url, str) and len(url) <= 2048 else ""


def _errcode(response: httpx.Response) -> int | None:
    """None when the answer is not WeCom's: HTTP 200 alone says nothing."""
    try:
        code = response.json().get("errcode")
    except (ValueError, AttributeError, RecursionError):
        return None
    return code if isinstance(code, int) and response.status_code == 200 else None
