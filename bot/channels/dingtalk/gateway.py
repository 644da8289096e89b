"""Asks DingTalk where to connect in Stream mode: one request gives one address with a ticket that works once."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import httpx

from bot.channels.dingtalk.frames import CALLBACK, ROBOT_TOPIC
from bot.errors import AnxunError

OPEN_PATH = "/v1.0/gateway/connections/open"
REMEDY = (
    "请到钉钉开放平台的“凭证与基础信息”核对 Client ID（AppKey）和 Client Secret（AppSecret），"
    "确认机器人已发布并选了 Stream 模式，改好设置后重启。"
)
REFUSALS = (400, 401, 403)
"""The request itself is wrong; asking again soon does not help."""


class CannotConnect(AnxunError):  # noqa: N818
    """There is no connection to DingTalk. `refused` when it is our credentials that are not accepted."""

    def __init__(self, message: str, remedy: str = "", refused: bool = False) -> None:
        super().__init__(message, remedy)
        self.refused = refused


async def open_connection(http: httpx.AsyncClient, base: str, app_key: str, app_secret: str) -> str:
    """The WebSocket address, ticket included: a secret, good for 90 seconds and one connection.

    Raises CannotConnect when DingTalk refuses or answers nonsense, httpx.HTTPError when the network fails.
    """
    response = await http.post(
        base.rstrip("/") + OPEN_PATH,
        json={
            "clientId": app_key,
            "clientSecret": app_secret,
            "subscriptions": [{"type": CALLBACK, "topic": ROBOT_TOPIC}],
            "ua": "anxun/1.0",
        },
        headers={"Accept": "application/json"},
    )
    if response.status_code in REFUSALS:
        raise CannotConnect(
            f"钉钉不接受这个应用（HTTP {response.status_code}{_code(response)}）", REMEDY, True
        )
    if response.status_code != 200:
        raise CannotConnect(f"钉钉网关暂时不能用（HTTP {response.status_code}{_code(response)}）")
    answer = _json(response)
    endpoint, ticket = answer.get("endpoint"), answer.get("ticket")
    if not (isinstance(endpoint, str) and isinstance(ticket, str) and ticket and _safe(endpoint, base)):
        raise CannotConnect("钉钉网关的回答里没有可用的连接地址")
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}ticket={quote(ticket, safe='')}"


def _safe(endpoint: str, base: str) -> bool:
    """The ticket is a secret: it travels encrypted, unless the whole platform is a local one without TLS."""
    try:
        address = urlsplit(endpoint)
    except ValueError:
        return False
    schemes = ("wss", "ws") if base.startswith("http://") else ("wss",)
    return address.scheme in schemes and bool(address.hostname) and not address.fragment


def _json(response: httpx.Response) -> dict[str, object]:
    try:
        value = response.json()
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _code(response: httpx.Response) -> str:
    """DingTalk's own word for the error, when it looks like a word; its sentence may repeat what we sent."""
    code = _json(response).get("code")
    return f" {code}" if isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9_.\-]{1,64}", code) else ""
