"""The self-built app's callback, as WeCom calls it: every message handed on once, everything else refused quietly."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from bot.channels.chat.inbound import Inbound
from bot.channels.chat.receiving import MOST_BYTES
from bot.channels.wecom.app_callback import PATH, build_app_callback
from bot.channels.wecom.crypto import MessageCrypt
from tests.channels.wecom.test_envelope import ENTITIES, LAUGHS, OUTSIDE
from tests.fakes import wecom_callbacks
from tests.fakes.wecom_callbacks import Push, WecomCallbacks, deliver

TOKEN, KEY, CORP, AGENT = (
    "RasaBot2026",
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "wwcorp0001",
    "1000002",
)
NOW = 1_760_000_000
WECOM = WecomCallbacks(TOKEN, KEY, CORP, AGENT, NOW)
SAID = "客户身份证号泄露了怎么办"
BUTTONS = {("card-1", "b2"): "开始练习"}


class Bot:
    """The callback in an application, and what it handed on; `fails` times `accept` raises first."""

    def __init__(self, fails: int = 0, hangs: bool = False, patience: float = 4.0) -> None:
        self.handed: list[Inbound] = []
        self.seen: set[str] = set()
        self._fails, self._hangs = fails, hangs
        self.app = FastAPI()
        crypt = MessageCrypt(TOKEN, KEY, CORP)
        self.app.include_router(
            build_app_callback(
                crypt, self._accept, self._pressed, CORP, AGENT, now=lambda: NOW, patience=patience
            )
        )
        self.web = TestClient(self.app)

    def post(self, push: Push) -> Any:
        return self.web.post(PATH, params=dict(push.params), content=push.body)

    async def _accept(self, inbound: Inbound) -> bool:
        if self._hangs:
            await asyncio.sleep(60)
        if self._fails:
            self._fails -= 1
            raise OSError(f"disk full while writing {inbound.text}")
        self.handed.append(inbound)
        fresh = inbound.key not in self.seen
        self.seen.add(inbound.key)
        return fresh

    async def _pressed(self, task_id: str, key: str) -> str | None:
        return BUTTONS.get((task_id, key))


@pytest.fixture
def bot() -> Bot:
    return Bot()


def test_address_check_is_answered(bot: Bot) -> None:
    """When the administrator saves the address, WeCom reads back its own words and nothing beside them."""
    response = bot.web.get(PATH, params=WECOM.check("1616140317555161061"))

    assert (200, b"1616140317555161061") == (response.status_code, response.content)
    assert response.headers["content-type"].startswith("text/plain")


def test_published_check_is_answered() -> None:
    """Tencent's published example passes as a request, with the signs of base64 escaped in the address."""
    app = FastAPI()
    crypt = MessageCrypt("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
    bot = Bot()
    app.include_router(
        build_app_callback(crypt, bot._accept, bot._pressed, "wx5823bf96d3bd56c7", "1", lambda: 1409659589)
    )
    address = (
        f"{PATH}?msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780"
        "&echostr=P9nAzCzyDtyTWESHep1vC5X9xho%2FqYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp%2B4RPcs8TgAE7OaBO%2BFZXvnaqQ%3D%3D"
    )

    assert "1616140317555161061" == TestClient(app).get(address).text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"msg_signature": "0" * 40}, 403),
        ({"nonce": "another"}, 403),
        ({"timestamp": str(NOW + 1)}, 403),
        ({"echostr": ""}, 403),
        ({"echostr": "P9nAzCzyDtyTWESHep1vC5X9xho="}, 403),
    ],
)
def test_other_address_check_is_refused(bot: Bot, change: dict[str, str], status: int) -> None:
    """A check WeCom did not sign learns nothing of us."""
    response = bot.web.get(PATH, params={**WECOM.check("1616140317555161061"), **change})

    assert (status, b"") == (response.status_code, response.content)


def test_old_address_check_is_refused(bot: Bot) -> None:
    """A check that was caught long ago is not answered, though its signature is good."""
    push = WECOM.push("1616140317555161061", at=NOW - 3600)
    echo = push.body.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]

    assert 403 == bot.web.get(PATH, params={**push.params, "echostr": echo}).status_code


def test_visitor_is_told_what_it_is(bot: Bot) -> None:
    """Whoever opens the address in a browser reads in plain words where it belongs."""
    response = bot.web.get(PATH)

    assert 400 == response.status_code
    assert "粘贴到" in response.text


