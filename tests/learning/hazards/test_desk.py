"""Hazards in chat, from a sentence to points, on a real house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.content.loader import Knowledge, load_knowledge
from bot.desks.building import tries_of
from bot.desks.hazards_building import Hazards, Points, build_hazards, build_points
from bot.settings import Settings
from tests.learning.factory import Floor, floor, person, words_of


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(Settings().knowledge)


class House(Floor):
    """A floor with hazards and points; 1001 reports (web-1), 8001 leads (web-2), 1005 fixes (web-3)."""

    hazards: Hazards
    points: Points

    def notices_of(self, number: str) -> str:
        return "\n".join(words_of(message) for _, message in self.notices.take(number, self.clock()))

    def kinds(self) -> list[tuple[str, str]]:
        stored = self.records.store.since(self.clock() - timedelta(days=30))
        return [(one.kind, one.person) for one in stored]


@pytest.fixture
def house(tmp_path: Path, knowledge: Knowledge) -> Iterator[House]:
    house = House(f"sqlite:///{tmp_path / 'a.db'}")
    tried = tries_of(house.shared, house.clock)
    house.hazards = build_hazards(
        knowledge, house.sessions, house.records, house.staff, house.notices, tried, tmp_path, house.zone
    )
    house.points = build_points(
        knowledge, house.sessions, house.records, house.staff, house.notices, house.clock, house.zone
    )
    house.hall._desks |= {desk.name: desk for desk in (house.hazards.desk, house.points.desk)}
    house.bind(person("1001", "周敏", manager="8001"), "web-1")
    house.bind(person("8001", "王芳", role="manager", post="主管"), "web-2")
    house.bind(person("1005", "李强", manager="8001"), "web-3")
    yield house


def reported(house: House) -> None:
    house.tell("报隐患 三号楼表箱门掉了，线露在外面")
    house.tell("A")


def test_report_takes_two_messages(house: House) -> None:
    """One sentence and one letter: advice comes first, only the urgency is asked for, and the leader hears of it."""
    asked = house.tell("报隐患 三号楼表箱门掉了，线露在外面")
    done = house.tell("A")

    assert asked.index("别扶杆") < asked.index("有多急") and "在哪儿？" not in asked
    assert "隐患 1 号收到了" in done and "30 分钟内" in done
    assert "请核实" in house.notices_of("8001") and [("hazard.reported", "1001")] == house.kinds()


def test_missing_parts_are_asked_one_by_one(house: House) -> None:
    """What, where, how urgent, each only when it is missing; a question between is let through."""
    assert "看到什么了" in house.tell("报隐患")
    assert "在哪儿" in house.tell("灭火器过期了")
    assert house.hall.desk_for("web-1", "灭火器多久检查一次？") is None
    assert "有多急" in house.tell("城东营业厅大厅后门")
    assert "有多急" in house.tell("我也说不好")
    assert "收到了" in house.tell("C")


def test_report_can_be_dropped(house: House) -> None:
    """Who thinks better of it says so, and nothing goes in."""
    house.tell("报隐患")

    assert "没有报上去" in house.tell("不报了") and [] == house.kinds()
    assert house.hall.desk_for("web-1", "A") is None


def test_same_message_reports_once(house: House) -> None:
    """A message that comes twice after a crash is one hazard."""
    said = "报隐患 幸福路28号井盖没了，紧急"
    first = house.message(said, message_id="again")
    house.hazards.office.store.with_status({"reported"})
    second = house.message(said, message_id="again")

    assert "隐患 1 号" in words_of(first)
    assert 1 == len(house.hazards.office.store.with_status({"reported"})), words_of(second)


def test_hazard_goes_from_report_to_points(house: House) -> None:
    """Confirmed, taken, fixed, checked: everybody hears what concerns them, points come once, the bonus waits for a manager."""
    reported(house)
    assert "李强" in house.tell("隐患 1 属实 紧急 派 1005", "web-2")
    assert "派给您" in house.notices_of("1005") and "谢谢您说出来" in house.notices_of("1001")
    assert "处理中" in house.tell("隐患 1 接了", "web-3")
    assert "等复核" in house.tell("隐患 1 已处理 换了箱门，线包好了", "web-3")
    assert "换了箱门，线包好了" in house.notices_of("8001")
    assert "已关闭" in house.tell("隐患 1 复核通过", "web-2")
    assert "处理好了" in house.notices_of("1001")

    assert [
        ("hazard.reported", "1001"),
        ("hazard.verified", "1001"),
        ("hazard.fixed", "1005"),
    ] == house.kinds()
    store = house.points.office.store
    assert (30, 5) == (store.balance("1001"), store.balance("1005"))
    assert [("proposed", 200)] == [(one.status, one.yuan) for one in store.bonuses(person="1001")]
    assert "+30 报的紧急隐患经核实属实" in house.tell("我的积分")


def test_crash_in_the_middle_loses_no_points(house: House) -> None:
    """Events that were not told because of a crash are told by the daily round, once."""
    reported(house)
    house.tell("隐患 1 属实 派 1005", "web-2")
    for _ in range(3):
        house.hazards.office.catch_up(house.clock())
        house.records.catch_up(house.clock())

    assert 30 == house.points.office.store.balance("1001")


def test_reopened_hazard_pays_once(house: House) -> None:
    """Reopening and fixing again gives neither the reporter nor the fixer anything twice."""
    reported(house)
    for _ in range(2):
        house.tell("隐患 1 属实 派 1005", "web-2")
        house.tell("隐患 1 已处理 又包了一遍", "web-3")
        house.tell("隐患 1 复核通过", "web-2")
        house.tell("隐患 1 重新打开 又掉了")

    assert (30, 5) == tuple(house.points.office.store.balance(one) for one in ("1001", "1005"))


@pytest.mark.parametrize(
    ("said", "who", "answer"),
    [
        ("隐患 1 属实 派 1005", "web-1", "由培训师或主管来做"),
        ("隐患 1 接了", "web-1", "由接手的人来说"),
        ("隐患 1 复核通过", "web-2", "现在能做的"),
        ("隐患 1 属实 派 9999", "web-2", "没有工号 9999"),
        ("隐患 99 属实 派 1005", "web-2", "没有隐患 99 号"),
        ("隐患 1", "web-9", "不归您看"),
        ("隐患 1 不属实", "web-2", "还差一句话"),
        ("隐患 1 同 1", "web-2", "没说清和哪一条"),
    ],
)
def test_wrong_step_says_what_to_do(house: House, said: str, who: str, answer: str) -> None:
    """Whoever may not, or not yet, is told why and what they can do; nothing changes."""
    reported(house)

    assert answer in house.tell(said, who)
    assert "reported" == house.hazards.office.get(1).status


def test_anonymous_report_knows_nobody(house: House) -> None:
    """No table holds who it was, or the code; the code shows what became of it, to anybody who has it."""
    house.tell("匿名报隐患 三号楼表箱门掉了，电话13800138000，较大")
    done = house.tell("提交")
    code = done.split("回执码\n")[1].split("\n")[0]
    hazard = house.hazards.office.get(1)

    assert ("", "", 0) == (
        hazard.reporter,
        hazard.department,
        hazard.at.minute,
    ) and "13800138000" not in hazard.what
    with house.sessions() as session:
        tables = ("hazards", "hazard_steps", "learning_events", "desk_states", "notices")
        kept = str([session.execute(text(f"SELECT * FROM {name}")).all() for name in tables])  # noqa: S608
    assert not [word for word in (code, "web-1", "1001", "周敏") if word in kept]
    assert "等核实" in house.tell(f"隐患进度 {code.lower()}", "web-7")
    assert "没有查到" in house.tell("隐患进度 K7M2QX", "web-7")
    house.tell("隐患 1 属实 派 1005", "web-2")
    assert [("hazard.reported", "guest-anonymous"), ("hazard.verified", "guest-anonymous")] == house.kinds()
    assert [] == house.points.office.store.differing() and 0 == house.points.office.store.balance("1001")
    shown = house.tell(f"隐患进度 {code}", "web-7")
    assert "已派人" in shown and "李强" not in shown and "王芳" not in shown


def test_codes_cannot_be_guessed(house: House) -> None:
    """After ten tries there is a pause."""
    for _ in range(10):
        assert "没有查到" in house.tell("隐患进度 K7M2QX", "web-7")

    assert "过一刻钟" in house.tell("隐患进度 K7M2QX", "web-7")


def test_same_thing_is_asked_about(house: House) -> None:
    """A second report of the same is suggested as such; the words are added, or it goes in all the same."""
    reported(house)
    house.clock.move(minutes=5)
    asked = house.tell("报隐患 3号楼的表箱门掉了，紧急", "web-3")

    assert "1 号：三号楼" in asked
    assert "补充进 1 号" in house.tell("就是这条 1", "web-3")
    assert "表箱门掉了" in house.tell("隐患 1", "web-2") and house.hazards.office.store.get(2) is None
    house.tell("报隐患 3号楼的表箱门掉了，紧急", "web-3")
    assert "隐患 2 号收到了" in house.tell("照样报", "web-3")
    house.tell("隐患 2 同 1", "web-2")
    assert "same" == house.hazards.office.get(2).status and "1 号是同一件" in house.notices_of("1005")


def test_urgent_one_is_escalated(house: House) -> None:
    """Not taken up in half an hour: the leader is told once; an hour later every manager; after it is taken up nobody."""
    reported(house)
    house.notices_of("8001")
    office = house.hazards.office
    house.clock.move(minutes=31)
    assert [1, 0] == [office.watch(house.clock()) for _ in range(2)]
    assert "没人核实" in house.notices_of("8001")
    house.clock.move(minutes=60)
    assert 1 == office.watch(house.clock())
    house.tell("隐患 1 属实 派 1005", "web-2")
    house.tell("隐患 1 接了", "web-3")
    house.clock.move(days=3)
    assert 0 == office.watch(house.clock())


def test_group_keeps_reports_apart(house: House) -> None:
    """In a group nobody else's words get into a report, and nobody reports anonymously before everybody's eyes."""
    house.tell("报隐患 灭火器过期了", "group-1", account="web-1", speaker="周敏")
    other = house.tell("城东营业厅后门", "group-1", account="web-3", speaker="李强")

    assert "等他报完" in other and "有多急" in house.tell(
        "城东营业厅后门", "group-1", account="web-1", speaker="周敏"
    )
    assert "匿名不了" in house.tell("匿名报隐患", "group-2", account="web-1", speaker="周敏")


def test_declined_one_is_explained(house: House) -> None:
    """The reporter hears why, gets no points, and can have it opened again."""
    reported(house)
    house.tell("隐患 1 不属实 是施工队的临时箱，已经断电", "web-2")

    assert "已经断电" in house.notices_of("1001") and 0 == house.points.office.store.balance("1001")
    assert "等核实" in house.tell("隐患 1 重新打开 今天又通电了")


def test_lists_are_for_those_concerned(house: House) -> None:
    """Mine for everybody; what waits for those who lead."""
    reported(house)

    assert "1 号 等核实" in house.tell("我的隐患") and "1 号 等核实" in house.tell("待办隐患", "web-2")
    assert "给培训师和主管看" in house.tell("待办隐患")
    assert "还没报过" in house.tell("我的隐患", "web-8")


def test_floor_has_one_hazard_desk(tmp_path: Path, knowledge: Knowledge) -> None:
    """Words of other desks stay with them while a report is under way."""
    place = floor(tmp_path)
    desk = build_hazards(
        knowledge, place.sessions, place.records, place.staff, place.notices, tries_of(place.shared, place.clock),
        tmp_path, place.zone,
    ).desk  # fmt: skip
    under_way = {
        "ask": "place",
        "who": "1001",
        "draft": {"what": "灭火器过期", "place": "", "severity": None},
    }

    assert [True, False, False, False, False] == [
        desk.wants(said, under_way)
        for said in ("城东营业厅", "我的积分", "每日五题", "绑定 K7M2QXRT", "欠费多久能停电？")
    ]
