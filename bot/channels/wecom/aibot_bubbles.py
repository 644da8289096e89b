"""Answers over the long connection: each question has a bubble in the chat, which is filled, or given up in time.

Part of aibot_socket.py, which tells it when there is a connection and when there is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.channels.chat.outbound import DeliveryFailed, Part, Picture
from bot.channels.chat.pace import Pace
from bot.channels.wecom.aibot import (
    LATE,
    MOST_BYTES,
    STILL_WORKING,
    STILL_WORKING_S,
    STREAM_S,
    WORKING,
    as_markdown,
    cut,
)
from bot.channels.wecom.aibot_link import (
    BAD_REQ_ID,
    NOT_SUBSCRIBED,
    RESPOND,
    SEND,
    STREAM_EXPIRED,
    AibotLink,
    LinkLost,
    WecomRefused,
)

FIRST_WORDS_S = 0.7
"""Most answers are there sooner, and then are the first words themselves."""
BETWEEN_UPDATES_S = 2.0
REMEMBERED = 1000
AGAIN = (-1, 45009, NOT_SUBSCRIBED)
RESTARTING = "我这边正在重启，答案稍后发给您。"

log = structlog.get_logger()


@dataclass(eq=False)
class Question:
    """A message that waits for its answer.

    `shown` is when something was written into its bubble; `unsure` once a last word was sent and nobody said that it had
    come; `turn` is for whoever writes.
    """

    link: AibotLink
    req_id: str
    stream: str
    chat: str
    asked: float
    shown: float | None = None
    unsure: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    company: asyncio.Task[None] | None = None


class Bubbles:
    """Those of one bot. A bubble belongs to the connection its question came by and dies with it."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._now, self._sleep = now, sleep
        self._pace = Pace(now, sleep)
        self._waiting: dict[str, Question] = {}
        self._said: dict[str, int] = {}
        self._delivering = 0
        self.link: AibotLink | None = None

    def connect(self, link: AibotLink) -> None:
        self.link = link

    def disconnect(self) -> None:
        """Answers still to come go out as messages of their own: WeCom refuses the old req_ids."""
        self.link = None
        for question in list(self._waiting.values()):
            self.forget(question)

    def open(self, link: AibotLink, req_id: str, stream: str, chat: str, asked: float) -> Question | None:
        """None when the same question waits already."""
        if stream in self._waiting:
            return None
        self._waiting[stream] = question = Question(link, req_id, stream, chat, asked)
        return question

    def keep_company(self, question: Question) -> None:
        """Something to read while the answer is made, and an end before WeCom sets one."""
        if self._waits(question):
            question.company = asyncio.create_task(self._keep_company(question))

    def forget(self, question: Question) -> None:
        if self._waits(question):
            del self._waiting[question.stream]
        if question.company is not None:
            question.company.cancel()

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        """The whole answer. Called again after DeliveryFailed, it goes on where it stopped."""
        text, pictures = as_markdown(parts)
        if not text and pictures:
            text = pictures[0].words  # a bubble holds words
        key = str(reply_to["stream"])
        pieces: list[str | Picture] = [*_pieces(text), *pictures]
        self._delivering += 1
        try:
            for number, piece in enumerate(pieces):
                if number < self._said.get(key, 0):
                    continue
                if isinstance(piece, Picture):
                    await self._show(reply_to, piece)
                else:
                    await self._say(reply_to, piece, number == 0)
                self._said[key] = number + 1
            self._said.pop(key, None)
        finally:
            while len(self._said) > REMEMBERED:
                del self._said[next(iter(self._said))]
            self._delivering -= 1

    async def finish(self) -> None:
        """Answers being delivered arrive; whoever still waits is told that theirs comes later."""
        while self._delivering:
            await asyncio.sleep(0.01)
        await asyncio.gather(*(self._excuse(question) for question in list(self._waiting.values())))

    async def _say(self, reply_to: Mapping[str, Any], text: str, into_bubble: bool) -> None:
        question = self._waiting.get(str(reply_to["stream"])) if into_bubble else None
        if question is None or not await self._fill(question, text):
            await self._send(reply_to, {"msgtype": "markdown", "markdown": {"content": text}})

    async def _fill(self, question: Question, text: str) -> bool:
        """Whether the bubble holds the answer now; it may be too late for that."""
        async with question.turn:
            if question.shown is not None:
                await self._sleep(max(0.0, question.shown + BETWEEN_UPDATES_S - self._now()))
            if not self._waits(question):
                return False
            await self._pace.turn(question.chat)
            try:
                await question.link.request(RESPOND, stream(question.stream, text, True), question.req_id)
            except WecomRefused as refused:
                if refused.code not in AGAIN:
                    self.forget(question)
                if refused.code not in (STREAM_EXPIRED, BAD_REQ_ID):
                    raise _failed(refused) from None
                # What has expired within the time was finished before: by the last word that nobody confirmed.
                return question.unsure and refused.code == STREAM_EXPIRED
            except LinkLost as lost:
                question.unsure = question.unsure or lost.sent
                raise DeliveryFailed(lost.message) from None
            self.forget(question)
            return True

    async def _send(self, reply_to: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        await self._pace.turn(str(reply_to["chatid"]))
        where = {"chatid": reply_to["chatid"], "chat_type": reply_to["chat_type"]}
        try:
            await self._connected().request(SEND, {**where, **body})
        except WecomRefused as refused:
            raise _failed(refused) from None
        except LinkLost as lost:
            raise DeliveryFailed(lost.message) from None

    async def _show(self, reply_to: Mapping[str, Any], picture: Picture) -> None:
        """A bubble of the long connection takes no pictures: they follow, or else their words do."""
        try:
            media = await self._connected().upload(picture.png)
        except WecomRefused as refused:
            if refused.code == NOT_SUBSCRIBED:
                raise _failed(refused) from None
            log.warning("wecom.aibot.picture.refused", code=refused.code)
            await self._send(reply_to, {"msgtype": "markdown", "markdown": {"content": picture.words}})
        except LinkLost as lost:
            raise DeliveryFailed(lost.message) from None
        else:
            await self._send(reply_to, {"msgtype": "image", "image": {"media_id": media}})

    def _connected(self) -> AibotLink:
        if self.link is None:
            raise DeliveryFailed("企业微信的长连接还没连上")
        return self.link

    async def _keep_company(self, question: Question) -> None:
        for after, text in ((FIRST_WORDS_S, WORKING), (STILL_WORKING_S, STILL_WORKING)):
            await self._sleep(max(0.0, question.asked + after - self._now()))
            async with question.turn:
                await self._write(question, text)
        await self._sleep(max(0.0, question.asked + STREAM_S - self._now()))
        async with question.turn:
            self._waiting.pop(question.stream, None)
            await self._write(question, LATE, last=True)

    async def _excuse(self, question: Question) -> None:
        async with question.turn:
            if self._waits(question):
                self.forget(question)
                await self._write(question, RESTARTING, last=True)

    async def _write(self, question: Question, text: str, last: bool = False) -> None:
        """Left out where much is said: room is kept for the answers."""
        if not self._pace.spare(question.chat):
            return
        question.shown = self._now()
        await quietly(question.link, RESPOND, stream(question.stream, text, last), question.req_id)

    def _waits(self, question: Question) -> bool:
        return self._waiting.get(question.stream) is question


async def quietly(link: AibotLink, cmd: str, body: Mapping[str, Any], req_id: str) -> None:
    """For what is kind but not needed."""
    try:
        await link.request(cmd, body, req_id)
    except (WecomRefused, LinkLost) as error:
        log.info("wecom.aibot.not_shown", cmd=cmd, reason=error.message)


def stream(id: str, text: str, finish: bool) -> dict[str, Any]:
    """A reply that fills a bubble; always the whole text so far."""
    return {"msgtype": "stream", "stream": {"id": id, "finish": finish, "content": text}}


def _pieces(text: str) -> list[str]:
    """Nothing is lost: what does not fit into one message is said in the next."""
    pieces = []
    while text:
        piece, text = cut(text, MOST_BYTES)
        pieces.append(piece)
    return pieces


def _failed(refused: WecomRefused) -> DeliveryFailed:
    return DeliveryFailed(refused.message, again=refused.code in AGAIN)
