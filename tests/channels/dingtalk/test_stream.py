"""DingTalk's Stream mode: no message is lost or doubled, whatever the gateway does, and the gateway is left in peace."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from benchmarks.channels.outage import official_requests, our_requests
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.reconnecting import pause_after
from bot.channels.dingtalk.frames import Frame, acknowledgement, read_frame
from bot.channels.dingtalk.gateway import CannotConnect, open_connection
from bot.channels.dingtalk.intake import REMEMBERED, Recent
from bot.channels.dingtalk.stream import DingtalkStream, Timing
from bot.errors import BadInput
from tests.fakes.dingtalk_gateway import (
    Answer,
    DingtalkGateway,
    Greeting,
    Link,
    close_with,
    go_deaf,
    official_client,
    reset,
    robot_message,
)

QUICK = Timing(idle=30, quiet=30, ping=20, network=2, drain=2, accept=2, stop=2)


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs the test in a loop of its own, and fails it if it hangs or leaves a task behind."""

    async def watched(*args: Any, **named: Any) -> None:
        async with asyncio.timeout(20):
            await test(*args, **named)
        await asyncio.sleep(0)

        assert {asyncio.current_task()} == asyncio.all_tasks()

    @functools.wraps(test)
    def run(*args: Any, **named: Any) -> None:
        asyncio.run(watched(*args, **named))

    return run


def read(body: Mapping[str, Any]) -> Inbound:
    return Inbound(
        "dingtalk", body["msgId"], body["conversationId"], body["senderStaffId"], body["text"]["content"]
    )


@dataclass
class Bot:
    """Our client with an `accept` that keeps what is new, a clock set by hand, and pauses that are only noted."""

    gateway: DingtalkGateway
    said: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    pauses: list[float] = field(default_factory=list)
    clock: float = 1_760_000_000.0
    before: Callable[[Inbound], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        self.running: asyncio.Task[None] | None = None

    async def accept(self, inbound: Inbound) -> bool:
        if self.before is not None:
            await self.before(inbound)
        if inbound.key in self.keys:
            return False
        self.keys.add(inbound.key)
        self.said.append(inbound.text)
        return True

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.001)

    def start(self, timing: Timing = QUICK) -> DingtalkStream:
        self.stream = DingtalkStream(
            self.gateway.app_key,
            self.gateway.app_secret,
            self.accept,
            read,
            base=self.gateway.base,
            transport=httpx.AsyncHTTPTransport(),
            connect=functools.partial(connect, proxy=None),
            now=lambda: self.clock,
            sleep=self.sleep,
            rng=random.Random(7),
            timing=timing,
        )
        self.running = asyncio.create_task(self.stream.run())
        return self.stream


@asynccontextmanager
async def listening(
    gateway: DingtalkGateway, timing: Timing = QUICK, connections: int = 1
) -> AsyncIterator[Bot]:
    """A bot on its first (or a later) connection; at the end it stops, and the gateway has no complaint about it."""
    async with gateway:
        bot = Bot(gateway)
        stream = bot.start(timing)
        await gateway.until(lambda: len(gateway.links) >= connections)
        yield bot
        await stream.stop()
        assert bot.running is not None
        await bot.running

        assert [] == gateway.live
        assert [] == gateway.faults


async def heard(bot: Bot, *texts: str) -> None:
    await bot.gateway.until(lambda: len(bot.said) >= len(texts))

    assert list(texts) == bot.said


def codes(gateway: DingtalkGateway, message_id: str) -> list[int]:
    return [ack["code"] for _, ack in gateway.acks if ack["headers"]["messageId"] == message_id]


# The fake, proved with the official SDK


