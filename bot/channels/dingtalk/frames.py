"""Frames of DingTalk's Stream protocol: what the gateway pushes, and how it is acknowledged. Used by stream.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.errors import BadInput

SYSTEM, EVENT, CALLBACK = "SYSTEM", "EVENT", "CALLBACK"
DISCONNECT = "disconnect"
ROBOT_TOPIC = "/v1.0/im/bot/messages/get"

OK, UNREADABLE, NO_SUCH_TOPIC, FAILED = 200, 400, 404, 500
_MESSAGES = {OK: "OK", UNREADABLE: "bad request", NO_SUCH_TOPIC: "topic not found", FAILED: "internal error"}
NOTHING = '{"response": null}'
CONSUMED = '{"status": "SUCCESS", "message": "success"}'


@dataclass(frozen=True)
class Frame:
    """One push. `data` is a JSON string of its own, or "" where the gateway sent none; ids are "" when missing."""

    type: str
    topic: str
    message_id: str
    data: str

    def body(self) -> dict[str, Any]:
        """The object inside `data`; BadInput when there is none."""
        return _object(self.data)


def read_frame(raw: bytes | str) -> Frame:
    """A frame off the wire. Raises BadInput, and nothing else, on what is not a JSON object."""
    frame = _object(raw)
    headers = frame.get("headers")
    if not isinstance(headers, dict):
        headers = {}
    return Frame(
        _text(frame.get("type")),
        _text(headers.get("topic")),
        _text(headers.get("messageId")),
        _text(frame.get("data")),
    )


def acknowledgement(frame: Frame, code: int = OK, data: str = NOTHING) -> str:
    """What the gateway wants to hear about `frame`; `data` is again a JSON string."""
    return json.dumps(
        {
            "code": code,
            "headers": {"messageId": frame.message_id, "contentType": "application/json"},
            "message": _MESSAGES[code],
            "data": data,
        }
    )


def _object(text: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput("钉钉推送的不是 JSON") from None
    if not isinstance(value, dict):
        raise BadInput("钉钉推送的不是 JSON 对象")
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
