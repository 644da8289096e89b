"""Brings notices to people's private chats, and looks every half minute whether there are any. Started by platforms.py."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from bot.channels.chat.dispatcher import ChatChannel
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.links import Links
from bot.channels.chat.people import private_conversation
from bot.channels.chat.rendering import render
from bot.channels.chat.wording import Addresses
from bot.desks.building import Learning
from bot.desks.notices import Carry
from bot.messages import Message, PageLink
from bot.stores.learning.people import Account

EVERY_S = 30.0
WRITES_FIRST = ("wecom", "dingtalk")
"""Channels in which the bot may speak first. WeCom's 智能机器人 answers only; its people are the app's people."""

log = structlog.get_logger()


class Carrying:
    """One loop a process; a notice is claimed in the database before it leaves, so several processes may run it."""

    def __init__(self, learning: Learning, links: Links, channels: Mapping[str, ChatChannel]) -> None:
        self._learning, self._links, self._channels = learning, links, channels

    async def run(self) -> None:
        carriers = self.carriers()
        while carriers:
            try:
                await self._learning.notices.deliver(carriers, self._learning.clock())
            except Exception as error:
                log.error("notices.failed", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    def carriers(self) -> dict[str, Carry]:
        return {name: self._carrier(name) for name in WRITES_FIRST if name in self._channels}

    def _carrier(self, name: str) -> Carry:
        channel = self._channels[name]

        async def carry(account: Account, message: Message) -> None:
            addresses = Addresses(self._links.citation, lambda link: self._page(account, link))
            for part in await asyncio.to_thread(render, message, channel.dialect, addresses):
                await channel.courier.deliver({"touser": account.address, "staff": account.address}, [part])

        return carry

    def _page(self, account: Account, link: PageLink) -> str:
        """A personal page is handed over with the person's own private conversation."""
        if not link.personal:
            return self._links.page(link.path)
        conversation = private_conversation(
            Inbound(account.channel, "", chat=account.address, person=account.address, text="")
        )
        self._learning.accounts.remember(conversation, account.account)
        return self._links.one_time(conversation, link.path)
