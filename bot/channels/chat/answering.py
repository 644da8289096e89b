"""The answer to one message of a chat platform, as parts: whose conversation it is, what was meant, how it looks."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable

import structlog

from bot.channels.chat.dialects import Dialect
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.links import Links
from bot.channels.chat.outbound import Part
from bot.channels.chat.people import StaffList, account_of, private_conversation, shared_conversation
from bot.channels.chat.rendering import offered, render
from bot.channels.chat.wording import Addresses
from bot.conversing import BEGINNINGS, bare
from bot.errors import AnxunError
from bot.messages import Incoming, Message, PageLink, say
from bot.services import Services
from bot.stores.learning.people import Account

DAY_S = 86_400.0
ON_THE_PAGE = ("网页", "去网页", "网页里聊", "在网页里接着聊")
_NUMBER = re.compile(r"^\s*[第（(]?(\d{1,2})[)）.。、个]?\s*$")
_NO_MEDIA = "图片、文件和语音我这里看不了。要问的话打几个字；单位文件请交给管理员用 anxun ingest 收进知识库。"
_TROUBLE = "这条没答上来，您的话没有丢，过一会儿再发一次就行。一直这样的话，请管理员看看日志。"

log = structlog.get_logger()


class Answerer:
    """Joins the bot's one door with the ways of a chat: groups, numbers instead of buttons, the page on the phone."""

    def __init__(
        self, services: Services, links: Links, staff: StaffList, now: Callable[[], float] = time.time
    ) -> None:
        self._services, self._links, self._staff, self._now = services, links, staff, now
        self._recognised: set[str] = set()

    async def compose(self, inbound: Inbound, dialect: Dialect) -> list[Part]:
        """Always an answer: what goes wrong is said kindly, and logged without what was typed."""
        try:
            if inbound.event == "enter" and not inbound.group and not await self._first_today(inbound):
                return []
            message = await self._message(inbound, dialect)
            return await asyncio.to_thread(render, message, dialect, self._addresses(inbound), inbound.group)
        except AnxunError as error:
            return render(say(str(error), "error"), dialect, self._addresses(inbound))
        except Exception as error:
            log.error("chat.answer.failed", channel=inbound.channel, error=type(error).__name__)
            return render(say(_TROUBLE, "error"), dialect, self._addresses(inbound))

    async def _message(self, inbound: Inbound, dialect: Dialect) -> Message:
        if inbound.event == "enter":
            return self._services.small_talk.greet(Incoming("", ""))
        if inbound.event == "media":
            return say(_NO_MEDIA, "notice")
        await asyncio.to_thread(self._recognise, inbound)
        conversation, speaker = await self._whose(inbound)
        text = await self._meant(inbound.text, conversation, dialect)
        if text in ON_THE_PAGE and not inbound.group:
            address = await asyncio.to_thread(self._handover, inbound, "/")
            return say(f"点开接着聊，十分钟内有效，只能用一次：{address}")
        return await self._services.converse(
            conversation, text, _message_id(inbound), speaker, account_of(inbound)
        )

    def _recognise(self, inbound: Inbound) -> None:
        """An account that the firm's own list names needs no one-time code."""
        known, account, staff = self._staff.find(inbound), account_of(inbound), self._services.learning.staff
        if known is None or account in self._recognised or staff.get(known.staff) is None:
            return
        self._recognised.add(account)
        now = self._services.learning.clock()
        staff.bind(Account(account, account.split(":")[0], inbound.person), known.staff, now)

    async def _first_today(self, inbound: Inbound) -> bool:
        """WeCom tells of every opening of the app; nobody wants to be greeted ten times a day."""
        if inbound.channel != "wecom":
            return True
        name, now = f"hello:{private_conversation(inbound)}", self._now()
        return await asyncio.to_thread(self._services.shared.keep_once, name, now + DAY_S, now)

    async def _whose(self, inbound: Inbound) -> tuple[str, str]:
        """Conversation and speaker: everybody has their own, unless the group practises together."""
        if not inbound.group:
            return private_conversation(inbound), ""
        shared = shared_conversation(inbound)
        hall = self._services.learning.hall
        together = BEGINNINGS.get(bare(inbound.text)) == "practice_group" or hall.opens_together(
            bare(inbound.text)
        )
        if not together and not await asyncio.to_thread(self._is_shared, shared):
            return private_conversation(inbound), ""
        known = self._staff.find(inbound)
        name = (known.name if known else "") or inbound.name or f"同事{private_conversation(inbound)[-3:]}"
        return shared, name

    def _handover(self, inbound: Inbound, to: str) -> str:
        """A one-time address of a page that must know who opens it: it takes over the person's own conversation."""
        conversation = private_conversation(inbound)
        self._services.learning.accounts.remember(conversation, account_of(inbound))
        return self._links.one_time(conversation, to)

    def _addresses(self, inbound: Inbound) -> Addresses:
        """A group sees no link that hands over somebody's conversation: the first to tap it would be them."""

        def page(link: PageLink) -> str:
            return (
                self._links.page(link.path)
                if inbound.group or not link.personal
                else self._handover(inbound, link.path)
            )

        return Addresses(self._links.citation, page)

    def _is_shared(self, conversation: str) -> bool:
        return self._services.is_practising(conversation) or self._services.learning.hall.is_shared(
            conversation
        )

    async def _meant(self, text: str, conversation: str, dialect: Dialect) -> str:
        """A bare number is the choice of that number in the last answer, where choices were numbered."""
        match = _NUMBER.match(text)
        if match is None:
            return text
        last = await asyncio.to_thread(self._services.last_message, conversation)
        choices = offered(last, dialect) if last else []
        number = int(match[1])
        return choices[number - 1].send if 1 <= number <= len(choices) else text


def _message_id(inbound: Inbound) -> str:
    return hashlib.sha256(f"{inbound.channel}\x00{inbound.key}".encode()).hexdigest()[:40]
