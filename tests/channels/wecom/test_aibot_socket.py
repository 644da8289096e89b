"""The long connection of the 智能机器人: nothing lost, nothing said twice, and WeCom is left in peace when it ails."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect

from bot.channels.chat.dialects import WECOM_AIBOT, Dialect
from bot.channels.chat.dispatcher import ChatChannel, Dispatcher
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.outbound import Button, Buttons, DeliveryFailed, Part, Picture, Words
from bot.channels.chat.pace import Pace
from bot.channels.chat.reconnecting import pause_after
from bot.channels.wecom.aibot import LATE, STILL_WORKING, WELCOME, WORKING
from bot.channels.wecom.aibot_bubbles import RESTARTING
from bot.channels.wecom.aibot_link import Timing
from bot.channels.wecom.aibot_socket import NOT_KEPT, AibotSocket
from bot.stores.database import open_database
from bot.stores.inbox import InboxStore
from bot.stores.shared import SharedStore
from tests.fakes.wecom_aibot import (
    AibotGateway,
    Client,
    Hook,
    close_with,
    event,
    go_deaf,
    message,
    official_client,
    reset,
    self_signed,
)

QUICK = Timing(network=2, ack=0.3, accept=0.3, close=0.1, stop=2)


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs the test in a loop of its own, and fails it if it hangs or leaves a task behind."""

    async def watched(*args: Any, **named: Any) -> None:
        async with asyncio.timeout(20):
            await test(*args, **named)
        for _ in range(3):
            await asyncio.sleep(0)

        assert {asyncio.current_task()} == asyncio.all_tasks()

    @functools.wraps(test)
    def run(*args: Any, **named: Any) -> None:
        asyncio.run(watched(*args, **named))

    return run


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.time = 1_760_000_000.0
        self._sleeping: list[tuple[float, asyncio.Event]] = []
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        self._sleeping.append((self.time + seconds, woken))
        await woken.wait()

    async def advance(self, seconds: float) -> None:
        """Whoever wakes on the way has the time to act, over the loopback too."""
        end = self.time + seconds
        await _settle()
        while due := [one for one in self._sleeping if one[0] <= end]:
            first = min(due, key=lambda one: one[0])
            self._sleeping.remove(first)
            self.time = max(self.time, first[0])
            first[1].set()
            await _settle()
        self.time = end
        await _settle()


async def _settle() -> None:
    """Everybody is in this one loop: some turns of it take a frame there and back, however busy the machine is."""
    await asyncio.sleep(0.001)
    for _ in range(30):
        await asyncio.sleep(0)


@dataclass
class Bot:
    """Our client, an `accept` that keeps what is new, and a stand-in for the dispatcher that delivers until it is done."""

    gateway: AibotGateway
    clock: Clock
    arrived: dict[str, Inbound] = field(default_factory=dict)
    failing: deque[type[Exception]] = field(default_factory=deque)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = AibotSocket(
            self.gateway.bot_id,
            self.gateway.secret,
            self.accept,
            url=self.gateway.url,
            pressed=self.pressed,
            connect=functools.partial(connect, proxy=None),
            now=self.clock.now,
            sleep=self.clock.sleep,
            rng=random.Random(7),
            timing=QUICK,
        )
        self.running = asyncio.create_task(self.socket.run())

    async def accept(self, inbound: Inbound) -> bool:
        if self.failing:
            raise self.failing.popleft()("数据库忙")
        if inbound.key in self.arrived:
            return False
        self.arrived[inbound.key] = inbound
        return True

    async def pressed(self, card: str, key: str) -> str | None:
        return {("card1", "b1"): "开始练习"}.get((card, key))

    async def answer(self, key: str, *parts: Part) -> None:
        """As the dispatcher does: what WeCom does not take is tried again, as it was kept."""
        reply_to = json.loads(json.dumps(self.arrived[key].reply_to))
        while True:
            try:
                await self.socket.deliver(reply_to, parts)
                return
            except DeliveryFailed as failed:
                self.failures.append(failed.message)
                if not failed.again:
                    return
                await self.clock.sleep(1)

    async def heard(self, *keys: str) -> None:
        await self.gateway.until(lambda: list(keys) == list(self.arrived))


