"""DingTalk's callback takes what DingTalk signed lately, acknowledges what is remembered, and refuses the rest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from bot.channels.chat.inbound import Inbound
from bot.channels.dingtalk.callback import PATH, build_dingtalk_callback
from bot.channels.dingtalk.signing import sign
from bot.errors import NotReady
from tests.channels.dingtalk.test_messages import body

SECRET = "dingAppSecret-0123456789-abcdefghijklmnopqrstuvwxyz"  # noqa: S105
NOW = 1_760_000_000.0


class Desk:
    """An `accept` that keeps what is new; `trouble` is what happens instead."""

    def __init__(self) -> None:
        self.accepted: list[Inbound] = []
        self.trouble: Exception | None = None
        self.hangs = False

    async def accept(self, inbound: Inbound) -> bool:
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble:
            raise self.trouble
        if inbound.key in [one.key for one in self.accepted]:
            return False
        self.accepted.append(inbound)
        return True


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def client(desk: Desk) -> TestClient:
    app = FastAPI()
    app.include_router(build_dingtalk_callback(SECRET, desk.accept, lambda: NOW, patience=0.2))
    return TestClient(app, raise_server_exceptions=False)


def signed(at: float = NOW, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at * 1000))
    return {"timestamp": stamp, "sign": sign(secret, stamp)}


def test_message_is_remembered_and_acknowledged(client: TestClient, desk: Desk) -> None:
    """A signed message is handed on whole."""
    answer = client.post(PATH, json=body(), headers=signed())

    assert 200 == answer.status_code
    assert ["停电提前几天？"] == [inbound.text for inbound in desk.accepted]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (json.dumps(body()), {}, 401),
        (json.dumps(body()), signed(secret="x" * 20), 401),
        (json.dumps(body()), signed(at=NOW - 3601), 401),
        (json.dumps(body()), {"timestamp": "²", "sign": "x"}, 401),
        (json.dumps(body()), signed() | {"timestamp": "1760000000000000000000"}, 401),
        (b"", signed(), 400),
        (b"\xff\xfe", signed(), 400),
        ("<xml><a/></xml>", signed(), 400),
        ("[1]", signed(), 400),
        ("[" * 50_000, signed(), 400),
        ("{}", signed(), 400),
        (json.dumps(body(msgId=None)), signed(), 400),
        ("x" * 10_000_000, signed(), 413),
    ],
)
def test_everything_else_is_refused(
    client: TestClient, desk: Desk, content: Any, headers: dict[str, str], status: int
) -> None:
    """Nothing is handed on, nothing is a 500, and the log says why without a word of it."""
    headers = {name: value.encode() for name, value in headers.items()}  # type: ignore[misc]
    with capture_logs() as logs:
        answer = client.post(PATH, content=content, headers=headers)

    assert (status, b"", []) == (answer.status_code, answer.content, desk.accepted)
    assert 1 == len(logs) and {"event", "log_level", "reason", "status"} == set(logs[0])


@pytest.mark.parametrize("trouble", [OSError("secret words"), NotReady("安训正在停止。"), None])
def test_what_is_not_remembered_is_not_acknowledged(
    client: TestClient, desk: Desk, trouble: Exception | None
) -> None:
    """With the database away or hanging DingTalk hears of it, and nobody sees a stack trace."""
    desk.trouble, desk.hangs = trouble, trouble is None
    with capture_logs() as logs:
        answer = client.post(PATH, json=body(), headers=signed())

    assert (503, b"") == (answer.status_code, answer.content)
    assert ["dingtalk.not_remembered"] == [one["event"] for one in logs] and "secret words" not in str(logs)


def test_repeated_message_is_acknowledged_and_heard_once(client: TestClient, desk: Desk) -> None:
    """One captured signature is good for an hour, and DingTalk may send again: a known msgId is not heard twice."""
    headers = signed()
    answers = [client.post(PATH, json=body(), headers=headers).status_code for _ in range(4)]

    assert [200] * 4 == answers
    assert 1 == len(desk.accepted)


def test_message_is_acknowledged_with_an_empty_object(client: TestClient) -> None:
    """DingTalk would show words in the answer as a reply; there are none."""
    assert {} == client.post(PATH, json=body(), headers=signed()).json()


def drive(desk: Desk, chunks: Sequence[bytes], ending: str) -> tuple[int, int]:
    """The status for a body that comes in pieces and then breaks off or stalls, and how many pieces were taken."""
    app = FastAPI()
    app.include_router(build_dingtalk_callback(SECRET, desk.accept, lambda: NOW, patience=0.2))
    left, statuses = list(chunks), []

    async def receive() -> dict[str, Any]:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        if ending == "stall":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in signed().items()],
        "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9), "root_path": "",
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return statuses[0], len(chunks) - len(left)


def test_long_body_is_not_read_to_its_end(desk: Desk) -> None:
    """Of 10 MB in pieces only the first 64 KiB and one more piece are taken."""
    assert (413, 17) == drive(desk, [b"x" * 4096] * 2560, "stall")
    assert [] == desk.accepted


@pytest.mark.parametrize("ending", ["stall", "disconnect"])
def test_body_that_does_not_come_is_given_up(desk: Desk, ending: str) -> None:
    """Somebody who sends half a message and then nothing holds nothing open, and it is no error of ours."""
    assert (408, 1) == drive(desk, [b'{"msgId": '], ending)
    assert [] == desk.accepted
