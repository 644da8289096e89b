"""What arrives is kept before it is acknowledged, answered once, in order, and survives a stop and a platform away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.channels.chat import dispatcher as module
from bot.channels.chat.dialects import WECOM_APP, Dialect
from bot.channels.chat.dispatcher import ChatChannel, Dispatcher
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.outbound import DeliveryFailed, Part, Words
from bot.errors import NotReady
from bot.stores.database import open_database
from bot.stores.inbox import InboxStore
from bot.stores.shared import SharedStore


class Platform:
    """A courier that writes down what was delivered to whom, and fails when told to."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str]] = []
        self.failures: list[DeliveryFailed] = []

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.delivered += [(reply_to["touser"], part.text) for part in parts if isinstance(part, Words)]

    def to(self, person: str) -> list[str]:
        return [text for whom, text in self.delivered if whom == person]


async def echo(inbound: Inbound, _dialect: Dialect) -> list[Part]:
    await asyncio.sleep(0.002)
    return [Words(f"答：{inbound.text}")]


def said(person: str, text: str, key: str = "") -> Inbound:
    return Inbound("wecom", key or f"{person}-{text}", person, person, text, reply_to={"touser": person})


def answered(dispatcher: Dispatcher, *messages: Inbound) -> None:
    """The messages arrive one after the other; returns when none of them waits any more."""

    async def run() -> None:
        await dispatcher.start()
        for message in messages:
            await dispatcher.accept(message)
        await dispatcher.idle()
        await dispatcher.stop()

    asyncio.run(run())


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., Dispatcher]:
    """Starts app processes on one database."""
    url = f"sqlite:///{tmp_path / 'a.db'}"

    def begin(platform: Platform, compose: module.Compose = echo) -> Dispatcher:
        sessions = open_database(url)
        return Dispatcher(
            InboxStore(sessions), SharedStore(sessions), compose, {"wecom": ChatChannel(WECOM_APP, platform)}
        )

    return begin


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries last a hundredth of a second."""
    monkeypatch.setattr(module, "PAUSES_S", (0.01,))


def test_each_chat_is_answered_in_order(process: Callable[..., Dispatcher]) -> None:
    """Ten people write ten messages each, all at once: every answer once, in the order of the questions."""
    platform = Platform()

    async def run() -> None:
        dispatcher = process(platform)
        await dispatcher.start()
        for number in range(10):
            await asyncio.gather(*(dispatcher.accept(said(f"职工{n}", f"第{number}问")) for n in range(10)))
        await dispatcher.idle()
        await dispatcher.stop()

    asyncio.run(run())

    for n in range(10):
        assert [f"答：第{number}问" for number in range(10)] == platform.to(f"职工{n}")


def test_message_sent_four_times_is_answered_once(process: Callable[..., Dispatcher]) -> None:
    """Four deliveries of one message, together and later, to two processes: one answer."""
    platform = Platform()

    async def run() -> list[bool]:
        one, other = process(platform), process(platform)
        await one.start()
        await other.start()
        message = said("张三", "停电提前几天？", key="7000000000000000001")
        fresh = list(await asyncio.gather(one.accept(message), one.accept(message), other.accept(message)))
        await one.idle()
        fresh.append(await other.accept(message))
        await other.idle()
        await one.stop()
        await other.stop()
        return fresh

    fresh = asyncio.run(run())

    assert 1 == sum(fresh)
    assert ["答：停电提前几天？"] == platform.to("张三")


def test_platform_that_comes_back_gets_everything_once(process: Callable[..., Dispatcher]) -> None:
    """Three failures, then success: nothing lost, nothing doubled, order kept."""
    platform = Platform()
    platform.failures = [DeliveryFailed("平台没有回应。") for _ in range(3)]

    answered(process(platform), said("张三", "一"), said("张三", "二"))

    assert ["答：一", "答：二"] == platform.to("张三")


def test_failure_in_the_middle_says_nothing_twice(process: Callable[..., Dispatcher]) -> None:
    """A long answer goes part by part; after a failure it goes on where it stopped."""
    platform = Platform()

    async def three(inbound: Inbound, _dialect: Dialect) -> list[Part]:
        return [Words("一"), Words("二"), Words("三")]

    async def run() -> None:
        dispatcher = process(platform, three)
        await dispatcher.start()
        await dispatcher.accept(said("张三", "说说看"))
        while len(platform.delivered) < 1:
            await asyncio.sleep(0)
        platform.failures = [DeliveryFailed("平台没有回应。")]
        await dispatcher.idle()
        await dispatcher.stop()

    asyncio.run(run())

    assert ["一", "二", "三"] == platform.to("张三")


def test_refusal_for_good_does_not_hold_up_the_next(process: Callable[..., Dispatcher]) -> None:
    """Where trying again cannot help, the next message is answered."""
    platform = Platform()
    platform.failures = [DeliveryFailed("找不到这个人。", again=False)]

    answered(process(platform), said("张三", "一"), said("张三", "二"))

    assert ["答：二"] == platform.to("张三")


def test_what_was_left_is_answered_by_the_next_process(process: Callable[..., Dispatcher]) -> None:
    """A process stops while the platform is away; the one after it delivers, once."""
    platform = Platform()
    platform.failures = [DeliveryFailed("平台没有回应。") for _ in range(10_000)]

    async def run() -> None:
        first = process(platform)
        await first.start()
        await first.accept(said("张三", "停电提前几天？"))
        await asyncio.sleep(0.05)
        await first.stop()
        assert platform.delivered == []

        platform.failures = []
        second = process(platform)
        await second.start()
        while not platform.delivered:
            await asyncio.sleep(0.01)
        await second.idle()
        await second.stop()

    asyncio.run(run())

    assert ["答：停电提前几天？"] == platform.to("张三")


def test_stopping_lets_an_answer_in_flight_finish(process: Callable[..., Dispatcher]) -> None:
    """Whoever was being answered gets the answer; nothing stays behind for a second one."""
    platform = Platform()
    begun = asyncio.Event()

    async def slow(inbound: Inbound, _dialect: Dialect) -> list[Part]:
        begun.set()
        await asyncio.sleep(0.1)
        return [Words("答好了")]

    async def run() -> list[str]:
        dispatcher = process(platform, slow)
        await dispatcher.start()
        await dispatcher.accept(said("张三", "慢慢想"))
        await begun.wait()
        await dispatcher.stop()
        return process(platform)._inbox.chats_waiting(["wecom"])

    assert [] == asyncio.run(run())
    assert ["答好了"] == platform.to("张三")


def test_personal_data_is_masked_before_it_is_kept(process: Callable[..., Dispatcher]) -> None:
    """A phone number typed by staff never reaches the database."""
    platform, kept = Platform(), []

    async def look(inbound: Inbound, _dialect: Dialect) -> list[Part]:
        kept.append(inbound.text)
        return []

    answered(process(platform, look), said("张三", "王大爷电话13812345678，欠三个月"))

    assert 1 == len(kept) and "13812345678" not in kept[0] and "欠三个月" in kept[0]


def test_another_process_leaves_alone_what_it_cannot_deliver(process: Callable[..., Dispatcher]) -> None:
    """Where only one process holds a connection, the others do not take its chats from it."""
    platform = Platform()

    async def run() -> list[str]:
        holder = process(platform)
        other = process(platform)
        other._channels.clear()
        platform.failures = [DeliveryFailed("连接断了。")]
        await holder.start()
        await holder.accept(said("张三", "停电提前几天？"))
        await other.start()
        await holder.idle()
        await other.stop()
        await holder.stop()
        return platform.to("张三")

    assert ["答：停电提前几天？"] == asyncio.run(run())


def test_message_after_the_end_is_refused_at_once(process: Callable[..., Dispatcher]) -> None:
    """Whoever brings a message to a stopped dispatcher hears of it, and can have it sent again."""

    async def run() -> None:
        dispatcher = process(Platform())
        await dispatcher.start()
        await dispatcher.stop()
        with pytest.raises(NotReady, match="正在停止"):
            await asyncio.wait_for(dispatcher.accept(said("张三", "还在吗？")), 1)

    asyncio.run(run())
