"""Progress is a function of what happened: any order, told once or twice, on any clock."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.curricula import Audience
from bot.learning.curricula.audience import is_meant_for
from bot.learning.curricula.certificates import Certificate, holds_until, masked_name
from bot.learning.curricula.progress import Progress, progress_of
from bot.learning.curricula.reminders import DUE, due_now, expiring_now, polite_time
from bot.learning.curricula.screens import CHARACTERS, case_screens, lesson_screens
from bot.learning.events import Event
from tests.learning.curricula.courses import all_done, enrolled, levels, small
from tests.learning.factory import MONDAY_MORNING, SHANGHAI, person

COURSE = small()
LEVELS = levels(COURSE)
DONE = all_done(COURSE, "1001", MONDAY_MORNING + timedelta(hours=1))
MONDAY = date(2026, 11, 30)


def progress(events: list[Event], **other: object) -> Progress:
    return progress_of(COURSE, enrolled(), events, SHANGHAI, LEVELS, **other)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(DONE)), st.randoms(use_true_random=False))
def test_order_and_repeats_change_nothing(events: list[Event], chance: random.Random) -> None:
    """The same events shuffled and told twice give the same progress."""
    shuffled = events * 2
    chance.shuffle(shuffled)

    assert progress(events) == progress(shuffled)


@given(st.lists(st.sampled_from(DONE)), st.sampled_from(DONE))
def test_nothing_is_ever_undone(events: list[Event], more: Event) -> None:
    """One more thing done takes nothing away."""
    before = {s.ref for m in progress(events).modules for s in m.steps if s.done}
    after = {s.ref for m in progress([*events, more]).modules for s in m.steps if s.done}

    assert before <= after


def test_all_done_finishes() -> None:
    """With every step fulfilled the course is finished, and with any one missing it is not."""
    assert progress(DONE).finished
    assert not any(progress(DONE[:n] + DONE[n + 1 :]).finished for n in range(len(DONE)))


def test_harder_items_are_kept_for_harder_steps() -> None:
    """Two easy answers and a hard one do both quizzes, whichever came first."""
    items = [("easy-1", 1), ("hard-1", 2), ("easy-2", 1)]
    events = [
        Event(name, "quiz.answered", "1001", MONDAY_MORNING + timedelta(minutes=n), "client_data", name, 1.0)
        for n, (name, _) in enumerate(reversed(items))
    ]

    found = progress_of(COURSE, enrolled(), events, SHANGHAI, dict(items))

    assert [True, True] == [s.done for m in found.modules for s in m.steps if s.step.kind == "quiz"]


def test_same_item_twice_counts_once() -> None:
    """Answering one item over and over is not knowing two."""
    events = [
        Event(f"a{n}", "quiz.answered", "1001", MONDAY_MORNING, "client_data", "one", 1.0) for n in range(5)
    ]

    ask = progress(events).find("small/talk/ask")
    assert ask is not None
    assert (1, False) == (ask[1].seen.have, ask[1].done)


@pytest.mark.parametrize(
    ("value", "redlines", "done"), [(0.6, [], True), (0.59, [], False), (0.95, ["threat"], False)]
)
def test_practice_needs_mark_and_no_red_line(value: float, redlines: list[str], done: bool) -> None:
    """A call counts from its pass mark on, and never with a red line."""
    event = Event(
        "p",
        "practice.finished",
        "1001",
        MONDAY_MORNING,
        "fee_collection",
        "liu-daye-first-call",
        value,
        {"redlines": redlines},
    )

    call = progress([event]).find("small/talk/call")
    assert call is not None and call[1].done is done


def test_modules_open_in_order() -> None:
    """What comes after waits; a task that was handed in opens its followers, but is not done."""
    course = small()
    first, second, third = course.modules
    course = course.model_copy(
        update={"modules": (third, second.model_copy(update={"after": ("walk",)}), first)}
    )
    hard = [e for e in DONE if "hard" in e.ref]

    closed = progress_of(course, enrolled(), hard, SHANGHAI, LEVELS)
    handed = progress_of(course, enrolled(), hard, SHANGHAI, LEVELS, ["small/walk/round"])

    assert [True, False, True] == [m.open for m in closed.modules]
    assert [True, True, True] == [m.open for m in handed.modules]
    assert (0, False) == (handed.done, handed.modules[0].done)
    assert (handed.next_step() or closed.modules[0].steps[0]).ref == "small/door/see"


def test_earlier_events_do_not_count() -> None:
    """What was done before the day of enrolment was done for something else; on the day itself every minute counts."""
    morning = datetime(2026, 11, 29, 16, 0, tzinfo=UTC)  # midnight in Shanghai

    assert progress(all_done(COURSE, "1001", morning)).finished
    assert 0 == progress(all_done(COURSE, "1001", morning - timedelta(seconds=1))).done


def test_clock_set_back_loses_nothing() -> None:
    """A clock that is put back by hours after the enrolment does not lose what was done then."""
    assert progress(all_done(COURSE, "1001", MONDAY_MORNING - timedelta(hours=6))).finished


def test_renewal_asks_only_for_doing() -> None:
    """Renewing asks for quizzes and calls again, since the renewal began; lessons and tasks stand."""
    again = enrolled(round=2, renewal=True)
    tested = [e for e in DONE if e.kind in ("quiz.answered", "practice.finished")]

    assert not progress_of(COURSE, again, [], SHANGHAI, LEVELS).finished
    assert progress_of(COURSE, again, tested, SHANGHAI, LEVELS).finished
    old = all_done(COURSE, "1001", MONDAY_MORNING - timedelta(minutes=1))
    assert not progress_of(COURSE, again, old, SHANGHAI, LEVELS).finished


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "America/Sao_Paulo", "Pacific/Apia"])
def test_due_days_are_local_days(zone: str) -> None:
    """A module is late from the first minute of the local day after, in whatever zone, whatever its clocks did."""
    place = ZoneInfo(zone)
    found = progress_of(COURSE, enrolled(), [], place, LEVELS).modules[0]

    assert date(2026, 12, 1) == found.due
    assert not found.is_late(date(2026, 12, 1))
    assert found.is_late(date(2026, 12, 2))


def test_reminders_grow_rarer() -> None:
    """Over two months a module that is never done is spoken of six times, each with its own key."""
    keys = [
        one.key for n in range(60) for one in due_now(progress([]), MONDAY + timedelta(days=n)) if one.module.module.id == "door"
    ]  # fmt: skip

    assert len(DUE) == len(set(keys))


def test_missed_round_is_made_up_for() -> None:
    """After a week without a round the latest stage is told, once, and not each that was missed."""
    due = [one for one in due_now(progress([]), MONDAY + timedelta(days=9)) if one.module.module.id == "door"]

    assert [("due:1:door:-7", -8)] == [(one.key, one.days) for one in due]


def test_closed_modules_are_not_nagged_about() -> None:
    """One is not reminded of what one cannot do yet, nor of what waits for the mentor."""
    late = MONDAY + timedelta(days=40)
    handed = progress([e for e in DONE if "hard" in e.ref], handed_in=["small/walk/round"])

    assert {"door", "walk"} == {one.module.module.id for one in due_now(progress([]), late)}
    assert {"door"} == {one.module.module.id for one in due_now(handed, late)}


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))
def test_nobody_is_woken(at: datetime) -> None:
    """A reminder arrives between eight and twenty local time, never before it was due, and within twelve hours."""
    polite = polite_time(at, SHANGHAI)

    assert 8 <= polite.astimezone(SHANGHAI).hour < 20
    assert timedelta() <= polite - at <= timedelta(hours=12)


def test_only_newest_certificate_is_spoken_of() -> None:
    """A renewed certificate silences the old one; a revoked one is not spoken of at all."""

    def held(number: str, until: date, revoked: date | None = None) -> Certificate:
        return Certificate(number, "1001", "周敏", "small", "小课", MONDAY, until, 1, revoked)

    old, new = held("A", MONDAY + timedelta(days=7)), held("B", MONDAY + timedelta(days=400))

    assert [("expiry:A:7", 7)] == [(one.key, one.days) for one in expiring_now([old], MONDAY)]
    assert [] == expiring_now([old, new], MONDAY)
    assert [] == expiring_now([held("C", MONDAY, MONDAY)], MONDAY)


def test_certificate_states() -> None:
    """Valid through its last day, expired from the next, revoked whatever the date."""
    one = Certificate("A", "1001", "周敏", "small", "小课", MONDAY, date(2027, 11, 30), 1)

    assert ["valid", "expired"] == [one.state(day) for day in (date(2027, 11, 30), date(2027, 12, 1))]


@given(st.dates(date(2020, 1, 1), date(2090, 12, 31)), st.integers(1, 60))
def test_months_end_where_months_end(day: date, months: int) -> None:
    """So many months later, on the same day or the month's last, and never in another month."""
    until = holds_until(day, months)

    assert (day.year * 12 + day.month + months) == until.year * 12 + until.month
    assert until.day == day.day or (until + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("周敏", "周＊"),
        ("欧阳雨桐", "欧阳＊＊"),
        ("欧阳", "欧＊"),
        ("李", "李＊"),
        ("Ann Lee", "A＊＊＊＊＊＊"),
    ],
)
def test_names_are_masked(name: str, shown: str) -> None:
    """Strangers read the surname and nothing else."""
    assert shown == masked_name(name)