@pytest.fixture(scope="module")
def official() -> dict[str, Any]:
    """One visit of the official SDK: it hears a message, a ping and an event, is asked to go, and comes back."""

    async def visit() -> dict[str, Any]:
        async with DingtalkGateway() as gateway, official_client(gateway) as sdk:
            await gateway.until(lambda: gateway.live, patience=20)
            message = await gateway.say("客户欠费三个月能停电吗", msg_id="消息1")
            ping = await gateway.ping("123-dsfs")
            event = await gateway.event()
            await gateway.until(lambda: len(gateway.acks) == 3)
            await gateway.disconnect()
            await gateway.until(lambda: len(gateway.links) == 2)
            await gateway.say("我又回来了", msg_id="消息2", link=gateway.links[1])
            await gateway.until(lambda: len(gateway.acks) == 4)
            await gateway.until(lambda: len(sdk.said) == 3)
            return {
                "said": sdk.said,
                "acks": {ack["headers"]["messageId"]: ack for _, ack in gateway.acks},
                "ids": (message, ping, event),
                "issued": len(gateway.issued),
                "opened": gateway.opened[0],
                "faults": gateway.faults,
                "unused": gateway.tickets,
            }

    return asyncio.run(visit())


def test_official_sdk_hears_fake(official: dict[str, Any]) -> None:
    """The official SDK connects to the fake gateway and reads its robot messages and its events."""
    expected = [["消息1", "zhangwei", "客户欠费三个月能停电吗"], ["event", "user_add_org", ""]]

    assert sorted(expected) == sorted(official["said"][:2])
    assert ["消息2", "zhangwei", "我又回来了"] == official["said"][2]


def test_fake_hears_official_sdk(official: dict[str, Any]) -> None:
    """Its acknowledgements pass the fake's own check, and a ping's data comes back."""
    message, ping, event = official["ids"]

    assert [] == official["faults"]
    assert [200, 200, 200] == [official["acks"][one]["code"] for one in (message, ping, event)]
    assert {"opaque": "123-dsfs"} == json.loads(official["acks"][ping]["data"])


def test_official_sdk_returns_to_fake(official: dict[str, Any]) -> None:
    """Asked to disconnect, it comes back with a second ticket, and no ticket was used twice."""
    assert 2 == official["issued"]
    assert {} == official["unused"]


@in_a_loop
async def test_ticket_opens_one_connection() -> None:
    """The fake's tickets work once, and not after 90 seconds."""
    clock = [0.0]
    async with DingtalkGateway(now=lambda: clock[0]) as gateway, httpx.AsyncClient(trust_env=False) as http:

        async def ticket() -> str:
            return await open_connection(http, gateway.base, gateway.app_key, gateway.app_secret)

        once, late = await ticket(), await ticket()
        async with connect(once, proxy=None):
            with pytest.raises(InvalidStatus):
                await connect(once, proxy=None)
        clock[0] = 90.0
        with pytest.raises(InvalidStatus):
            await connect(late, proxy=None)

        assert 2 == gateway.refused_tickets


# Messages


@in_a_loop
async def test_message_is_remembered_then_acknowledged() -> None:
    """The gateway hears of success only after the message is safe, and in the form it asks for."""
    early: list[int] = []
    async with listening(DingtalkGateway()) as bot:

        async def look(_: Inbound) -> None:
            await asyncio.sleep(0.02)
            early.append(len(bot.gateway.acks))

        bot.before = look
        message = await bot.gateway.say("能停电吗")
        await bot.gateway.until(lambda: bot.gateway.acks)

        assert [0] == early
        assert ["能停电吗"] == bot.said
        assert {
            "code": 200,
            "headers": {"messageId": message, "contentType": "application/json"},
            "message": "OK",
            "data": '{"response": null}',
        } == bot.gateway.acks[0][1]


@in_a_loop
async def test_order_of_arrival_is_kept() -> None:
    """Fifty messages are accepted one after the other in the order in which they were said."""
    texts = [f"第{n}句" for n in range(50)]
    chance = random.Random(1)
    async with listening(DingtalkGateway()) as bot:

        async def dawdle(_: Inbound) -> None:
            await asyncio.sleep(chance.random() / 1000)

        bot.before = dawdle
        for text in texts:
            await bot.gateway.say(text)

        await heard(bot, *texts)


