"""A robot message of DingTalk as an `Inbound`: the same JSON by callback and by Stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.chat.fields import MOST_ID, as_id, as_object, as_text
from bot.channels.chat.inbound import Inbound

CHANNEL = "dingtalk"
SINGLE, GROUP = "1", "2"
_MOST_NAME, _MOST_URL = 20, 2048


def read_robot_message(body: Mapping[str, Any]) -> Inbound:
    """What a person said to the robot. Raises BadInput for what is no robot message.

    Words come as text, rich text or dictated; everything else is media. A mention without words is a hello.
    """
    key, conversation = _id(body, "msgId"), _id(body, "conversationId")
    group = str(body.get("conversationType")) == GROUP
    staff = _printable(as_text(body.get("senderStaffId")))[:MOST_ID]
    person = staff or _id(body, "senderId")
    words = _words(body)
    text = (words or "").strip()
    return Inbound(
        CHANNEL, key, conversation if group else person, person, text, group,
        name=_printable(as_text(body.get("senderNick")))[:_MOST_NAME],
        event="media" if words is None else "" if text else "enter",
        reply_to={
            "session": as_text(body.get("sessionWebhook"))[:_MOST_URL],
            "expires": _milliseconds(body.get("sessionWebhookExpiredTime")),
            "robot": as_text(body.get("robotCode"))[:MOST_ID],
            "conversation": conversation,
            "staff": staff,
            "group": group,
        },
    )  # fmt: skip


def _words(body: Mapping[str, Any]) -> str | None:
    kind, content = body.get("msgtype"), body.get("content")
    if kind == "text":
        return as_text(as_object(body.get("text")).get("content"))
    if kind == "audio":
        return as_text(as_object(content).get("recognition")).strip() or None
    if kind == "richText":
        pieces = as_object(content).get("richText")
        texts = (
            [as_text(as_object(piece).get("text")) for piece in pieces] if isinstance(pieces, list) else []
        )
        return "".join(texts).strip() or None
    return None


def _id(body: Mapping[str, Any], name: str) -> str:
    return as_id(body.get(name), f"钉钉推送的消息缺少 {name}")


def _milliseconds(value: object) -> int:
    """A stamp, also one written as a string; 0, long over, for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    return value if isinstance(value, int) and 0 <= value < 10**15 else 0


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()
