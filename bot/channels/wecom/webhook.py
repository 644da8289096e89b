"""Pushes into a WeCom group through its 消息推送 robot: the slogan of the day, a contest, a drill alarm. Send-only.

Whoever holds the robot's address can write to the group, so the address is a secret: it is never in a log or an error.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

from bot.channels.chat.addresses import is_robot, keep_queries_out_of_logs
from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.pace import Pace
from bot.channels.chat.splitting import split
from bot.channels.wecom.client import TIMEOUT_S, ApiRefused, ask
from bot.errors import SettingError

MOST_TEXT_BYTES, MOST_MARKDOWN_BYTES = 2048, 4096
A_MINUTE = 20
ROBOT_GONE = 93000


class WecomWebhook:
    """One robot of one group. A push that does not fit into one message becomes several, numbered, in order.

    Example:
        robot = WecomWebhook("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…")
        await robot.push_text("演练警报：三号台区模拟停电，请按预案到岗。", mentioned=["@all"])
        await robot.close()
    """

    def __init__(
        self,
        url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timeout: float = TIMEOUT_S,
    ) -> None:
        """Raises SettingError for what is no robot's address."""
        if not is_robot(url, "key"):
            raise SettingError(
                "ANXUN_WECOM_WEBHOOK 不像群机器人的地址。", "到群设置的“消息推送”里把地址整条复制过来。"
            )
        keep_queries_out_of_logs()
        self._url, self._timeout = url, timeout
        self._http = httpx.AsyncClient(transport=transport, timeout=timeout)
        self._pace = Pace(now, sleep, A_MINUTE, 60 * A_MINUTE)
        self._turn = asyncio.Lock()

    async def push_text(self, text: str, mentioned: Sequence[str] = ()) -> None:
        """`mentioned` are user ids, or "@all", for the first message. Raises DeliveryFailed."""
        async with self._turn:
            for n, piece in enumerate(split(text, MOST_TEXT_BYTES)):
                mentions = {"mentioned_list": list(mentioned)} if mentioned and n == 0 else {}
                await self._push({"msgtype": "text", "text": {"content": piece, **mentions}})

    async def push_markdown(self, text: str) -> None:
        """WeCom's small Markdown: headings, bold, links, quotes, three colours. Raises DeliveryFailed."""
        async with self._turn:
            for piece in split(text, MOST_MARKDOWN_BYTES):
                await self._push({"msgtype": "markdown", "markdown": {"content": piece}})

    async def close(self) -> None:
        await self._http.aclose()

    async def _push(self, body: dict[str, Any]) -> None:
        """Waits where the robot has said twenty things within a minute: more is refused, and blocks it."""
        await self._pace.turn("")
        try:
            await ask(self._http, "POST", self._url, self._timeout, json=body)
        except ApiRefused as refused:
            if refused.code == ROBOT_GONE:
                raise DeliveryFailed(
                    "群里的消息推送机器人不在了",
                    "请在群设置里重新添加，再改 ANXUN_WECOM_WEBHOOK。",
                    again=False,
                ) from None
            raise