@in_a_loop
async def test_repeated_push_is_acknowledged_again() -> None:
    """The same frame, or the same message in another frame, is one message; every copy is acknowledged."""
    async with listening(DingtalkGateway()) as bot:
        for frame in ("一", "一", "二"):
            await bot.gateway.say("能停电吗", msg_id="消息1", message_id=frame)
        await bot.gateway.until(lambda: len(bot.gateway.acks) == 3)

        assert ["能停电吗"] == bot.said
        assert [200, 200] == codes(bot.gateway, "一")


@in_a_loop
async def test_old_frame_id_is_forgotten() -> None:
    """After ten minutes a frame's id says nothing any more; only `accept` then knows the message."""
    asked: list[str] = []
    async with listening(DingtalkGateway()) as bot:

        async def note(inbound: Inbound) -> None:
            asked.append(inbound.key)

        bot.before = note
        for later in (0, 599, 2):
            bot.clock += later
            await bot.gateway.say("能停电吗", msg_id="消息1", message_id="一")
            await asyncio.sleep(0.02)
        await bot.gateway.until(lambda: len(bot.gateway.acks) == 3)

        assert ["消息1", "消息1"] == asked
        assert ["能停电吗"] == bot.said


@in_a_loop
async def test_ping_does_not_wait() -> None:
    """While a message waits for the database, a ping is answered with what it brought."""
    async with listening(DingtalkGateway()) as bot:
        free = asyncio.Event()

        async def wait(_: Inbound) -> None:
            await free.wait()

        bot.before = wait
        await bot.gateway.say("能停电吗")
        ping = await bot.gateway.ping("123-dsfs")
        await bot.gateway.until(lambda: bot.gateway.acks)

        assert [ping] == [ack["headers"]["messageId"] for _, ack in bot.gateway.acks]
        assert '{"opaque": "123-dsfs"}' == bot.gateway.acks[0][1]["data"]
        free.set()


@in_a_loop
async def test_two_clients_share_messages() -> None:
    """Two of our processes get each message once between them, and neither is thrown out."""
    async with listening(DingtalkGateway()) as bot:
        other = Bot(bot.gateway, bot.said, bot.keys)
        second = other.start()
        await bot.gateway.until(lambda: len(bot.gateway.live) == 2)
        for n in range(20):
            await bot.gateway.say(f"第{n}句")
        await bot.gateway.until(lambda: len(bot.gateway.acks) == 20)
        await second.stop()

        assert sorted(f"第{n}句" for n in range(20)) == sorted(bot.said)
        assert {1, 2} == {number for number, _ in bot.gateway.acks}
        assert 2 == len(bot.gateway.links)


@in_a_loop
async def test_event_is_consumed() -> None:
    """An event nobody asked for is acknowledged as consumed, so it is not sent again."""
    async with listening(DingtalkGateway(resend_s=0.05)) as bot:
        event = await bot.gateway.event()
        await bot.gateway.until(lambda: codes(bot.gateway, event))
        await asyncio.sleep(0.1)

        assert [200] == codes(bot.gateway, event)
        assert "SUCCESS" == json.loads(bot.gateway.acks[0][1]["data"])["status"]
        assert [] == bot.said


@in_a_loop
async def test_unacknowledged_event_comes_again() -> None:
    """The fake does repeat an event while it is not acknowledged; otherwise the promise above says nothing."""
    async with DingtalkGateway(resend_s=0.02) as gateway, httpx.AsyncClient(trust_env=False) as http:
        address = await open_connection(http, gateway.base, gateway.app_key, gateway.app_secret)
        async with connect(address, proxy=None) as mute:
            await gateway.until(lambda: gateway.live)
            event = await gateway.event()

            assert [event, event] == [json.loads(await mute.recv())["headers"]["messageId"] for _ in range(2)]


def test_remembered_ids_are_bounded() -> None:
    """Beyond ten thousand frames the oldest is forgotten first."""
    recent = Recent(lambda: 0.0)
    for n in range(REMEMBERED + 1):
        recent.add(str(n))

    assert "0" not in recent
    assert "1" in recent and str(REMEMBERED) in recent


# Bad input


