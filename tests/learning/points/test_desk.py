"""Points in chat: the statement, contesting, bonuses, safe days."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.loader import Knowledge, load_knowledge
from bot.desks.hazards_building import Points, build_points
from bot.desks.points_export import PointsExport
from bot.errors import BadInput
from bot.learning.events import Event
from bot.learning.points.places import Standing, grouped, placed
from bot.learning.points.sheets import as_csv, as_xlsx, safe
from bot.settings import Settings
from tests.learning.factory import Floor, person, words_of


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(Settings().knowledge)


class House(Floor):
    """1001 (web-1) and 1002 are led by 8001 (web-2, a manager); 8003 (web-3) leads nobody."""

    points: Points

    def practise(self, number: str, key: str, value: float = 0.8, **other: object) -> None:
        details = {"redlines": [], **other}
        at = self.clock()
        self.records.publish(
            Event(
                f"practice:{key}",
                "practice.finished",
                number,
                at,
                "fee_collection",
                f"s-{key}",
                value,
                details,
            )
        )

    def notices_of(self, number: str) -> str:
        return "\n".join(words_of(message) for _, message in self.notices.take(number, self.clock()))


@pytest.fixture
def house(tmp_path: Path, knowledge: Knowledge) -> Iterator[House]:
    house = House(f"sqlite:///{tmp_path / 'a.db'}")
    house.points = build_points(
        knowledge, house.sessions, house.records, house.staff, house.notices, house.clock, house.zone
    )
    house.hall._desks |= {"points": house.points.desk}
    house.bind(person("1001", "周敏", manager="8001", joined=date(2020, 1, 1)), "web-1")
    house.bind(person("8001", "王芳", role="manager", post="主管"), "web-2")
    house.bind(person("8003", "赵强", role="manager", post="主管", department="抄表"), "web-3")
    house.staff.save([person("1002", "=1+1", manager="8001", joined=date(2020, 1, 1))])
    yield house


def test_statement_says_why(house: House) -> None:
    """Every line has its number, day, points and reason; a call with a red line earns nothing."""
    house.practise("1001", "1")
    house.practise("1001", "2", redlines=["threat"])
    house.practise("1001", "3", value=0.5)

    assert "1 号 11 月 30 日 +5 陪练七十分以上，没碰红线" in house.tell("我的积分")
    assert "申诉 1 为什么" in house.tell("积分明细") and "2 号" not in house.tell("积分明细")


def test_guest_is_told_to_bind(house: House) -> None:
    """Somebody nobody knows earns nothing and is told how to change that; the rules are for everybody."""
    house.practise("guest-abc", "1")

    assert "绑定" in house.tell("我的积分", "web-9") and "陪练七十分以上" in house.tell("积分规则", "web-9")
    assert [] == house.points.office.store.statement("guest-abc")


def test_event_told_again_counts_once(house: House) -> None:
    """Records are told again after a crash; points stay as they are."""
    for number in range(6):
        house.practise("1001", str(number))
    for _ in range(3):
        house.records.catch_up(house.clock())

    assert 10 == house.points.office.store.balance("1001")


def test_who_left_earns_nothing(house: House) -> None:
    """Events after the last day give no points; those before it, told late, do."""
    house.staff.save([person("1009", "孙丽", left=date(2026, 11, 29))])
    house.practise("1009", "after")
    house.clock.move(days=-3)
    house.practise("1009", "before")

    assert 5 == house.points.office.store.balance("1009")


def test_objection_is_answered(house: House) -> None:
    """Contested, heard by the leader, decided with a reason, told; points by a new entry."""
    house.practise("1001", "1")
    assert "编号 1" in house.tell("申诉 1 那通打了两遍，只记了一遍")
    assert "只记了一遍" in house.notices_of("8001") and "只记了一遍" in house.tell("申诉待办", "web-2")
    assert "已补分" in house.tell("裁定 1 补 5 分 录音里是两通", "web-2")

    assert "录音里是两通" in house.notices_of("1001") and 10 == house.points.office.store.balance("1001")
    assert "已经裁定过了" in house.tell("裁定 1 不成立 再想想", "web-2")
    assert "申诉过了" in house.tell("申诉 1 还是要补五分")


def test_contested_reversal_is_restored(house: House) -> None:
    """Taken back with a reason, contested, restored: three entries, and the sum is right at every step."""
    house.practise("1001", "1")
    office, manager = house.points.office, house.staff.get("8001")
    assert manager is not None
    office.reverse(1, manager, "那通是别人替打的", house.clock())
    assert "那通是别人替打的" in house.notices_of("1001") and 0 == office.store.balance("1001")
    house.tell("申诉 2 就是我打的，有录音")
    house.tell("裁定 1 冲回 核对了录音", "web-2")

    assert 5 == office.store.balance("1001") and "已被 3 号冲回" in house.tell("积分明细")


@pytest.mark.parametrize(
    ("said", "who", "answer"),
    [
        ("申诉 1", "web-1", "还差理由"),
        ("申诉 99 凭什么没有", "web-1", "没有 99 号"),
        ("申诉 1 这不是我的", "web-2", "不是您的积分"),
        ("申诉", "web-1", "要申诉哪一笔"),
        ("裁定 1 补 5 分 应该的", "web-1", "没有 1 号申诉"),
        ("奖金 1 同意", "web-1", "没有 1 号奖金建议"),
    ],
)
def test_odd_words_say_what_to_do(house: House, said: str, who: str, answer: str) -> None:
    """Whatever does not fit is answered with what would."""
    house.practise("1001", "1")

    assert answer in house.tell(said, who)


def test_only_own_leader_decides(house: House) -> None:
    """Neither another department's manager nor the person themselves decides."""
    house.practise("1001", "1")
    house.practise("8001", "2")
    house.tell("申诉 1 少了五分的样子")
    house.tell("申诉 2 少了五分的样子", "web-2")

    assert "不归您带" in house.tell("裁定 1 补 5 分 可以", "web-3")
    assert "自己的不能自己" in house.tell("裁定 2 补 5 分 可以", "web-2")


