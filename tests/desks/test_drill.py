"""Drills in chat: alone, four in a group, from elsewhere; with words of one's own, people who leave, messages twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.loader import load_knowledge
from bot.desks.drill import DrillDesk
from bot.desks.drill_room import DrillRooms
from bot.learning.drills.running import decide, wait
from bot.messages import ChoicesBlock, Message
from bot.stores.database import open_database
from bot.stores.learning.drills import DrillStore
from tests.learning.factory import MONDAY_MORNING, Floor, floor, person
from tests.roleplay.factory import KNOWLEDGE

DRILLS = load_knowledge(KNOWLEDGE).drills
FOUR = {"周敏": "营销", "陈立": "信息", "何静": "客服", "刘建国": "领导"}


@pytest.fixture
def rooms(tmp_path: Path) -> DrillRooms:
    house = floor(tmp_path)
    return DrillRooms(DRILLS, DrillStore(house.sessions), house.records)


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    house = floor(tmp_path)
    house.hall._desks["drill"] = DrillDesk(DrillRooms(DRILLS, DrillStore(house.sessions), house.records))
    house.staff.save([person(f"10{n}", name, team="城东班") for n, name in enumerate(FOUR)])
    return house


def group(house: Floor, who: str, text: str) -> str:
    """Said by one of the four in the group chat, each by their own bound account."""
    number = list(FOUR).index(who)
    from bot.stores.learning.people import Account

    house.staff.bind(Account(f"wecom:{number}", "wecom", str(number)), f"10{number}", house.clock())
    return house.tell(text, "wecom-group", speaker=who, account=f"wecom:{number}")


def code_of(words: str) -> str:
    return next(line for line in words.splitlines() if line.isdigit() and len(line) == 4)


def test_list_offers_every_drill(house: Floor) -> None:
    """演练 names them all; a title half remembered is enough, an unknown one leads back to the list."""
    assert all(f"演练：{drill.title}" in house.tell("演练") for drill in DRILLS.values())
    assert "催费视频上了热搜" in house.tell("演练：热搜") and "没有叫“没有的”" in house.tell("演练：没有的")


def test_four_roles_in_one_group(house: Floor) -> None:
    """Each takes a role, decides what is theirs and nobody else's, and the review names what each did."""
    code = code_of(group(house, "周敏", "群演练：有人改了电费数据"))
    for who, role in FOUR.items():
        assert f"好，{who}是{role}" in group(house, who, f"我是{role}")
    assert "已经是陈立了" in group(house, "周敏", "我是信息")
    assert "是刘建国（领导）的事" in group(house, "周敏", "启动网络安全事件预案")

    said = group(house, "刘建国", "按应急预案来，马上启动")
    assert "领导（刘建国）：启动网络安全事件预案（“按应急预案来，马上启动”）" in said
    assert "错账没有再往外走" in group(house, "周敏", "先把账单和短信停了")
    assert "wb-07 登不进来了" in group(house, "陈立", "把那个账号封了，接口也断开")
    assert "刘建国" in group(house, "何静", "情况")
    ended = ""
    for _ in range(60):
        ended = group(house, "刘建国", "等一等")
        if "复盘：" in ended:
            break
    assert "复盘：有人改了电费数据" in ended and "得分" in ended and "坐下来聊聊" in ended
    finished = house.records.store.since(MONDAY_MORNING, ["drill.finished"])
    assert {"100", "101", "102", "103"} == {one.person for one in finished}
    assert all(one.details["role"] == list(FOUR.values())[int(one.person[-1])] for one in finished)
    assert code.isdigit()


def test_alone_the_bot_plays_the_others(house: Floor) -> None:
    """Somebody alone sees the others act, mistakes included, and can do everything themselves."""
    house.bind(person("2001", "小周"))
    house.tell("演练：有人改了电费数据")
    said = "".join(house.tell("等一等") for _ in range(12))

    assert "（安训）" in said and "重启服务器清日志" in said


def test_unclear_words_are_asked_back(house: Floor) -> None:
    """What could be two things is asked, what is nothing is said so; nothing is guessed."""
    house.bind(person("2001", "小周"))
    house.tell("演练：换表第六天表箱着火")
    unclear, nothing = house.message("快叫 119 消防，然后大家都撤走"), house.tell("天气不错")

    assert isinstance(unclear.blocks[0], ChoicesBlock) and "哪一样" in unclear.blocks[0].prompt
    assert "没听出" in nothing
    assert "消防出警" in house.tell("打 119，同时报调度")


