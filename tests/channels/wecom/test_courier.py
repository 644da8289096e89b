"""Answers through WeCom's self-built app: complete, in order, once, and in words where nothing else gets through."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.chat.outbound import Button, Buttons, DeliveryFailed, Part, Picture, Words
from bot.channels.chat.tokens import LocalShelf
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.courier import WecomCourier
from tests.fakes.clock import Clock
from tests.fakes.wecom_api import SEND, UPDATE, UPLOAD, WecomApi

PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
ME = {"touser": "zhangsan"}
ANSWER = Words("**要提前七天**通知。", markdown=True)
CHOICES = Buttons("接下来：", [Button("再来一次", "开始练习"), Button("看规定", "停电前几天通知")], "k1")
SCORE = Picture(PNG, "这一通 82 分，客户从发怒到平静。")


class Desk:
    """The courier, the fake it sends to, and what it wanted remembered."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.wecom = WecomApi(now=self.clock)
        self.remembered: dict[str, Mapping[str, str]] = {}
        self.client = WecomClient(
            self.wecom.corp_id, self.wecom.secret, str(self.wecom.agent_id), LocalShelf(), "http://wecom",
            httpx.ASGITransport(self.wecom.app), self.clock, self.clock.sleep, timeout=0.1,
        )  # fmt: skip
        self.courier = WecomCourier(self.client, self.remember, self.clock)

    async def remember(self, card: str, words: Mapping[str, str]) -> None:
        assert card not in self.wecom.cards or card in self.remembered, "it could be pressed already"
        self.remembered[card] = words

    async def deliver(self, *parts: Part, **reply_to: str) -> None:
        await self.courier.deliver({**ME, **reply_to}, list(parts))

    async def insist(self, *parts: Part, **reply_to: str) -> int:
        """As the dispatcher does: again while that may help; how often it failed."""
        for failures in range(10):
            try:
                await self.deliver(*parts, **reply_to)
                return failures
            except DeliveryFailed as error:
                assert error.again
                self.clock.time += 1
        raise AssertionError("never delivered")

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.wecom.chats["zhangsan"]]

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.wecom.chats["zhangsan"]]


def at_desk(work: Callable[[Desk], Awaitable[Any]]) -> Desk:
    async def run() -> Desk:
        desk = Desk()
        await work(desk)
        await desk.client.close()
        return desk

    return asyncio.run(run())


def test_parts_arrive_in_order() -> None:
    """Text, Markdown, a picture and buttons come as what they are, one after the other."""
    desk = at_desk(lambda desk: desk.deliver(Words("您好"), ANSWER, SCORE, CHOICES))

    assert ["text", "markdown", "image", "template_card"] == desk.kinds
    assert ["您好", "**要提前七天**通知。"] == desk.texts[:2]
    assert [PNG] == list(desk.wecom.pictures.values())


def test_button_says_what_it_stands_for() -> None:
    """What each button says is remembered under the card's id, before the card is sent."""
    desk = at_desk(lambda desk: desk.deliver(CHOICES))
    (task_id,) = desk.wecom.cards

    assert {task_id: {"1": "开始练习", "2": "停电前几天通知"}} == desk.remembered
    assert ["再来一次", "看规定"] == [one["text"] for one in desk.wecom.cards[task_id]["button_list"]]


def test_same_answer_may_come_twice() -> None:
    """The same question asked twice is answered twice, with a new card each time."""

    async def twice(desk: Desk) -> None:
        await desk.deliver(ANSWER, CHOICES)
        await desk.deliver(ANSWER, CHOICES)

    desk = at_desk(twice)

    assert ["markdown", "template_card"] * 2 == desk.kinds
    assert 2 == len(desk.wecom.cards)


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.sampled_from("停电要提前七天通知。，！\n a👨‍👩‍👧🇨🇳é"), min_size=1, max_size=4000),
    st.booleans(),
)
def test_long_text_is_split_and_not_cut(text: str, markdown: bool) -> None:
    """WeCom cuts at 2,048 bytes without a word; whatever the length, the person has all of it."""
    desk = at_desk(lambda desk: desk.deliver(Words(text, markdown)))

    read = "".join(re.sub(r"^（\d+/\d+）\n", "", one) for one in desk.texts)
    assert text.split() == read.split()


@pytest.mark.parametrize("fault", [-1, 45009, "500", "hang", "taken"])
@pytest.mark.parametrize("at", range(4))
def test_interrupted_answer_goes_on_where_it_stopped(at: int, fault: int | str) -> None:
    """Whichever request fails, and whether it had arrived or not: in the end each part is there once, in order."""
    long = Words("停电前要通知客户。" * 150)
    parts = [long, SCORE, CHOICES]
    whole = at_desk(lambda desk: desk.insist(*parts))
    assert 4 == len(whole.texts)

    async def interrupted(desk: Desk) -> None:
        desk.wecom.faults[SEND].extend([*[None] * at, fault])
        assert 1 == await desk.insist(*parts)

    desk = at_desk(interrupted)

    assert whole.kinds == desk.kinds
    assert whole.texts[:2] == desk.texts[:2]
    assert len(desk.wecom.cards) == len(whole.wecom.cards) == 1


