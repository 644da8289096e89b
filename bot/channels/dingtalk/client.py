"""Speaks to DingTalk: answers into a session while it is open, afterwards through the open interface.

The courier calls it. Whatever goes wrong becomes `DeliveryFailed`, without addresses, because those carry the session
or the token.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from bot.channels.chat.addresses import keep_queries_out_of_logs
from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.tokens import AccessTokens, TokenShelf
from bot.errors import NotReady

TIMEOUT_S = 10.0
"""For one request from first to last byte. With every retry less than a chat's lease."""
MARGIN_S = 60.0
"""A session that ends so soon is not used any more."""
SESSION_PATH = "/robot/sendBySession"
BAD_TOKEN = (40001, 40014, 42001)
BAD_TOKEN_CODES = ("InvalidAuthentication", "Forbidden.AccessDenied.AccessToken")
AGAIN = (-1, 88, 90002, 90018, 130101)
"""Busy, or too many calls: the same message may be taken later. Everything else stays refused."""
AGAIN_CODES = ("Throttling", "QpsLimit", "ServiceUnavailable", "flowControl")
"""What the open interface's codes say in the same case, also with HTTP 403."""

log = structlog.get_logger()


class Refused(DeliveryFailed):
    """DingTalk answered with an error code of its older interface, `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"钉钉不收（错误码 {code}）。", again=code in AGAIN)
        self.code = code


class DingtalkClient:
    """One app. `session_base` is the only place a session's address may lead to, as it comes from outside.

    Example:
        client = DingtalkClient("dingkey", secret, "dingkey", LocalShelf())
        if client.session_is_open(reply_to):
            await client.answer(reply_to, {"msgtype": "text", "text": {"content": "您好"}})
        else:
            await client.send(reply_to, "sampleText", {"content": "您好"})
    """

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
        timeout: float = TIMEOUT_S,
    ) -> None:
        keep_queries_out_of_logs()
        self._key, self._secret, self._robot, self._now = app_key, app_secret, robot_code, now
        self._base, self._session_base, self._timeout = base.rstrip("/"), session_base.rstrip("/"), timeout
        self._http = httpx.AsyncClient(transport=transport, timeout=timeout)
        self._tokens = AccessTokens(shelf, f"dingtalk:{app_key}", self._fetch_token, now)

    def session_is_open(self, reply_to: Mapping[str, Any]) -> bool:
        """Whether the address of the session may be used, and still works for a while."""
        return (
            _leads_to(str(reply_to.get("session", "")), self._session_base)
            and self._now() + MARGIN_S < reply_to.get("expires", 0) / 1000
        )

    async def answer(self, reply_to: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Posts one message into the open session. Raises DeliveryFailed."""
        _check(await self._ask(str(reply_to["session"]), json=dict(body)))

    async def send(self, reply_to: Mapping[str, Any], key: str, param: Mapping[str, Any]) -> None:
        """A robot message of one kind (`sampleMarkdown`, `sampleText`, …) to the person or group.

        Raises DeliveryFailed, also when DingTalk says 200 and names the person among those it did not reach.
        """
        group, staff = bool(reply_to.get("group")), str(reply_to.get("staff") or "")
        if not group and not staff:
            raise DeliveryFailed("会话过期了，又不知道这个人的员工号。", again=False)
        to = {"openConversationId": reply_to["conversation"]} if group else {"userIds": [staff]}
        body = {
            "robotCode": reply_to.get("robot") or self._robot,
            "msgKey": key,
            "msgParam": json.dumps(param, ensure_ascii=False),
            **to,
        }
        path = "/v1.0/robot/groupMessages/send" if group else "/v1.0/robot/oToMessages/batchSend"
        token = await self._token()
        response = await self._open(path, token, body)
        if response.status_code in (400, 401, 403) and _code(response).startswith(BAD_TOKEN_CODES):
            log.info("dingtalk.token.refused", code=_code(response))
            response = await self._open(path, await self._token(refused=token), body)
        told = _opened(response)
        if told.get("invalidStaffIdList"):
            raise DeliveryFailed(
                "钉钉找不到收信人。", "请管理员看看此人在不在机器人的使用范围里。", again=False
            )
        if told.get("flowControlledStaffIdList"):
            raise DeliveryFailed("钉钉说给这个人发得太多了。")

    async def upload_image(self, png: bytes) -> str:
        """The media_id of a picture, to be shown in Markdown. Raises DeliveryFailed."""

        async def once(token: str) -> Mapping[str, Any]:
            told: dict[str, Any] = {
                "params": {"access_token": token},
                "data": {"type": "image"},
                "files": {"media": ("anxun.png", png, "image/png")},
            }
            return _check(await self._ask(f"{self._session_base}/media/upload", **told))

        token = await self._token()
        try:
            answer = await once(token)
        except Refused as refused:
            if refused.code not in BAD_TOKEN:
                raise
            log.info("dingtalk.token.refused", code=refused.code)
            answer = await once(await self._token(refused=token))
        media = answer.get("media_id")
        if not isinstance(media, str) or re.fullmatch(r"[\w@.=+/$-]{1,256}", media) is None:
            raise DeliveryFailed("钉钉收了图片，没有给能用的编号。", again=False)
        return media

    async def close(self) -> None:
        await self._http.aclose()

    async def _open(self, path: str, token: str, body: Mapping[str, Any]) -> httpx.Response:
        headers = {"x-acs-dingtalk-access-token": token}
        return await self._ask(self._base + path, json=dict(body), headers=headers)

    async def _token(self, refused: str = "") -> str:
        try:
            return await (self._tokens.instead_of(refused) if refused else self._tokens.get())
        except NotReady as error:
            raise DeliveryFailed(error.message, error.remedy) from None

    async def _fetch_token(self) -> tuple[str, float]:
        body = {"appKey": self._key, "appSecret": self._secret}
        response = await self._ask(f"{self._base}/v1.0/oauth2/accessToken", json=body)
        if response.status_code in (400, 401, 403) and not _is_busy(response):
            raise DeliveryFailed(
                f"钉钉不认这个应用（HTTP {response.status_code} {_code(response)}）。",
                "请管理员运行 anxun channel check dingtalk。",
                again=False,
            )
        answer = _opened(response)
        token, lives = answer.get("accessToken"), answer.get("expireIn")
        if not isinstance(token, str) or not token or not isinstance(lives, int) or lives <= 0:
            raise DeliveryFailed("钉钉给的访问令牌不成样子。")
        return token, float(lives)

    async def _ask(self, url: str, **request: Any) -> httpx.Response:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._http.post(url, **request)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:  # its text may hold the address
            raise DeliveryFailed(f"钉钉没有回应（{type(error).__name__}）。") from None