def test_question_in_between_is_let_through(house: Floor) -> None:
    """Knowledge may be asked for in the middle of an incident."""
    house.bind(person("2001", "小周"))
    house.tell("演练：换表第六天表箱着火")

    assert house.hall.desk_for("web-1", "电气着火用什么灭？") is None


def test_who_leaves_is_replaced(house: Floor) -> None:
    """The one who goes frees the role, and the drill goes on."""
    group(house, "周敏", "群演练：一笔电费扣了两次")
    group(house, "陈立", "我是信息")

    assert "我来顶" in group(house, "陈立", "退出演练")
    assert "好，何静是信息" in group(house, "何静", "我是信息")


def test_people_elsewhere_join_by_number(house: Floor) -> None:
    """From a private chat one joins the same drill and sees what happened meanwhile."""
    code = code_of(group(house, "周敏", "群演练：客户名单被卖了"))
    group(house, "周敏", "我是营销")
    group(house, "周敏", "报信息管理和领导")
    house.bind(person("2001", "小周"), "web-9")

    assert "客户名单被卖了" in house.tell(f"加入演练 {code}", "web-9")
    assert "好，小周是法务" in house.tell("我是法务", "web-9")
    assert "小周" in group(house, "周敏", "情况") and "没有正在进行的 1 号" not in house.tell(
        "加入演练 9999", "web-9"
    )


def test_pause_and_go_on(house: Floor) -> None:
    """A paused drill takes no words until it is taken up again."""
    house.bind(person("2001", "小周"))
    house.tell("演练：停电检修被倒送电")
    house.tell("暂停演练")
    assert house.hall.desk_for("web-1", "全停，人都下来") is None

    assert "接着来" in house.tell("继续演练") and "drill" == house.hall.desk_for("web-1", "全停，人都下来")


def test_same_message_twice_decides_once(house: Floor) -> None:
    """A message that comes again gets the same words, and the drill has moved once."""
    house.bind(person("2001", "小周"))
    house.tell("演练：换表第六天表箱着火")
    first, second = (house.message("打 119，同时报调度", message_id="x") for _ in range(2))

    assert first == second


def test_two_at_once_are_both_heard(rooms: DrillRooms) -> None:
    """Who writes on an old version reads again: nothing that was decided is lost."""
    drill = DRILLS["double-debit"]
    running = rooms.open(drill, "1", "城东班", MONDAY_MORNING)
    store = rooms._store
    stale = store.room(running.room.code)
    rooms.move(
        running.room.code, lambda d, r: decide(d, r, "tell_it", "1", "甲", "", MONDAY_MORNING), MONDAY_MORNING
    )
    assert stale is not None and not store.write(stale, [], None, None)

    after, _ = rooms.move(
        running.room.code, lambda d, r: wait(d, r, "2", "乙", MONDAY_MORNING), MONDAY_MORNING
    )
    assert "tell_it" in after.now.decided and "wait" in [entry.kind for entry in after.record]


def test_second_run_is_compared(house: Floor) -> None:
    """The review says what the same drill came to last time."""
    house.bind(person("2001", "小周", team="城东班"))
    for _ in range(2):
        house.tell("演练：换表第六天表箱着火")
        said = house.tell("打 119，同时报调度")
        for _ in range(60):
            if "复盘：" in said:
                break
            said = house.tell("等一等")

    assert "（上回 " in said
    assert "城东班：平均" in house.tell("演练榜")


def test_room_is_kept_on_both_databases(url: str) -> None:
    """A room survives, its plan is kept, and a stale write is refused."""
    store = DrillStore(open_database(url))
    room = store.open("1234", "double-debit", "1", "城东班", [{"kind": "phase"}], MONDAY_MORNING)

    assert store.write_plan(room, {"batch": {"owner": "老陈", "due": "2026-12-10"}}) and not store.write_plan(
        room, {}
    )
    kept = store.room("1234")
    assert kept is not None and "老陈" == kept.plan["batch"]["owner"] and kept.started_at == MONDAY_MORNING


def test_message_of_a_drill_is_sound(house: Floor) -> None:
    """What is shown can be sent over the wire and back."""
    message = house.message("演练：假通知") if "假通知" in str(DRILLS) else house.message("演练：工作群")

    assert message == Message.model_validate(message.model_dump(mode="json"))


def test_drill_left_early_earns_nothing(house: Floor) -> None:
    """Who opens a drill and ends it at once has no score, and nobody hears of a drill that was finished."""
    house.bind(person("2001", "小周", team="城东班"))
    house.tell("演练：换表第六天表箱着火")
    said = house.tell("结束演练")

    assert "不记成绩" in said and "还没有班组" in house.tell("演练榜")
    assert [] == house.records.store.of("2001", kinds=["drill.finished"])
