"""Answers reach DingTalk: in the session while it is open, afterwards through the open interface; faults lose nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from bot.channels.chat.outbound import Button, Buttons, DeliveryFailed, Part, Picture, Words
from bot.channels.chat.tokens import LocalShelf
from bot.channels.dingtalk.client import DingtalkClient
from bot.channels.dingtalk.courier import DingtalkCourier
from bot.channels.dingtalk.webhook import DingtalkWebhook
from tests.fakes.dingtalk_api import GROUP, PERSON, PUSH, SESSION, TOKEN, UPLOAD, DingtalkApi

NOW = 1_760_000_000.0
BASE = "https://api.dingtalk.test"
OFFICIAL = """
import sys, dingtalk_stream
from dingtalk_stream import ChatbotHandler, ChatbotMessage, Credential, DingTalkStreamClient
client = DingTalkStreamClient(Credential(sys.argv[2], sys.argv[3]))
token = client.get_access_token()
message = ChatbotMessage.from_dict({"sessionWebhook": sys.argv[1] + "/robot/sendBySession?session=s", "senderStaffId": "0312"})
said = ChatbotHandler().reply_text("您好", message), ChatbotHandler().reply_markdown("标题", "**您好**", message)
print(token, *[one["errcode"] for one in said])
"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def api() -> DingtalkApi:
    return DingtalkApi()


@pytest.fixture
def courier(api: DingtalkApi) -> DingtalkCourier:
    return DingtalkCourier(client_of(api))


def client_of(api: DingtalkApi, **other: Any) -> DingtalkClient:
    return DingtalkClient(
        api.app_key, api.app_secret, "dingrobot", LocalShelf(), base=BASE, session_base="https://oapi.dingtalk.test",
        transport=api.transport(), now=lambda: NOW, **other,
    )  # fmt: skip


def open_session(**other: Any) -> dict[str, Any]:
    return {
        "session": "https://oapi.dingtalk.test/robot/sendBySession?session=secret", "expires": int((NOW + 5400) * 1000),
        "robot": "dingrobot", "conversation": "cid1", "staff": "0312", "group": False,
    } | other  # fmt: skip


OVER = {"expires": int((NOW - 1) * 1000)}


def deliver(courier: DingtalkCourier, reply_to: dict[str, Any], parts: Sequence[Part]) -> None:
    asyncio.run(courier.deliver(reply_to, parts))