def frame_with(**changes: Any) -> str:
    """A good robot message with some members replaced; None leaves one out."""
    frame: dict[str, Any] = {
        "specVersion": "1.0",
        "type": "CALLBACK",
        "headers": {
            "topic": "/v1.0/im/bot/messages/get",
            "messageId": "坏的",
            "contentType": "application/json",
        },
        "data": json.dumps(robot_message("坏消息", "消息0")),
    } | changes
    return json.dumps({name: value for name, value in frame.items() if value is not None})


ROBOT = {"topic": "/v1.0/im/bot/messages/get", "messageId": "坏的"}


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ("", []),
        ("不是 JSON", []),
        (b"\xff\xfe\x00", []),
        ("[" * 100_000, []),
        ("[]", []),
        ("null", []),
        ("NaN", []),
        ("{}", []),
        (frame_with(headers=None), []),
        (frame_with(headers=["topic"]), []),
        (frame_with(headers={"topic": 1, "messageId": {}}), []),
        (frame_with(headers={"messageId": "坏的"}), [404]),
        (frame_with(headers=ROBOT | {"topic": "/v1.0/未知"}), [404]),
        (frame_with(type="不认识", headers=ROBOT | {"topic": "x"}), [404]),
        (frame_with(type="SYSTEM", headers=ROBOT | {"topic": "新的系统消息"}, data=None), [200]),
        (frame_with(data=None), [400]),
        (frame_with(data={"text": "不是字符串"}), [400]),
        (frame_with(data="{"), [400]),
        (frame_with(data="[]"), [400]),
        (frame_with(data='{"msgId": "没有别的"}'), [400]),
        (frame_with(data="[" * 100_000), [400]),
        (frame_with(headers=ROBOT | {"messageId": "坏的\ud800"}, data="{}"), []),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
@in_a_loop
async def test_bad_frame_harms_nobody(raw: str | bytes, answer: list[int]) -> None:
    """A frame that makes no sense is noted without its content, and the next message comes by the same connection."""
    with capture_logs() as logs:
        async with listening(DingtalkGateway()) as bot:
            await bot.gateway.raw(raw)
            message = await bot.gateway.say("您好")
            await bot.gateway.until(lambda: codes(bot.gateway, message))

            assert ["您好"] == bot.said
            assert answer == codes(bot.gateway, "坏的")
            assert 1 == len(bot.gateway.links)
    assert "坏消息" not in str(logs)


@in_a_loop
async def test_oversized_frame_costs_one_connection() -> None:
    """A frame beyond a megabyte is not read; the bot is back at once for the next message."""
    async with listening(DingtalkGateway()) as bot:
        await bot.gateway.raw("长" * 500_000)
        await bot.gateway.until(lambda: len(bot.gateway.links) == 2)
        await bot.gateway.say("您好", link=bot.gateway.links[1])

        await heard(bot, "您好")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.binary() | st.text() | json_values.map(json.dumps))
def test_frames_are_read_or_refused(raw: bytes | str) -> None:
    """Whatever comes, reading it gives a frame or BadInput, and any frame can be acknowledged."""
    try:
        frame = read_frame(raw)
    except BadInput:
        return

    assert frame.message_id == json.loads(acknowledgement(frame))["headers"]["messageId"]


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text() | st.integers()))
def test_written_frame_is_read_back(topic: str, message_id: str, body: dict[str, Any]) -> None:
    """Topic, id and data come out as the gateway put them in."""
    data = json.dumps(body)
    raw = json.dumps({"type": "CALLBACK", "headers": {"topic": topic, "messageId": message_id}, "data": data})

    assert Frame("CALLBACK", topic, message_id, data) == read_frame(raw)
    assert data == json.dumps(read_frame(raw).body())


# When the message cannot be kept


@in_a_loop
async def test_locked_database_is_waited_for() -> None:
    """Two failures to remember are two pauses; then the message is there, once, and acknowledged."""
    failing = [OSError("磁盘满"), TimeoutError()]
    async with listening(DingtalkGateway()) as bot:

        async def fail(_: Inbound) -> None:
            if failing:
                raise failing.pop()

        bot.before = fail
        message = await bot.gateway.say("能停电吗")
        await heard(bot, "能停电吗")
        await bot.gateway.until(lambda: bot.gateway.acks)

        assert [200] == codes(bot.gateway, message)
        assert [0.5, 2.0] == bot.pauses


