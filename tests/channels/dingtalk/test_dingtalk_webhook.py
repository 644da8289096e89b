"""Pushes reach a DingTalk group: signed, whole, never too fast, and without telling the address to anybody."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.dingtalk.webhook import DingtalkWebhook
from bot.errors import SettingError
from tests.fakes.clock import Clock
from tests.fakes.dingtalk_api import PUSH, DingtalkApi

SLOGAN = "今日标语：多听一句，少吵一架。"
TOKEN, KEY = "robot-" + "4f0c" * 8, "SEC" + "0af1" * 16
BASE = "https://oapi.dingtalk.test/robot/send?access_token="


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(clock: Clock) -> DingtalkApi:
    return DingtalkApi(clock, (TOKEN, KEY))


def push(
    api: DingtalkApi, work: Callable[[DingtalkWebhook], Awaitable[Any]], token: str = TOKEN, key: str = KEY
) -> None:
    async def run() -> None:
        clock: Any = api.now
        robot = DingtalkWebhook(f" {BASE}{token}\n", key, api.transport(), clock, clock.sleep, timeout=0.1)
        try:
            await work(robot)
        finally:
            await robot.close()

    asyncio.run(run())


def bodies(api: DingtalkApi) -> list[dict[str, Any]]:
    return [body for _, body in api.pushed]


def test_text_and_markdown_arrive(api: DingtalkApi) -> None:
    """A slogan comes as text, a contest as Markdown with its title, in that order, its lines kept apart."""

    async def both(robot: DingtalkWebhook) -> None:
        await robot.push_text(SLOGAN)
        await robot.push_markdown("竞赛", "**安规竞赛**\n明早八点开始。")

    push(api, both)

    assert [
        {"msgtype": "text", "text": {"content": SLOGAN}},
        {"msgtype": "markdown", "markdown": {"title": "竞赛", "text": "**安规竞赛**  \n明早八点开始。"}},
    ] == bodies(api)


def test_markdown_without_a_title_has_one_from_its_words(api: DingtalkApi) -> None:
    """DingTalk refuses Markdown without a title."""
    push(api, lambda robot: robot.push_markdown(" ", "## **安规竞赛**明早八点开始。"))

    assert ["安规竞赛明早八点开始。"] == [body["markdown"]["title"] for body in bodies(api)]


def test_alarm_calls_everyone_once(api: DingtalkApi) -> None:
    """A long drill alarm calls the whole group with its first message, not with each."""
    push(api, lambda robot: robot.push_text("三号台区模拟停电，请按预案到岗。" * 300, everyone=True))

    assert [{"isAtAll": True}, None, None] == [body.get("at") for body in bodies(api)]


def test_address_does_not_grow(api: DingtalkApi, clock: Clock) -> None:
    """Each push is signed afresh on the address as it was pasted, with the time of that push."""

    async def thrice(robot: DingtalkWebhook) -> None:
        for _ in range(3):
            await robot.push_text(SLOGAN)
            clock.time += 4000  # the first signature would be too old by now

    push(api, thrice)

    addresses = [address for address, _ in api.pushed]
    assert 3 == len(set(addresses))
    assert {1} == {address.count(name) for address in addresses for name in ("sign=", "timestamp=", TOKEN)}


def test_robot_is_held_back(api: DingtalkApi, clock: Clock) -> None:
    """Fifty pushes at once, and a robot that may say twenty a minute: none refused, all there, in order."""

    async def many(robot: DingtalkWebhook) -> None:
        await asyncio.gather(*(robot.push_text(f"第 {n} 条") for n in range(50)))

    push(api, many)

    assert [f"第 {n} 条" for n in range(50)] == [body["text"]["content"] for body in bodies(api)]
    assert 50 == api.calls[PUSH]
    assert 2 == len(clock.slept) and 120 <= sum(clock.slept) < 130


def test_robot_would_be_blocked_otherwise(api: DingtalkApi, clock: Clock) -> None:
    """The fake does block somebody who does not hold back, for ten minutes from the twenty-first push."""

    async def rush() -> None:
        clock_stands_still = DingtalkWebhook(BASE + TOKEN, KEY, api.transport(), clock, timeout=5)
        another = DingtalkWebhook(BASE + TOKEN, KEY, api.transport(), clock, timeout=5)
        for _ in range(20):
            await clock_stands_still.push_text(SLOGAN)
        for wait, again in ((0, True), (500, True), (101, False)):
            clock.time += wait
            if again:
                with pytest.raises(DeliveryFailed, match="130101") as failed:
                    await another.push_text(SLOGAN)
                assert failed.value.again and "十分钟" in failed.value.remedy
            else:
                await another.push_text(SLOGAN)
        await clock_stands_still.close()
        await another.close()

    asyncio.run(rush())

    assert 21 == len(api.pushed)


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from('演练警报。，\n "a👨‍👩‍👧'), min_size=1, max_size=9000), st.booleans())
def test_long_push_is_split_and_complete(text: str, markdown: bool) -> None:
    """DingTalk refuses a body of more than 20,000 bytes: several messages hold all of it."""
    api = DingtalkApi(Clock(), (TOKEN, KEY))
    push(api, lambda robot: robot.push_markdown("演练", text) if markdown else robot.push_text(text))

    told = [body[body["msgtype"]] for body in bodies(api)]
    read = "".join(re.sub(r"^（\d+/\d+）\s*\n", "", one.get("content") or one["text"]) for one in told)
    assert all(len(json.dumps(body, ensure_ascii=False).encode()) <= 20_000 for body in bodies(api))
    assert text.split() == read.split()


@pytest.mark.parametrize(
    ("token", "key", "code", "word"),
    [
        (TOKEN, "SECanother", "310000", "加签密钥"),
        (TOKEN, "", "310000", "加签密钥"),
        ("another", KEY, "300001", "ANXUN_DINGTALK_WEBHOOK"),
    ],
)
def test_wrong_robot_is_named(api: DingtalkApi, token: str, key: str, code: str, word: str) -> None:
    """A wrong secret or address is said with the place to look, and is not tried again."""
    with pytest.raises(DeliveryFailed) as failed:
        push(api, lambda robot: robot.push_text(SLOGAN), token, key)

    assert code in failed.value.message and word in failed.value.remedy
    assert not failed.value.again and [] == api.pushed


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (-1, True), (130101, True), ("500", True), ("429", True), ("hang", True), ("html", True), ("bare", True),
        (460101, False), (310000, False), (99999, False), ("404", False),
    ],
)  # fmt: skip
def test_failed_push_says_whether_later_helps(api: DingtalkApi, fault: int | str, again: bool) -> None:
    """Trouble that passes may be tried later, a refusal may not; either way it was tried once."""
    api.always[PUSH] = fault
    with pytest.raises(DeliveryFailed) as failed:
        push(api, lambda robot: robot.push_text(SLOGAN))

    assert again == failed.value.again
    assert 1 == api.calls[PUSH]


@pytest.mark.parametrize(
    "url",
    [
        "", "4f0c4f0c4f0c", "https://oapi.dingtalk.com/robot/send", "https://oapi.dingtalk.com/robot/send?access_token=",
        "http://oapi.dingtalk.com/robot/send?access_token=geheim", "ftp://127.0.0.1/?access_token=geheim",
        "https:///robot/send?access_token=geheim", "https://[::1/robot/send?access_token=geheim",
    ],
)  # fmt: skip
def test_wrong_address_is_refused_at_once(url: str) -> None:
    """What is no robot's address is said before anything is pushed, without repeating the token."""
    with pytest.raises(SettingError) as wrong:
        DingtalkWebhook(url)

    assert "ANXUN_DINGTALK_WEBHOOK" in str(wrong.value) and "geheim" not in str(wrong.value)


