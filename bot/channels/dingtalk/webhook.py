"""Pushes to a DingTalk group through its webhook: slogans, contests, drill alarms. Send-only.

Whoever holds the robot's address can write to the group, so the address is a secret: it is never in a log or an error.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from bot.channels.chat.addresses import is_robot, keep_queries_out_of_logs
from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.pace import Pace
from bot.channels.dingtalk.bodies import markdown_body, pieces, text_body
from bot.channels.dingtalk.client import AGAIN, TIMEOUT_S, errcode
from bot.channels.dingtalk.signing import signed_url
from bot.errors import SettingError

A_MINUTE = 20
_REASONS = {
    310000: ("钉钉的安全设置没有放行", "核对群里机器人的安全设置：加签密钥、关键词、IP。"),
    130101: ("钉钉说发得太快", "过十分钟再发。"),
    460101: ("钉钉说消息太长", "把消息写短一些。"),
    300001: ("钉钉不认这个群机器人", "到群设置的“机器人”里重新复制地址，再改 ANXUN_DINGTALK_WEBHOOK。"),
}


class DingtalkWebhook:
    """One robot of one group; holds back, because DingTalk blocks it for ten minutes after more than twenty a minute.

    Example:
        robot = DingtalkWebhook("https://oapi.dingtalk.com/robot/send?access_token=…", "SEC…")
        await robot.push_text("演练警报：三号台区模拟停电，请按预案到岗。", everyone=True)
        await robot.close()
    """

    def __init__(
        self,
        url: str,
        secret: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timeout: float = TIMEOUT_S,
    ) -> None:
        """`secret` is the one of 加签, empty where the robot is secured otherwise. Raises SettingError."""
        url = url.strip()
        if not is_robot(url, "access_token"):
            raise SettingError(
                "ANXUN_DINGTALK_WEBHOOK 不像群机器人的地址。", "到群设置的“机器人”里把 Webhook 整条复制过来。"
            )
        keep_queries_out_of_logs()
        self._url, self._secret, self._now = url, secret.strip(), now
        self._timeout = timeout
        self._http = httpx.AsyncClient(transport=transport, timeout=timeout)
        self._pace = Pace(now, sleep, A_MINUTE, 60 * A_MINUTE)
        self._turn = asyncio.Lock()

    async def push_text(self, text: str, everyone: bool = False) -> None:
        """With `everyone` the first message calls the whole group. Raises DeliveryFailed."""
        async with self._turn:
            for number, piece in enumerate(pieces(text)):
                at = {"at": {"isAtAll": True}} if everyone and number == 0 else {}
                await self._push({**text_body(piece), **at})

    async def push_markdown(self, title: str, text: str) -> None:
        """`title` is what the list of chats shows. Raises DeliveryFailed."""
        async with self._turn:
            for piece in pieces(text):
                await self._push(markdown_body(piece, title.strip()))

    async def close(self) -> None:
        await self._http.aclose()

    async def _push(self, body: dict[str, Any]) -> None:
        await self._pace.turn("")
        url = signed_url(self._url, self._secret, self._now()) if self._secret else self._url
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.post(url, json=body)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:  # its text may hold the address
            raise DeliveryFailed(f"钉钉群没有回应（{type(error).__name__}）。") from None
        code = errcode(response)
        if code is None:
            again = response.status_code in (200, 408, 429) or response.status_code >= 500
            raise DeliveryFailed(f"钉钉群的回答看不懂（HTTP {response.status_code}）。", again=again)
        if code:
            reason, remedy = _REASONS.get(code, ("钉钉群不收", "核对群里机器人的地址和安全设置。"))
            raise DeliveryFailed(f"{reason}（错误码 {code}）。", remedy, again=code in AGAIN)
