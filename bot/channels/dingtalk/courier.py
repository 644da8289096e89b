"""Carries an answer to one DingTalk chat: text, Markdown, cards with buttons, pictures. The dispatcher calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import structlog

from bot.channels.chat.numbering import in_words
from bot.channels.chat.outbound import Buttons, DeliveryFailed, Part, Picture, Words
from bot.channels.dingtalk.bodies import (
    MOST_BODY_BYTES,
    lines,
    markdown_body,
    pieces,
    size,
    text_body,
    title_of,
)
from bot.channels.dingtalk.client import DingtalkClient

SAY = "dtmd://dingtalkclient/sendMessage?content="
"""DingTalk's own address for a button by which a person says something to the robot."""

log = structlog.get_logger()


class DingtalkCourier:
    """In a group the asker is named with @, so that it is seen whose answer this is.

    What an open session refuses for good is sent through the open interface; what DingTalk does not show, a card or a
    picture, arrives in words.
    """

    def __init__(self, client: DingtalkClient) -> None:
        self._client = client

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        """All parts, in order. `reply_to` is what messages.py made. Raises DeliveryFailed.

        Tried again after a failure, it begins with the first part it is given: give one at a time.
        """
        for part in parts:
            if isinstance(part, Words):
                await self._say(reply_to, part.text, part.markdown)
            elif isinstance(part, Buttons):
                await self._offer(reply_to, part)
            else:
                await self._show(reply_to, part)

    async def _say(self, reply_to: Mapping[str, Any], text: str, markdown: bool = False) -> None:
        for piece in pieces(text):
            await self._say_piece(reply_to, piece, markdown)

    async def _say_piece(self, reply_to: Mapping[str, Any], text: str, markdown: bool) -> None:
        body = markdown_body(text) if markdown else text_body(text)
        if self._client.session_is_open(reply_to):
            try:
                await self._client.answer(reply_to, _at_the_asker(reply_to, body))
                return
            except DeliveryFailed as error:
                if error.again:
                    raise
                log.warning("dingtalk.session.refused", why=error.message)
        await self._client.send(
            reply_to, "sampleMarkdown" if markdown else "sampleText", body[body["msgtype"]]
        )

    async def _offer(self, reply_to: Mapping[str, Any], buttons: Buttons) -> None:
        body = _card(buttons)
        if self._client.session_is_open(reply_to) and size(body) <= MOST_BODY_BYTES:
            try:
                await self._client.answer(reply_to, body)
                return
            except DeliveryFailed as error:
                if error.again:
                    raise
                log.warning("dingtalk.card.refused", why=error.message)
        await self._say(reply_to, in_words(buttons))

    async def _show(self, reply_to: Mapping[str, Any], picture: Picture) -> None:
        """Where words get through and pictures do not, words it is, whatever the reason."""
        try:
            media = await self._client.upload_image(picture.png)
        except DeliveryFailed as error:
            log.warning("dingtalk.picture.refused", why=error.message)
            await self._say(reply_to, picture.words)
            return
        await self._say(reply_to, f"![成绩单]({media})", True)


def _at_the_asker(reply_to: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    staff = reply_to.get("staff")
    if not (reply_to.get("group") and staff):
        return body
    told = {**body, "at": {"atUserIds": [staff]}}
    if body["msgtype"] == "markdown":  # in Markdown only those are named who stand in the text
        told["markdown"] = {**body["markdown"], "text": f"@{staff}\n\n{body['markdown']['text']}"}
    return told


def _card(buttons: Buttons) -> dict[str, Any]:
    card = {
        "title": title_of(buttons.prompt),
        "text": lines(buttons.prompt),
        "btnOrientation": "0",
        "btns": [
            {"title": one.label, "actionURL": SAY + quote(one.send, safe="")} for one in buttons.buttons
        ],
    }
    return {"msgtype": "actionCard", "actionCard": card}
