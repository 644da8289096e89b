"""DingTalk's callback takes what DingTalk signed lately, acknowledges what is remembered, and refuses the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from bot.channels.chat.inbound import Inbound
from bot.channels.dingtalk.callback import PATH, build_dingtalk_callback
from bot.channels.dingtalk.signing import is_signed, sign, signed_url
from tests.channels.dingtalk.test_messages import body

SECRET = "dingAppSecret-0123456789-abcdefghijklmnopqrstuvwxyz"  # noqa: S105
NOW = 1_760_000_000.0


class Desk:
    def __init__(self) -> None:
        self.accepted: list[Inbound] = []
        self.broken = False

    async def accept(self, inbound: Inbound) -> bool:
        if self.broken:
            raise OSError("database is away")
        self.accepted.append(inbound)
        return True


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def client(desk: Desk) -> TestClient:
    app = FastAPI()
    app.include_router(build_dingtalk_callback(SECRET, desk.accept, lambda: NOW))
    return TestClient(app, raise_server_exceptions=False)


def signed(at: float = NOW, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at * 1000))
    return {"timestamp": stamp, "sign": sign(secret, stamp)}


def test_published_signatures() -> None:
    """The values of DingTalk's own algorithm, made with openssl and with a second library."""
    robot = "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

    assert "5XBF2Xen1fmwpIFqms6NnkE1mo6nJv5ZdqpUUOGV8fk=" == sign(SECRET, "1760000000000")
    assert "La604JXsnEluXCk7ZMRALvnA8TfhJPcV/lz0UFENgSY=" == sign(robot, "1760000000000")
    assert signed_url("https://oapi.dingtalk.com/robot/send?access_token=t", robot, NOW).endswith(
        "&timestamp=1760000000000&sign=La604JXsnEluXCk7ZMRALvnA8TfhJPcV%2Flz0UFENgSY%3D"
    )


@pytest.mark.parametrize(
    ("off", "good"), [(0, True), (3599, True), (-3599, True), (3601, False), (-3601, False)]
)
def test_window_is_an_hour(off: float, good: bool) -> None:
    """59:59 is taken, 60:01 is not, in the past and in the future."""
    stamp = str(int((NOW + off) * 1000))

    assert good == is_signed(SECRET, stamp, sign(SECRET, stamp), NOW)


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


def test_what_is_not_remembered_is_not_acknowledged(client: TestClient, desk: Desk) -> None:
    """With the database away DingTalk hears of it, and nobody sees a stack trace."""
    desk.broken = True
    answer = client.post(PATH, json=body(), headers=signed())

    assert (503, b"") == (answer.status_code, answer.content)