@in_a_loop
async def test_lost_database_says_so() -> None:
    """After the last try the gateway hears 500, an operator reads of it, and a copy sent later is still welcome."""
    gone = True
    with capture_logs() as logs:
        async with listening(DingtalkGateway()) as bot:

            async def fail(_: Inbound) -> None:
                if gone:
                    raise OSError("能停电吗")

            bot.before = fail
            await bot.gateway.say("能停电吗", msg_id="消息1", message_id="一")
            await bot.gateway.until(lambda: bot.gateway.acks)
            gone = False
            await bot.gateway.say("能停电吗", msg_id="消息1", message_id="一")
            await heard(bot, "能停电吗")
            await bot.gateway.until(lambda: len(bot.gateway.acks) == 2)

            assert [500, 200] == codes(bot.gateway, "一")
    assert [True] == [
        line["given_up"] for line in logs if line.get("given_up") and line["log_level"] == "error"
    ]
    assert "能停电吗" not in str(logs)


@in_a_loop
async def test_hanging_accept_does_not_hold_others() -> None:
    """A try that never returns is cut off, and the message is tried again."""
    hung: list[str] = []
    async with listening(DingtalkGateway(), Timing(accept=0.05, stop=2)) as bot:

        async def hang_once(inbound: Inbound) -> None:
            if not hung:
                hung.append(inbound.key)
                await asyncio.Event().wait()

        bot.before = hang_once
        await bot.gateway.say("第一句")
        await bot.gateway.say("第二句")

        await heard(bot, "第一句", "第二句")


# Faults of the gateway


@pytest.mark.parametrize(
    "end", [close_with(1000), close_with(1001), close_with(1011), reset], ids=["1000", "1001", "1011", "RST"]
)
@in_a_loop
async def test_ended_connection_is_replaced(end: Greeting) -> None:
    """However a connection ends, the next message arrives by a new one, with a new ticket."""
    async with listening(DingtalkGateway()) as bot:
        await bot.gateway.say("断线之前")
        await heard(bot, "断线之前")
        bot.clock += 3600
        await end(bot.gateway.links[0])
        await bot.gateway.until(lambda: len(bot.gateway.links) == 2)
        await bot.gateway.say("断线之后", link=bot.gateway.links[1])

        await heard(bot, "断线之前", "断线之后")
        assert 2 == len(bot.gateway.issued)
        assert [True] == [pause < 1 for pause in bot.pauses]
        assert bot.stream.status().last_error.startswith("钉钉断开了连接")


@in_a_loop
async def test_disconnect_opens_before_it_closes() -> None:
    """Asked to go, the bot has a second connection before the first one ends, and hears both meanwhile."""
    async with listening(DingtalkGateway(silence_s=0.2)) as bot:
        await bot.gateway.say("早上好")
        await heard(bot, "早上好")
        bot.clock += 3600
        old = await bot.gateway.disconnect()
        await bot.gateway.until(lambda: len(bot.gateway.links) == 2)
        both_open = len(bot.gateway.live)
        await bot.gateway.say("还在路上的话", link=old)
        await heard(bot, "早上好", "还在路上的话")
        await bot.gateway.say("新连接上的话", msg_id="新", link=bot.gateway.links[1])
        await bot.gateway.say("新连接上的话", msg_id="新", link=old)
        await bot.gateway.until(lambda: not old.open)
        await heard(bot, "早上好", "还在路上的话", "新连接上的话")

        assert 2 == both_open
        assert [] == bot.pauses
        assert 2 == len(bot.gateway.opened)


@in_a_loop
async def test_disconnect_during_answer_loses_nothing() -> None:
    """A message in hand when the connection goes is finished, once."""
    free = asyncio.Event()
    async with listening(DingtalkGateway(silence_s=0.02)) as bot:

        async def wait(_: Inbound) -> None:
            await free.wait()

        bot.before = wait
        await bot.gateway.say("能停电吗")
        old = await bot.gateway.disconnect()
        await bot.gateway.until(lambda: not old.open)
        free.set()

        await heard(bot, "能停电吗")


