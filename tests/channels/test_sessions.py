"""Nobody reads another's conversation, and nobody calls from afar without a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.app import create_app
from bot.channels.web.sessions import COOKIE, Sessions
from bot.errors import BadInput
from bot.settings import Settings


def request(cookie: str = "", authorization: str = "") -> Request:
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode()), (b"authorization", authorization.encode())]
    scope: dict[str, Any] = {
        "type": "http",
        "headers": headers,
        "scheme": "http",
        "server": ("localhost", 80),
        "path": "/",
    }
    return Request(scope)


def signed(sessions: Sessions) -> str:
    response = Response()
    sessions.begin(request(), response)
    return response.headers["set-cookie"].split("=", 1)[1].split(";")[0]


def test_cookie_names_the_conversation(tmp_path: Path) -> None:
    """A browser speaks in the conversation its cookie was signed for, whatever it names."""
    sessions = Sessions(Settings(data_dir=str(tmp_path)))
    cookie = signed(sessions)

    assert sessions.conversation(request(cookie), "别人的") == sessions.of_browser(request(cookie))


def test_forged_cookie_is_refused(tmp_path: Path) -> None:
    """A cookie altered or signed with another key opens nothing of a browser's."""
    sessions = Sessions(Settings(data_dir=str(tmp_path)))
    foreign = signed(Sessions(Settings(data_dir=str(tmp_path), secret_key="another")))

    assert sessions.of_browser(request(foreign)) is None
    assert sessions.of_browser(request(signed(sessions)[:-2] + "xx")) is None


def test_program_cannot_enter_browser_conversation(tmp_path: Path) -> None:
    """A program's conversations are kept apart from those of browsers."""
    sessions = Sessions(Settings(data_dir=str(tmp_path)))

    assert "api-web-1234" == sessions.conversation(request(), "web-1234")


def test_token_is_needed_once_set(tmp_path: Path) -> None:
    """With a token set, a program without it is refused, and one with it is let in."""
    sessions = Sessions(Settings(data_dir=str(tmp_path), api_token="pass-7"))

    with pytest.raises(HTTPException):
        sessions.require_program(request())
    sessions.require_program(request(authorization="Bearer pass-7"))


def test_open_address_needs_token(tmp_path: Path) -> None:
    """Listening to other machines without a token is refused at start, with the remedy."""
    with pytest.raises(BadInput, match="ANXUN_API_TOKEN"):
        create_app(Settings(data_dir=str(tmp_path), host="0.0.0.0"))  # noqa: S104
