"""The app's client to Rasa: one message in, exactly one typed message out, or an EngineError.

Rasa reports a failed action as 200 with an empty list, so anything but one `custom` payload is a failure.
"""

from __future__ import annotations

from typing import Any, Literal

import httpx
from pydantic import ValidationError

from bot.errors import EngineError
from bot.messages import Incoming, Message

Intent = Literal[
    "learn",
    "practice_turn",
    "practice_end",
    "practice_retry",
    "practice_hint",
    "practice_switch",
    "practice_start_with",
    "practice_what_if",
    "practice_pause",
    "practice_resume",
    "practice_give_up",
    "practice_exam",
    "practice_warm_up",
    "practice_group",
]
TIMEOUT_S = 4.0
RETRIES = 1
FORGET_EVERY = 5
"""Messages after which a conversation's tracker is emptied: a turn costs more as it grows, and nothing reads it."""


class RasaEngine:
    """Speaks Rasa's REST channel over an httpx client (tests hand in one with a recording transport)."""

    def __init__(self, client: httpx.AsyncClient, token: str = "") -> None:
        self._client = client
        self._token = token

    async def send(self, said: Incoming, intent: Intent | None = None) -> Message:
        """The bot's answer to what was said; with `intent`, Rasa is told what it is and recognises nothing.

        A text is never handed over with a leading slash: Rasa would take it for a command.
        """
        body = {
            "sender": said.conversation,
            "message": f"/{intent}" if intent else said.text.lstrip("/／ 　"),
            "metadata": {
                "text": said.text,
                "message_id": said.message_id,
                "speaker": said.speaker,
                "account": said.account,
            },
        }
        failure = EngineError("答案引擎暂时没有回应。", "稍等几秒，再发一次。")
        for _ in range(1 + RETRIES):
            try:
                response = await self._client.post("/webhooks/rest/webhook", json=body, timeout=TIMEOUT_S)
                response.raise_for_status()
                return _only_message(response.json())
            except (httpx.TransportError, httpx.HTTPStatusError) as error:
                raise failure from error
            except (EngineError, ValueError) as error:
                failure.__cause__ = error
        raise failure

    async def forget(self, conversation: str) -> None:
        """Empty this conversation's tracker; a failure is no harm and stays silent."""
        try:
            await self._client.put(
                f"/conversations/{conversation}/tracker/events",
                params={"token": self._token},
                json=[],
                timeout=TIMEOUT_S,
            )
        except httpx.HTTPError:
            return

    async def is_ready(self) -> bool:
        """True when Rasa has a model loaded."""
        try:
            response = await self._client.get("/status", params={"token": self._token}, timeout=2.0)
        except httpx.HTTPError:
            return False
        return response.status_code == 200 and bool(response.json().get("model_file"))

    async def close(self) -> None:
        await self._client.aclose()


def _only_message(items: Any) -> Message:
    if not isinstance(items, list) or len(items) != 1 or "custom" not in items[0]:
        raise EngineError("Rasa 没有给出一条完整的回复。")
    try:
        return Message.model_validate(items[0]["custom"])
    except ValidationError as error:
        raise EngineError("Rasa 给出的回复格式不对。") from error