def test_text_is_handed_on(bot: Bot) -> None:
    """A message is handed on whole, with what is needed to answer later, and acknowledged with an empty 200."""
    with capture_logs() as logs:
        response = bot.post(WECOM.push(WECOM.text(SAID)))

    assert (200, b"") == (response.status_code, response.content)
    assert bot.handed == [
        Inbound(
            channel="wecom",
            key="7000000000000000001",
            chat="zhangsan",
            person="zhangsan",
            text=SAID,
            reply_to={"touser": "zhangsan"},
        )
    ]
    assert [] == logs


@pytest.mark.parametrize(
    ("message", "text", "event"),
    [
        (WECOM.text("停电\x0b怎么办 😀"), "停电 怎么办 😀", ""),
        (WECOM.message("voice", MsgId="1", MediaId="m", Recognition="抄表被狗咬了"), "抄表被狗咬了", ""),
        (WECOM.message("voice", MsgId="1", MediaId="m", Format="amr"), "", "media"),
        (WECOM.message("voice", MsgId="1", Recognition=" "), "", "media"),
        (WECOM.message("image", MsgId="1", PicUrl="http://p/1", MediaId="m"), "", "media"),
        (WECOM.message("video", MsgId="1", MediaId="m", ThumbMediaId="t"), "", "media"),
        (WECOM.message("file", MsgId="1", Title="制度.docx"), "", "media"),
        (WECOM.message("location", MsgId="1", Label="电业路 1 号"), "", "media"),
        (WECOM.message("link", MsgId="1", Title="通知", Url="http://x"), "", "media"),
        (WECOM.message("hologram", MsgId="1", Content="你好"), "", "media"),
        (WECOM.event("enter_agent"), "", "enter"),
        (WECOM.event("subscribe"), "", "enter"),
        (WECOM.event("click", EventKey="今日口号"), "今日口号", ""),
        (WECOM.event("CLICK", EventKey="今日口号"), "今日口号", ""),
        (WECOM.event("view", EventKey="开始练习"), "开始练习", ""),
        (WECOM.event("template_card_event", EventKey="b2", TaskId="card-1"), "开始练习", ""),
    ],
    ids=[
        "text with control character",
        "voice with recognition",
        "voice without",
        "voice with blanks",
        "image",
        "video",
        "file",
        "location",
        "link",
        "unknown type",
        "enter_agent",
        "subscribe",
        "menu",
        "menu in capitals",
        "menu view with words",
        "button of a card",
    ],
)
def test_kind_is_translated(bot: Bot, message: str, text: str, event: str) -> None:
    """Whatever a person sends or presses becomes words, a greeting, or something kindly declined."""
    response = bot.post(WECOM.push(message))
    [inbound] = bot.handed

    assert (200, b"") == (response.status_code, response.content)
    assert (text, event) == (inbound.text, inbound.event)
    assert ("zhangsan", "zhangsan", False) == (inbound.chat, inbound.person, inbound.group)


@pytest.mark.parametrize(
    "message",
    [
        WECOM.event("view", EventKey="https://anxun.example.com/"),
        WECOM.event("LOCATION", Latitude="30.1"),
        WECOM.event("unsubscribe"),
        WECOM.event("batch_job_result"),
        WECOM.event("click", EventKey=""),
        WECOM.event("\x1b[31m never heard of"),
        WECOM.message("event"),
    ],
)
def test_other_event_is_acknowledged(bot: Bot, message: str) -> None:
    """Where nobody waits for a word from us, WeCom is told 200, so that it does not try again, and nobody is bothered."""
    with capture_logs() as logs:
        response = bot.post(WECOM.push(message))

    assert (200, b"", []) == (response.status_code, response.content, bot.handed)
    assert ["wecom.unanswered"] == [entry["event"] for entry in logs]
    assert logs[0]["kind"].isprintable()


def test_card_is_answered_with_its_code(bot: Bot) -> None:
    """A pressed button leaves what is needed to update its card, once, as WeCom allows."""
    bot.post(
        WECOM.push(WECOM.event("template_card_event", EventKey="b2", TaskId="card-1", ResponseCode="rc9"))
    )

    assert {"touser": "zhangsan", "response_code": "rc9"} == bot.handed[0].reply_to


def test_forgotten_button_is_explained(bot: Bot) -> None:
    """A button nobody knows any more is answered at once, in a reply WeCom can read, with what to do instead."""
    response = bot.post(WECOM.push(WECOM.event("template_card_event", EventKey="b2", TaskId="card-0")))
    reply = WECOM.read_reply(response.text)

    assert (200, []) == (response.status_code, bot.handed)
    assert ("zhangsan", CORP, "text") == (reply["ToUserName"], reply["FromUserName"], reply["MsgType"])
    assert "打字" in reply["Content"]