def test_safe_days_need_a_manager(house: House) -> None:
    """Confirmed by hand for a month that is over, for people one leads, once."""
    office, manager, other = house.points.office, house.staff.get("8001"), house.staff.get("8003")
    assert manager and other
    october = date(2026, 10, 1)

    assert (["1001", "1002"], []) == office.confirm_safe(
        manager, october, 21, ["1001", "1002"], house.clock()
    )
    assert ([], ["1001"]) == office.confirm_safe(manager, october, 21, ["1001"], house.clock())
    assert 21 == office.store.balance("1001") == office.store.in_months("1001", 202610, 202610)
    for by, month, days, people in (
        (manager, date(2026, 11, 1), 20, ["1001"]), (manager, october, 40, ["1001"]), (manager, october, 20, ["8001"]),
        (other, october, 20, ["1001"]), (manager, date(2019, 12, 1), 20, ["1001"]),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            office.confirm_safe(by, month, days, people, house.clock())


def test_ranking_shows_ten_and_oneself(house: House) -> None:
    """The first ten, one's own place, and how many people there are."""
    for number in range(12):
        house.staff.save([person(f"2{number:03d}", f"员工{number}")])
        house.practise(f"2{number:03d}", f"r{number}")
    shown = house.tell("积分排名")

    assert 10 == shown.count("1. ") and "您：0 分" in shown and "共 15 人，12 人有分" in shown


def test_equal_points_share_a_place() -> None:
    """1, 1, 3; and groups are compared per head, small ones marked."""
    people = [
        Standing(str(n), f"甲{n}", "收费" if n < 3 else "抄表", "", "", p) for n, p in enumerate((5, 5, 2, 9))
    ]

    assert [1, 2, 2, 4] == [one.place for one in placed(people)]
    assert [("抄表", 9.0, True), ("收费", 4.0, True)] == [
        (g.name, g.mean, g.is_small) for g in grouped(people, "department")
    ]


def test_export_carries_no_formula(house: House) -> None:
    """A name that begins like a formula stays text in both formats; figures stand with their numbers and limits."""
    house.practise("1002", "1")
    export = PointsExport(house.points.office, house.staff, house.zone).of(
        house.points.office.period("year"), house.clock()
    )
    rows = list(csv.reader(io.StringIO(export.csv().decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(export.xlsx()))
    names = [(cell.value, cell.data_type) for cell in book.worksheets[0]["B"]]

    assert "'=1+1" in [row[1] for row in rows if len(row) > 1] and ("'=1+1", "s") in names
    assert ["1002", "5", "5", "1", "3"] == [
        next(r for r in rows if r[0] == "1002")[i] for i in (0, 6, 7, 8, 9)
    ]
    notes = " ".join(row[0] for row in rows if len(row) == 1)
    assert "在册 4 人，其中有积分的 1 人" in notes and "不等于工作能力" in notes
    assert notes.count("不等于") == " ".join(str(c.value) for c in book["说明"]["A"]).count("不等于")


@given(st.text(max_size=20))
def test_no_cell_becomes_active(cell: str) -> None:
    """Whatever a cell holds, no spreadsheet reads its beginning as a formula; harmless cells stay as they are."""
    made = str(safe(cell))
    seen = made.lstrip(" \u00a0\u3000\u200b\u200e\u200f\u2060\ufeff")

    assert seen[:1] not in {*"=+-@\t\r\n\0＝＋－＠"} or not seen
    assert made in (cell, "'" + cell)
    assert as_csv([[cell]]).startswith(b"\xef\xbb\xbf")


def test_workbook_opens_with_any_number() -> None:
    """Figures stay figures."""
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx([["姓名", "分"], ["周敏", 5]], ["说明"], "积分")))

    assert [("姓名", "分"), ("周敏", 5)] == list(book.worksheets[0].values)


def test_points_of_late_events_count_for_their_day(house: House) -> None:
    """What happened last month and is told today stands in last month's ranking, by last month's rules."""
    house.clock.move(days=-40)
    house.practise("1001", "old")
    house.clock.move(days=40)
    store = house.points.office.store

    assert (5, 0) == (store.in_months("1001", 202610, 202610), store.in_months("1001", 202611, 202611))
    assert timedelta(0) == house.clock().utcoffset()
