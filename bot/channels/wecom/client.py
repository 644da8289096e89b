"""WeCom's API for the self-built app: messages, pictures and cards out, with the app's one access token.

The app's courier calls it. WeCom reports errors in `errcode` of an answer with HTTP 200; whatever goes wrong becomes
`DeliveryFailed`, without the addresses, because those carry the secret or the token.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import structlog

from bot.channels.chat.addresses import keep_queries_out_of_logs
from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.pace import Pace
from bot.channels.chat.tokens import AccessTokens, TokenShelf
from bot.errors import NotReady, SettingError

BASE = "https://qyapi.weixin.qq.com"
TIMEOUT_S = 5.0
"""For one request from first to last byte; an upload has twice that. With every retry less than a chat's lease."""
MOST_PICTURE_BYTES = 10 * 1024 * 1024
UNANSWERED_KEPT_S = 2 * 3600.0
LONGEST_CHECK_S = 4 * 3600

BAD_TOKEN = (40001, 40014, 42001)
AGAIN = (-1, 45009, 45033)
"""Busy, too many calls, too many at once: the same message may be taken later. Everything else stays refused."""
UNREACHABLE = 81013
_REASONS = {
    40001: ("企业微信不认这个 Secret", "请管理员运行 anxun channel check wecom。"),
    40013: ("企业微信不认这个企业 ID", "请管理员运行 anxun channel check wecom。"),
    40058: ("企业微信说消息太长或不合格式", ""),
    45009: ("企业微信说发得太多了", "过一分钟再发就行。"),
    60020: ("企业微信不认这台机器的地址", "请在应用的“企业可信 IP”里加上这台机器的出口地址。"),
    UNREACHABLE: ("企业微信找不到收信人", "请管理员看看此人在不在应用的可见范围里。"),
}

log = structlog.get_logger()


class ApiRefused(DeliveryFailed):
    """WeCom answered with an error code."""

    def __init__(self, code: int) -> None:
        reason, remedy = _REASONS.get(code, ("企业微信不收", ""))
        super().__init__(f"{reason}（错误码 {code}）", remedy, again=code in AGAIN)
        self.code = code


class Unanswered(DeliveryFailed):
    """No answer that can be read. The message may have arrived all the same."""