def flipped(push: Push) -> Push:
    return push.signed_as(msg_signature="f" * 40)


def without(push: Push, name: str) -> Push:
    return Push({key: value for key, value in push.params.items() if key != name}, push.body)


def unpadded() -> str:
    """Whole blocks under the right key that end in no padding."""
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(SAID.encode()[:32] + b"\x07" * 3 + b"\x06" * 29)).decode()


GOOD = WECOM.push(WECOM.text(SAID))
SECRET = WECOM.check(SAID)["echostr"]
HOSTILE: Mapping[str, tuple[Push, int]] = {
    "wrong signature": (flipped(GOOD), 403),
    "no signature": (without(GOOD, "msg_signature"), 403),
    "no timestamp": (without(GOOD, "timestamp"), 403),
    "no nonce": (without(GOOD, "nonce"), 403),
    "signature of another time": (GOOD.signed_as(timestamp=str(NOW - 1)), 403),
    "nonce with control characters": (GOOD.signed_as(nonce="\x1b[2J\r\nforged"), 403),
    "wrong receiver": (WECOM.push(WECOM.text(SAID), receiver="wwcorp0002"), 403),
    "no receiver": (WECOM.push(WECOM.text(SAID), receiver=""), 403),
    "another corporation inside": (WECOM.push(WECOM.text(SAID).replace(CORP, "wwcorp0002")), 403),
    "another app inside": (WECOM.push(WECOM.text(SAID).replace(AGENT, "1000003")), 403),
    "broken padding": (WECOM.sign(unpadded()), 400),
    "truncated base64": (WECOM.sign(SECRET[:-3]), 400),
    "truncated block": (WECOM.sign(SECRET[:-24]), 400),
    "not base64": (WECOM.sign("电费！"), 400),
    "nothing encrypted": (WECOM.sign(""), 400),
    "0 bytes": (Push(GOOD.params, b""), 400),
    "10 MB": (Push(GOOD.params, b"<xml>" + b" " * 10_000_000), 413),
    "DTD and entity": (Push(GOOD.params, ENTITIES.encode()), 400),
    "entities of entities": (Push(GOOD.params, LAUGHS.encode()), 400),
    "entity of a file": (Push(GOOD.params, OUTSIDE.encode()), 400),
    "DTD inside": (WECOM.push(LAUGHS), 400),
    "601 seconds old": (WECOM.push(WECOM.text(SAID), at=NOW - 601), 403),
    "601 seconds early": (WECOM.push(WECOM.text(SAID), at=NOW + 601), 403),
    "milliseconds": (WECOM.push(WECOM.text(SAID), at=NOW * 1000), 403),
    "JSON": (Push(GOOD.params, json.dumps({"encrypt": SECRET}).encode()), 400),
    "JSON inside": (WECOM.push(json.dumps({"msgtype": "text", "text": {"content": SAID}})), 400),
    "not UTF-8": (Push(GOOD.params, GOOD.body.replace(b"<xml>", b"<xml>\xff")), 400),
    "form data": (Push(GOOD.params, b"Encrypt=abc"), 400),
    "no sender": (WECOM.push(WECOM.text(SAID, who="")), 400),
    "sender with control character": (WECOM.push(WECOM.text(SAID, who="张\x07三")), 400),
    "sender who is everybody": (WECOM.push(WECOM.text(SAID, who="@all")), 400),
    "sender who is two": (WECOM.push(WECOM.text(SAID, who="zhangsan|lisi")), 400),
    "no MsgId": (WECOM.push(WECOM.message("text", Content=SAID)), 400),
    "MsgId with control characters": (WECOM.push(WECOM.text(SAID, msg_id="7\n8")), 400),
}