@in_a_loop
async def test_storm_of_disconnects_is_not_answered_with_one() -> None:
    """A gateway that sends every new connection away at once is asked more and more seldom."""

    async def away(link: Link) -> None:
        await gateway.disconnect(link)

    gateway = DingtalkGateway(silence_s=0.01, greeting=deque([away] * 8))
    async with listening(gateway, connections=9) as bot:
        assert 8 == len(bot.pauses)
        assert all(pause >= 1 for pause in bot.pauses)
        assert sum(bot.pauses) > 30


@in_a_loop
async def test_silent_connection_is_renewed() -> None:
    """Without a frame for the idle time, a new connection is there before the silent one is closed."""
    async with listening(DingtalkGateway(), Timing(idle=0.15, quiet=30, stop=2)) as bot:
        await bot.gateway.say("能停电吗")
        await bot.gateway.until(lambda: len(bot.gateway.links) == 2)
        await bot.gateway.until(lambda: len(bot.gateway.live) == 1)
        await bot.gateway.say("听得见吗", link=bot.gateway.links[1])

        await heard(bot, "能停电吗", "听得见吗")
        assert [] == bot.pauses


@in_a_loop
async def test_quiet_night_is_left_alone() -> None:
    """Where nothing is said at all, renewals become rarer, up to the longest allowance."""
    with capture_logs() as logs:
        async with listening(DingtalkGateway(), Timing(idle=0.02, quiet=0.1, stop=2), connections=6):
            pass

    assert [0.04, 0.08, 0.1, 0.1] == [line["next_s"] for line in logs if line["event"] == "dingtalk.idle"][:4]


@in_a_loop
async def test_dead_peer_is_noticed() -> None:
    """TCP that stays open with nobody behind it is given up after the missed pings."""
    gateway = DingtalkGateway(greeting=deque([go_deaf]))
    async with listening(gateway, Timing(ping=0.05, close=0.05, stop=2), connections=2) as bot:
        await gateway.say("听得见吗", link=gateway.links[1])

        await heard(bot, "听得见吗")


@pytest.mark.parametrize("answer", ["429", "500", "hang", "garbage", "list", "reset", "stale", "plain"])
@in_a_loop
async def test_failed_opening_is_tried_again(answer: Answer) -> None:
    """An opening that fails, hangs, talks nonsense or hands out a dead ticket delays the bot and no more."""
    gateway = DingtalkGateway(opening=deque([answer, answer]))
    async with listening(gateway, Timing(network=0.1, stop=2)) as bot:
        await gateway.say("您好")

        await heard(bot, "您好")
        assert 3 == len(gateway.opened)
        assert [True, True] == [1 <= pause <= 60 for pause in bot.pauses]
        assert "" != bot.stream.status().last_error


@pytest.mark.parametrize("answer", ["400", "401", "403"])
@in_a_loop
async def test_refused_key_names_its_remedy(answer: Answer) -> None:
    """Credentials that are not accepted are an error with the place to look, and are not tried again for a minute."""
    with capture_logs() as logs:
        async with listening(DingtalkGateway(opening=deque([answer]))) as bot:
            assert [True] == [60 <= pause <= 300 for pause in bot.pauses]
    (refused,) = [line for line in logs if line["event"] == "dingtalk.refused"]

    assert "error" == refused["log_level"]
    assert "AppKey" in refused["remedy"] and "AppSecret" in refused["remedy"]


@in_a_loop
async def test_wrong_secret_is_refused() -> None:
    """A secret with a slip in it is told apart from a gateway in trouble."""
    async with DingtalkGateway() as gateway, httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(CannotConnect, match="401 authFailed") as caught:
            await open_connection(http, gateway.base, gateway.app_key, "写错了")

    assert caught.value.refused


def test_ticket_travels_encrypted() -> None:
    """Over https an address without TLS is not taken: the ticket in it is a secret."""
    answer = {"endpoint": "ws://wss-open-connection.dingtalk.com/connect", "ticket": "票"}

    async def ask() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
        async with httpx.AsyncClient(transport=transport) as http:
            await open_connection(http, "https://api.dingtalk.com", "key", "secret")

    with pytest.raises(CannotConnect):
        asyncio.run(ask())


