"""Answers reach a DingTalk chat whole: in the session while it is open, afterwards through the open interface."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.chat.dialects import DINGTALK
from bot.channels.chat.outbound import Button, Buttons, DeliveryFailed, Part, Picture, Words
from bot.channels.chat.rendering import offered, render
from bot.channels.dingtalk.courier import DingtalkCourier
from bot.messages import Choice, ChoicesBlock, Message
from tests.channels.dingtalk.test_client import NOW, PNG, client_of, reply_to
from tests.fakes.dingtalk_api import GROUP, PERSON, SESSION, TOKEN, UPLOAD, DingtalkApi

OVER = {"expires": int((NOW - 1) * 1000)}
ASK = Buttons(
    "还可以问：", [Button("停错了怎么赔", "停错了怎么赔？"), Button("几天前通知", "停电几天前通知？")], "k"
)
PICTURE = Picture(PNG, "谈成了，86 分，良好")


@pytest.fixture
def api() -> DingtalkApi:
    return DingtalkApi(now=lambda: NOW)


def deliver(api: DingtalkApi, parts: Sequence[Part], **other: Any) -> None:
    async def run() -> None:
        client = client_of(api)
        try:
            await DingtalkCourier(client).deliver(reply_to(api, **other), parts)
        finally:
            await client.close()

    asyncio.run(run())


def said(api: DingtalkApi) -> list[str]:
    """The words of all messages, in whichever way they came."""
    bodies = [one[one["msgtype"]] for one in api.sessions] + [one["param"] for one in api.sent]
    return [str(one.get("content") or one.get("text")) for one in bodies]


def test_open_session_takes_every_part_in_order(api: DingtalkApi) -> None:
    """Words as text or Markdown, then the buttons, without any token; DingTalk's Markdown keeps the lines apart."""
    deliver(api, [Words("您好。"), Words("**依据**\n第三十二条\n\n该怎么做", True), ASK])

    assert ["text", "markdown", "actionCard"] == [one["msgtype"] for one in api.sessions]
    assert ["您好。", "**依据**  \n第三十二条\n\n该怎么做", "还可以问："] == said(api)
    assert "依据" == api.sessions[1]["markdown"]["title"]
    assert 0 == api.calls[TOKEN]


def test_pressing_a_button_says_its_words(api: DingtalkApi) -> None:
    """Each button shows its label and is an address by which DingTalk says the words for the person."""
    send = "停电 & 赔偿？#1=100%+税"
    deliver(api, [Buttons("挑一个：", [Button("赔偿", send)], "k")])

    (button,) = api.sessions[0]["actionCard"]["btns"]
    assert "赔偿" == button["title"]
    assert button["actionURL"].startswith(
        "dtmd://dingtalkclient/sendMessage?content=%E5%81%9C%E7%94%B5%20%26"
    )
    assert [send] == parse_qs(urlsplit(button["actionURL"]).query)["content"]


def test_asker_is_named_in_a_group(api: DingtalkApi) -> None:
    """In a group everybody sees whose answer this is; alone nobody is called."""
    deliver(api, [Words("您好。"), Words("**您好**", True)], group=True)
    deliver(api, [Words("您好。"), Words("**您好**", True)])
    deliver(api, [Words("您好。")], group=True, staff="")

    assert [["0312"], ["0312"], None, None, None] == [
        one.get("at", {}).get("atUserIds") for one in api.sessions
    ]
    assert ["您好。", "@0312\n\n**您好**", "您好。", "**您好**", "您好。"] == said(api)


@pytest.mark.parametrize(("group", "path", "to"), [(False, PERSON, ["0312"]), (True, GROUP, "cidAsXSBLnA==")])
def test_after_the_session_the_open_interface_is_used(
    api: DingtalkApi, group: bool, path: str, to: str | list[str]
) -> None:
    """Ninety minutes later all of the answer still arrives; buttons come as numbers."""
    deliver(api, [Words("您好。"), Words("**您好**", True), ASK, PICTURE], group=group, **OVER)

    assert (0, 4, 1) == (api.calls[SESSION], api.calls[path], api.calls[TOKEN])
    assert [to] * 4 == [one["to"] for one in api.sent]
    assert ["sampleText", "sampleMarkdown", "sampleText", "sampleMarkdown"] == [
        one["msgKey"] for one in api.sent
    ]
    assert "还可以问：\n1. 停错了怎么赔\n2. 几天前通知\n回复数字就行。" == said(api)[2]


def test_forged_session_is_never_called(api: DingtalkApi) -> None:
    """With an address that is not DingTalk's the answer takes the other way, and arrives."""
    deliver(api, [Words("您好。")], session="https://evil.example/robot/sendBySession?session=s")

    assert (0, ["您好。"]) == (api.calls[SESSION], said(api))


@pytest.mark.parametrize("part", [Words("您好。"), Words("**您好。**", True), ASK])
def test_session_that_is_over_early_loses_nothing(api: DingtalkApi, part: Part) -> None:
    """DingTalk no longer knows a session that should still be open: the open interface is used."""
    deliver(api, [part], session="https://oapi.dingtalk.test/robot/sendBySession?session=another")

    assert 1 == len(api.sent) and [] == api.sessions


def test_card_and_picture_that_are_refused_come_in_words(api: DingtalkApi) -> None:
    """What DingTalk does not show is said in words, and one log line says why, without them."""
    api.faults[UPLOAD].append(40004)
    api.faults[SESSION] += [400105]
    with capture_logs() as logs:
        deliver(api, [ASK, PICTURE])

    assert ["还可以问：\n1. 停错了怎么赔\n2. 几天前通知\n回复数字就行。", "谈成了，86 分，良好"] == said(api)
    assert ["dingtalk.card.refused", "dingtalk.picture.refused"] == [one["event"] for one in logs]
    assert "停错" not in str(logs) and "86" not in str(logs)


