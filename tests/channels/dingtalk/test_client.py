"""DingTalk's addresses for answers: first the official SDK proves the fake, then our client talks to the same one."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import structlog

from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.tokens import LocalShelf
from bot.channels.dingtalk.client import DingtalkClient
from bot.errors import NotReady
from tests.fakes.dingtalk_api import GROUP, PERSON, SESSION, TOKEN, UPLOAD, DingtalkApi

NOW = 1_760_000_000.0
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
WORDS = {"content": "您好，欠费停电前要提前七天通知。"}
HELLO = {"msgtype": "text", "text": WORDS}

OFFICIAL = """
import json, os, sys, requests
import dingtalk_stream
from dingtalk_stream import ChatbotHandler, ChatbotMessage, Credential, DingTalkStreamClient

base, post = os.environ["DINGTALK_OPENAPI_ENDPOINT"], requests.post
requests.post = lambda url, **told: post(url.replace("https://oapi.dingtalk.com", base), **told)  # uploads: fixed host

client = DingTalkStreamClient(Credential(sys.argv[1], os.environ["APP_SECRET"]))
wrong = DingTalkStreamClient(Credential(sys.argv[1], "wrong"))
tokens = [client.get_access_token(), client.get_access_token()]
def message(session):
    url = base + "/robot/sendBySession?session=" + session
    return ChatbotMessage.from_dict({"sessionWebhook": url, "senderStaffId": "0312"})
robot = ChatbotHandler()
said = [
    robot.reply_text("您好", message(sys.argv[2])), robot.reply_markdown("标题", "**您好**", message(sys.argv[2])),
    robot.reply_markdown("", "**您好**", message(sys.argv[2])), robot.reply_text("您好", message("another")),
    robot.reply_text("电" * 7000, message(sys.argv[2])),
]
media = client.upload_to_dingtalk(bytes.fromhex(sys.argv[3]))
client._access_token["accessToken"] = "revoked"
try:
    client.upload_to_dingtalk(b"")
    refused = False
except Exception as error:
    refused = "40014" in str(error)
