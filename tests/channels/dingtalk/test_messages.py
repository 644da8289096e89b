"""What staff say to the robot in DingTalk is understood, whatever its kind; what is no message is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.dingtalk.messages import read_robot_message
from bot.errors import BadInput


def body(**other: Any) -> dict[str, Any]:
    return {
        "msgId": "msg1", "conversationId": "cid1", "conversationType": "1", "senderId": "$:LWCP_v1:$x", "robotCode": "ding1",
        "senderStaffId": "0312", "senderNick": "张三", "msgtype": "text", "text": {"content": "停电提前几天？"},
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=s", "sessionWebhookExpiredTime": 1_760_005_400_000,
    } | other  # fmt: skip


@pytest.mark.parametrize(
    ("told", "text", "event"),
    [
        ({}, "停电提前几天？", ""),
        ({"text": {"content": " 停电提前几天？"}}, "停电提前几天？", ""),
        ({"text": {"content": " "}}, "", "enter"),
        ({"msgtype": "audio", "content": {"recognition": "电费怎么这么多"}}, "电费怎么这么多", ""),
        ({"msgtype": "audio", "content": {}}, "", "media"),
        ({"msgtype": "richText", "content": {"richText": [{"text": "先看图"}, {"downloadCode": "x"}, {"text": "对吗"}]}}, "先看图对吗", ""),
        ({"msgtype": "richText", "content": {"richText": [{"text": " "}, {"downloadCode": "x"}]}}, "", "media"),
        ({"msgtype": "richText", "content": {"richText": "x"}}, "", "media"),
        ({"msgtype": "text", "text": "x"}, "", "enter"),
        ({"msgtype": None}, "", "media"),
        ({"msgtype": "video", "content": {}}, "", "media"),
        ({"msgtype": "picture", "content": {"downloadCode": "x"}}, "", "media"),
        ({"msgtype": "file", "content": {}}, "", "media"),
        ({"msgtype": "unknownMsgType"}, "", "media"),
    ],
)  # fmt: skip
def test_kinds_become_words_or_a_kind_decline(told: dict[str, Any], text: str, event: str) -> None:
    """Typed, dictated or rich text is what was said; the rest is media; a bare mention is a hello."""
    inbound = read_robot_message(body(**told))

    assert (text, event, "msg1", "0312") == (inbound.text, inbound.event, inbound.key, inbound.person)


def test_groups_keep_apart_who_said_what() -> None:
    """In a group the chat is the group and the person has a name; alone the chat is the person."""
    alone, group = read_robot_message(body()), read_robot_message(body(conversationType="2"))

    assert ("0312", False) == (alone.chat, alone.group)
    assert ("cid1", True, "张三") == (group.chat, group.group, group.name)


def test_outsider_without_a_staff_id_is_known_by_the_sender_id() -> None:
    """Guests of the firm carry no staff id; they can still be answered in the session."""
    assert "$:LWCP_v1:$x" == read_robot_message(body(senderStaffId=None)).person


def test_answer_knows_where_to_go() -> None:
    """Session, its end, robot, conversation and staff id are kept with the message, as plain JSON."""
    told = read_robot_message(body(conversationType=2, sessionWebhookExpiredTime="1760005400000"))

    assert told.group
    assert {
        "session": "https://oapi.dingtalk.com/robot/sendBySession?session=s", "expires": 1_760_005_400_000, "robot": "ding1",
        "conversation": "cid1", "staff": "0312", "group": True,
    } == json.loads(json.dumps(told.reply_to))  # fmt: skip


@pytest.mark.parametrize("expires", [None, -1, True, 10**400, "12:30", "９", [1], 1.5, "9" * 5000])
def test_nonsense_for_the_end_of_a_session_means_over(expires: object) -> None:
    """A stamp that is none never makes a session look open, nor breaks the answer later."""
    assert read_robot_message(body(sessionWebhookExpiredTime=expires)).reply_to["expires"] in (0, 1)


def test_long_nickname_is_cut() -> None:
    """Twenty signs name somebody well enough."""
    assert 20 == len(read_robot_message(body(senderNick="张" * 500)).name)


def test_nickname_with_control_signs_is_tidied() -> None:
    """Nothing in a name moves the cursor of a log or turns the line around."""
    assert "张三" == read_robot_message(body(senderNick="张\u202e\n三\x00")).name


@pytest.mark.parametrize("missing", ["msgId", "conversationId"])
@pytest.mark.parametrize("value", [None, "", 7, "a\nb", "长" * 300])
def test_message_without_ids_is_refused(missing: str, value: object) -> None:
    """What cannot be told from the next message is no message."""
    with pytest.raises(BadInput):
        read_robot_message(body(**{missing: value}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["content", "richText", "text"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(list(body())), json_values, max_size=8),
    st.sampled_from(["text", "richText", "audio"]),
)
def test_any_json_is_read_or_refused(told: dict[str, Any], kind: str) -> None:
    """Whatever stands in the fields, there is a message or one clear error, never another."""
    try:
        inbound = read_robot_message(body(**told) | {"msgtype": kind, "content": told.get("text")})
    except BadInput:
        return

    assert inbound.key and inbound.person and inbound.chat and inbound.text.encode().decode() == inbound.text
