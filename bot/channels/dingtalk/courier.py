"""Carries an answer to one DingTalk chat: text, Markdown, cards with buttons, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import structlog

from bot.channels.chat.outbound import Buttons, DeliveryFailed, Part, Picture, Words
from bot.channels.chat.splitting import split
from bot.channels.dingtalk.client import DingtalkClient

MOST_BYTES = 6_000
TITLE_SIGNS = 40
SAY = "dtmd://dingtalkclient/sendMessage?content="
"""DingTalk's own address for a button by which a person says something to the robot."""

log = structlog.get_logger()


class DingtalkCourier:
    """In a group the asker is named with @, so that it is seen whose answer this is."""

    def __init__(self, client: DingtalkClient) -> None:
        self._client = client

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        """`reply_to` is what messages.py made. What a session or the interface does not take goes out in words."""
        for part in parts:
            if isinstance(part, Words):
                for piece in split(part.text, MOST_BYTES):
                    await self._say(reply_to, piece, part.markdown)
            elif isinstance(part, Buttons):
                await self._offer(reply_to, part)
            else:
                await self._show(reply_to, part)

    async def _say(self, reply_to: Mapping[str, Any], text: str, markdown: bool) -> None:
        title = _title(text)
        if not self._client.session_is_open(reply_to):
            param = {"title": title, "text": _lines(text)} if markdown else {"content": text}
            await self._client.send(reply_to, "sampleMarkdown" if markdown else "sampleText", param)
            return
        body: dict[str, Any] = (
            {"msgtype": "markdown", "markdown": {"title": title, "text": _lines(text)}}
            if markdown
            else {"msgtype": "text", "text": {"content": text}}
        )
        if reply_to.get("group") and reply_to.get("staff"):
            body["at"] = {"atUserIds": [reply_to["staff"]]}
            if markdown:  # in Markdown only those are named who stand in the text
                body["markdown"]["text"] = f"@{reply_to['staff']}  \n{body['markdown']['text']}"
        await self._client.answer(reply_to, body)

    async def _offer(self, reply_to: Mapping[str, Any], buttons: Buttons) -> None:
        in_words = "\n".join(
            [buttons.prompt, *(f"{n}. {b.label}" for n, b in enumerate(buttons.buttons, 1)), "回复数字就行。"]
        )
        if not self._client.session_is_open(reply_to):
            await self._say(reply_to, in_words, False)
            return
        card = {
            "title": _title(buttons.prompt),
            "text": _lines(buttons.prompt),
            "btnOrientation": "0",
            "btns": [
                {"title": one.label, "actionURL": SAY + quote(one.send, safe="")} for one in buttons.buttons
            ],
        }
        try:
            await self._client.answer(reply_to, {"msgtype": "actionCard", "actionCard": card})
        except DeliveryFailed as error:
            if error.again:
                raise
            log.warning("dingtalk.card.refused", why=error.message)
            await self._say(reply_to, in_words, False)

    async def _show(self, reply_to: Mapping[str, Any], picture: Picture) -> None:
        try:
            media = await self._client.upload_image(picture.png)
        except DeliveryFailed as error:
            if error.again:
                raise
            log.warning("dingtalk.picture.refused", why=error.message)
            await self._say(reply_to, picture.words, False)
            return
        await self._say(reply_to, f"![成绩单]({media})", True)


def _title(text: str) -> str:
    """What the list of chats shows of a message; must not be empty."""
    first = text.strip().split("\n")[0].lstrip("#> ").replace("**", "")
    return first[:TITLE_SIGNS] or "安训"


def _lines(text: str) -> str:
    """DingTalk's Markdown joins lines that only a break parts: two blanks keep them apart."""
    return text.replace("\n", "  \n")
