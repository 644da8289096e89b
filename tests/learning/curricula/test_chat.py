"""Courses in chat: lessons screen by screen, signatures of mentors, a certificate once."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.learning.curricula.courses import small
from tests.learning.curricula.school import LEARNER, MANAGER, MENTOR, School, school, written
from tests.learning.factory import person


@pytest.fixture
def house(tmp_path: Path) -> School:
    return school(f"sqlite:///{tmp_path / 'a.db'}")


def test_course_is_walked_through(house: School) -> None:
    """From 我的课程 to a lesson read and the next step offered."""
    assert "小课" in house.tell("我的课程")
    assert "进门先亮证" in house.tell("继续学习")
    assert "案例：院里的狗" in house.tell("完成")
    assert ["lesson.read"] == [one.kind for one in house.events("lesson.read")]


def test_case_is_paged(house: School) -> None:
    """A case comes screen by screen; 完成 in the middle turns the page and notes nothing."""
    house.tell("继续学习")
    house.tell("完成")

    assert "经过" in house.tell("继续学习")
    assert "2/" in house.tell("完成")
    assert "1/" in house.tell("上一页")
    assert [] == house.events("case.read")
    for _ in range(12):
        house.tell("完成")
    assert 1 == len(house.events("case.read"))


def test_questions_get_past_the_lesson(house: School) -> None:
    """In the middle of a lesson a question is a question, and the lesson is still there afterwards."""
    house.tell("继续学习")

    assert house.floor.hall.desk_for(LEARNER, "欠费多久能停电？") is None
    assert "curricula" == house.floor.hall.desk_for(LEARNER, "完成")


def test_same_message_twice_does_it_once(house: School) -> None:
    """A message that comes again after a crash notes nothing new."""
    house.tell("继续学习")
    house.tell("完成", message_id="again")
    house.tell("完成", message_id="again")

    assert 1 == len(house.events("lesson.read"))


def test_mentor_signs_with_own_account(house: School) -> None:
    """The mentor hears of it, signs once, and the learner is told."""
    assert "李国强" in house.tell("请师傅签字")
    code = house.code()
    assert any(f"签字 {code}" in one for one in house.notices("2001"))

    assert "签了" in house.tell(f"签字 {code}", MENTOR)
    assert "已经签过了" in house.tell(f"签字 {code}", MENTOR)
    assert 1 == len(house.events("task.signed"))
    assert any("签字了" in one for one in house.notices("1001"))


@pytest.mark.parametrize("who", [LEARNER, MANAGER, "web-9"])
def test_nobody_else_signs(house: School, who: str) -> None:
    """Neither the learner, nor a manager who was not asked, nor a stranger can use the code."""
    house.tell("请师傅签字")

    assert "签了，" not in house.tell(f"签字 {house.code()}", who)
    assert [] == house.events("task.signed")


def test_own_mentor_is_nobody(tmp_path: Path) -> None:
    """Who is written down as their own mentor is signed by the manager; without one, by nobody."""
    house = school(f"sqlite:///{tmp_path / 'b.db'}", trainer="1001", manager="1001")

    assert "还没有您的师傅" in house.tell("请师傅签字")
    house.floor.staff.save([person("1001", "周敏", post="柜员", trainer="1001", manager="3001")])
    assert "王敏" in house.tell("请师傅签字")


def test_returned_task_comes_back(house: School) -> None:
    """A task that is returned says why, can be asked for again with a new code, and the old code is dead."""
    house.tell("请师傅签字")
    first = house.code()
    house.tell(f"退回 {first} 手套没挤气", MENTOR)

    assert any("手套没挤气" in one for one in house.notices("1001"))
    house.tell("请师傅签字")
    assert "已经退回了" in house.tell(f"签字 {first}", MENTOR) or first == house.code()
    assert "签了" in house.tell(f"签字 {house.code()}", MENTOR)


def test_asking_twice_asks_once(house: School) -> None:
    """The same task twice is one request with one code."""
    house.tell("请师傅签字")
    house.tell("请师傅签字")

    assert 1 == len(house.courses.signing.waiting("2001"))
    assert 1 == len(house.notices("2001"))


def test_certificate_comes_once(house: School) -> None:
    """All done gives one certificate, one event and one notice, however often events are told again."""
    house.tell("我的课程")
    house.do("small")
    house.do("small", mark="again")
    house.floor.records.catch_up(house.floor.clock())

    held = house.courses.curricula.certificates("1001")
    assert 1 == len(held) == len(house.events("curriculum.certified"))
    assert 3 == len(house.events("module.finished"))
    assert 1 == len([one for one in house.notices("1001") if held[0].number in one])
    assert "有效" in house.tell("我的课程")


def test_certificate_that_nobody_told_of(house: School) -> None:
    """A process that dies between issuing and telling is made up for by the daily round."""
    curricula = house.courses.curricula
    house.tell("我的课程")
    told = curricula._tell_certificate
    curricula._tell_certificate = lambda *_: None  # type: ignore[method-assign]
    house.do("small")
    curricula._tell_certificate = told  # type: ignore[method-assign]
    assert [] == house.events("curriculum.certified")

    house.courses.reminding.daily(house.floor.clock())
    assert 1 == len(house.events("curriculum.certified"))


def test_two_at_once_certify_once(house: School) -> None:
    """Two processes that see the last event together issue one certificate."""
    house.tell("我的课程")
    note = house.courses.curricula.note
    house.courses.curricula.note = lambda _: None  # type: ignore[method-assign]
    house.floor.records._listeners.clear()
    house.do("small")
    last = house.floor.records.store.of("1001")[-1]
    from bot.desks.records import as_event

    threads = [threading.Thread(target=note, args=(as_event(last),)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert 1 == len(house.courses.curricula.certificates("1001"))


def test_renewal_begins_near_the_end(house: School) -> None:
    """A fresh certificate cannot be renewed; one that ends in a month can, and the renewal gives a new one."""
    house.tell("我的课程")
    house.do("small")
    house.tell("报名课程：小课")
    assert [] == house.courses.curricula.progress("1001")

    house.floor.clock.move(days=340)
    assert "重新认证" in house.tell("课程：小课")
    house.tell("报名课程：小课")
    house.do("small", mark="second")
    assert 2 == len(house.courses.curricula.certificates("1001"))


def test_revoked_certificate_is_earned_anew(house: School) -> None:
    """Only an administrator revokes, with a reason; then everything is asked for again, and old deeds do not count."""
    house.tell("我的课程")
    house.do("small")
    number = house.courses.curricula.certificates("1001")[0].number
    assert "管理员来办" in house.tell(f"撤销证书 {number} 代考", MENTOR)
    house.floor.bind(person("1", "管家", role="admin"), "web-8")

    assert "写上原因" in house.tell(f"撤销证书 {number}", "web-8")
    assert "撤销了" in house.tell(f"撤销证书 {number} 代考", "web-8")
    house.floor.clock.move(minutes=1)
    house.tell("报名课程：小课")
    (again,) = house.courses.curricula.progress("1001")
    assert (0, 3, False) == (again.done, again.total, again.enrolment.renewal)


def test_change_of_post_begins_a_course(tmp_path: Path) -> None:
    """Who moves from meters to money is enrolled in the course for it, once, and nobody else is."""
    course = small(id="move", title="转岗课", audience={"changed_from": ["抄表员"], "changed_to": ["收费员"]})
    house = school(f"sqlite:///{tmp_path / 'c.db'}", course, post="抄表员")
    house.courses.reminding.daily(house.floor.clock())
    assert [] == house.courses.curricula.progress("1001")

    moved = replace(house.floor.staff.get("1001") or person(), post="收费员")
    house.floor.staff.save([moved])
    for _ in range(2):
        house.floor.clock.move(days=1)
        house.courses.reminding.daily(house.floor.clock())
    assert ["move"] == [one.curriculum.id for one in house.courses.curricula.progress("1001")]
    assert [] == house.courses.curricula.progress("2001")


def test_reminder_comes_once(house: School) -> None:
    """The day before a module is due one message comes; the round again, or the clock put back, sends no second."""
    house.tell("我的课程")
    house.courses.reminding.daily(house.floor.clock())
    assert 1 == len([one for one in house.notices("1001") if "明天到日子" in one])

    house.courses.reminding.daily(house.floor.clock())
    house.floor.clock.move(hours=-5)
    house.courses.reminding.daily(house.floor.clock())
    house.floor.clock.move(hours=6)
    assert [] == house.notices("1001")


def test_night_waits_for_morning(house: School) -> None:
    """What falls due in the night is told after eight."""
    house.tell("我的课程")
    house.floor.clock.move(hours=15)  # midnight in Shanghai
    house.courses.reminding.daily(house.floor.clock())
    assert [] == house.notices("1001")

    house.floor.clock.move(hours=8, minutes=1)
    assert 1 == len(house.notices("1001"))


def test_mentor_is_reminded_kindly(house: School) -> None:
    """A request that waits is brought back after two days and after a week, not daily."""
    house.tell("请师傅签字")
    told = []
    for _ in range(12):
        house.courses.reminding.daily(house.floor.clock())
        told += [one for one in house.notices("2001") if "等您签字" in one and "天了" in one]
        house.floor.clock.move(days=1)

    assert 2 == len(told)


def test_mentor_sees_who_is_late(house: School) -> None:
    """我的徒弟 names the learner, how far they are and how much is late."""
    house.tell("我的课程")
    house.floor.clock.move(days=4)

    said = house.tell("我的徒弟", MENTOR)
    assert "周敏" in said and "2 块过了日子" in said
    assert "没有您带的人" in house.tell("我的徒弟", LEARNER)


def test_strangers_are_shown_the_way(house: School) -> None:
    """An account that is not bound is told how to bind, and still what a course is about."""
    assert "绑定" in house.tell("我的课程", "web-9")
    assert "试一试课程怎么走" in house.tell("课程：小课", "web-9")


def test_signing_up_needs_no_invitation(tmp_path: Path) -> None:
    """Somebody a course is not meant for may take it all the same."""
    house = school(f"sqlite:///{tmp_path / 'd.db'}", post="法务专员")

    assert "都可以自己报" in house.tell("我的课程")
    assert "报名学这门" in house.tell("课程：小课")
    assert "0/3" in house.tell("报名课程：小课")
    assert "没有叫" in house.tell("课程：没影的课")


def test_due_lessons_are_offered_elsewhere(house: School) -> None:
    """Whoever chooses the next lesson hears what a course asks for, and whether it is due."""
    from bot.desks.curricula_reminding import due_lessons

    house.tell("我的课程")
    due = due_lessons(house.courses.curricula, house.courses.knowledge)

    (now,) = due(["1001"], house.floor.clock())["1001"]
    house.floor.clock.move(days=2)
    (later,) = due(["1001"], house.floor.clock())["1001"]
    assert ("继续学习", ("fee_collection",), False, True) == (now.words, now.subjects, now.due, later.due)


def test_real_first_week_ends_in_a_certificate(tmp_path: Path) -> None:
    """The course a newcomer gets, walked through step by step in the order it offers."""
    course = written().curricula["first-week"]
    house = school(f"sqlite:///{tmp_path / 'e.db'}", course)
    house.tell("我的课程")
    from tests.learning.curricula.courses import fulfils

    for _ in range(60):
        found = house.courses.curricula.next_of("1001")
        if found is None:
            break
        assert found[1].step.title in house.tell("继续学习")
        for event in fulfils(found[1].step, found[1].ref, "1001", house.floor.clock()):
            house.floor.records.publish(event)

    assert ["新员工第一周"] == [one.title for one in house.courses.curricula.certificates("1001")]
