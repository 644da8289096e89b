"""A message for somebody who is elsewhere reaches them once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.chat.outbound import DeliveryFailed
from bot.messages import Message, say
from bot.stores.learning.people import Account
from tests.learning.factory import Floor, floor, person, words_of

REMINDER = say("第三个模块明天到期，只剩一个小测验。")


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    house = floor(tmp_path)
    house.staff.save([person()])
    return house


class Carrier:
    """Notes what it carried; `down` makes it fail."""

    def __init__(self) -> None:
        self.carried: list[tuple[str, str]] = []
        self.down = False

    async def __call__(self, account: Account, message: Message) -> None:
        if self.down:
            raise DeliveryFailed("企业微信没有回应。")
        self.carried.append((account.address, words_of(message)))


def deliver(house: Floor, carrier: Carrier) -> int:
    return asyncio.run(house.notices.deliver({"wecom": carrier}, house.clock()))


def test_notice_goes_out_once(house: Floor) -> None:
    """Sent twice under one key, carried once."""
    house.staff.bind(Account("wecom:zhou", "wecom", "zhou"), "1001", house.clock())
    carrier = Carrier()

    assert [True, False] == [house.notices.send("1001", REMINDER, "due:1", house.clock()) for _ in range(2)]
    assert [1, 0] == [deliver(house, carrier) for _ in range(2)]
    assert "zhou" == carrier.carried[0][0] and "明天到期" in carrier.carried[0][1]


def test_notice_waits_for_its_hour(house: Floor) -> None:
    """What is meant for tomorrow morning is not carried tonight."""
    house.staff.bind(Account("wecom:zhou", "wecom", "zhou"), "1001", house.clock())
    house.notices.send("1001", REMINDER, "due:1", house.clock() + timedelta(hours=12))

    assert 0 == deliver(house, Carrier())
    house.clock.move(hours=12)
    assert 1 == deliver(house, Carrier())


def test_platform_down_is_tried_again(house: Floor) -> None:
    """While WeCom is away the notice waits; afterwards it arrives."""
    house.staff.bind(Account("wecom:zhou", "wecom", "zhou"), "1001", house.clock())
    house.notices.send("1001", REMINDER, "due:1", house.clock())
    carrier = Carrier()
    carrier.down = True

    assert 0 == deliver(house, carrier)
    carrier.down = False
    assert 0 == deliver(house, carrier)
    house.clock.move(minutes=11)
    assert 1 == deliver(house, carrier)


def test_widget_shows_what_nobody_carried(house: Floor) -> None:
    """Who only uses the browser sees it there, once; a guest has no inbox."""
    house.notices.send("1001", REMINDER, "due:1", house.clock())

    assert 0 == deliver(house, Carrier())
    assert not house.notices.send("guest-1", REMINDER, "due:2", house.clock())
    assert [1, 0] == [len(house.notices.take("1001", house.clock())) for _ in range(2)]