class WecomClient:
    """The API of one app. At most 30 messages a minute go to a person: WeCom drops more without a word.

    Example:
        client = WecomClient("ww1", secret, "1000002", LocalShelf())
        await client.send({"touser": "zhangsan", "msgtype": "text", "text": {"content": "您好"}})
        await client.close()
    """

    def __init__(
        self,
        corp_id: str,
        secret: str,
        agent_id: str,
        shelf: TokenShelf,
        base: str = BASE,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timeout: float = TIMEOUT_S,
    ) -> None:
        """Raises SettingError for an AgentId that is no number."""
        if not (agent_id.isascii() and agent_id.isdigit()):
            raise SettingError(
                "ANXUN_WECOM_AGENT_ID 不是一串数字。",
                "到 管理后台 › 应用管理 › 这个应用 的页首复制 AgentId。",
            )
        keep_queries_out_of_logs()
        self._corp_id, self._secret, self._agent_id = corp_id, secret, int(agent_id)
        self._now, self._timeout = now, timeout
        self._http = httpx.AsyncClient(base_url=f"{base}/cgi-bin/", transport=transport, timeout=timeout)
        self._tokens = AccessTokens(shelf, f"wecom:{corp_id}:{agent_id}", self._fetch_token, now)
        self._pace = Pace(now, sleep)
        self._unanswered: dict[str, float] = {}

    async def send(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """WeCom's answer, with `msgid` and for cards `response_code`. The app's id is added to `body`.

        A message that got no answer last time is sent so that WeCom drops it if it did arrive.
        """
        to = str(body["touser"])
        await self._pace.turn(to)
        mark = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        message = {**body, "agentid": self._agent_id, **self._only_once(mark)}
        began = self._now()
        try:
            answer = await self._call("message/send", json=message)
        except Unanswered:
            self._unanswered.setdefault(mark, began)
            raise
        self._unanswered.pop(mark, None)
        missed = f"{answer.get('invaliduser') or ''}|{answer.get('unlicenseduser') or ''}"
        if set(to.casefold().split("|")) <= set(missed.casefold().split("|")):  # WeCom answers in lower case
            raise ApiRefused(UNREACHABLE)
        return answer

    async def upload_image(self, png: bytes) -> str:
        """The media_id of a picture, good for three days."""
        if len(png) > MOST_PICTURE_BYTES:
            raise DeliveryFailed("图片超过 10 MB，企业微信不收", again=False)
        answer = await self._call(
            "media/upload",
            params={"type": "image"},
            timeout=2 * self._timeout,
            files={"media": ("anxun.png", png, "image/png")},
        )
        media = answer.get("media_id")
        if not isinstance(media, str):
            raise Unanswered("企业微信收了图片，没有给编号")
        return media

    async def update_card(self, response_code: str, person: str, label: str) -> None:
        """Puts `label` in place of the buttons of a card, for one person. A code works once, for 72 hours."""
        body = {"userids": [person], "response_code": response_code, "button": {"replace_name": label}}
        await self._call("message/update_template_card", json={**body, "agentid": self._agent_id})

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self, path: str, params: Mapping[str, str] | None = None, timeout: float | None = None, **request: Any
    ) -> dict[str, Any]:
        """One call; once more with another token when the first is refused, and never a third time."""

        async def once(token: str) -> dict[str, Any]:
            query = {**(params or {}), "access_token": token}
            return await ask(self._http, "POST", path, timeout or self._timeout, params=query, **request)

        token = await self._token()
        try:
            return await once(token)
        except ApiRefused as refused:
            if refused.code not in BAD_TOKEN:
                raise
            log.info("wecom.token.refused", code=refused.code)
        return await once(await self._token(refused=token))

    async def _token(self, refused: str = "") -> str:
        try:
            return await (self._tokens.instead_of(refused) if refused else self._tokens.get())
        except NotReady as error:
            raise DeliveryFailed(error.message, error.remedy) from None
        except Unanswered as error:  # nothing was sent yet
            raise DeliveryFailed(error.message, error.remedy) from None

    async def _fetch_token(self) -> tuple[str, float]:
        query = {"corpid": self._corp_id, "corpsecret": self._secret}
        answer = await ask(self._http, "GET", "gettoken", self._timeout, params=query)
        token, lives = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lives, int) or lives <= 0:
            raise Unanswered("企业微信给的访问令牌不成样子")
        return token, float(lives)

    def _only_once(self, mark: str) -> dict[str, int]:
        now = self._now()
        for old in [one for one, since in self._unanswered.items() if since < now - UNANSWERED_KEPT_S]:
            del self._unanswered[old]
        if mark not in self._unanswered:
            return {}
        interval = min(LONGEST_CHECK_S, int(now - self._unanswered[mark]) + 60)
        return {"enable_duplicate_check": 1, "duplicate_check_interval": interval}


async def ask(
    http: httpx.AsyncClient, method: str, path: str, timeout: float, **request: Any
) -> dict[str, Any]:
    """What WeCom answers to one request. Raises ApiRefused, Unanswered, or DeliveryFailed if it never left here."""
    try:
        async with asyncio.timeout(timeout):
            response = await http.request(method, path, timeout=timeout, **request)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise DeliveryFailed(f"企业微信连不上（{type(error).__name__}）") from None
    except (httpx.HTTPError, TimeoutError) as error:
        raise Unanswered(f"企业微信没有回应（{type(error).__name__}）") from None
    if response.status_code >= 500:
        raise Unanswered(f"企业微信出了故障（HTTP {response.status_code}）")
    if response.status_code >= 400:
        again = response.status_code in (408, 429)
        raise DeliveryFailed(f"企业微信不收（HTTP {response.status_code}）", again=again)
    try:
        answer = json.loads(response.content)
        code = int(answer["errcode"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise Unanswered("企业微信的回答看不懂") from None
    if code != 0:
        raise ApiRefused(code)
    return dict(answer)