def test_refused_part_is_not_half_remembered() -> None:
    """After a refusal for good, the same answer later starts from the beginning."""

    async def refused(desk: Desk) -> None:
        desk.wecom.faults[SEND].extend([None, 60020])
        with pytest.raises(DeliveryFailed):
            await desk.deliver(Words("一"), Words("二"))
        await desk.deliver(Words("一"), Words("二"))

    assert ["一", "一", "二"] == at_desk(refused).texts


def test_abandoned_answer_is_forgotten() -> None:
    """What the dispatcher gave up is not gone on with when the same words are due an hour later."""

    async def abandoned(desk: Desk) -> None:
        desk.wecom.faults[SEND].extend([None, -1])
        with pytest.raises(DeliveryFailed):
            await desk.deliver(Words("一"), Words("二"))
        desk.clock.time += 3600
        await desk.deliver(Words("一"), Words("二"))

    assert ["一", "一", "二"] == at_desk(abandoned).texts


def test_refused_card_becomes_numbers() -> None:
    """Where WeCom takes no card, the choices are words that can be answered with a number."""

    async def refused(desk: Desk) -> None:
        desk.wecom.faults[SEND].append(40058)
        await desk.deliver(CHOICES)

    assert ["接下来：\n1. 再来一次\n2. 看规定\n回复数字就行。"] == at_desk(refused).texts


@pytest.mark.parametrize("fault", [40009, 45009, -1, "500", "hang", "404", "bare"])
def test_picture_that_cannot_be_uploaded_becomes_words(fault: int | str) -> None:
    """Where words get through and pictures do not, the score is said."""

    async def refused(desk: Desk) -> None:
        desk.wecom.always[UPLOAD] = fault
        await desk.deliver(SCORE, Words("还练吗？"))

    desk = at_desk(refused)

    assert [SCORE.words, "还练吗？"] == desk.texts
    assert {"text"} == set(desk.kinds)


def test_refused_picture_becomes_words() -> None:
    """Where the upload went well and the sending is refused, the score is said too."""

    async def refused(desk: Desk) -> None:
        desk.wecom.faults[SEND].append(40007)
        await desk.deliver(SCORE)

    assert [SCORE.words] == at_desk(refused).texts


def test_picture_waits_for_the_network() -> None:
    """Where nothing gets through the picture is kept, and comes as a picture once it does."""

    async def outage(desk: Desk) -> None:
        desk.wecom.always.update({UPLOAD: "500", SEND: "502"})
        for _ in range(3):
            with pytest.raises(DeliveryFailed):
                await desk.deliver(SCORE)
        desk.wecom.always.clear()
        await desk.deliver(SCORE)

    assert ["image"] == at_desk(outage).kinds


@pytest.mark.parametrize("part", [Words("您好"), CHOICES, SCORE])
def test_person_out_of_reach_is_given_up(part: Part) -> None:
    """Who cannot be reached is not tried in other ways, nor again."""

    async def gone(desk: Desk) -> None:
        desk.wecom.members = ()
        with pytest.raises(DeliveryFailed) as failed:
            await desk.deliver(part)
        assert not failed.value.again

    desk = at_desk(gone)

    assert 1 == desk.wecom.calls[SEND]
    assert {} == desk.wecom.chats


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_to_read_is_not_sent(text: str) -> None:
    """WeCom refuses empty messages; what comes after them still arrives."""
    assert ["您好"] == at_desk(lambda desk: desk.deliver(Words(text), Words("您好"))).texts


def test_pressed_card_is_shown_as_chosen_once() -> None:
    """The answer to a press takes the buttons off the card, after its first part, and uses the code once."""

    async def pressed(desk: Desk) -> None:
        await desk.deliver(CHOICES)
        code = desk.wecom.press(next(iter(desk.wecom.cards)))
        await desk.deliver(Words("好，开始。"), response_code=code)
        await desk.deliver(Words("我家电费怎么这么高！"), response_code=code)

    desk = at_desk(pressed)

    assert [{"replace_name": "已选"}] == [update["button"] for update in desk.wecom.updates]
    assert 1 == desk.wecom.calls[UPDATE]
    assert ["好，开始。", "我家电费怎么这么高！"] == desk.texts[1:]


@pytest.mark.parametrize("fault", [40058, -1, "500", "hang"])
def test_card_that_cannot_be_updated_costs_no_answer(fault: int | str) -> None:
    """The answer has arrived, whatever becomes of the card."""

    async def pressed(desk: Desk) -> None:
        desk.wecom.always[UPDATE] = fault
        await desk.deliver(Words("好，开始。"), response_code="code")

    assert ["好，开始。"] == at_desk(pressed).texts


def test_log_holds_codes_and_no_words() -> None:
    """A refused card and picture leave a line each with a code, without what they said."""

    async def refused(desk: Desk) -> None:
        desk.wecom.always[UPLOAD] = "500"
        desk.wecom.faults[SEND].append(40058)
        await desk.deliver(CHOICES, SCORE)

    with structlog.testing.capture_logs() as events:
        at_desk(refused)

    assert ["wecom.shown_as_words", "wecom.picture.not_uploaded"] == [one["event"] for one in events]
    assert 40058 == events[0]["code"]
    assert not any(words in str(events) for words in ("再来一次", "82", "zhangsan"))