@pytest.mark.parametrize("fault", [None, 130101, 310000, "500", "404", "hang", "html"])
def test_address_stays_out_of_logs_and_errors(
    api: DingtalkApi, fault: int | str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Token, secret and signature stand in no log, at any level, nor in an error and its traceback."""
    caplog.set_level(logging.DEBUG)
    told = ""
    if fault is not None:
        api.always[PUSH] = fault
    with structlog.testing.capture_logs() as events:
        try:
            push(api, lambda robot: robot.push_text(SLOGAN))
        except DeliveryFailed as error:
            told = "".join(traceback.format_exception(error)) + repr(error)

    seen = f"{caplog.text} {events} {told}"
    assert "robot/send" in caplog.text or fault == "hang"
    assert not [one for one in (TOKEN, KEY, "sign=", SLOGAN) if one in seen]


def test_dead_network_may_be_tried_later() -> None:
    """Where nothing can be reached, one clear error says so, without the address."""

    def dead(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"refused {request.url}", request=request)

    async def run() -> None:
        robot = DingtalkWebhook(BASE + TOKEN, KEY, httpx.MockTransport(dead))
        await robot.push_text(SLOGAN)

    with pytest.raises(DeliveryFailed) as failed:
        asyncio.run(run())

    assert failed.value.again and "ConnectError" in failed.value.message
    assert TOKEN not in "".join(traceback.format_exception(failed.value))