print(json.dumps([tokens, [one["errcode"] for one in said], media, refused, wrong.get_access_token()]))
"""


@pytest.fixture
def api() -> DingtalkApi:
    return DingtalkApi(now=lambda: NOW)


def reply_to(api: DingtalkApi, **other: Any) -> dict[str, Any]:
    return {
        "session": f"https://oapi.dingtalk.test/robot/sendBySession?session={api.session}",
        "expires": int((NOW + 5400) * 1000), "robot": "dingrobot", "conversation": "cidAsXSBLnA==", "staff": "0312",
        "group": False,
    } | other  # fmt: skip


def client_of(api: DingtalkApi, **changed: Any) -> DingtalkClient:
    """Our client of the fake; the fake stands in the same process."""
    settings = {
        "app_key": api.app_key, "app_secret": api.app_secret, "robot_code": "dingown", "shelf": LocalShelf(),
        "base": "https://api.dingtalk.test", "session_base": "https://oapi.dingtalk.test",
        "transport": api.transport(), "now": api.now, "timeout": 0.1,
    }  # fmt: skip
    return DingtalkClient(**settings | changed)


Work = Callable[[DingtalkClient], Awaitable[Any]]


def with_client(api: DingtalkApi, work: Work, **changed: Any) -> Any:
    async def run() -> Any:
        client = client_of(api, **changed)
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(run())


def failing(api: DingtalkApi, work: Work, **changed: Any) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        with_client(api, work, **changed)
    return failed.value


def answering(api: DingtalkApi) -> Work:
    return lambda client: client.answer(reply_to(api), HELLO)


def sending(api: DingtalkApi, **other: Any) -> Work:
    return lambda client: client.send(reply_to(api, **other), "sampleText", WORDS)


def uploading(_: DingtalkApi) -> Work:
    return lambda client: client.upload_image(PNG)


# The fake, proved with the official SDK over a real connection


def test_official_client_speaks_to_the_fake(api: DingtalkApi) -> None:
    """DingTalk's own SDK fetches one token, answers in text and Markdown, uploads, and sees what is refused."""
    with api.served() as address:
        done = subprocess.run(
            [sys.executable, "-c", OFFICIAL, api.app_key, api.session, PNG.hex()],
            env={
                **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
                "DINGTALK_OPENAPI_ENDPOINT": address,
                "APP_SECRET": api.app_secret,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    token, media = next(iter(api.tokens)), next(iter(api.pictures))
    told = f'[["{token}", "{token}"], [0, 0, 40035, 300001, 460101], "{media}", true, null]'
    assert told == done.stdout.strip()
    assert ["text", "markdown"] == [one["msgtype"] for one in api.sessions]
    assert [["0312"], ["0312"]] == [one["at"]["atUserIds"] for one in api.sessions]
    assert PNG == api.pictures[media]


# Our client


def test_same_server_takes_all_of_ours(api: DingtalkApi) -> None:
    """The server the SDK was proved on takes our session answer, our message to a person and our picture too."""

    async def run(base: str) -> str:
        client = client_of(api, base=base, session_base=base, transport=httpx.AsyncHTTPTransport(), timeout=5)
        to = reply_to(api, session=f"{base}/robot/sendBySession?session={api.session}")
        assert client.session_is_open(to)
        await client.answer(to, HELLO)
        await client.send(to, "sampleText", WORDS)
        media = await client.upload_image(PNG)
        await client.close()
        return media

    with api.served() as base:
        media = asyncio.run(run(base))

    assert [HELLO] == api.sessions
    assert [(WORDS, ["0312"])] == [(one["param"], one["to"]) for one in api.sent]
    assert {media: PNG} == api.pictures
    assert 1 == api.calls[TOKEN]


@pytest.mark.parametrize(
    ("left_s", "usable"), [(5400, True), (61, True), (60, False), (1, False), (-1, False)]
)
def test_session_is_used_until_a_minute_before_its_end(api: DingtalkApi, left_s: int, usable: bool) -> None:
    """An answer on its way for a while still arrives in time; one minute is the margin."""
    told = reply_to(api, expires=int((NOW + left_s) * 1000))

    assert usable == client_of(api).session_is_open(told)


@pytest.mark.parametrize(
    "session",
    [
        "https://oapi.dingtalk.test.evil.example/robot/sendBySession?session=s",
        "https://oapi.dingtalk.test@evil.example/robot/sendBySession?session=s",
        "https://user@oapi.dingtalk.test/robot/sendBySession?session=s",
        "https://oapi.dingtalk.test:8443/robot/sendBySession?session=s",
        "https://oapi.dingtalk.test\\@evil.example/robot/sendBySession?session=s",
        "https://evil.example/robot/sendBySession?session=s",
        "https://evil.example\\.oapi.dingtalk.test/robot/sendBySession",
        "http://oapi.dingtalk.test/robot/sendBySession?session=s",
        "https://oapi.dingtalk.test/robot/send?access_token=t",
        "https://oapi.dingtalk.test/robot/sendBySession/../../topapi?session=s",
        "https://oapi.dingtalk.test/robot/sendBy\nSession?session=s",
        "https://oapi.dingtalk.test/robot/sendBySession?session=s s",
        "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "//oapi.dingtalk.test/robot/sendBySession",
        "https://[::1/robot/sendBySession", "https://ｏapi.dingtalk.test/robot/sendBySession?session=s", "",
    ],
)  # fmt: skip
def test_session_leads_nowhere_else(api: DingtalkApi, session: str) -> None:
    """The address comes from outside: only DingTalk's own place for sessions is ever called."""
    assert client_of(api).session_is_open(reply_to(api))
    assert not client_of(api).session_is_open(reply_to(api, session=session))


def test_group_is_reached_by_its_conversation(api: DingtalkApi) -> None:
    """After the session an answer to a group goes to the group, and the robot of the message says it."""
    with_client(api, sending(api, group=True))
    with_client(api, sending(api, group=True, robot=""))

    assert ["cidAsXSBLnA=="] * 2 == [one["to"] for one in api.sent]
    assert ["dingrobot", "dingown"] == [one["robotCode"] for one in api.sent]
    assert (2, 0) == (api.calls[GROUP], api.calls[PERSON])


def test_fifty_cold_sends_ask_for_one_token(api: DingtalkApi) -> None:
    """Fifty answers at once by an app that has no token: one request for it, fifty messages."""
    api.slow_s = 0.01
    with_client(api, lambda client: asyncio.gather(*(sending(api)(client) for _ in range(50))), timeout=5)

    assert (1, 50) == (api.calls[TOKEN], len(api.sent))


def test_revoked_token_is_renewed_once_for_all(api: DingtalkApi) -> None:
    """DingTalk revokes the token in use: forty answers and ten pictures at once share one new token."""
    api.slow_s = 0.01

    async def revoked(client: DingtalkClient) -> None:
        await sending(api)(client)
        api.revoke()
        await asyncio.gather(
            *(sending(api)(client) for _ in range(40)), *(uploading(api)(client) for _ in range(10))
        )

    with_client(api, revoked, timeout=5)

    assert (2, 41, 10) == (api.calls[TOKEN], len(api.sent), len(api.pictures))


@pytest.mark.parametrize(
    ("work", "path", "fault"),
    [
        (sending, PERSON, "401 InvalidAuthentication"),
        (sending, PERSON, "400 InvalidAuthentication"),
        (sending, PERSON, "403 Forbidden.AccessDenied.AccessTokenExpired"),
        (uploading, UPLOAD, 40001),
        (uploading, UPLOAD, 40014),
        (uploading, UPLOAD, 42001),
    ],
)
def test_token_refused_for_ever_stops(
    api: DingtalkApi, work: Callable[[DingtalkApi], Work], path: str, fault: int | str
) -> None:
    """A token refused once is renewed once; where every token is refused, two tries and no third."""
    api.faults[path].append(fault)
    with_client(api, work(api))

    assert (2, 2) == (api.calls[TOKEN], api.calls[path])

    api.always[path] = fault

    assert not failing(api, work(api)).again
    assert (4, 4) == (api.calls[TOKEN], api.calls[path])


@pytest.mark.parametrize(
    ("work", "path"), [(answering, SESSION), (uploading, UPLOAD)], ids=["session", "upload"]
)
@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (-1, True), (88, True), (90018, True), (130101, True), ("500", True), ("502", True), ("429", True),
        ("hang", True), ("html", True), ("list", True), ("bare", True),
        (300001, False), (310000, False), (400105, False), ("403", False), ("404", False),
    ],
)  # fmt: skip
def test_older_interface_says_whether_later_helps(
    api: DingtalkApi, work: Callable[[DingtalkApi], Work], path: str, fault: int | str, again: bool
) -> None:
    """Trouble that passes may be tried later, a refusal may not; either way it was tried once."""
    api.always[path] = fault

    assert again == failing(api, work(api)).again
    assert 1 == api.calls[path]
    assert ([], {}) == (api.sessions, api.pictures)


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        ("500", True), ("503 ServiceUnavailable", True), ("429 Throttling.Api", True), ("hang", True), ("html", True),
        ("403 Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", True), ("400 Throttling.User", True), ("bare", True),
        ("403 Forbidden.AccessDenied.AccessTokenPermissionDenied", False), ("400 MissingParameter", False),
        ("404 resource.not.found", False), ("403", False), ("400 秘密\n", False),
    ],
)  # fmt: skip
def test_open_interface_says_whether_later_helps(api: DingtalkApi, fault: str, again: bool) -> None:
    """The same for the open interface, where too many calls come as 403 with a code that says so."""
    api.always[PERSON] = fault
    failed = failing(api, sending(api))

    assert again == failed.again
    assert "秘密" not in failed.message and [] == api.sent


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        ("500", True), ("hang", True), ("html", True), ("bare", True), ("403 QpsLimitForApi", True),
        ("401", False), ("400 invalidClientIdOrSecret", False),
    ],
)  # fmt: skip
def test_failing_token_sends_nothing(api: DingtalkApi, fault: str, again: bool) -> None:
    """Trouble with the token is told in the same way, before anything is sent."""
    api.always[TOKEN] = fault

    assert again == failing(api, sending(api)).again
    assert (1, 0) == (api.calls[TOKEN], api.calls[PERSON])


