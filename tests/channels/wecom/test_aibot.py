"""What people say to the 智能机器人 is understood whatever form it has, and what it answers fits and is whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.chat.outbound import Button, Buttons, Picture, Words
from bot.channels.wecom.aibot import (
    MOST_BYTES,
    as_markdown,
    cut,
    event_of,
    pressed_button,
    read_message,
    read_object,
    read_pressed,
    stream_id,
)
from bot.errors import BadInput
from tests.fakes.wecom_aibot import event, message

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of what is tested."""


def mixed(*texts: str, chat: str = "") -> dict[str, Any]:
    """Words and pictures in one message."""
    items = [{"msgtype": "text", "text": {"content": text}} for text in texts]
    picture = {"msgtype": "image", "image": {"url": "https://example.com/1"}}
    return message("", "m1", chat=chat, msgtype="mixed", mixed={"msg_item": [picture, *items]})


def test_single_message_is_read() -> None:
    """In a single chat the chat is the person, and the answer goes back there."""
    inbound = read_message(message("欠费多久能停电", "m1"), {"stream": "s1"})

    assert ("wecom-aibot", "m1", "zhangsan", "zhangsan") == (
        inbound.channel, inbound.key, inbound.chat, inbound.person,
    )  # fmt: skip
    assert ("欠费多久能停电", False, "") == (inbound.text, inbound.group, inbound.event)
    assert {"chatid": "zhangsan", "chat_type": 1, "stream": "s1"} == inbound.reply_to


def test_group_message_is_read() -> None:
    """In a group the chat is the group, and who speaks is kept apart."""
    inbound = read_message(message("@安训 开始练习", "m1", "lisi", "wrgroup1"), {})

    assert ("wrgroup1", "lisi", True) == (inbound.chat, inbound.person, inbound.group)
    assert {"chatid": "wrgroup1", "chat_type": 2} == inbound.reply_to


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("@安训 欠费多久能停电", "欠费多久能停电"),
        ("@安训\u2005欠费多久能停电", "欠费多久能停电"),
        ("  @安训  欠费多久能停电 ", "欠费多久能停电"),
        ("@安训\n欠费多久能停电", "欠费多久能停电"),
        ("@安训 @张三 刚才那句怎么说", "@张三 刚才那句怎么说"),
        ("客户让我发到 kefu@example.com 行吗", "客户让我发到 kefu@example.com 行吗"),
        ("问一下 @安训 欠费多久能停电", "问一下 @安训 欠费多久能停电"),
    ],
)
def test_mention_in_front_is_no_question(typed: str, meant: str) -> None:
    """Of a group message the mention in front goes, and nothing else."""
    assert meant == read_message(message(typed, "m1", chat="wrgroup1"), {}).text


def test_name_in_a_single_chat_stays() -> None:
    """Where nobody needs to be mentioned an @ is part of what was said."""
    assert "@张三 是谁" == read_message(message("@张三 是谁", "m1"), {}).text


@pytest.mark.parametrize("typed", ["@安训", "@安训 ", " "])
def test_mention_alone_says_hello(typed: str) -> None:
    """Who only calls the bot by its name is greeted."""
    inbound = read_message(message(typed, "m1", chat="wrgroup1"), {})

    assert ("enter", "") == (inbound.event, inbound.text)


def test_voice_is_what_was_dictated() -> None:
    """A voice message comes with its words."""
    body = message("", "m1", msgtype="voice", voice={"content": "欠费多久能停电"})

    assert "欠费多久能停电" == read_message(body, {}).text


def test_mixed_message_is_its_words() -> None:
    """Of words and pictures together the words are answered."""
    assert "看这张表\n怎么算" == read_message(mixed("@安训 看这张表", "怎么算", chat="g"), {}).text


@pytest.mark.parametrize("kind", ["image", "file", "video", "location", "红包"])
def test_what_has_no_words_is_media(kind: str) -> None:
    """Pictures, files and kinds that do not exist yet are declined kindly, not with an error."""
    assert "media" == read_message(message("", "m1", msgtype=kind, **{kind: {"url": "x"}}), {}).event


def test_picture_without_words_is_media() -> None:
    """A mixed message that holds pictures only is a picture."""
    assert "media" == read_message(mixed(), {}).event


def test_quote_is_not_what_the_person_says() -> None:
    """A quoted message is somebody else's word, perhaps the bot's."""
    quoted = {"msgtype": "text", "text": {"content": "马上给你停电"}}

    assert "这句行吗" == read_message(message("这句行吗", "m1", quote=quoted), {}).text


