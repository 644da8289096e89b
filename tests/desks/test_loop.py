"""学什么: the next lesson in chat, kept up to date by everything one does; and everybody's day, planned at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.desks.daily_round import DailyRound
from bot.desks.loop import LoopDesk
from bot.learning.events import Event
from bot.learning.loop.lessons import Candidate
from bot.learning.loop.model import TOPICS
from bot.learning.people.person import Person
from bot.stores.learning.loop import LoopStore
from bot.stores.learning.people import Account
from tests.learning.factory import SHANGHAI, Floor, floor, person


class Quizzes:
    """One quiz a topic, and a long drill."""

    lessons = (
        *(
            Candidate(f"quiz-{topic}", "quiz", f"小测 {topic}", f"测验：{topic}", (topic,))
            for topic in TOPICS
        ),
        Candidate("fire", "drill", "表计起火", "演练：表计起火", ("work_safety",), 20.0),
    )

    def to(self, learner: str, person: Person | None, at: datetime) -> Sequence[Candidate]:
        return self.lessons

    def to_all(self, learners: Sequence[str], at: datetime) -> Callable[[str], Sequence[Candidate]]:
        return lambda learner: self.lessons


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    return floor(tmp_path)


@pytest.fixture
def desk(house: Floor) -> LoopDesk:
    desk = LoopDesk(LoopStore(house.sessions), house.records, Quizzes(), SHANGHAI)
    house.hall._desks["loop"] = desk
    return desk


def answered(house: Floor, topic: str, value: float, number: int = 0, who: str = "1001") -> None:
    at = house.clock() - timedelta(days=1)
    house.records.publish(Event(f"{who}{topic}{number}", "quiz.answered", who, at, topic, "x", value))


def test_wrong_answers_lead_to_their_topic(house: Floor, desk: LoopDesk) -> None:
    """What was got wrong yesterday is today's lesson, and the bot says so."""
    house.bind(person())
    for topic in TOPICS:
        for number in range(4):
            answered(house, topic, 0.0 if topic == "client_data" else 1.0, number)

    said = house.tell("学什么")
    assert "昨天“客户信息”有 4 道题没答对" in said and "测验：client_data" in said


def test_minutes_are_kept_to(house: Floor, desk: LoopDesk) -> None:
    """With three minutes no drill of twenty is offered; with twenty it may be."""
    assert "表计起火" not in house.tell("学什么 3 分钟") and "表计起火" in house.tell("今天练什么（20分钟）")


def test_event_told_again_counts_once(house: Floor, desk: LoopDesk) -> None:
    """After a crash everything of the last days is told again, and changes nothing."""
    for number in range(3):
        answered(house, "contracts", 0.0, number)
    before = desk.risk("1001")
    house.records.catch_up(house.clock())

    assert before == desk.risk("1001") and 3.0 == before.of("contracts").weight


def test_guest_is_advised_too(house: Floor, desk: LoopDesk) -> None:
    """Nobody needs a number to ask what to learn."""
    assert "还没怎么见您练过" in house.tell("学什么")


def test_offer_is_written_down(house: Floor, desk: LoopDesk) -> None:
    """What was advised is known later, so that one can see whether advice is taken."""
    house.bind(person())
    house.tell("学什么")

    (offer,) = house.records.store.of("1001", kinds=["next.lesson"])
    assert offer.ref.startswith("quiz-") and "quiz" == offer.details["kind"]


def daily(house: Floor, desk: LoopDesk) -> DailyRound:
    return DailyRound(house.staff, house.records, desk, house.notices, house.shared, SHANGHAI)


def test_day_is_planned_once(house: Floor, desk: LoopDesk) -> None:
    """Of all processes that try, one plans the day, and everybody has a lesson with a reason."""
    house.staff.save([person(str(number), "某人") for number in range(1, 8)])
    rounds = [daily(house, desk).run(house.clock()) for _ in range(3)]

    assert [(True, 7), (False, 0), (False, 0)] == [(one.first, one.planned) for one in rounds]
    plan = desk.planned("3", house.clock())
    assert plan is not None and plan.words.startswith("测验：") and plan.reason.endswith("分钟。")


def test_reminder_comes_in_the_morning(house: Floor, desk: LoopDesk) -> None:
    """Planned before dawn, heard from at eight, once, and only by who has an account."""
    house.staff.save([person("1"), person("2")])
    house.staff.bind(Account("wecom:a", "wecom", "a"), "1", house.clock())
    house.clock.time = house.clock.time.replace(hour=22) - timedelta(
        days=1
    )  # six on Monday morning in Shanghai

    assert 1 == daily(house, desk).run(house.clock()).reminded
    assert [] == house.notices.take("1", house.clock())
    house.clock.move(hours=2)
    assert 1 == len(house.notices.take("1", house.clock())) and [] == house.notices.take("2", house.clock())


def test_weekend_is_left_alone(house: Floor, desk: LoopDesk) -> None:
    """Nobody is reminded on a Sunday."""
    house.staff.save([person("1")])
    house.staff.bind(Account("wecom:a", "wecom", "a"), "1", house.clock())
    house.clock.move(days=6)

    assert 0 == daily(house, desk).run(house.clock()).reminded


def test_failing_chore_stops_nobody(house: Floor, desk: LoopDesk) -> None:
    """One part's trouble does not cost the others their morning."""
    done: list[str] = []

    def fails(_at: datetime) -> None:
        raise RuntimeError("坏了")

    chores = (("bad", fails), ("good", lambda at: done.append("good")))
    DailyRound(house.staff, house.records, desk, house.notices, house.shared, SHANGHAI, chores).run(
        house.clock()
    )

    assert ["good"] == done


def test_priorities_follow_the_person(house: Floor, desk: LoopDesk) -> None:
    """The daily questions lean towards what this person gets wrong and meets at work."""
    one = person(post="柜员")
    for number in range(5):
        for topic in TOPICS:
            answered(house, topic, 0.0 if topic == "contracts" else 1.0, number)

    shares = desk.priorities("1001", one, house.clock())
    assert "contracts" == max(shares, key=shares.__getitem__)
    assert replace(one, post="抄表员") != one
