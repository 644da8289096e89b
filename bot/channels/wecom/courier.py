"""Takes answers to one person through WeCom's self-built app: words, cards with buttons, pictures.

The dispatcher calls `deliver`, and calls it again with the same parts after a failure: it goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from bot.channels.chat.numbering import SAY_A_NUMBER, in_words
from bot.channels.chat.outbound import DeliveryFailed, Part, Picture, Words
from bot.channels.chat.splitting import split
from bot.channels.wecom.cards import Card, build_cards
from bot.channels.wecom.client import UNREACHABLE, ApiRefused, WecomClient

MOST_BYTES = 2048
"""Of text and of Markdown. WeCom cuts a longer text without a word."""
CHOSEN = "已选"
KEPT_S = 600.0
MOST_CODES = 1000

log = structlog.get_logger()

Remember = Callable[[str, Mapping[str, str]], Awaitable[None]]
"""Keeps what is said by each button of a card, by the card's task_id, until it is pressed."""


@dataclass(frozen=True)
class _CardStep:
    card: Card
    words: str


@dataclass(frozen=True)
class _ImageStep:
    media_id: str
    words: str


@dataclass
class _Plan:
    """What is left to send of one answer, ids included: sent again, a message is the same message."""

    steps: deque[Words | Picture | _CardStep | _ImageStep]
    tried: float


class WecomCourier:
    """`remember` is called before a card leaves, so that no press comes too early."""

    def __init__(
        self,
        client: WecomClient,
        remember: Remember,
        now: Callable[[], float] = time.time,
        random: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._client, self._remember, self._now, self._random = client, remember, now, random
        self._plans: dict[str, _Plan] = {}
        self._codes: dict[str, None] = {}

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        """All parts, in order. A card or picture that WeCom refuses arrives as words."""
        to = str(reply_to["touser"])
        mark, plan = self._plan(reply_to, parts)
        try:
            while plan.steps:
                await self._take(to, plan)
        except DeliveryFailed as error:
            if not error.again:
                self._plans.pop(mark, None)
            raise
        self._plans.pop(mark, None)
        if code := reply_to.get("response_code"):
            await self._show_as_chosen(str(code), to)

    def _plan(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> tuple[str, _Plan]:
        now = self._now()
        for old in [mark for mark, plan in self._plans.items() if plan.tried < now - KEPT_S]:
            del self._plans[old]
        mark = hashlib.sha256(repr((dict(reply_to), list(parts))).encode()).hexdigest()
        plan = self._plans.setdefault(mark, _Plan(deque(), now))
        if not plan.steps:
            plan.steps.extend(step for part in parts for step in self._steps(part))
        plan.tried = now
        return mark, plan

    def _steps(self, part: Part) -> list[Words | Picture | _CardStep | _ImageStep]:
        if isinstance(part, Words):
            return [*_pieces(part.text, part.markdown)]
        if isinstance(part, Picture):
            return [part]
        before, cards = build_cards(part, self._random)
        words = [SAY_A_NUMBER if before else in_words(part), *[""] * len(cards)]
        return [*_pieces(before), *map(_CardStep, cards, words)]

    async def _take(self, to: str, plan: _Plan) -> None:
        """The first step; it is off the plan once WeCom has it, or has its words."""
        step = plan.steps[0]
        left: list[Words | _ImageStep] = []
        if isinstance(step, Words):
            await self._say(to, step)
        elif isinstance(step, Picture):
            left = await self._upload(to, step)
        else:
            left = await self._show(to, step)
        plan.steps.popleft()
        plan.steps.extendleft(reversed(left))

    async def _say(self, to: str, words: Words) -> None:
        kind = "markdown" if words.markdown else "text"
        await self._client.send({"touser": to, "msgtype": kind, kind: {"content": words.text}})

    async def _show(self, to: str, step: _CardStep | _ImageStep) -> list[Words | _ImageStep]:
        """Nothing is left to do, or to say in words what WeCom did not want to show."""
        body: dict[str, Any] = {"touser": to, "msgtype": "image"}
        if isinstance(step, _CardStep):
            await self._remember(step.card.task_id, step.card.pressed)
            body = {"touser": to, "msgtype": "template_card", "template_card": step.card.template_card}
        else:
            body["image"] = {"media_id": step.media_id}
        try:
            await self._client.send(body)
        except ApiRefused as refused:
            if refused.again or refused.code == UNREACHABLE:
                raise
            log.warning("wecom.shown_as_words", code=refused.code, kind=body["msgtype"])
            return [*_pieces(step.words)]
        return []

    async def _upload(self, to: str, picture: Picture) -> list[Words | _ImageStep]:
        """Where words get through and pictures do not, words it is; where nothing does, the picture is tried again."""
        try:
            return [_ImageStep(await self._client.upload_image(picture.png), picture.words)]
        except DeliveryFailed as failed:
            log.warning("wecom.picture.not_uploaded", reason=failed.message)
        pieces = _pieces(picture.words)
        for first in pieces[:1]:
            await self._say(to, first)
        return [*pieces[1:]]

    async def _show_as_chosen(self, code: str, person: str) -> None:
        """So that nobody presses the same card twice. Kind, not needed: an answer is not held up for it."""
        if code in self._codes:
            return
        self._codes[code] = None
        while len(self._codes) > MOST_CODES:
            del self._codes[next(iter(self._codes))]
        try:
            await self._client.update_card(code, person, CHOSEN)
        except DeliveryFailed as failed:
            log.info("wecom.card.not_updated", reason=failed.message)


def _pieces(text: str, markdown: bool = False) -> list[Words]:
    """What fits is one message; nothing to read is none. WeCom refuses empty ones."""
    return [Words(piece, markdown) for piece in split(text, MOST_BYTES) if piece.strip()]
