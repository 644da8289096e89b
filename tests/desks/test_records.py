"""What people did is written once, and everybody who keeps count hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.desks.records import Records
from bot.learning.events import Event
from bot.messages import AnswerBlock, Citation, Incoming, say
from bot.stores.database import open_database
from bot.stores.learning.events import EventStore
from tests.learning.factory import MONDAY_MORNING, Floor, floor, person


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    return floor(tmp_path)


def event(key: str = "e1", **other: object) -> Event:
    fields = {
        "kind": "quiz.answered",
        "person": "1001",
        "at": MONDAY_MORNING,
        "topic": "contracts",
        "value": 0.5,
    }
    return Event(**{**fields, **other, "key": key})  # type: ignore[arg-type]


def test_same_key_is_told_once(house: Floor) -> None:
    """A message processed twice counts once, for everybody."""
    heard: list[str] = []
    house.records.listen("points", lambda one: heard.append(one.key))

    assert [True, False] == [house.records.publish(event()) for _ in range(2)]
    assert ["e1"] == heard


def test_failing_listener_harms_nobody(house: Floor) -> None:
    """One that fails neither loses the event nor keeps the others from it, and hears of it again."""
    heard: list[str] = []
    broken = [True]

    def fails(one: Event) -> None:
        if broken[0]:
            raise RuntimeError("数据库忙")
        heard.append(f"again {one.key}")

    house.records.listen("curricula", fails)
    house.records.listen("points", lambda one: heard.append(one.key))
    house.records.publish(event())
    broken[0] = False
    house.records.catch_up(house.clock())

    assert ["e1", "again e1", "e1"] == heard


def test_events_come_back_as_written(url: str) -> None:
    """On both databases: value, details and the exact time, in order, for one person or for all."""
    store = EventStore(open_database(url))
    late = event(
        "e2", at=MONDAY_MORNING + timedelta(hours=2), details={"cards": ["fc-notice"], "correct": True}
    )
    others = event("e3", person="1002", kind="hazard.reported")

    assert 3 == store.add_all([late, event(), others]) and 0 == store.add_all([late])
    assert ["e1", "e2"] == [one.key for one in store.of("1001")]
    assert (late.at, late.details) == (store.of("1001")[-1].at, store.of("1001")[-1].details)
    assert ["e3"] == [one.key for one in store.since(MONDAY_MORNING, ["hazard.reported"])]
    assert ["e1", "e3"] == [
        one.key for one in store.since(MONDAY_MORNING, until=MONDAY_MORNING + timedelta(hours=1))
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "quiz.guessed"}, {"at": datetime(2026, 11, 30)}, {"value": 1.2}],
)
def test_impossible_event_is_refused(wrong: dict[str, object]) -> None:
    """An unknown kind, a time without a zone and a value beyond one never get in."""
    with pytest.raises(ValueError):
        event(**wrong)


def test_questions_leave_topic_but_no_words(house: Floor) -> None:
    """The record knows what a question was about, and nothing of what was typed."""
    house.bind(person())
    cited = Citation(
        id="fc-notice", kind="regulation", title="提前通知", status="current", status_label="现行"
    )
    answered = AnswerBlock(
        question="老赵家停电", answered=True, answer="要。", confidence=0.9, citations=[cited]
    )
    house.noting.asked(Incoming("web-1", "老赵家停电", "m1"), answered)
    house.noting.asked(
        Incoming("web-1", "年会几点", "m2"),
        AnswerBlock(question="年会几点", answered=False, answer="不知道", confidence=0),
    )

    asked = house.records.store.of("1001")
    assert [("question.asked", "fee_collection", "fc-notice"), ("question.unanswered", "", "")] == [
        (one.kind, one.topic, one.ref) for one in asked
    ]
    assert "老赵" not in str(asked) and "年会" not in str(asked)


def test_records_know_nobody(tmp_path: Path) -> None:
    """Without listeners an event is simply kept."""
    records = Records(EventStore(open_database(f"sqlite:///{tmp_path / 'b.db'}")))

    assert records.publish(event()) and say("好")
