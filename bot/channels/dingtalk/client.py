"""Speaks to DingTalk: answers into a session while it is open, afterwards through the open interface."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.tokens import AccessTokens, TokenShelf

TIMEOUT_S = 10.0
MARGIN_S = 60.0
"""A session that ends so soon is not used any more."""
BAD_TOKEN_CODES = ("InvalidAuthentication", "Forbidden.AccessDenied.AccessTokenExpired")
SESSION_AGAIN = (-1, 130101, 88, 90018)


class DingtalkClient:
    """One app. `session_base` is the only place a session address may lead to, as it comes from outside."""

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        robot_code: str,
        shelf: TokenShelf,
        base: str = "https://api.dingtalk.com",
        session_base: str = "https://oapi.dingtalk.com",
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key, self._secret, self._robot, self._now = app_key, app_secret, robot_code, now
        self._base, self._session_base = base.rstrip("/"), session_base.rstrip("/")
        self._http = httpx.AsyncClient(transport=transport, timeout=TIMEOUT_S)
        self._tokens = AccessTokens(shelf, f"dingtalk:{app_key}", self._fetch_token, now)

    def session_is_open(self, reply_to: Mapping[str, Any]) -> bool:
        """Whether the address of the session may be used, and still works for a while."""
        url = str(reply_to.get("session", ""))
        ours, theirs = urlsplit(self._session_base), _split(url)
        same = (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)
        return same and self._now() + MARGIN_S < float(reply_to.get("expires", 0)) / 1000

    async def answer(self, reply_to: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Posts one message into the open session. Raises DeliveryFailed."""
        answer = _read(await self._ask("POST", str(reply_to["session"]), json=dict(body)))
        if code := answer.get("errcode", 0):
            raise DeliveryFailed(f"钉钉会话不收（错误码 {code}）。", again=code in SESSION_AGAIN)

    async def send(self, reply_to: Mapping[str, Any], key: str, param: Mapping[str, Any]) -> None:
        """A robot message of one kind (`sampleMarkdown`, `sampleText`, …) to the person or group. Raises DeliveryFailed."""
        body: dict[str, Any] = {
            "robotCode": reply_to.get("robot") or self._robot,
            "msgKey": key,
            "msgParam": json.dumps(param, ensure_ascii=False),
        }
        if reply_to.get("group"):
            path = "/v1.0/robot/groupMessages/send"
            body["openConversationId"] = reply_to["conversation"]
        else:
            if not reply_to.get("staff"):
                raise DeliveryFailed("会话过期了，又不知道这个人的员工号。", again=False)
            path = "/v1.0/robot/oToMessages/batchSend"
            body["userIds"] = [reply_to["staff"]]
        token = await self._tokens.get()
        response = await self._open(path, token, body)
        if response.status_code in (401, 403) and _code(response).startswith(BAD_TOKEN_CODES):
            response = await self._open(path, await self._tokens.instead_of(token), body)
        if response.status_code != 200:
            again = (
                response.status_code >= 500 or response.status_code == 429 or "hrottling" in _code(response)
            )
            raise DeliveryFailed(f"钉钉不收（HTTP {response.status_code} {_code(response)}）。", again=again)

    async def upload_image(self, png: bytes) -> str:
        """The media_id of a picture, to be shown in Markdown. Raises DeliveryFailed."""
        params = {"access_token": await self._tokens.get(), "type": "image"}
        files = {"media": ("anxun.png", png, "image/png")}
        answer = _read(
            await self._ask("POST", f"{self._session_base}/media/upload", params=params, files=files)
        )
        if answer.get("errcode", 0) or not answer.get("media_id"):
            raise DeliveryFailed(f"钉钉不收图片（错误码 {answer.get('errcode')}）。", again=False)
        return str(answer["media_id"])

    async def close(self) -> None:
        await self._http.aclose()

    async def _open(self, path: str, token: str, body: Mapping[str, Any]) -> httpx.Response:
        headers = {"x-acs-dingtalk-access-token": token}
        return await self._ask("POST", self._base + path, json=dict(body), headers=headers)

    async def _fetch_token(self) -> tuple[str, float]:
        body = {"appKey": self._key, "appSecret": self._secret}
        response = await self._ask("POST", f"{self._base}/v1.0/oauth2/accessToken", json=body)
        if response.status_code != 200:
            refused = response.status_code in (400, 401, 403)
            raise DeliveryFailed(
                f"钉钉没有给访问令牌（HTTP {response.status_code}）。",
                "核对 Client ID 和 Client Secret。",
                again=not refused,
            )
        answer = _read(response)
        return str(answer["accessToken"]), float(answer.get("expireIn", 7200))

    async def _ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        try:
            return await self._http.request(method, url, **request)
        except httpx.HTTPError as error:  # its text may hold the address, and with it a session or a token
            raise DeliveryFailed(f"钉钉没有回应（{type(error).__name__}）。") from None


def _split(url: str) -> Any:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _read(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.status_code != 200 or not isinstance(answer, dict):
        raise DeliveryFailed(f"钉钉回的不对（HTTP {response.status_code}）。")
    return answer


def _code(response: httpx.Response) -> str:
    """DingTalk's word for what is wrong, without the message, which may hold more."""
    try:
        code = response.json().get("code", "")
    except (ValueError, AttributeError):
        return ""
    return code[:80] if isinstance(code, str) else ""