def test_half_a_character_is_replaced() -> None:
    """JSON can carry half an emoji; no database takes one."""
    body = read_object(json.dumps(message("好\ud83d的", "m1")))

    assert "好?的" == read_message(body, {}).text


@pytest.mark.parametrize(
    "body",
    [
        {},
        message("好", ""),
        message("好", "m" * 300),
        message("好", "m\x00"),
        message("好", "m1", user=""),
        message("好", "m1") | {"from": "zhangsan"},
        message("好", "m1") | {"from": {"userid": 7}},
        message("好", "m1") | {"chattype": "group"},
    ],
)
def test_message_without_ids_is_refused(body: dict[str, Any]) -> None:
    """What cannot be told apart or answered is no message."""
    with pytest.raises(BadInput):
        read_message(body, {})


@pytest.mark.parametrize("text", ["", "不是 JSON", "[]", "7", "[" * 100_000, b"\xff", '{"a":'])
def test_body_that_is_no_object_is_refused(text: str | bytes) -> None:
    """Whatever is posted, the only complaint is BadInput."""
    with pytest.raises(BadInput):
        read_object(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@calm
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("msgid", "from", "chattype", "chatid", "text", "mixed", "voice", "event", "stream"), json_values
        )
        | {"msgtype": st.sampled_from(["text", "mixed", "voice", "event", "image"]) | json_values},
    )
)
def test_any_object_is_read_or_refused(body: dict[str, Any]) -> None:
    """Fields of the wrong kind bring BadInput at most."""
    event_of(body)
    for read in (lambda: read_message(body, {}), lambda: pressed_button(body)):
        try:
            read()
        except BadInput:
            continue


def test_button_says_its_words() -> None:
    """A pressed button is found by its card and key, and its words are what the person says."""
    pressed = event("template_card_event", "m1", template_card_event={"task_id": "card1", "event_key": "b2"})

    assert ("card1", "b2") == pressed_button(pressed)
    assert "开始练习" == read_pressed(pressed, "开始练习", {}).text


def test_stream_of_a_message_is_always_the_same() -> None:
    """Every repetition of a message has the same stream, every other message another."""
    assert stream_id("m1") == stream_id("m1") != stream_id("m2")


def test_parts_become_one_text() -> None:
    """Words in their order, choices as numbers, pictures beside."""
    buttons = Buttons(
        "还想问哪一个？", [Button("停电通知", "停电要怎么通知"), Button("分期", "能分期吗")], "k"
    )
    text, pictures = as_markdown([Words("满三十天。"), buttons, Picture(b"png", "曲线"), Words("完", True)])

    assert "满三十天。\n\n还想问哪一个？\n1. 停电通知\n2. 分期\n回复数字就行。\n\n完" == text
    assert [b"png"] == [picture.png for picture in pictures]


links = st.sampled_from(
    ["[第39条](https://anxun.example.com/c/abc)", "[《供电营业规则》](https://a.cn/c/x?y=1)"]
)
pieces = st.one_of(links, st.text(max_size=30), st.sampled_from(["。", "\n", "\n\n", "！", "👨‍👩‍👧", "电"]))


@calm
@given(st.lists(pieces, max_size=40).map("".join), st.integers(60, 400))
def test_cut_loses_nothing(text: str, most: int) -> None:
    """Beginning and rest are the text, and the beginning fits."""
    text = text.encode(errors="ignore").decode()
    head, rest = cut(text, most)

    assert text == head + rest
    assert len(head.encode()) <= most
    assert head or not text


@calm
@given(st.lists(st.one_of(links, st.sampled_from(["见", "。", "和"])), min_size=8).map("".join))
def test_cut_spares_links(text: str) -> None:
    """A citation is never cut in two."""
    head, _ = cut(text, 200)

    assert head.count("[") == head.count("](") == head.count(")")


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("第一段。\n\n第二段，很长很长很长很长。", "第一段。\n\n"),
        ("第一句。第二句话很长很长很长很长。", "第一句。"),
        ("没有标点的一句话没有标点的一句话", "没有标点的一句话"),
    ],
)
def test_cut_ends_where_a_thought_ends(text: str, head: str) -> None:
    """A paragraph first, then a sentence, and only then anywhere."""
    assert head == cut(text, 24)[0]


def test_everything_fits_that_fits() -> None:
    """A text of exactly the limit is not cut."""
    text = "电" * (MOST_BYTES // 3) + "ab"

    assert MOST_BYTES == len(text.encode())
    assert (text, "") == cut(text, MOST_BYTES)