def test_fake_is_good_enough_for_the_official_client(api: DingtalkApi) -> None:
    """DingTalk's own SDK fetches a token and answers in text and Markdown."""
    with api.served() as address:
        done = subprocess.run(
            [sys.executable, "-c", OFFICIAL, address, api.app_key, api.app_secret],
            env={**{n: v for n, v in os.environ.items() if "proxy" not in n.lower()}, "DINGTALK_OPENAPI_ENDPOINT": address},
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip

    assert ["token-1", "0", "0"] == done.stdout.split()
    assert ["text", "markdown"] == [one["msgtype"] for one in api.sessions]


def test_answer_goes_into_the_open_session(api: DingtalkApi, courier: DingtalkCourier) -> None:
    """Words as text or Markdown, choices as a card whose buttons say the words, without any token."""
    parts = [
        Words("您好。"),
        Words("**依据**\n第三十二条", True),
        Buttons("还可以问：", [Button("停错了怎么赔", "停错了怎么赔？")], "k"),
    ]
    deliver(courier, open_session(), parts)

    text, markdown, card = api.sessions
    assert "您好。" == text["text"]["content"]
    assert ("依据", "**依据**  \n第三十二条") == (markdown["markdown"]["title"], markdown["markdown"]["text"])
    assert {"title": "停错了怎么赔", "actionURL": "dtmd://dingtalkclient/sendMessage?content=%E5%81%9C%E9%94%99%E4%BA%86%E6%80%8E%E4%B9%88%E8%B5%94%EF%BC%9F"} == card["actionCard"]["btns"][0]  # fmt: skip
    assert 0 == api.calls[TOKEN]


def test_asker_is_named_in_a_group(api: DingtalkApi, courier: DingtalkCourier) -> None:
    """In a group everybody sees whose answer this is."""
    deliver(courier, open_session(group=True), [Words("您好。"), Words("**您好**", True)])

    assert [["0312"], ["0312"]] == [one["at"]["atUserIds"] for one in api.sessions]
    assert api.sessions[1]["markdown"]["text"].startswith("@0312")


@pytest.mark.parametrize(("group", "path", "to"), [(False, PERSON, ["0312"]), (True, GROUP, "cid1")])
def test_after_the_session_the_open_interface_is_used(
    api: DingtalkApi, courier: DingtalkCourier, group: bool, path: str, to: Any
) -> None:
    """Ninety minutes later the answer still arrives; buttons come as numbers."""
    deliver(
        courier,
        open_session(group=group, **OVER),
        [Words("您好。"), Buttons("挑一个：", [Button("王姐", "找王姐")], "k")],
    )

    assert (0, 2, 1) == (api.calls[SESSION], api.calls[path], api.calls[TOKEN])
    assert [to, to] == [one["to"] for one in api.sent]
    assert "1. 王姐" in api.sent[1]["param"]["content"]


@pytest.mark.parametrize(
    "session",
    [
        "https://evil.example/robot/sendBySession?session=s", "http://oapi.dingtalk.test/robot/sendBySession",
        "https://oapi.dingtalk.test.evil.example/x", "https://oapi.dingtalk.test@evil.example/x", "https://[bad", "",
    ],
)  # fmt: skip
def test_address_that_is_not_dingtalks_is_never_called(
    api: DingtalkApi, courier: DingtalkCourier, session: str
) -> None:
    """The session's address comes from outside; only DingTalk's own is used, otherwise the open interface."""
    deliver(courier, open_session(session=session), [Words("您好。")])

    assert (0, 1) == (api.calls[SESSION], api.calls[PERSON])


def test_picture_is_uploaded_and_shown(api: DingtalkApi, courier: DingtalkCourier) -> None:
    """The PNG arrives byte for byte and stands in the Markdown."""
    deliver(courier, open_session(), [Picture(PNG, "谈成了，86 分")])

    assert [PNG] == list(api.pictures.values())
    assert "![成绩单](@media1)" in api.sessions[0]["markdown"]["text"]


def test_refused_picture_and_card_come_in_words(api: DingtalkApi, courier: DingtalkCourier) -> None:
    """What DingTalk does not take is said in words."""
    api.faults[UPLOAD].append(40004)
    deliver(courier, open_session(), [Picture(PNG, "谈成了，86 分")])
    api.faults[SESSION].append(400105)
    deliver(courier, open_session(), [Buttons("挑一个：", [Button("王姐", "找王姐")], "k")])

    assert ["谈成了，86 分", "挑一个：\n1. 王姐\n回复数字就行。"] == [
        one["text"]["content"] for one in api.sessions
    ]


def test_fifty_cold_senders_fetch_one_token_and_a_revoked_one_is_replaced_once(api: DingtalkApi) -> None:
    """A stampede costs one request; so does a token that is refused early."""
    courier = DingtalkCourier(client_of(api))

    async def run() -> None:
        await asyncio.gather(*(courier.deliver(open_session(**OVER), [Words(f"第{n}条")]) for n in range(50)))
        api.revoke()
        await asyncio.gather(*(courier.deliver(open_session(**OVER), [Words(f"又{n}条")]) for n in range(50)))

    asyncio.run(run())

    assert (2, 100) == (api.calls[TOKEN], len(api.sent))


@pytest.mark.parametrize(
    ("reply_to", "path", "fault", "again"),
    [
        ({}, SESSION, "500", True), ({}, SESSION, "html", True), ({}, SESSION, -1, True), ({}, SESSION, 300001, False),
        (OVER, PERSON, "500", True), (OVER, PERSON, "429", True), (OVER, PERSON, "403", False), (OVER, TOKEN, "500", True),
        (OVER, TOKEN, "401", False), (OVER | {"staff": ""}, PERSON, "500", False),
    ],
)  # fmt: skip
def test_faults_say_whether_trying_again_helps(
    api: DingtalkApi,
    courier: DingtalkCourier,
    reply_to: dict[str, Any],
    path: str,
    fault: int | str,
    again: bool,
) -> None:
    """Busy and broken is later; refused is never. Nothing secret stands in the error."""
    api.faults[path].append(fault)
    with pytest.raises(DeliveryFailed) as failed:
        deliver(courier, open_session(**reply_to), [Words("您好。")])

    assert again == failed.value.again
    assert "secret" not in str(failed.value) and "token" not in str(failed.value)


def test_unreachable_platform_is_tried_later() -> None:
    """Nothing listens: one clear error, without the address."""
    client = DingtalkClient(
        "k", "s", "r", LocalShelf(), "http://127.0.0.1:9", "http://127.0.0.1:9", now=lambda: NOW
    )
    with pytest.raises(DeliveryFailed) as failed:
        deliver(
            DingtalkCourier(client),
            open_session(session="http://127.0.0.1:9/robot?session=secret"),
            [Words("您好。")],
        )

    assert failed.value.again and "127.0.0.1" not in str(failed.value)


def pushes(api: DingtalkApi, work: Callable[[DingtalkWebhook], Coroutine[Any, Any, None]]) -> list[float]:
    """The waits that a robot of one group took."""
    waited: list[float] = []
    clock = [NOW]

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock[0] += seconds

    url = "https://oapi.dingtalk.test/robot/send?access_token=secret"
    asyncio.run(work(DingtalkWebhook(url, "SECx", api.transport(), lambda: clock[0], sleep)))
    return waited


def test_pushes_are_signed_afresh_and_never_too_fast(api: DingtalkApi) -> None:
    """The twenty-first within a minute waits; the address does not grow."""

    async def many(robot: DingtalkWebhook) -> None:
        for number in range(21):
            await robot.push_text(f"今日标语第{number}条")

    assert [60.0] == pushes(api, many)
    assert 21 == len(api.pushed) and {1} == {url.count("sign=") for url, _ in api.pushed}


def test_refused_push_says_what_to_look_at(api: DingtalkApi) -> None:
    """A wrong signature points at the safety settings and hides the address."""
    api.faults[PUSH].append(310000)

    with pytest.raises(DeliveryFailed, match="安全设置") as failed:
        pushes(api, lambda robot: robot.push_markdown("演练", "**演练开始**"))

    assert "secret" not in str(failed.value)