@pytest.mark.parametrize(("push", "status"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_push_is_refused(bot: Bot, push: Push, status: int) -> None:
    """4xx, nothing handed on, nothing told, and one line in the log with a reason and neither content nor secrets."""
    with capture_logs() as logs:
        response = bot.post(push)
    [line] = logs

    assert (status, b"", []) == (response.status_code, response.content, bot.handed)
    assert ("wecom.refused", "warning") == (line["event"], line["log_level"])
    assert line["code"] < -40000
    assert line["reason"].isascii() and line["reason"].isprintable()
    assert line.get("nonce", "").isprintable()
    assert not [s for s in (TOKEN, KEY, CORP, "zhangsan", SAID, SECRET[:24], "电费", "哈") if s in str(line)]


@pytest.mark.parametrize("seconds", [-600, -599, 0, 599, 600])
def test_clock_may_differ_by_minutes(bot: Bot, seconds: int) -> None:
    """Ten minutes either way, clocks may differ and WeCom may be late."""
    assert 200 == bot.post(WECOM.push(WECOM.text(SAID), at=NOW + seconds)).status_code
    assert 1 == len(bot.handed)


def test_long_body_is_not_read() -> None:
    """Of ten megabytes no more is taken in than is needed to see that they are too many."""
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(10_000):
            taken += 1
            yield b" " * 1000

    async def post() -> int:
        transport = httpx.ASGITransport(Bot().app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wecom") as client:
            return (await client.post(PATH, params=GOOD.params, content=body())).status_code

    assert 413 == asyncio.run(post())
    assert 0 < taken <= MOST_BYTES // 1000 + 2


def test_slow_body_is_given_up() -> None:
    """Whoever opens a request and does not go on is let go."""

    async def body() -> AsyncIterator[bytes]:
        yield GOOD.body[:20]
        await asyncio.sleep(60)

    async def post() -> int:
        transport = httpx.ASGITransport(Bot(patience=0.05).app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wecom") as client:
            return (await client.post(PATH, params=GOOD.params, content=body())).status_code

    assert 408 == asyncio.run(post())


def test_repeated_push_is_acknowledged(bot: Bot) -> None:
    """The same message again, or caught and replayed, is told 200 and keeps its key, so that it is known."""
    with capture_logs() as logs:
        statuses = [bot.post(GOOD).status_code for _ in range(4)]

    assert [200] * 4 == statuses
    assert {"7000000000000000001"} == {inbound.key for inbound in bot.handed}
    assert ["wecom.repeated"] * 3 == [entry["event"] for entry in logs]


def test_four_at_once_share_a_key() -> None:
    """Four tries of one message at the same time, each sealed afresh, are one message to whoever remembers."""
    bot = Bot()
    pushes = [WECOM.push(WECOM.text(SAID), at=NOW + 5 * n) for n in range(4)]

    async def post() -> list[list[int]]:
        transport = httpx.ASGITransport(bot.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wecom") as client:
            return await asyncio.gather(*(deliver(client, push) for push in pushes))

    assert [[200]] * 4 == asyncio.run(post())
    assert 4 == len({push.body for push in pushes})
    assert ["7000000000000000001"] * 4 == [inbound.key for inbound in bot.handed]


EVENT: dict[str, Any] = {"event": "click", "who": "zhangsan", "EventKey": "今日口号", "TaskId": "card-1"}


@pytest.mark.parametrize(
    "other",
    [
        {"who": "lisi"},
        {"EventKey": "开始练习"},
        {"event": "view"},
        {"TaskId": "card-2"},
        {"CreateTime": str(NOW + 1)},
        {"who": "zhangsan1", "CreateTime": str(NOW)[1:]},
    ],
    ids=["person", "key", "event", "card", "second", "parts joined"],
)
def test_two_events_of_a_second_stay_two(bot: Bot, other: dict[str, str]) -> None:
    """Events carry no id: the same one has the same key when it comes again, and another never has."""
    for event in (EVENT, EVENT, {**EVENT, **other}):
        assert 200 == bot.post(WECOM.push(WECOM.event(**event))).status_code
    first, again, second = (inbound.key for inbound in bot.handed)

    assert first == again != second
    assert max(len(first), len(second)) <= 200


def test_unremembered_message_comes_again() -> None:
    """What could not be remembered is not acknowledged: WeCom sends it again, and then it is handed on once."""
    bot = Bot(fails=2)

    async def post() -> list[int]:
        transport = httpx.ASGITransport(bot.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wecom") as client:
            return await deliver(client, GOOD)

    with capture_logs() as logs:
        statuses = asyncio.run(post())

    assert [503, 503, 200] == statuses
    assert [SAID] == [inbound.text for inbound in bot.handed]
    assert ["wecom.not_remembered"] * 2 == [entry["event"] for entry in logs]
    assert SAID not in str(logs)


def test_hanging_store_is_not_waited_for() -> None:
    """A database that hangs costs WeCom no five seconds and the person no message: it is told to send it again."""
    bot = Bot(hangs=True, patience=0.05)

    assert (503, b"") == ((response := bot.post(GOOD)).status_code, response.content)


def test_driver_knows_our_address() -> None:
    """The driver of these tests and the callback speak of the same address."""
    assert PATH == wecom_callbacks.PATH