# Backing off


@given(st.integers(1, 10_000), st.randoms(use_true_random=False))
def test_pauses_stay_within_bounds(failures: int, chance: random.Random) -> None:
    """After a failure at least a second, never more than a minute, and no more than double the last bound."""
    assert 1 <= pause_after(failures, chance) <= min(60, 2 ** min(failures, 10))
    assert 0 <= pause_after(0, chance) <= 1


@in_a_loop
async def test_connecting_alone_resets_nothing() -> None:
    """Connections that are closed before a frame came count as failures, one after the other."""
    gateway = DingtalkGateway(greeting=deque([close_with(1000)] * 9))
    async with listening(gateway, connections=10) as bot:
        assert 9 == len(bot.pauses)
        assert max(bot.pauses) > 8
        assert sum(bot.pauses) > 30


@in_a_loop
async def test_flapping_gateway_resets_nothing() -> None:
    """A frame and an end within seconds, again and again, is no recovery."""

    async def flap(link: Link) -> None:
        await gateway.ping("在吗", link)
        await link.socket.close(1011)

    gateway = DingtalkGateway(greeting=deque([flap] * 9))
    async with listening(gateway, connections=10) as bot:
        assert max(bot.pauses) > 8
        assert sum(bot.pauses) > 30


@in_a_loop
async def test_good_connection_resets_pauses() -> None:
    """After a connection that brought a frame and lasted, the next failure is the first one again."""
    gateway = DingtalkGateway(greeting=deque([close_with(1000)] * 6))
    async with listening(gateway, connections=7) as bot:
        before = len(bot.pauses)
        await gateway.ping("在吗")
        await gateway.until(lambda: gateway.acks)
        bot.clock += 60
        gateway.greeting.append(close_with(1000))
        await gateway.links[6].socket.close(1001)
        await gateway.until(lambda: len(gateway.links) == 9)

        first, second = bot.pauses[before:]
        assert 0 <= first <= 1
        assert 1 <= second <= 2