@pytest.mark.parametrize("fault", ["500", "hang", "html", -1])
def test_picture_is_not_waited_for(api: DingtalkApi, fault: int | str) -> None:
    """Where uploads are down and words get through, the score comes in words, now."""
    api.always[UPLOAD] = fault
    deliver(api, [PICTURE])

    assert ["谈成了，86 分，良好"] == said(api)


def test_picture_is_uploaded_and_shown(api: DingtalkApi) -> None:
    """The PNG arrives byte for byte and stands in the Markdown."""
    deliver(api, [PICTURE])

    ((media, png),) = api.pictures.items()
    assert PNG == png
    assert [f"![成绩单]({media})"] == said(api)


@pytest.mark.parametrize("part", [Words("您好。"), Words("**您好。**", True), ASK])
@pytest.mark.parametrize("fault", ["500", "hang", "html", -1, 130101])
def test_busy_session_is_tried_later(api: DingtalkApi, part: Part, fault: int | str) -> None:
    """Trouble that passes is told to the dispatcher, and nothing is said by another way meanwhile."""
    api.always[SESSION] = fault
    with pytest.raises(DeliveryFailed) as failed:
        deliver(api, [part])

    assert failed.value.again
    assert (1, []) == (api.calls[SESSION], api.sent)


def test_what_nobody_takes_is_given_up(api: DingtalkApi) -> None:
    """Refused by the session and by the open interface: one try each, and no more."""
    api.always = {SESSION: 300001, PERSON: "400 InvalidParameter"}
    with pytest.raises(DeliveryFailed) as failed:
        deliver(api, [ASK])

    assert not failed.value.again
    assert (2, 1) == (api.calls[SESSION], api.calls[PERSON])


def choices(count: int) -> Message:
    named = [Choice(label=f"客户{n}", send=f"找客户{n}") for n in range(1, count + 1)]
    return Message(blocks=[ChoicesBlock(prompt="找谁练？", choices=named)])


@pytest.mark.parametrize("count", [1, 6, 9])
def test_numbers_in_words_mean_what_the_bot_hears(api: DingtalkApi, count: int) -> None:
    """Without a card all choices stand in order, numbered as the bot understands the numbers, also beyond six."""
    message = choices(count)
    deliver(api, render(message, DINGTALK, lambda _: ""), **OVER)

    numbered = [f"{n}. {one.label}" for n, one in enumerate(offered(message, DINGTALK), 1)]
    assert "\n".join(["找谁练？", *numbered, "回复数字就行。"]) == said(api)[-1]


hard_words = st.text(st.sampled_from('电费。，\n "\\\x01👨‍👩‍👧a'), min_size=1, max_size=9000)


@settings(max_examples=60, deadline=None)
@given(hard_words, st.booleans(), st.booleans(), st.booleans())
def test_long_words_fit_and_are_complete(text: str, markdown: bool, group: bool, over: bool) -> None:
    """Whatever words are made of, no message is over 20,000 bytes, escapes included, and together they are all there."""
    api = DingtalkApi(now=lambda: NOW)
    deliver(api, [Words(text, markdown)], group=group, **(OVER if over else {}))

    bodies = api.sessions + [
        {name: value for name, value in one.items() if name != "param"} for one in api.sent
    ]
    read = "".join(re.sub(r"^(@0312\n\n)?（\d+/\d+）\s*\n", "", one) for one in said(api))
    assert all(len(json.dumps(one, ensure_ascii=False).encode()) <= 20_000 for one in bodies)
    assert text.split() == re.sub(r"^@0312\n\n", "", read).split()


@pytest.mark.parametrize("text", ["\n" * 9000, "\x01" * 9000, '"' * 20_000, "\\" * 20_000, "电" * 20_000])
def test_worst_words_fit(api: DingtalkApi, text: str) -> None:
    """Signs whose JSON is many times as long as they are do not make a message too long either."""
    deliver(api, [Words(text, True)])

    assert bool(text.strip()) == bool(api.sessions)
    assert [] == api.sent  # no session refused a body

    deliver(api, [Words(text, True)], **OVER)

    assert bool(text.strip()) == bool(api.sent)
    assert all(len(json.dumps(one["msgParam"], ensure_ascii=False).encode()) <= 20_000 for one in api.sent)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## **依据**\n第三十二条", "依据"),
        ("> [《供电营业规则》第六十七条](https://anxun.example/c/x) 现行", "《供电营业规则》第六十七条 现行"),
        ("![成绩单](@lADPDe7s1)", "成绩单"),
        ("电" * 60, "电" * 40),
        ("**", "安训"),
    ],
)
def test_list_of_chats_shows_plain_words(api: DingtalkApi, text: str, title: str) -> None:
    """The title is the first line without its markup, short, and never empty."""
    deliver(api, [Words(text, True)])

    assert [title] == [one["markdown"]["title"] for one in api.sessions]


def test_list_of_chats_shows_words_of_each_piece(api: DingtalkApi) -> None:
    """The number of a piece is no title."""
    deliver(api, [Words("停电要提前七天通知。\n" * 400, True)])

    assert 1 < len(api.sessions)
    assert {"停电要提前七天通知。"} == {one["markdown"]["title"] for one in api.sessions}


def test_large_card_comes_in_words(api: DingtalkApi) -> None:
    """Buttons that say very much do not fit into a card; they are offered by number."""
    deliver(api, [Buttons("挑一个：", [Button("长", "话" * 3000)], "k")])

    assert ["挑一个：\n1. 长\n回复数字就行。"] == said(api)