@asynccontextmanager
async def talking(**gateway: Any) -> AsyncIterator[tuple[AibotGateway, Bot, Clock]]:
    """A bot that is subscribed; at the end it stops, and the gateway has no complaint about it."""
    clock = Clock()
    async with AibotGateway(now=clock.now, **gateway) as fake:
        bot = Bot(fake, clock)
        if fake.always_greeting is None and fake.always_subscribing is None:
            await fake.until(lambda: fake.live)
            await fake.until(lambda: bot.socket.status().connected_since)
        try:
            yield fake, bot, clock
        finally:
            await bot.socket.stop()
            await bot.running

        assert [] == fake.live
        assert [] == fake.faults


async def through(clock: Clock, work: Awaitable[None], step: float = 1.0) -> None:
    """Lets time pass until the work is done."""
    task = asyncio.ensure_future(work)
    for _ in range(1000):
        if task.done():
            break
        await clock.advance(step)
    await asyncio.wait_for(task, 0.1)


# The fake is right: WeCom's own client gets along with it


@in_a_loop
async def test_official_sdk_talks_to_the_fake(tmp_path_factory: pytest.TempPathFactory) -> None:
    """WeCom's own SDK subscribes, is greeted, answers in a stream, pushes, and is told when its bubble is closed."""
    server, trusting = self_signed(tmp_path_factory.mktemp("tls"))
    async with AibotGateway(tls=server) as fake:
        with official_client(fake, trusting, heartbeat_interval=20) as client:
            frames: list[dict[str, Any]] = []
            client.on("message.text", frames.append)
            client.on("event.enter_chat", frames.append)
            await client.connect()
            await fake.until(lambda: fake.live)
            await fake.say("@安训 欠费多久能停电", "m1", chat="group1")
            await fake.enter("lisi")
            await fake.until(lambda: len(frames) == 2)
            await client.reply_stream(frames[0], "s1", "正在查", False)
            await client.reply_stream(frames[0], "s1", "三十天", True)
            with pytest.raises(RuntimeError, match="846608"):
                await client.reply_stream(frames[0], "s1", "三十天", True)
            await client.reply_welcome(frames[1], {"msgtype": "text", "text": {"content": "您好"}})
            pushed = {"msgtype": "markdown", "markdown": {"content": "**提醒**"}, "chat_type": 2}
            await client.send_message("group1", pushed)
            with pytest.raises(RuntimeError, match="846605"):
                await client.reply_stream({"headers": {"req_id": "old"}}, "s2", "晚了", True)
            await fake.until(lambda: fake.pings)
        await fake.until(lambda: not fake.live)
        await asyncio.sleep(0.05)

    assert ["三十天", "**提醒**"] == fake.seen
    assert ["您好"] == fake.welcomes
    assert [] == fake.faults


