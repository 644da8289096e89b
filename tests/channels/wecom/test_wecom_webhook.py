"""Pushes into a WeCom group: complete, in order, never more than the robot may say, and the key in no log."""

from __future__ import annotations

import asyncio
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
from bot.channels.wecom.webhook import WecomWebhook
from bot.errors import SettingError
from tests.fakes.clock import Clock
from tests.fakes.wecom_api import WEBHOOK, WecomApi

SLOGAN = "今日口号：验电、挂地线，一步也不能少。"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wecom(clock: Clock) -> WecomApi:
    return WecomApi(now=clock)


def push(wecom: WecomApi, work: Callable[[WecomWebhook], Awaitable[Any]], key: str = "") -> None:
    async def run() -> None:
        robot = WecomWebhook(
            f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key or wecom.robot_key}",
            httpx.ASGITransport(wecom.app),
            wecom.now,
            wecom.now.sleep,  # type: ignore[attr-defined]
            timeout=0.1,
        )
        try:
            await work(robot)
        finally:
            await robot.close()

    asyncio.run(run())


def contents(wecom: WecomApi) -> list[str]:
    return [body[body["msgtype"]]["content"] for body in wecom.pushed]


def test_text_and_markdown_arrive(wecom: WecomApi) -> None:
    """A slogan comes as text, a contest as Markdown, in that order."""

    async def both(robot: WecomWebhook) -> None:
        await robot.push_text(SLOGAN)
        await robot.push_markdown("**安规竞赛**明早八点开始。")

    push(wecom, both)

    assert [SLOGAN, "**安规竞赛**明早八点开始。"] == contents(wecom)
    assert ["text", "markdown"] == [body["msgtype"] for body in wecom.pushed]


def test_alarm_mentions_once(wecom: WecomApi) -> None:
    """A long drill alarm calls everybody with its first message, not with each."""
    push(wecom, lambda robot: robot.push_text("三号台区模拟停电，请按预案到岗。" * 60, mentioned=["@all"]))

    assert [["@all"], None] == [body["text"].get("mentioned_list") for body in wecom.pushed]


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("演练警报。，\n a👨‍👩‍👧"), min_size=1, max_size=4000), st.booleans())
def test_long_push_is_split_and_complete(text: str, markdown: bool) -> None:
    """WeCom refuses more than 2,048 bytes of text and 4,096 of Markdown: several messages hold all of it."""
    wecom = WecomApi(now=Clock())
    push(wecom, lambda robot: robot.push_markdown(text) if markdown else robot.push_text(text))

    read = "".join(re.sub(r"^（\d+/\d+）\n", "", one) for one in contents(wecom))
    assert text.split() == read.split()


def test_robot_is_held_back(wecom: WecomApi, clock: Clock) -> None:
    """Fifty pushes at once, and a robot that may say twenty a minute: none refused, all there, in order."""

    async def many(robot: WecomWebhook) -> None:
        await asyncio.gather(*(robot.push_text(f"第 {n} 条") for n in range(50)))

    push(wecom, many)

    assert [f"第 {n} 条" for n in range(50)] == contents(wecom)
    assert 50 == wecom.calls[WEBHOOK]
    assert 2 == len(clock.slept) and 120 <= sum(clock.slept) < 130


def test_robot_would_be_refused_otherwise(wecom: WecomApi) -> None:
    """The fake does refuse the twenty-first push within a minute of one who does not hold back."""

    async def rush() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(wecom.app)) as http:
            url = f"http://wecom/cgi-bin/webhook/send?key={wecom.robot_key}"
            body = {"msgtype": "text", "text": {"content": SLOGAN}}
            return [(await http.post(url, json=body)).json()["errcode"] for _ in range(22)]

    assert [0] * 20 + [45009] * 2 == asyncio.run(rush())


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (45009, True),
        (-1, True),
        ("500", True),
        ("hang", True),
        ("html", True),
        (40058, False),
        ("404", False),
    ],
)
def test_failed_push_says_whether_later_helps(wecom: WecomApi, fault: int | str, again: bool) -> None:
    """Trouble that passes may be tried later, a refusal may not."""
    wecom.always[WEBHOOK] = fault

    with pytest.raises(DeliveryFailed) as failed:
        push(wecom, lambda robot: robot.push_text(SLOGAN))

    assert again == failed.value.again
    assert 1 == wecom.calls[WEBHOOK]


def test_removed_robot_is_named(wecom: WecomApi) -> None:
    """A robot that was taken out of the group is said so, with what to do."""
    with pytest.raises(DeliveryFailed) as failed:
        push(wecom, lambda robot: robot.push_text(SLOGAN), key="another")

    assert "机器人不在了" in failed.value.message and "ANXUN_WECOM_WEBHOOK" in failed.value.remedy
    assert not failed.value.again


@pytest.mark.parametrize(
    "url",
    [
        "",
        "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=geheim",
        "ftp://127.0.0.1/?key=geheim",
        "https:///send?key=geheim",
        "https://[::1/send?key=geheim",
    ],
)
def test_wrong_address_is_refused_at_once(url: str) -> None:
    """What is no robot's address is said before anything is pushed, without repeating the key."""
    with pytest.raises(SettingError) as wrong:
        WecomWebhook(url)

    assert "ANXUN_WECOM_WEBHOOK" in str(wrong.value) and "geheim" not in str(wrong.value)


@pytest.mark.parametrize("fault", [None, 45009, 93000, "500", "404", "hang", "html"])
def test_key_stays_out_of_logs_and_errors(
    wecom: WecomApi, fault: int | str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The key stands in no log, at any level, nor in an error and its traceback."""
    caplog.set_level(logging.DEBUG)
    told = ""
    if fault is not None:
        wecom.always[WEBHOOK] = fault
    with structlog.testing.capture_logs() as events:
        try:
            push(wecom, lambda robot: robot.push_text(SLOGAN))
        except DeliveryFailed as error:
            told = "".join(traceback.format_exception(error)) + repr(error)

    assert "webhook/send" in caplog.text or fault == "hang"
    assert wecom.robot_key not in f"{caplog.text} {events} {told}"
