"""Contests in chat, over a real database: what is on, joining by a code, and a whole one in a group."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.desks.contest_floor import ContestFloor
from bot.desks.contest_noting import ContestNoting
from bot.desks.contests import ContestDesk
from bot.learning.contests.moment import question_of
from bot.stores.database import open_database
from bot.stores.learning.contests import ContestStore
from tests.learning.contests.stage import GRADER, a_round, script
from tests.learning.factory import Floor, MovingClock, floor, person

GROUP = "wecom-group"
SCRIPTS = {"test-match": script(a_round("required", 2), a_round("buzzer", 2, wrong=5), guests=False)}


@dataclass
class House:
    """`says` is something said in the group by one of its members."""

    floor: Floor
    contests: ContestFloor
    noting: ContestNoting
    said: int = 0

    def says(self, who: str, text: str, **other: str) -> str:
        self.said += 1
        return self.floor.tell(
            text, GROUP, speaker=who, account=f"wecom:{who}", **{"message_id": f"g{self.said}", **other}
        )

    def letter(self, *, right: bool) -> str:
        contest = self.contests.store.in_chat(GROUP) or ""
        live = self.contests.find(contest)
        one = question_of(live.plan, live.state.question) if live else None
        assert one is not None
        return "ABC"[one.options.index("先核实" if right else "先挂电话")]


@pytest.fixture
def house(tmp_path: Path) -> House:
    clock = MovingClock()
    store = ContestStore(open_database(f"sqlite:///{tmp_path / 'a.db'}"))
    contests = ContestFloor(store, SCRIPTS, {}, {"fc-over-30-days": "fee_collection"}, GRADER, clock)
    one = floor(tmp_path, ContestDesk(contests))
    one.clock = clock
    one.hall._clock = clock
    for number, name in (("1001", "周敏"), ("1002", "李强"), ("9001", "陈师傅")):
        role = "trainer" if number == "9001" else "staff"
        one.bind(person(number, name, role=role), f"wecom:{name}")
    return House(one, contests, ContestNoting(one.records, contests))


def test_group_plays_whole_contest(house: House) -> None:
    """A trainer opens it, colleagues answer in the group, and each is asked and judged in the order of arrival."""
    assert "直接答题就算参加" in house.says("陈师傅", "群竞赛：小试")
    assert "required第 1 题" in house.says("陈师傅", "下一题")
    assert "李强，收到了，等大家答完。（1 人答了）" in house.says("李强", house.letter(right=True))
    assert "周敏，收到了，等大家答完。（2 人答了）" in house.says("周敏", house.letter(right=False))
    assert "您的答案收到了，一题只算第一次" in house.says("周敏", house.letter(right=True))
    shown = house.says("陈师傅", "公布")

    assert "先核实，再答复。" in shown and "1. 李强 10 分" in shown


def test_group_buzzer_by_arrival(house: House) -> None:
    """In a 抢答 the first message gets it; a wrong one costs and leaves it to the others."""
    for words in ("群竞赛：小试", "下一题", "公布", "下一题", "公布"):
        house.says("陈师傅", words)
    assert "抢答，先到先答" in house.says("陈师傅", "下一题")
    wrong = house.says("周敏", f"抢 {house.letter(right=False)}")
    right = house.says("李强", house.letter(right=True))
    late = house.says("周敏", house.letter(right=True))

    assert "周敏答错，-5 分。" in wrong and "开始抢答。" in wrong
    assert "李强答对，+10 分。" in right and "1. 李强 10 分" in right
    assert "没有算进来" in late or "没有机会" in late


def test_group_contest_is_recorded(house: House) -> None:
    """When it is over, each answer and each player stand in the record once."""
    house.says("陈师傅", "群竞赛：小试")
    house.says("陈师傅", "下一题")
    house.says("周敏", house.letter(right=True))
    over = house.says("陈师傅", "结束竞赛")
    contest = house.contests.store.listed(over=True)[0].id
    house.noting.note(contest)
    house.noting.note(contest)
    events = house.floor.records.store.of("1001")

    assert "最后的排名（共 1 人）" in over
    assert ["quiz.answered", "contest.finished"] == [one.kind for one in events]
    assert ("fee_collection", "contest", False) == (
        events[0].topic, events[0].details["mode"], events[0].value > 1,
    )  # fmt: skip
    assert {"rank": 1, "players": 1, "score": 0, "team": ""}.items() <= events[1].details.items()


def test_staff_cannot_open_one(house: House) -> None:
    """Only trainers and managers open a contest in a group, or move it on."""
    assert "群竞赛由培训师或主管来开" in house.says("周敏", "群竞赛：小试")
    house.says("陈师傅", "群竞赛：小试")

    assert "这一步由主持人来。" in house.says("周敏", "下一题")


def test_questions_pass_through(house: House) -> None:
    """In the middle of a contest a question of knowledge is a question, not an answer."""
    desk = ContestDesk(house.contests)
    state = {"contest": "x", "group": True}

    assert not desk.wants("欠费多久能停电？", state)
    assert not desk.wants("对了，明天几点开会", state)
    assert all(desk.wants(text, state) for text in ("B", "ac", "对", "抢", "抢 B", "答 30", "下一题"))


def test_code_joins_from_chat(house: House) -> None:
    """加入竞赛 with the code gives the way to the page, and lets one answer in chat as well."""
    record = house.contests.open("test-match", "9001")
    card = house.floor.tell(f"加入竞赛 {record.code}", "wecom:周敏")
    live = house.contests.find(record.id)

    assert f"/contest/play/{record.id}" in card and "回复字母作答" in card
    assert live and ["周敏"] == [one.name for one in live.state.players.values()]
    assert "还没有题" in house.floor.tell("题目", "wecom:周敏")
    assert "没有这个号码" in house.floor.tell("加入竞赛 0000", "wecom:李强")
    assert "要先知道您是谁" in house.floor.tell(f"加入竞赛 {record.code}", "web-unknown")


def test_contests_on_are_shown(house: House) -> None:
    """竞赛 shows what is on; who may host also sees how to open one."""
    assert "这会儿没有开着的竞赛" in house.floor.tell("竞赛", "wecom:周敏")
    record = house.contests.open("test-match", "9001")

    assert f"加入竞赛 {record.code}" in house.floor.tell("竞赛", "wecom:周敏")
    assert "群竞赛：小试" in house.floor.tell("竞赛", "wecom:陈师傅")


def test_same_message_moves_once(house: House) -> None:
    """A host's message that is delivered again after a crash skips no question."""
    house.says("陈师傅", "群竞赛：小试")
    house.says("陈师傅", "下一题", message_id="once")
    house.says("陈师傅", "下一题", message_id="once")
    live = house.contests.find(house.contests.store.in_chat(GROUP) or "")

    assert live and 1 == live.state.taken


def test_forgotten_contest_is_ended(house: House) -> None:
    """What nobody ended is ended by the clock after half a day, and its code is free again."""
    record = house.contests.open("test-match", "9001")
    house.floor.clock.move(hours=13)
    house.noting.catch_up(house.floor.clock())

    assert [record.id] == [one.id for one in house.contests.store.listed(over=True, noted=True)]
    assert house.contests.store.by_code(record.code) is None