@in_a_loop
async def test_official_sdk_is_refused_with_a_wrong_secret(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The fake answers a wrong secret as WeCom does, in a form its SDK understands."""
    server, trusting = self_signed(tmp_path_factory.mktemp("tls"))
    async with AibotGateway(tls=server) as fake:
        with official_client(fake, trusting, secret="wrong") as client:
            errors: list[Exception] = []
            client.on("error", errors.append)
            await client.connect()
            await fake.until(lambda: errors)
        await asyncio.sleep(0.05)

    assert "853000" in str(errors[0])


@in_a_loop
async def test_official_sdk_is_pushed_out_by_a_second(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A second subscription of the same bot sends the first the event its SDK knows, and ends its connection."""
    server, trusting = self_signed(tmp_path_factory.mktemp("tls"))
    async with AibotGateway(tls=server) as fake:
        with official_client(fake, trusting) as first, official_client(fake, trusting) as second:
            events: list[dict[str, Any]] = []
            first.on("event.disconnected_event", events.append)
            await first.connect()
            await fake.until(lambda: fake.live)
            await second.connect()
            await fake.until(lambda: events and not first.is_connected)
        await asyncio.sleep(0.05)

    assert 1 == fake.kicked


@in_a_loop
async def test_official_sdk_stays_away_after_a_goodbye(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Why we have a client of our own: after close code 1000 WeCom's SDK never comes back."""
    server, trusting = self_signed(tmp_path_factory.mktemp("tls"))
    async with AibotGateway(tls=server) as fake:
        with official_client(fake, trusting, reconnect_interval=10) as client:
            await client.connect()
            await fake.until(lambda: fake.live)
            await fake.live[0].socket.close(1000)
            await asyncio.sleep(0.3)
        await asyncio.sleep(0.05)

    assert 1 == len(fake.clients)


# Talking


@in_a_loop
async def test_quick_answer_is_the_first_word() -> None:
    """An answer that is there within the second fills the bubble at once: one message, not two."""
    async with talking() as (fake, bot, _):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await bot.answer("m1", Words("欠费满三十天，**先通知**。", True))

    bubble = next(iter(fake.bubbles.values()))
    assert ("欠费满三十天，**先通知**。", True, 1) == (bubble.text, bubble.finished, len(bubble.times))
    assert [] == fake.pushed


@in_a_loop
async def test_slow_answer_has_company() -> None:
    """Within a second there is something to read, later a word that it takes long, and the bubble ends with the answer."""
    texts = []
    async with talking() as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        began = clock.now()
        await clock.advance(0.9)
        bubble = next(iter(fake.bubbles.values()))
        texts.append(bubble.text)
        await clock.advance(20)
        texts.append(bubble.text)
        await through(clock, bot.answer("m1", Words("三十天。")))

    assert [WORKING, STILL_WORKING] == texts
    assert 1 > bubble.times[0] - began
    assert ("三十天。", True) == (bubble.text, bubble.finished)


@in_a_loop
async def test_updates_keep_their_distance() -> None:
    """Two updates of one bubble are two seconds apart at least."""
    async with talking() as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await clock.advance(0.8)
        await through(clock, bot.answer("m1", Words("三十天。")), step=0.1)

    times = next(iter(fake.bubbles.values())).times
    assert 2 == len(times)
    assert 2.0 <= times[1] - times[0]


@in_a_loop
async def test_bubble_ends_before_six_minutes() -> None:
    """A bubble is closed with a kind word before WeCom closes it; the answer then comes as a message of its own."""
    async with talking() as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        for _ in range(35):  # the gateway answers each heartbeat
            await clock.advance(10)
        bubble = next(iter(fake.bubbles.values()))
        ended = (bubble.text, bubble.finished)
        await bot.answer("m1", Words("三十天。", True))

    assert (LATE, True) == ended
    assert 360 > bubble.times[-1] - bubble.began
    assert [("zhangsan", "markdown", "三十天。")] == fake.pushed


@in_a_loop
async def test_group_hears_its_own_answer() -> None:
    """In a group the mention is no part of the question, and what comes later goes to the group."""
    async with talking() as (fake, bot, clock):
        await fake.say("@安训 欠费多久能停电", "m1", chat="wrgroup1")
        await bot.heard("m1")
        for client in fake.live:
            await client.socket.close(1011)
        await through(clock, bot.answer("m1", Words("三十天。")))

    assert ("欠费多久能停电", True, "wrgroup1") == (
        bot.arrived["m1"].text, bot.arrived["m1"].group, bot.arrived["m1"].chat,
    )  # fmt: skip
    assert [("wrgroup1", "markdown", "三十天。")] == fake.pushed


@in_a_loop
async def test_welcome_does_not_wait_for_the_database() -> None:
    """Who opens the chat is greeted at once, within WeCom's five seconds, though the database hangs."""
    async with talking() as (fake, bot, clock):
        bot.failing.extend([TimeoutError] * 3)
        await fake.say("你好", "m1")
        await fake.enter("lisi")
        await fake.until(lambda: fake.welcomes)
        waited_for = len(bot.failing)
        await through(clock, fake.until(lambda: fake.seen))

    assert 0 < waited_for
    assert [WELCOME] == fake.welcomes
    assert ("aibot_respond_welcome_msg", 0) in fake.codes


@in_a_loop
async def test_pressed_button_is_what_it_says() -> None:
    """A button means its words, unknown buttons mean nothing, and the answer is a message of its own."""
    async with talking() as (fake, bot, _):
        await fake.say("你好", "m1")
        card = {"card_type": "button_interaction", "task_id": "card1"}
        for number, key in enumerate(("b9", "b1"), 2):
            pressed = {"template_card_event": card | {"event_key": key}}
            await fake.push(
                "aibot_event_callback",
                event("template_card_event", f"m{number}", **pressed) | {"chattype": "single"},
            )
        await bot.heard("m1", "m3")
        await bot.answer("m1", Words("您好"))
        await bot.answer("m3", Words("第一句怎么说？"))

    assert "开始练习" == bot.arrived["m3"].text
    assert ["您好", "第一句怎么说？"] == fake.seen


@in_a_loop
async def test_long_answer_is_said_whole() -> None:
    """What does not fit into a bubble goes on in the next message, cut at a sentence, and not a sign is lost."""
    whole = "".join(f"第{n}条：欠费用户要先通知，再停电。" for n in range(900))
    async with talking() as (fake, bot, _):
        await fake.say("全部规定", "m1")
        await bot.heard("m1")
        await bot.answer("m1", Words(whole, True))

    assert 2 < len(fake.seen)
    assert whole == "".join(fake.seen)
    assert all(said.endswith("。") for said in fake.seen)


@in_a_loop
async def test_picture_follows_its_words() -> None:
    """A score card is uploaded in pieces and follows the bubble; choices are numbered lines in it."""
    png = b"\x89PNG" + bytes(range(256)) * 4096
    async with talking() as (fake, bot, _):
        await fake.say("结束", "m1")
        await bot.heard("m1")
        buttons = Buttons("接下来？", [Button("再练一次", "重来"), Button("换个客户", "换人")], "k1")
        await bot.answer("m1", Words("得了八十二分。"), Picture(png, "得分 82"), buttons)

    assert ["得了八十二分。\n\n接下来？\n1. 再练一次\n2. 换个客户\n回复数字就行。"] == fake.seen
    assert [("zhangsan", "image", "media1")] == fake.pushed
    assert png == fake.pictures["media1"]


@in_a_loop
async def test_refused_picture_is_said_in_words() -> None:
    """When WeCom takes no picture, its words arrive instead."""
    async with talking(answering={"aibot_upload_media_init": deque([40004])}) as (fake, bot, _):
        await fake.say("结束", "m1")
        await bot.heard("m1")
        await bot.answer("m1", Words("练完了。"), Picture(b"\x89PNG", "得分 82，良好"))

    assert ["练完了。", "得分 82，良好"] == fake.seen


@in_a_loop
async def test_repeated_message_is_answered_once() -> None:
    """The same msgid pushed again, before or after its answer, brings no second answer and disturbs none."""
    with capture_logs() as logs:
        async with talking() as (fake, bot, clock):
            await fake.say("欠费多久能停电", "m1")
            await fake.say("欠费多久能停电", "m1")
            await bot.heard("m1")
            await bot.answer("m1", Words("三十天。"))
            await fake.say("欠费多久能停电", "m1")
            await clock.advance(60)

    assert ["三十天。"] == fake.seen
    assert {"wecom.aibot.connected"} == {line["event"] for line in logs}


@in_a_loop
async def test_message_of_an_earlier_run_opens_no_bubble() -> None:
    """A message that was remembered before this start is somebody else's to answer: not even a word appears."""
    async with talking() as (fake, bot, clock):
        bot.arrived["m1"] = Inbound("wecom-aibot", "m1", "zhangsan", "zhangsan", "欠费多久能停电")
        await fake.say("欠费多久能停电", "m1")
        await clock.advance(20)

    assert {} == fake.bubbles


@in_a_loop
async def test_second_try_repeats_nothing() -> None:
    """When the second part of an answer is not taken, only that part is said again."""
    whole = "第一条：先通知，再停电。" * 700
    async with talking(answering={"aibot_send_msg": deque([-1])}) as (fake, bot, clock):
        await fake.say("全部规定", "m1")
        await bot.heard("m1")
        await through(clock, bot.answer("m1", Words(whole), Picture(b"\x89PNG", "曲线")))

    assert 1 == len(bot.failures)
    assert whole == "".join(fake.seen)
    assert 1 == len(fake.pictures)


@in_a_loop
async def test_unkept_message_is_said_to_be_so() -> None:
    """A database that stays away costs this message its answer, and the person is told; the next one is fine."""
    async with talking() as (fake, bot, clock):
        bot.failing.extend([OSError] * 3)
        await fake.say("第一句", "m1")
        await fake.say("第二句", "m2")
        await through(clock, bot.heard("m2"), step=0.5)
        await fake.until(lambda: [NOT_KEPT] == fake.seen)


@in_a_loop
async def test_briefly_locked_database_loses_nothing() -> None:
    """A message that could not be remembered the first time is remembered the second."""
    async with talking() as (fake, bot, clock):
        bot.failing.append(OSError)
        await fake.say("第一句", "m1")
        await through(clock, bot.heard("m1"), step=0.5)
        await bot.answer("m1", Words("好"))

    assert ["好"] == fake.seen


NONSENSE = [
    "不是 JSON",
    "[]",
    "[" * 100_000,
    "null",
    '{"cmd": 7}',
    '{"cmd": "aibot_msg_callback"}',
    '{"cmd": "aibot_msg_callback", "headers": [], "body": []}',
    '{"cmd": "aibot_event_callback", "headers": {"req_id": "r"}, "body": {"msgtype": "event", "event": "x"}}',
    json.dumps({"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}, "body": message("好", "m\x00")}),
    json.dumps(
        {"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}, "body": message("好", "m", user="")}
    ),
    '{"headers": {"req_id": "nobody"}, "errcode": "x"}',
    '{"cmd": "aibot_neu", "headers": {"req_id": "r"}, "body": {}}',
    b"\xff\xfe",
]


@pytest.mark.parametrize("raw", NONSENSE, ids=[str(raw)[:40] for raw in NONSENSE])
@in_a_loop
async def test_nonsense_disturbs_nothing(raw: str | bytes) -> None:
    """A frame that makes no sense is passed over on the same connection, and the next message is answered."""
    async with talking() as (fake, bot, _):
        if isinstance(raw, bytes):
            await fake.live[0].socket.send(raw, text=True)
        else:
            await fake.live[0].socket.send(raw)
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await bot.answer("m1", Words("三十天。"))

    assert ["三十天。"] == fake.seen
    assert 1 == len(fake.clients)


# Faults


@pytest.mark.parametrize(
    "cut_off",
    [close_with(1000), close_with(1001), close_with(1011), reset],
    ids=["1000", "1001", "1011", "TCP reset"],
)
@in_a_loop
async def test_answers_survive_a_lost_connection(cut_off: Hook) -> None:
    """A question asked before the connection broke is answered once on the next, and so is one asked after."""
    async with talking() as (fake, bot, clock):
        await fake.say("第一问", "m1")
        await bot.heard("m1")
        await cut_off(fake.live[0])
        answering = asyncio.create_task(bot.answer("m1", Words("第一答")))
        for _ in range(40):
            await clock.advance(0.5)
        await answering
        await fake.say("第二问", "m2")
        await bot.heard("m1", "m2")
        await bot.answer("m2", Words("第二答"))

    assert ["第一答", "第二答"] == sorted(fake.seen, key="第一答第二答".index)
    assert [("zhangsan", "markdown", "第一答")] == fake.pushed
    assert 2 == len(fake.clients)


@in_a_loop
async def test_answer_cut_off_on_its_way_arrives_once() -> None:
    """A connection that breaks before WeCom has read the answer costs nothing: it is said again on the next."""
    async with talking(before={"aibot_respond_msg": deque([reset])}) as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await through(clock, bot.answer("m1", Words("三十天。")))

    assert ["三十天。"] == fake.seen
    assert 1 <= len(bot.failures)


async def _swallow(_client: Client) -> None:
    """The frame was read, and its answer is never sent."""


@in_a_loop
async def test_unconfirmed_answer_is_not_said_twice() -> None:
    """An answer that arrived although its confirmation did not is recognised by the closed bubble."""
    async with talking(after={"aibot_respond_msg": deque([_swallow])}) as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        answering = asyncio.create_task(bot.answer("m1", Words("三十天。")))
        await fake.until(lambda: bot.failures)
        await through(clock, answering)

    assert ["三十天。"] == fake.seen
    assert ("aibot_respond_msg", 846608) in fake.codes


@pytest.mark.parametrize("seed", range(6))
@in_a_loop
async def test_stormy_hour_loses_nothing(seed: int) -> None:
    """Thirty questions in three chats while connections break at random: each that arrived is answered.

    Twice at most where the confirmation was lost with its connection: WeCom cannot be asked what it has.
    """
    rng = random.Random(seed)
    breaks = 0
    async with talking() as (fake, bot, clock):
        answering = []
        for number in range(30):
            await through(clock, fake.until(lambda: fake.live))
            await fake.say(f"第{number}问", f"m{number}", user=f"user{number % 3}")
            await through(clock, bot.heard(*(f"m{n}" for n in range(number + 1))), step=0.1)
            answering.append(asyncio.create_task(bot.answer(f"m{number}", Words(f"第{number}答。"))))
            await clock.advance(rng.choice([0, 0, 0.5, 1, 3]))
            if rng.random() < 0.3 and fake.live:
                breaks += 1
                await rng.choice([reset, close_with(1000), close_with(1011)])(fake.live[0])
        for task in answering:
            await through(clock, task)

    assert 3 < breaks
    assert {f"第{number}答。" for number in range(30)} == set(fake.seen)
    assert len(fake.seen) - 30 <= breaks


@in_a_loop
async def test_silent_gateway_is_left() -> None:
    """TCP that stays open with nothing behind it is noticed by the missing heartbeat, and a new connection is made."""
    async with talking() as (fake, bot, clock):
        await go_deaf(fake.live[0])
        await clock.advance(60)
        patient = len(fake.clients)
        await through(clock, fake.until(lambda: fake.live))
        await fake.say("还在吗", "m1")
        await bot.heard("m1")

    assert [1, 2] == [patient, len(fake.clients)]


@in_a_loop
async def test_heartbeat_keeps_a_quiet_night() -> None:
    """Hours in which nobody speaks pass on one connection, with a heartbeat every thirty seconds."""
    async with talking() as (fake, bot, clock):
        await clock.advance(3600)
        await fake.say("早上好", "m1")
        await bot.heard("m1")

    assert 1 == len(fake.clients)
    assert 119 <= fake.pings <= 120


@in_a_loop
async def test_stale_req_id_falls_back_to_a_message() -> None:
    """When WeCom does not know the req_id any more, or the stream has expired, the answer is pushed."""
    for code in (846605, 846608):
        async with talking(answering={"aibot_respond_msg": deque([code])}) as (fake, bot, _):
            await fake.say("欠费多久能停电", "m1")
            await bot.heard("m1")
            await bot.answer("m1", Words("三十天。"))

        assert [("zhangsan", "markdown", "三十天。")] == fake.pushed
        assert ["三十天。"] == fake.seen


@in_a_loop
async def test_unsubscribed_connection_is_replaced() -> None:
    """846609 on an open connection means that it is worth nothing: a new one is made and the answer arrives by it."""
    async with talking() as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        fake.live[0].subscribed = False
        began = clock.now()
        await through(clock, bot.answer("m1", Words("三十天。")))
        took = clock.now() - began
        await fake.until(lambda: not fake.clients[0].open)

    assert ["三十天。"] == fake.seen
    assert 2 == len(fake.subscriptions)
    assert 15 > took


@in_a_loop
async def test_full_minute_is_waited_out() -> None:
    """Forty questions at once in one chat: WeCom's 30 a minute are kept, and every one is answered once."""
    async with talking() as (fake, bot, clock):
        for number in range(40):
            await fake.say(f"第{number}问", f"m{number}", chat="wrgroup1")
        await bot.heard(*(f"m{number}" for number in range(40)))

        async def answer_all() -> None:
            for number in range(40):
                await bot.answer(f"m{number}", Words(f"第{number}答"))

        await through(clock, answer_all())

    assert sorted(f"第{number}答" for number in range(40)) == sorted(fake.seen)


@in_a_loop
async def test_refused_message_is_given_up() -> None:
    """A code that trying again does not change ends the delivery; busy and too often are tried again."""
    async with talking() as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await clock.advance(0.8)
        fake.answering["aibot_respond_msg"] = deque([-1, 45009, 40008])
        await through(clock, bot.answer("m1", Words("三十天。")))

    assert ["-1", "45009", "40008"] == [failure.split()[-1].rstrip("）") for failure in bot.failures]


@in_a_loop
async def test_kicked_bot_waits_long() -> None:
    """Pushed out by another process it says why, once, and waits longer each time instead of pushing back at once."""
    with capture_logs() as logs:
        async with talking() as (fake, _, clock):
            for _ in range(3):
                await fake.kick()
                await clock.advance(50)
                assert [] == fake.live
                await clock.advance(600)
                await fake.until(lambda: fake.live)
            long = clock.pauses

    kicks = [pause for pause in long if pause > 59]
    assert 3 == len(kicks)
    assert 60 <= kicks[0] <= 120 <= kicks[1] <= 240 <= kicks[2] <= 480
    assert 1 == sum(line["event"] == "wecom.aibot.kicked" for line in logs)


@in_a_loop
async def test_two_bots_do_not_fight() -> None:
    """A second process takes over; for the next minute the first leaves it alone."""
    async with talking() as (fake, _, clock):
        second = Bot(fake, clock)
        await fake.until(lambda: fake.kicked == 1)
        await clock.advance(55)

        assert 1 == fake.kicked
        await second.socket.stop()
        await second.running


@pytest.mark.parametrize(
    ("outage", "most"),
    [
        ({"always_greeting": close_with(1000)}, 12),
        ({"always_greeting": close_with(1011)}, 12),
        ({"always_greeting": reset}, 12),
        ({"always_subscribing": 45009}, 12),
        ({"always_subscribing": 853000}, 2),
    ],
    ids=["1000", "1011", "TCP reset", "45009", "853000"],
)
@in_a_loop
async def test_ailing_gateway_is_not_stormed(outage: dict[str, Any], most: int) -> None:
    """In the first minute of an outage there are a few tries, in the tenth one or two."""
    async with talking(**outage) as (fake, _, clock):
        for _ in range(60):
            await clock.advance(1)
        first = len(fake.clients)
        await clock.advance(480)
        before = len(fake.clients)
        await clock.advance(60)
        tenth = len(fake.clients) - before

    assert 1 <= first <= most
    assert 0 <= tenth <= 4


@in_a_loop
async def test_flapping_connection_is_not_stormed() -> None:
    """A gateway that subscribes us, pushes a message and hangs up, again and again, is not hurried by it."""

    async def flap(client: Client) -> None:
        async def later() -> None:
            await fake.until(lambda: client.subscribed)
            with contextlib.suppress(Exception):
                await fake.push("aibot_msg_callback", message("喂", f"m{client.number}"), client)
            await client.socket.close(1001)

        tasks.append(asyncio.create_task(later()))

    tasks: list[asyncio.Task[None]] = []
    async with talking(greeting=deque([None]), always_greeting=flap) as (fake, _, clock):
        await fake.until(lambda: fake.live)
        await fake.live[0].socket.close(1001)
        for _ in range(60):
            await clock.advance(1)
        tries = len(fake.subscriptions)
    await asyncio.gather(*tasks)

    assert 3 <= tries <= 12


@in_a_loop
async def test_refused_credentials_are_explained() -> None:
    """A wrong secret is said with its remedy, and never itself; tries are minutes apart."""
    with capture_logs() as logs:
        async with talking(always_subscribing=853000) as (fake, bot, _):
            await fake.until(lambda: bot.socket.status().last_error)

    refused = next(line for line in logs if line["event"] == "wecom.aibot.refused")
    assert "Bot ID" in refused["remedy"]
    assert 60 <= refused["wait_s"]
    assert fake.secret not in repr(logs)


@in_a_loop
async def test_secret_stays_out_of_the_librarys_log(caplog: pytest.LogCaptureFixture) -> None:
    """Even with every logger at debug level neither the secret nor what people say is written down."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        async with talking() as (fake, bot, _):
            await fake.say("客户老张骂我了", "m1")
            await bot.heard("m1")
            await bot.answer("m1", Words("先别急。"))

    assert 1 == len(fake.seen)
    for kept_out in (fake.secret, "老张", "先别急"):
        assert kept_out not in caplog.text + repr(logs)


# The end


@in_a_loop
async def test_stop_lets_an_answer_arrive() -> None:
    """An answer that is being delivered when the bot is stopped arrives."""
    async with talking() as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await clock.advance(0.8)
        answering = asyncio.create_task(bot.answer("m1", Words("三十天。")))
        await asyncio.sleep(0.01)
        stopping = asyncio.create_task(bot.socket.stop())
        await clock.advance(3)
        await answering
        await stopping

    assert ["三十天。"] == fake.seen
    assert [] == bot.failures


@in_a_loop
async def test_stop_waits_for_the_picture() -> None:
    """Words that arrived are not left without their picture because the bot is stopped in between."""

    async def stop(_client: Client) -> bool:
        stopping.append(asyncio.create_task(bot.socket.stop()))
        await asyncio.sleep(0.05)
        return True

    stopping: list[asyncio.Task[None]] = []
    async with talking(before={"aibot_upload_media_init": deque([stop])}) as (fake, bot, _):
        await fake.say("结束", "m1")
        await bot.heard("m1")
        await bot.answer("m1", Words("练完了。"), Picture(b"\x89PNG", "得分 82"))
        await stopping[0]

    assert [("zhangsan", "image", "media1")] == fake.pushed
    assert [] == bot.failures


@in_a_loop
async def test_stop_excuses_what_is_not_answered() -> None:
    """Who still waits when the bot stops is told so; the message is kept, and the next start answers it."""
    async with talking() as (fake, bot, clock):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await bot.socket.stop()
        excused = list(fake.seen)
        with pytest.raises(DeliveryFailed) as failed:
            await bot.socket.deliver(bot.arrived["m1"].reply_to, [Words("三十天。")])
        again = Bot(fake, clock, arrived=bot.arrived)
        await fake.until(lambda: again.socket.status().connected_since)
        await again.answer("m1", Words("三十天。"))
        await again.socket.stop()
        await again.running

    assert [RESTARTING] == excused
    assert failed.value.again
    assert [("zhangsan", "markdown", "三十天。")] == fake.pushed


@in_a_loop
async def test_stop_is_quick_when_wecom_is_away() -> None:
    """Nothing that waits for a gateway which does not answer holds the application up."""
    async with talking() as (fake, bot, _):
        await fake.say("欠费多久能停电", "m1")
        await bot.heard("m1")
        await go_deaf(fake.live[0])
        async with asyncio.timeout(3):
            await bot.socket.stop()


@in_a_loop
async def test_dispatcher_and_connection_work_together(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With the real database and dispatcher: questions of several people are kept, answered in order, and all is stopped."""

    async def echo(inbound: Inbound, _dialect: Dialect) -> list[Part]:
        return [Words(f"答：{inbound.text}")]

    sessions = open_database(f"sqlite:///{tmp_path_factory.mktemp('db') / 'a.db'}")
    async with AibotGateway() as fake:
        channels: dict[str, ChatChannel] = {}
        dispatcher = Dispatcher(InboxStore(sessions), SharedStore(sessions), echo, channels)
        bot = AibotSocket(
            fake.bot_id, fake.secret, dispatcher.accept,
            url=fake.url, connect=functools.partial(connect, proxy=None), timing=QUICK,
        )  # fmt: skip
        channels["wecom-aibot"] = ChatChannel(WECOM_AIBOT, bot, at_once=True)
        await dispatcher.start()
        running = asyncio.create_task(bot.run())
        await fake.until(lambda: fake.live)
        for number in range(12):
            await fake.say(f"第{number}问", f"m{number}", user=f"user{number % 3}")
        await fake.say("第0问", "m0", user="user0")
        await fake.until(lambda: len(fake.seen) == 12)
        await dispatcher.idle()
        await dispatcher.stop()
        await bot.stop()
        await running

        assert [] == fake.faults
    for user in range(3):
        mine = [bubble.text for bubble in fake.bubbles.values() if bubble.chat == f"user{user}"]

        assert [f"答：第{number}问" for number in range(user, 12, 3)] == mine


@in_a_loop
async def test_cancelled_run_ends_in_order() -> None:
    """A run that is cancelled instead of stopped closes its connection just as well."""
    async with talking() as (fake, bot, _):
        bot.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await bot.running
        await fake.until(lambda: not fake.live)
        bot.running = asyncio.create_task(asyncio.sleep(0))


@in_a_loop
async def test_hour_of_one_chat_has_a_limit() -> None:
    """After a thousand messages in an hour the next is put off, and an hour later there is room again."""
    clock = Clock()
    pace = Pace(clock.now, clock.sleep)
    for _ in range(1000):
        await pace.turn("wrgroup1")
        clock.time += 2.5
    with pytest.raises(DeliveryFailed) as full:
        await pace.turn("wrgroup1")
    await pace.turn("wrgroup2")
    clock.time += 3601
    await pace.turn("wrgroup1")

    assert full.value.again


def test_pauses_grow_to_a_minute() -> None:
    """The n-th pause is drawn from 1 to 2ⁿ seconds, a minute at most; after a good connection it is under a second."""
    rng = random.Random(1)
    for failures in range(1, 40):
        drawn = [pause_after(failures, rng) for _ in range(50)]

        assert 1 <= min(drawn) <= max(drawn) <= min(60, 2**failures)
    assert 1 > max(pause_after(0, rng) for _ in range(50))
