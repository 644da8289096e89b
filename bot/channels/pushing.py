"""`anxun channel push`: one notice into the group whose webhook the settings name."""

from __future__ import annotations

import asyncio

import httpx

from bot.channels.dingtalk.webhook import DingtalkWebhook
from bot.channels.wecom.webhook import WecomWebhook
from bot.errors import BadInput, SettingError
from bot.settings import Settings

TITLE_SIGNS = 20


def push(
    settings: Settings, platform: str, text: str, transport: httpx.AsyncBaseTransport | None = None
) -> None:
    """Returns when the platform has taken it. Raises BadInput, SettingError, or DeliveryFailed with what to do."""
    if platform not in ("wecom", "dingtalk"):
        raise BadInput(f"不认识 {platform}。", "可用：wecom、dingtalk。")
    if not text.strip():
        raise BadInput("没有要发的话。", "写一句，例如 anxun channel push wecom 今天下午三点演练。")
    url = settings.wecom_webhook if platform == "wecom" else settings.dingtalk_webhook
    if not url:
        raise SettingError(
            f"没有设 ANXUN_{platform.upper()}_WEBHOOK。",
            f"到群里添加机器人，把地址整条复制过来，见 docs/{platform}.md。",
        )
    if platform == "wecom":
        asyncio.run(WecomWebhook(url, transport=transport).push_markdown(text))
    else:
        robot = DingtalkWebhook(url, settings.dingtalk_webhook_secret, transport)
        asyncio.run(robot.push_markdown(text.strip().split("\n")[0][:TITLE_SIGNS], text))