def read_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object DingTalk answered, empty for anything else: a proxy's page, a list."""
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def errcode(response: httpx.Response) -> int | None:
    """The error code of the older interface, which comes with HTTP 200; 0 is well, None is no answer of DingTalk's."""
    code = read_object(response).get("errcode")
    return code if isinstance(code, int) else None


def _check(response: httpx.Response) -> Mapping[str, Any]:
    code = errcode(response) if response.status_code == 200 else None
    if code is None:
        again = response.status_code in (200, 408, 429) or response.status_code >= 500
        raise DeliveryFailed(f"钉钉的回答看不懂（HTTP {response.status_code}）。", again=again)
    if code:
        raise Refused(code)
    return read_object(response)


def _opened(response: httpx.Response) -> Mapping[str, Any]:
    """What the open interface answered. Raises DeliveryFailed."""
    status = response.status_code
    if status != 200:
        again = status >= 500 or status in (408, 429) or _is_busy(response)
        raise DeliveryFailed(f"钉钉不收（HTTP {status} {_code(response)}）。", again=again)
    if not (told := read_object(response)):
        raise DeliveryFailed("钉钉的回答看不懂（HTTP 200）。")
    return told


def _is_busy(response: httpx.Response) -> bool:
    code = _code(response).casefold()
    return any(busy.casefold() in code for busy in AGAIN_CODES)


def _code(response: httpx.Response) -> str:
    """DingTalk's word for what is wrong, when it looks like one; its message may repeat what we sent."""
    code = read_object(response).get("code")
    return code if isinstance(code, str) and re.fullmatch(r"[\w.\-]{1,80}", code, re.ASCII) else ""


def _leads_to(url: str, base: str) -> bool:
    """Whether `url` is a session's address at `base`: same scheme, host and port, and the one path there is."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        ours, theirs = urlsplit(base), urlsplit(url)
    except ValueError:
        return False
    return (theirs.scheme, theirs.netloc, theirs.path) == (ours.scheme, ours.netloc, ours.path + SESSION_PATH)
