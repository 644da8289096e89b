"""Rasa is spoken to carefully: its silences are failures, and no person's slash reaches it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.engine import RasaEngine
from bot.errors import EngineError
from bot.messages import Incoming, say

REPLY = [{"recipient_id": "c", "custom": say("按程序来。").model_dump()}]


def engine(handler: Callable[[httpx.Request], httpx.Response]) -> RasaEngine:
    return RasaEngine(httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://rasa"))


def send(handler: Callable[[httpx.Request], httpx.Response], text: str = "能停电吗", **named: Any) -> Any:
    return asyncio.run(engine(handler).send(Incoming("c", text, "m1"), **named))


def test_one_custom_payload_is_the_answer() -> None:
    """Exactly one typed message comes back whole."""
    assert "按程序来。" == send(lambda _: httpx.Response(200, json=REPLY)).blocks[0].text


@pytest.mark.parametrize(
    "body",
    [[], [{"text": "纯文本"}], REPLY * 2, {"error": "x"}, [{"custom": {"blocks": [{"type": "未知"}]}}]],
)
def test_anything_else_is_failure(body: Any) -> None:
    """An empty list, plain text, two messages or an unknown block are no answer."""
    with pytest.raises(EngineError):
        send(lambda _: httpx.Response(200, json=body))


def test_empty_answer_is_tried_once_more() -> None:
    """A failed action may succeed at the second try."""
    answers = iter([[], REPLY])

    assert send(lambda _: httpx.Response(200, json=next(answers)))


def test_dead_rasa_is_engine_error() -> None:
    """A refused connection becomes our own error with a remedy."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(EngineError, match="再发一次"):
        send(refuse)


@pytest.mark.parametrize("text", ["/restart", "／restart", "  /practice_turn", "//session_start"])
def test_slash_never_reaches_rasa(text: str) -> None:
    """What a person types is words, never a command to Rasa."""
    seen: list[dict[str, Any]] = []

    def record(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json=REPLY)

    send(record, text)

    assert not seen[0]["message"].lstrip().startswith(("/", "／"))


def test_app_sends_intent_with_words_aside() -> None:
    """During a practice Rasa is told the intent, and the words travel in metadata."""
    seen: list[dict[str, Any]] = []

    def record(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json=REPLY)

    send(record, "/restart 您别急", intent="practice_turn")

    assert "/practice_turn" == seen[0]["message"]
    assert {"text": "/restart 您别急", "message_id": "m1", "speaker": "", "account": ""} == seen[0][
        "metadata"
    ]
