"""Slogans one would pin up, posters that fit, a case a day, a look before one goes, and a quiet minute that stays private."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.awareness import Slogan, WorkOrder
from bot.content.loader import load_knowledge
from bot.content.models import TOPIC_NAMES
from bot.desks.awareness import AwarenessDesk
from bot.learning.awareness.games import Trial, compare_order, compared, score
from bot.learning.awareness.posters import PAGES, Poster, draw
from bot.learning.awareness.today import of_the_day
from tests.learning.factory import SHANGHAI, Floor, floor, person
from tests.roleplay.factory import KNOWLEDGE

CONTENT = load_knowledge(KNOWLEDGE)
SLOGANS = [(one.topic, each) for one in CONTENT.slogans.values() for each in one.slogans]


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    house = floor(tmp_path)
    house.hall._desks["awareness"] = AwarenessDesk(
        CONTENT.slogans, CONTENT.cases, CONTENT.checklists, house.records, SHANGHAI
    )
    house.bind(person())
    return house


def test_there_are_enough_slogans() -> None:
    """At least a hundred and fifty, every topic well served, no two alike in their first half."""
    assert len(SLOGANS) >= 150 and min(Counter(topic for topic, _ in SLOGANS).values()) >= 20
    assert set(TOPIC_NAMES) == {topic for topic, _ in SLOGANS}
    assert len({slogan.text for _, slogan in SLOGANS}) == len(SLOGANS)


@pytest.mark.parametrize("text", ["这一句标语实在是太长太长太长了一点点", "安全第一！"])
def test_loud_or_long_is_refused(text: str) -> None:
    """More than fourteen large characters cannot be read at three metres, and nobody is shouted at."""
    with pytest.raises(ValueError, match=r"大字|感叹号"):
        Slogan(text=text, why="因为", card="fc-over-30-days")


@given(
    start=st.dates(date(2026, 1, 1), date(2030, 1, 1)), team=st.text(max_size=6), count=st.integers(120, 200)
)
def test_slogan_does_not_come_again_for_weeks(start: date, team: str, count: int) -> None:
    """In sixty days no team sees the same twice, and the same day always has the same."""
    things = list(range(count))
    shown = [of_the_day(things, start + timedelta(days=n), team) for n in range(60)]

    assert 60 == len(set(shown)) and shown[0] == of_the_day(things, start, team)


@pytest.mark.parametrize("size", PAGES)
def test_every_poster_fits(size: str) -> None:
    """Well-formed, one picture, and no line wider or lower than the page."""
    width, height = PAGES[size]  # type: ignore[index]
    for topic, slogan in SLOGANS:
        root = ElementTree.fromstring(  # noqa: S314  drawn by ourselves
            draw(Poster(slogan.text, slogan.why, "《民法典》" + "很长的出处" * 8, topic), size)
        )  # type: ignore[arg-type]
        for text in root.iter("{http://www.w3.org/2000/svg}text"):
            long = float(text.attrib["font-size"]) * len(text.text or "")

            assert long <= width * 0.95, (slogan.text, text.text)
            assert float(text.attrib["y"]) < height


def test_case_of_the_day_is_noted_once(house: Floor) -> None:
    """Asked twice on a day it is the same case, with its questions, and counts once."""
    first, second = house.tell("今日案例"), house.tell("今日案例")

    assert first == second and "班会上聊聊" in first
    assert 1 == len(house.records.store.of("1001", kinds=["case.read"]))


def test_what_is_missing_gets_advice(house: Floor) -> None:
    """The numbers of what is not right bring what to do first; all good sends one on the way."""
    assert "上门催费" in house.tell("出发前查一查")
    house.tell("查一查：爬梯抄表")
    said = house.tell("2 3")
    assert (
        "没人扶不上" in said
        and "先验电再伸手" in said
        and "绝缘的" not in said.split("补上再走")[1].split("没人扶")[0][:4]
    )

    house.tell("查一查：换表")
    assert "动手" in house.tell("都好")
    assert [0.6, 1.0] == [one.value for one in house.records.store.of("1001", kinds=["checklist.done"])]


def test_stress_check_keeps_nothing(house: Floor) -> None:
    """Limits come first; afterwards nobody can tell what was answered, only that somebody looked."""
    assert "不存" in house.tell("压力自测")
    for number in range(8):
        said = house.tell("是" if number < 6 else "不是")
    (event,) = house.records.store.of("1001", kinds=["selfcheck.done"])

    assert "8 条里有 6 条" in said and "心理援助电话" in said and "120" in said
    assert ({}, 0.0, "") == (dict(event.details), event.value, event.ref)


def test_question_is_no_answer_to_the_check(house: Floor) -> None:
    """In the middle of a self-check a question of knowledge is a question."""
    house.tell("压力自测")

    assert house.hall.desk_for("web-1", "欠费多久能停电？") is None
    assert "不问了" in house.tell("不做了") if house.hall.desk_for("web-1", "不做了") else True


def test_slogan_leads_to_its_poster(house: Floor) -> None:
    """The day's slogan shows its picture from our own server."""
    block = house.message("今日标语").blocks[0]

    assert block.type == "card" and block.picture.startswith("/posters/") and block.lines


