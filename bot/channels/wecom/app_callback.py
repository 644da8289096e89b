"""The callback of WeCom's self-built app: checks, decrypts, translates, remembers, and acknowledges at once.

The application includes the router; the answer to a message leaves later, by the app's courier.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from bot.channels.chat.inbound import Accept, Inbound
from bot.channels.chat.receiving import PATIENCE_S, NotRead, read_body
from bot.channels.wecom.crypto import RECEIVER, SIGNATURE, XML, MessageCrypt, Refused
from bot.channels.wecom.envelope import read_envelope, read_fields, write_text_reply

CHANNEL = "wecom"
PATH = "/channels/wecom/callback"
WINDOW_S = 600
"""Between WeCom's clock and ours, either way; older or younger is a replay. What is replayed sooner has a known key."""
_LOOKED_AT = (
    "这是企业微信用的回调地址，不用在浏览器里打开。请把它粘贴到 应用 › 接收消息 › 设置 API 接收 › URL。"
)
_EXPIRED = "这张卡片放得太久，上面的按钮认不出来了。直接打字告诉我就行。"

_STAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[0-9A-Za-z_-]{1,128}")
_PERSON = re.compile(r"[^\s|]{1,128}")
_MESSAGE = re.compile(r"[0-9A-Za-z_-]{1,128}")

log = structlog.get_logger()

Pressed = Callable[[str, str], Awaitable[str | None]]
"""The words behind a button, by the card's task_id and the button's key; None when nobody knows them."""


def build_app_callback(
    crypt: MessageCrypt,
    accept: Accept,
    pressed: Pressed,
    corp_id: str,
    agent_id: str,
    now: Callable[[], float] = time.time,
    patience: float = PATIENCE_S,
) -> APIRouter:
    """GET and POST `PATH`. `patience` is the seconds a body may take to come, and `accept` to remember it."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def check(request: Request) -> Response:
        """WeCom asks once, when the address is saved, and wants the plain words back within a second."""
        query = request.query_params
        if "echostr" not in query:
            return PlainTextResponse(_LOOKED_AT, 400)
        try:
            return PlainTextResponse(_open(crypt, query, query["echostr"], now()))
        except Refused as refused:
            return _refuse(refused, query)

    @router.post(PATH)
    async def receive(request: Request) -> Response:
        query = request.query_params
        try:
            body = await read_body(request, patience)
        except NotRead as unread:
            log.warning("wecom.refused", code=XML, reason=unread.reason)
            return Response(status_code=unread.status)
        try:
            fields = read_fields(_open(crypt, query, read_envelope(body), now()))
            inbound = _translate(fields, corp_id, agent_id)
        except Refused as refused:
            return _refuse(refused, query)
        if inbound is None:
            log.info("wecom.unanswered", kind=_printable(fields.get("Event", "")))
            return Response()
        try:
            async with asyncio.timeout(patience):
                if _is_press(fields):
                    words = await pressed(fields.get("TaskId", ""), fields.get("EventKey", ""))
                    if words is None:
                        log.info("wecom.press.unknown", key=inbound.key)
                        return _say(crypt, inbound.person, corp_id, _EXPIRED, int(now()))
                    inbound = replace(inbound, text=words)
                if not await accept(inbound):
                    log.info("wecom.repeated", key=inbound.key)
        except Exception as error:
            # Not remembered, so not acknowledged: anything but 200 makes WeCom send it again, up to three times.
            log.error("wecom.not_remembered", key=inbound.key, reason=type(error).__name__)
            return Response(status_code=503)
        return Response()

    return router


def _open(crypt: MessageCrypt, query: Mapping[str, str], encrypted: str, now: float) -> str:
    """The message; raises Refused unless WeCom signed it, lately, for us."""
    stamp = query.get("timestamp", "")
    crypt.verify(query.get("msg_signature", ""), stamp, query.get("nonce", ""), encrypted)
    if not _STAMP.fullmatch(stamp) or abs(now - int(stamp)) > WINDOW_S:
        raise Refused(SIGNATURE, "timestamp out of the window")
    return crypt.decrypt(encrypted)


def _refuse(refused: Refused, query: Mapping[str, str]) -> Response:
    """403 for what is not WeCom's or not ours, 400 for what is broken. Says no more: a forger would learn from it."""
    nonce = query.get("nonce", "")
    known = nonce if _NONCE.fullmatch(nonce) else ""
    log.warning("wecom.refused", code=refused.code, reason=refused.reason, nonce=known)
    return Response(status_code=403 if refused.code in (SIGNATURE, RECEIVER) else 400)


def _say(crypt: MessageCrypt, person: str, corp_id: str, text: str, at: int) -> Response:
    reply = write_text_reply(crypt, person, corp_id, text, at, secrets.token_hex(8))
    return Response(reply, media_type="application/xml")


def _translate(fields: Mapping[str, str], corp_id: str, agent_id: str) -> Inbound | None:
    """What the person means; None for what happens without anybody expecting a word from us. Raises Refused."""
    if fields.get("ToUserName") != corp_id or (fields.get("AgentID") or agent_id) != agent_id:
        raise Refused(RECEIVER, "another app")
    person = fields.get("FromUserName", "")
    if not _PERSON.fullmatch(person) or person == "@all":  # an answer to "@all" or "a|b" would reach others
        raise Refused(XML, "no sender")
    kind = fields.get("MsgType", "")
    if kind == "event":
        return _event(fields, person)
    key = fields.get("MsgId", "")
    if not _MESSAGE.fullmatch(key):
        raise Refused(XML, "no MsgId")
    words = {"text": fields.get("Content", ""), "voice": fields.get("Recognition", "")}.get(kind, "").strip()
    media = kind != "text" and not words
    return _inbound(fields, person, key, words, "media" if media else "")


def _event(fields: Mapping[str, str], person: str) -> Inbound | None:
    event, says = fields.get("Event", "").lower(), fields.get("EventKey", "")
    key = _event_key(fields)
    if event in ("enter_agent", "subscribe"):
        return _inbound(fields, person, key, "", "enter")
    if event == "template_card_event":
        return _inbound(fields, person, key, "", "")
    if event == "click" or (
        event == "view" and "://" not in says
    ):  # the page opens by itself: nothing is said
        return _inbound(fields, person, key, says, "") if says.strip() else None
    return None


def _inbound(fields: Mapping[str, str], person: str, key: str, text: str, event: str) -> Inbound:
    reply_to = {"touser": person}
    if code := fields.get("ResponseCode"):
        reply_to["response_code"] = code
    return Inbound(CHANNEL, key, chat=person, person=person, text=text, event=event, reply_to=reply_to)


def _is_press(fields: Mapping[str, str]) -> bool:
    return fields.get("MsgType") == "event" and fields.get("Event", "").lower() == "template_card_event"


def _event_key(fields: Mapping[str, str]) -> str:
    """Events carry no MsgId. Who and when alone would make one of two events of the same second."""
    names = ("FromUserName", "CreateTime", "Event", "EventKey", "AgentID", "TaskId")
    told = "\x00".join(fields.get(name, "") for name in names)
    return f"event-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def _printable(text: str) -> str:
    return "".join(sign for sign in text[:64] if sign.isprintable())
