"""Pushes to a DingTalk group through its webhook: slogans, contests, drill alarms. Send only; the address is secret."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.splitting import split
from bot.channels.dingtalk.signing import signed_url

MOST_BYTES = 6_000
A_MINUTE = 20
TIMEOUT_S = 10.0
_REMEDIES = {
    310000: "核对机器人的安全设置：加签密钥、关键词、IP。",
    130101: "发得太快，过十分钟再发。",
    460101: "消息太长。",
}
AGAIN = (-1, 130101)


class DingtalkWebhook:
    """One robot of one group; holds back, because DingTalk blocks it for ten minutes after more than twenty a minute."""

    def __init__(
        self,
        url: str,
        secret: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url, self._secret, self._transport, self._now, self._sleep = url, secret, transport, now, sleep
        self._sent: deque[float] = deque(maxlen=A_MINUTE)
        self._turn = asyncio.Lock()

    async def push_text(self, text: str) -> None:
        """Raises DeliveryFailed."""
        for piece in split(text, MOST_BYTES):
            await self._push({"msgtype": "text", "text": {"content": piece}})

    async def push_markdown(self, title: str, text: str) -> None:
        """Raises DeliveryFailed. `title` is what the list of chats shows."""
        for piece in split(text, MOST_BYTES):
            await self._push({"msgtype": "markdown", "markdown": {"title": title, "text": piece}})

    async def _push(self, body: dict[str, Any]) -> None:
        async with self._turn:
            if len(self._sent) == A_MINUTE and (wait := 60 - (self._now() - self._sent[0])) > 0:
                await self._sleep(wait)
            now = self._now()
            self._sent.append(now)
            url = signed_url(self._url, self._secret, now) if self._secret else self._url
            try:
                async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_S) as client:
                    answer = (await client.post(url, json=body)).json()
            except (httpx.HTTPError, ValueError) as error:  # its text may hold the address
                raise DeliveryFailed(f"钉钉群推送没有回应（{type(error).__name__}）。") from None
        code = answer.get("errcode", -1) if isinstance(answer, dict) else -1
        if code:
            raise DeliveryFailed(
                f"钉钉群推送不收（错误码 {code}）。",
                _REMEDIES.get(code, "核对群里机器人的地址。"),
                again=code in AGAIN,
            )
