"""Builds and joins everything: the one place that knows libraries, stores and the engine.

The terminal builds only what a command needs (`build_libraries`, `build_tone`); the app builds all (`build_services`).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from bot.asking import Libraries, build_libraries
from bot.conversing import Converser
from bot.desks.building import Learning, build_learning
from bot.engine import RasaEngine
from bot.learning.clock import Clock
from bot.messages import AnswerBlock, Incoming, Message, say
from bot.practising import Practising
from bot.rehearsing import build_stage
from bot.retrieval.answering.followup import Reading
from bot.scoring import Tone, build_tone
from bot.settings import Settings
from bot.small_talk import SmallTalk
from bot.stores.conversations import ConversationStore
from bot.stores.database import open_database
from bot.stores.inbox import InboxStore
from bot.stores.practices import PracticeStore
from bot.stores.shared import SharedStore
from bot.stores.tables import ExchangeRow, now
from bot.stores.tables import now as utc_now
from bot.text import mask_personal_data, normalise

__all__ = ["Libraries", "Services", "Tone", "build_libraries", "build_services", "build_tone"]


class Services:
    """Everything a channel or an action may call."""

    HISTORY_PAGE = 50
    FOLLOWED = 3
    """A follow-up may lean on so many messages before it …"""
    FOLLOWED_FOR = timedelta(hours=1)
    """… of so long ago at most."""

    def __init__(
        self,
        libraries: Libraries,
        tone: Tone,
        practising: Practising,
        conversations: ConversationStore,
        practices: PracticeStore,
        engine: RasaEngine,
        inbox: InboxStore,
        shared: SharedStore,
        learning: Learning,
    ) -> None:
        self._libraries = libraries
        self._tone = tone
        self._conversations = conversations
        self._practices = practices
        self._engine = engine
        self.inbox, self.shared = inbox, shared
        self.practising = practising
        self.small_talk = SmallTalk()
        self.learning = learning
        self._converser = Converser(engine, conversations, practices, practising.choices, learning.hall)

    def ask(self, question: str, conversation: str = "") -> dict[str, Any]:
        """The contract of `anxun ask --json`; what cannot be answered is remembered, masked.

        With a `conversation` its last answers count, and this one is kept for the next question.
        """
        if conversation:
            return self._ask_within(conversation, question)
        answer = self._libraries.ask(question)
        if not answer["answered"] and answer["question"]:
            self._conversations.add_unanswered(answer["question"], answer["confidence"])
        return answer

    def score(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The contract of one line of `anxun score`."""
        return self._tone.score(row)

    def answer_question(self, said: Incoming) -> Message:
        """A question in chat: the same answer as everywhere, after the last ones of the conversation, as a message."""
        reading = self._read(said.conversation, said.text)
        if reading.kind != "chat":
            self.learning.noting.asked(said, reading.block)
        return _message(reading)

    def open_desk(self, name: str, said: Incoming) -> Message:
        """What was recognised as an invitation to a desk; a question all the same is answered."""
        if self.learning.hall.invited(name, said.text):
            return self.learning.hall.at(name, said)
        return self.answer_question(said)

    async def converse(
        self, conversation: str, text: str, message_id: str, speaker: str = "", account: str = ""
    ) -> Message:
        account = account or await asyncio.to_thread(self.learning.accounts.of, conversation)
        return await self._converser.converse(conversation, text, message_id, speaker, account)

    def take_notices(self, conversation: str) -> list[Message]:
        """What waits for the person of this conversation; from now on part of it, so that a reload shows it again."""
        person = self.learning.staff.person_of(self.learning.accounts.of(conversation))
        if person is None:
            return []
        taken = self.learning.notices.take(person.id, self.learning.clock())
        for number, message in taken:
            self._conversations.open(conversation, f"notice-{number}", "")
            self._conversations.answer(conversation, f"notice-{number}", message.model_dump(mode="json"))
        return [message for _, message in taken]

    def is_practising(self, conversation: str) -> bool:
        return self._practices.active(conversation) is not None

    def last_message(self, conversation: str) -> Message | None:
        """The bot's last answer in a conversation, if it is of this hour."""
        stored = self._conversations.recent(conversation, now() - self.FOLLOWED_FOR, 1)
        return Message.model_validate(stored[-1]) if stored else None

    def history(self, conversation: str, before: int | None) -> Sequence[ExchangeRow]:
        return self._conversations.history(conversation, before, self.HISTORY_PAGE)

    def source(self, source_id: str) -> dict[str, Any] | None:
        return self._libraries.source(source_id)

    def source_page(self, source_id: str, page: int | None) -> bytes | None:
        return self._libraries.source_page(source_id, page)

    async def not_ready(self) -> list[str]:
        """Names of what is not there yet: database, Rasa."""
        waiting = []
        try:
            await asyncio.to_thread(self._conversations.ping)
        except Exception:
            waiting.append("数据库")
        if not await self._engine.is_ready():
            waiting.append("Rasa")
        return waiting

    async def warm_up(self, conversation: str) -> None:
        """One question and one practice turn all the way through, so that the first visitor does not wait."""
        for number, text in enumerate(("客户欠费多久可以停电？", "开始练习", "您别急，我听您说。", "结束")):
            await self._converser.converse(conversation, text, f"warm-{number}")

    def _read(self, conversation: str, text: str) -> Reading:
        stored = self._conversations.recent(conversation, now() - self.FOLLOWED_FOR, self.FOLLOWED)
        said = [block for answer in stored for block in Message.model_validate(answer).blocks]
        reading = self._libraries.read(text, [block for block in said if isinstance(block, AnswerBlock)])
        block = reading.block
        if reading.kind != "chat" and not block.answered and block.question:
            self._conversations.add_unanswered(block.understood or block.question, block.confidence)
        return reading

    def _ask_within(self, conversation: str, question: str) -> dict[str, Any]:
        began, message_id = time.perf_counter(), uuid4().hex
        self._conversations.open(conversation, message_id, mask_personal_data(normalise(question)))
        reading = self._read(conversation, question)
        self._conversations.answer(conversation, message_id, _message(reading).model_dump(mode="json"))
        return self._libraries.as_json(reading.block, began)

    async def close(self) -> None:
        await self._engine.close()


def _message(reading: Reading) -> Message:
    return say(reading.block.answer) if reading.kind == "chat" else Message(blocks=[reading.block])


def build_services(
    settings: Settings, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = utc_now
) -> Services:
    """Everything, ready to answer; raises AnxunError naming what is missing. `transport` replaces the way to Rasa, and
    `clock` the time of the learning system."""
    libraries = build_libraries(settings)
    sessions = open_database(settings.database)
    conversations, practices = ConversationStore(sessions), PracticeStore(sessions)
    client = httpx.AsyncClient(
        base_url=settings.rasa, transport=transport, limits=httpx.Limits(max_connections=64), trust_env=False
    )
    tone = build_tone(settings)
    learning = build_learning(settings, libraries.knowledge, sessions, tone, clock)
    return Services(
        libraries,
        tone,
        Practising(
            build_stage(settings, libraries.knowledge), tone.scorer, tone.rubric, practices, learning.noting
        ),
        conversations,
        practices,
        RasaEngine(client, os.environ.get("ANXUN_RASA_TOKEN", "")),
        InboxStore(sessions),
        SharedStore(sessions),
        learning,
    )
