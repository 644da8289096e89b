"""A chat account becomes a member of staff by a code that works once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.learning.people.codes import digest, new_code, read_code
from bot.stores.learning.people import Account
from tests.learning.factory import Floor, floor, person


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    house = floor(tmp_path)
    house.staff.save([person(), person("1002", "陈立")])
    return house


def test_code_binds_once(house: Floor) -> None:
    """The first who brings it is that person; the second is told kindly."""
    code = house.staff.new_code("1001", house.clock())

    assert "绑好了，周敏（收费 城东班，催收员）" in house.tell(f"绑定 {code}")
    assert "用不了" in house.tell(f"绑定 {code}", "web-2")
    assert "工号 1001" in house.tell("我是谁") and "还没有绑定" in house.tell("我是谁", "web-2")


@pytest.mark.parametrize("typed", ["绑定 {a}-{b}", "绑定：{a}{b}", "绑定{low}", "绑定  {a} {b}"])
def test_code_is_read_as_people_type_it(house: Floor, typed: str) -> None:
    """Strokes, blanks and small letters do not matter."""
    code = house.staff.new_code("1001", house.clock())

    assert "绑好了" in house.tell(typed.format(a=code[:4], b=code[4:], low=code.lower()))


def test_new_code_ends_the_old_one(house: Floor) -> None:
    """Who asks for another code need not fear the one on the lost slip of paper."""
    old, new = (house.staff.new_code("1001", house.clock()) for _ in range(2))

    assert "用不了" in house.tell(f"绑定 {old}")
    assert "绑好了" in house.tell(f"绑定 {new}")


def test_code_runs_out_after_a_week(house: Floor) -> None:
    """A code of last month is no key."""
    code = house.staff.new_code("1001", house.clock())
    house.clock.move(days=8)

    assert "用不了" in house.tell(f"绑定 {code}")


def test_guessing_is_stopped(house: Floor) -> None:
    """After five wrong codes even a right one waits a quarter of an hour."""
    code = house.staff.new_code("1001", house.clock())
    for _ in range(5):
        house.tell(f"绑定 {new_code()}")

    assert "一刻钟" in house.tell(f"绑定 {code}")
    house.clock.move(minutes=16)
    assert "绑好了" in house.tell(f"绑定 {code}")


def test_database_holds_no_code(house: Floor) -> None:
    """Who reads the tables finds only digests."""
    code = house.staff.new_code("1001", house.clock())

    assert code not in digest(code) and 64 == len(digest(code))
    assert "" == read_code("绑定") == read_code(code + "A") == read_code("O0I1O0I1")


def test_unknown_number_gets_no_code(house: Floor) -> None:
    """A code for nobody is refused with the way to go."""
    with pytest.raises(BadInput, match="anxun people import"):
        house.staff.new_code("9999", house.clock())


def test_leaving_asks_first(house: Floor) -> None:
    """解绑 asks once; only 确定解绑 does it, and the person can come back."""
    house.bind(person())
    house.tell("解绑")
    assert "工号 1001" in house.tell("我是谁")

    assert "解开了" in house.tell("确定解绑")
    assert "还没有绑定" in house.tell("我是谁")


def test_of_two_at_once_one_wins(house: Floor) -> None:
    """Two phones that send the same code in the same moment: one of them is bound."""
    code = house.staff.new_code("1001", house.clock())
    accounts = [Account(f"web-{n}", "web", "") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda one: house.staff.spend(code, one, house.clock()), accounts))

    assert 1 == sum(one is not None for one in won)


def test_list_of_staff_is_saved_whole_or_not(house: Floor) -> None:
    """One bad person in a list, and none of them is there."""
    with pytest.raises(Exception, match=r"NOT NULL|null"):
        house.staff.save([person("2001", "好人"), person("2002", None)])  # type: ignore[arg-type]

    assert house.staff.get("2001") is None


def test_led_are_those_of_trainer_and_manager(house: Floor) -> None:
    """A mentor and a manager find their people; who left is not among them."""
    house.staff.save(
        [
            person("3001", "甲", trainer="1001"),
            person("3002", "乙", manager="1001"),
            person("3003", "丙", trainer="1001", left=(house.clock() - timedelta(days=1)).date()),
        ]
    )

    assert ["3001", "3002"] == [one.id for one in house.staff.led_by("1001")]