@pytest.mark.parametrize(
    ("audience", "other", "came_from", "meant"),
    [
        ({"joined_within_days": 30}, {"joined": date(2026, 11, 1)}, "", True),
        ({"joined_within_days": 30}, {"joined": date(2026, 10, 31)}, "", False),
        ({"joined_within_days": 30}, {"joined": date(2026, 12, 7)}, "", False),
        ({"years_at_least": 3}, {"joined": date(2023, 11, 30)}, "", True),
        ({"years_at_least": 3}, {"joined": date(2023, 12, 2)}, "", False),
        ({"posts": ["柜员"]}, {}, "", False),
        ({"posts": ["催收员"]}, {}, "", True),
        ({"departments": ["法务"]}, {}, "", False),
        ({"changed_to": ["催收员"], "changed_from": ["抄表员"]}, {}, "抄表员", True),
        ({"changed_to": ["催收员"], "changed_from": ["抄表员"]}, {}, "柜员", False),
        ({"changed_to": ["催收员"]}, {}, "", False),
        ({"posts": ["催收员"], "invited": False}, {}, "", False),
        ({}, {"left": date(2026, 11, 1)}, "", False),
    ],
)
def test_audience_is_met(
    audience: dict[str, object], other: dict[str, object], came_from: str, meant: bool
) -> None:
    """Whom a course enrols: by post, department, time in the firm, or change of post."""
    assert meant is is_meant_for(Audience.model_validate(audience), person(**other), MONDAY, came_from)