def test_outage_is_no_storm(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the official SDK asks hundreds of times in a second, ours asks a dozen times in a minute at most."""
    window = 1.0

    def closing() -> DingtalkGateway:
        return DingtalkGateway(always_greeting=close_with(1000))

    ours = [asyncio.run(our_requests(closing(), seed)) for seed in range(5)]
    official = asyncio.run(official_requests(closing(), window))
    with capsys.disabled():
        print(f"\nclosed 1000 at once: official SDK {official} requests in {window} s, ours {ours} in 60 s")

    assert official > max(ours)
    assert all(2 <= asked <= 12 for asked in ours)


# Ending, health and secrets


@in_a_loop
async def test_stop_finishes_what_it_has() -> None:
    """What was received before the end is remembered and acknowledged; then the socket is closed."""
    async with DingtalkGateway() as gateway:
        bot = Bot(gateway)

        async def slowly(_: Inbound) -> None:
            await asyncio.sleep(0.02)

        bot.before = slowly
        stream = bot.start()
        await gateway.until(lambda: gateway.live)
        for n in range(5):
            await gateway.say(f"第{n}句")
        await gateway.until(lambda: bot.said)
        await stream.stop()

        assert [f"第{n}句" for n in range(5)] == bot.said
        assert 5 == len(gateway.acks)
        assert [] == gateway.live
        assert bot.running is not None and bot.running.done()
        assert stream.status().connected_since is None


@in_a_loop
async def test_message_crossing_the_end_is_kept() -> None:
    """A message already on its way when the socket says goodbye is remembered too."""
    async with DingtalkGateway() as gateway:
        bot = Bot(gateway)

        async def slowly(_: Inbound) -> None:
            await asyncio.sleep(0.02)

        bot.before = slowly
        stream = bot.start(replace(QUICK, close=8, stop=8))  # a slow machine may take its time
        await gateway.until(lambda: gateway.live)
        wire = gateway.links[0].socket.transport
        wire.pause_reading()  # the goodbye has left us and has not arrived
        ending = asyncio.create_task(stream.stop())
        await asyncio.sleep(0.03)
        await gateway.say("赶上末班车")
        wire.resume_reading()
        await ending

        assert ["赶上末班车"] == bot.said
        assert [] == gateway.acks


@in_a_loop
async def test_cancelled_run_ends_in_order() -> None:
    """Cancelling the task is as good as `stop`: the message in hand is finished and nothing stays open."""
    async with DingtalkGateway() as gateway:
        bot = Bot(gateway)

        async def slowly(_: Inbound) -> None:
            await asyncio.sleep(0.05)

        bot.before = slowly
        bot.start()
        await gateway.until(lambda: gateway.live)
        message = await gateway.say("能停电吗")
        await asyncio.sleep(0.02)
        assert bot.running is not None
        bot.running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await bot.running

        assert [200] == codes(gateway, message)
        assert [] == gateway.live


@pytest.mark.parametrize("answer", ["hang", "500"])
@in_a_loop
async def test_stop_interrupts_connecting(answer: Answer) -> None:
    """Stopping does not wait for an opening that hangs or for the pause after a failure."""
    async with DingtalkGateway(always_opening=answer) as gateway:
        bot = Bot(gateway)
        stream = bot.start(Timing())
        await gateway.until(lambda: gateway.opened)
        async with asyncio.timeout(1):
            await stream.stop()

        assert [] == gateway.links


@in_a_loop
async def test_stop_does_not_wait_for_ever() -> None:
    """A database that never answers holds the end no longer than agreed, and the loss is said."""
    with capture_logs() as logs:
        async with listening(DingtalkGateway(), Timing(stop=0.1)) as bot:

            async def hang(_: Inbound) -> None:
                await asyncio.Event().wait()

            bot.before = hang
            await bot.gateway.say("第一句")
            await bot.gateway.say("第二句")
            await asyncio.sleep(0.05)

    assert [2] == [line["count"] for line in logs if line["event"] == "dingtalk.dropped"]


@in_a_loop
async def test_stopped_before_started() -> None:
    """A client that was stopped before it ran does not begin."""
    async with DingtalkGateway() as gateway:
        bot = Bot(gateway)
        stream = bot.start()
        await stream.stop()
        assert bot.running is not None
        await bot.running

        assert [] == gateway.opened


@in_a_loop
async def test_status_tells_since_when() -> None:
    """Health shows since when it is connected and when the last frame came; a warm change is no interruption."""
    async with listening(DingtalkGateway()) as bot:
        began = bot.clock
        await bot.gateway.until(lambda: bot.stream.status().connected_since is not None)
        bot.clock += 100
        await bot.gateway.say("您好")
        await heard(bot, "您好")
        await bot.gateway.disconnect()
        await bot.gateway.until(lambda: len(bot.gateway.links) == 2)
        status = bot.stream.status()

        assert (began, began + 100, "") == (status.connected_since, status.last_frame, status.last_error)


@in_a_loop
async def test_secrets_stay_out_of_logs(caplog: pytest.LogCaptureFixture) -> None:
    """Through every fault, at the most talkative level, neither secret nor ticket nor words reach a log or the status."""
    caplog.set_level(logging.DEBUG)
    opening: list[Answer] = ["401", "500", "garbage", "reset", "stale", "plain"]
    with capture_logs() as logs:
        async with listening(
            DingtalkGateway(opening=deque(opening), greeting=deque([reset])), connections=2
        ) as bot:
            await bot.gateway.until(lambda: bot.gateway.live)
            await bot.gateway.say("我的银行卡号")
            await heard(bot, "我的银行卡号")
            written = f"{logs} {caplog.text} {bot.stream.status()}"
            issued = bot.gateway.issued

    assert "dingtalk.refused" in written and "dingtalk.closed" in written
    assert issued and "7724109a" not in written and "ticket=" not in written
    assert bot.gateway.app_secret not in written
    assert "银行卡" not in written and "session=" not in written
