"""Notices reach people's private chats, with links that are theirs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.channels.chat.carrying import Carrying
from bot.channels.chat.dialects import DINGTALK, WECOM_AIBOT, WECOM_APP
from bot.channels.chat.dispatcher import ChatChannel
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.links import Links
from bot.channels.chat.outbound import Part, Words
from bot.channels.chat.people import private_conversation
from bot.messages import CardBlock, Message, PageLink, say
from bot.stores.learning.people import Account
from tests.learning.factory import Floor, floor, person


class Courier:
    def __init__(self) -> None:
        self.delivered: list[tuple[dict[str, Any], str]] = []

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        self.delivered += [(dict(reply_to), part.text) for part in parts if isinstance(part, Words)]


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    house = floor(tmp_path)
    house.staff.save([person()])
    return house


def carry(house: Floor, channel: str, dialect: Any, message: Message) -> list[tuple[dict[str, Any], str]]:
    courier = Courier()
    links = Links("s" * 40, "https://anxun.example.com", house.shared)
    carrying = Carrying(house, links, {channel: ChatChannel(dialect, courier)})  # type: ignore[arg-type]
    house.staff.bind(Account(f"{channel}:zhou", channel, "zhou"), "1001", house.clock())
    house.notices.send("1001", message, "k", house.clock())
    asyncio.run(house.notices.deliver(carrying.carriers(), house.clock()))
    return courier.delivered


@pytest.mark.parametrize(("channel", "dialect"), [("wecom", WECOM_APP), ("dingtalk", DINGTALK)])
def test_notice_arrives_in_the_private_chat(house: Floor, channel: str, dialect: Any) -> None:
    """Both platforms are addressed by the person's own id."""
    ((reply_to, text),) = carry(house, channel, dialect, say("明天到期。"))

    assert "zhou" == reply_to["touser"] == reply_to["staff"] and "明天到期。" == text


def test_robot_that_only_answers_is_not_used(house: Floor) -> None:
    """WeCom's 智能机器人 may not speak first: the notice waits for the app or the widget."""
    assert [] == carry(house, "wecom-aibot", WECOM_AIBOT, say("明天到期。"))
    assert 1 == len(house.notices.take("1001", house.clock()))


def test_personal_page_opens_as_the_person(house: Floor) -> None:
    """The one-time link in a notice leads into the person's own conversation, and from there to the page."""
    link = PageLink(label="看证书", path="/learn", personal=True)
    ((_, text),) = carry(house, "wecom", WECOM_APP, Message(blocks=[CardBlock(title="恭喜", link=link)]))
    token = re.search(r"/continue/([^?)\s]+)", text)
    conversation = Links("s" * 40, "", house.shared).spend(token[1] if token else "")

    assert private_conversation(Inbound("wecom", "", "zhou", "zhou", "")) == conversation
    assert "wecom:zhou" == house.accounts.of(conversation) and "to=%2Flearn" in text