def test_wrong_credentials_are_named(api: DingtalkApi) -> None:
    """A wrong Client Secret is said with the command that helps, and is not tried for ever."""
    failed = failing(api, sending(api), app_secret="wrong")

    assert "invalidClientIdOrSecret" in failed.message and "anxun channel check dingtalk" in failed.remedy
    assert not failed.again


@pytest.mark.parametrize(
    ("list_name", "again"), [("invalidStaffIdList", False), ("flowControlledStaffIdList", True)]
)
def test_person_who_is_left_out_is_noticed(api: DingtalkApi, list_name: str, again: bool) -> None:
    """DingTalk says 200 and lists those it did not reach: for the one asker that is a failure."""
    api.missed["0312"] = list_name

    assert again == failing(api, sending(api)).again
    assert [] == api.sent


def test_guest_after_the_session_cannot_be_reached(api: DingtalkApi) -> None:
    """Without a staff id there is no way but the session; nothing is asked of DingTalk."""
    assert not failing(api, sending(api, staff="")).again
    assert not api.calls


def test_busy_shelf_may_be_tried_later(api: DingtalkApi) -> None:
    """Where another process holds the token for too long, the message is left for later."""

    class Busy(LocalShelf):
        async def alone(self, key: str, work: Any) -> Any:
            raise NotReady("平台的访问令牌一直没有拿到。")

    assert failing(api, sending(api), shelf=Busy()).again
    assert failing(api, uploading(api), shelf=Busy()).again