def test_screens_fit_a_phone() -> None:
    """No screen of a lesson or case holds more than fits, and nothing is lost between them."""
    from bot.content.loader import load_knowledge
    from tests.conftest import ROOT

    knowledge = load_knowledge(ROOT / "knowledge")
    for course in knowledge.curricula.values():
        for step in (step for module in course.modules for step in module.steps if step.points):
            screens = lesson_screens(step)
            assert list(step.points) == [line for screen in screens for line in screen.lines]
            assert all(sum(map(len, screen.lines)) <= CHARACTERS for screen in screens)
    for case in knowledge.cases.values():
        told = "".join(line for screen in case_screens(case) for line in screen.lines)
        assert "".join(case.happened.split()) in "".join(told.split())


@given(
    st.lists(st.integers(0, 11), unique=True),
    st.integers(0, 11),
    st.lists(st.integers(1, 3), min_size=12, max_size=12),
)
def test_one_more_answer_takes_nothing_away(known: list[int], more: int, hard: list[int]) -> None:
    """However hard the items are, one more right answer never undoes a quiz."""
    steps = {f"i{n}": level for n, level in enumerate(hard)}

    def done(items: list[int]) -> set[str]:
        events = [
            Event(f"e{n}", "quiz.answered", "1001", MONDAY_MORNING, "client_data", f"i{n}", 1.0)
            for n in items
        ]
        found = progress_of(COURSE, enrolled(), events, SHANGHAI, steps)
        return {s.ref for m in found.modules for s in m.steps if s.done}

    assert done(known) <= done([*known, more])