def test_breathing_counts_for_you(house: Floor) -> None:
    """A minute of quiet in words, with the numbers to count."""
    assert "一、二、三、四" in house.tell("放松一下")


def trial(wanted: str, pressed: str, ms: float | None, conflict: bool = False) -> Trial:
    return Trial(wanted, pressed, ms, conflict)


def test_game_tells_slips_from_lapses() -> None:
    """Held back, missed, pressed when one should not, and pressed before one could have seen it."""
    found = score(
        [
            *[trial("go", "go", 400 + n) for n in range(6)],
            trial("", "", None),
            trial("go", "", None),
            trial("", "go", 380),
            trial("go", "go", 90),
        ]
    )

    assert (10, 0.7, 1, 2) == (found.trials, found.accuracy, found.missed, found.false)
    assert found.median_ms == 402.5


def test_conflict_costs_time() -> None:
    """The word against its place is slower; the difference is what is measured."""
    found = score(
        [
            *[trial("up", "up", 400, False) for _ in range(6)],
            *[trial("up", "up", 470, True) for _ in range(6)],
        ]
    )

    assert 70 == found.cost_ms


def test_run_is_compared_with_oneself() -> None:
    """Slower than usual is said with what to do; a first run is compared with nothing."""
    usual = [400.0, 410.0, 405.0, 395.0]

    assert (
        "慢一点" in compared(600, usual)
        and "差不多" in compared(404, usual)
        and "看一眼" in compared(250, usual)
    )
    assert "再玩几回" in compared(400, usual[:2]) == compared(None, usual)


ORDERS = list(CONTENT.games.values())


@given(st.sampled_from(ORDERS), st.sets(st.integers(0, 9)))
def test_every_line_of_an_order_is_counted_once(order: WorkOrder, marked: set[int]) -> None:
    """Found or missed, suspected or not; only finding everything and nothing else is whole."""
    chosen = {n for n in marked if n < len(order.lines)}
    faulty = {n for n, line in enumerate(order.lines) if line.faulty}
    found = compare_order(order, chosen)

    assert len(faulty) == found.hits + found.missed and found.false == len(chosen - faulty)
    assert (1.0 == found.share) == (chosen == faulty)


def test_marking_everything_is_no_way_to_win() -> None:
    """Each good line that is suspected counts against one."""
    for order in ORDERS:
        assert compare_order(order, range(len(order.lines))).share <= 0.6, order.id


def test_work_orders_are_of_every_topic() -> None:
    """Ten papers and more, whose faults stand in no fixed place."""
    assert len(ORDERS) >= 10
    assert {
        "work_safety",
        "fee_collection",
        "client_data",
        "cyber_security",
        "contracts",
        "new_business",
    } == {one.topic for one in ORDERS}