def test_dead_network_may_be_tried_later(api: DingtalkApi) -> None:
    """Where nothing can be reached, the message is left for later; httpx's own words, address and all, are dropped."""

    def dead(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"refused {request.url}", request=request)

    failed = failing(api, answering(api), transport=httpx.MockTransport(dead))

    assert failed.again and "ConnectError" in failed.message
    assert api.session not in "".join(traceback.format_exception(failed))


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (SESSION, None), (SESSION, 300001), (SESSION, "500"), (SESSION, "hang"), (SESSION, "html"),
        (PERSON, "401 InvalidAuthentication"), (PERSON, "500"), (PERSON, "hang"), (UPLOAD, 40014), (UPLOAD, "404"),
        (TOKEN, "401"), (TOKEN, "hang"), (TOKEN, "html"),
    ],
)  # fmt: skip
def test_secrets_stay_out_of_logs_and_errors(
    api: DingtalkApi, path: str, fault: int | str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Session, token and app secret stand in no log, at any level, nor in an error and its traceback."""
    caplog.set_level(logging.DEBUG)
    told = []
    if fault is not None:
        api.always[path] = fault

    async def all_three(client: DingtalkClient) -> None:
        for work in (answering, sending, uploading):
            try:
                await work(api)(client)
            except DeliveryFailed as error:
                told.append("".join(traceback.format_exception(error)) + repr(error))

    with structlog.testing.capture_logs() as events:
        with_client(api, all_three)

    seen = f"{caplog.text} {events} {told}"
    assert (fault is None) == (not told)
    assert "oapi.dingtalk.test" in caplog.text
    assert not [one for one in (api.session, api.app_secret, "access-token-", "access_token=") if one in seen]
