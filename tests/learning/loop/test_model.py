"""What the risk model promises, whatever people do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.models import TOPIC_NAMES
from bot.judgement import REDLINES
from bot.learning.events import Event
from bot.learning.loop.model import NOBODY, TOPICS, Known, Risk, Sign, fold, retention
from bot.learning.loop.weights import EXPOSURE, exposure
from tests.learning.factory import MONDAY_MORNING

SIGN = Sign("quiz.answered", MONDAY_MORNING.timestamp(), 0.0)
values = st.floats(0, 1)
days = st.floats(0, 400)


def later(by: float) -> datetime:
    return MONDAY_MORNING + timedelta(days=by)


@st.composite
def known(draw: st.DrawFn) -> Known:
    """A state that people can be in: answers of any worth with any pauses between."""
    one, at = Known(), 0.0
    for value, pause in draw(st.lists(st.tuples(values, st.floats(0, 60)), max_size=12)):
        at += pause
        one = one.answered(value, 1.0, SIGN, later(at)).attended(0.1, later(at))
    return one


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(["quiz.answered", "practice.finished", "practice.turn", "drill.finished", "question.asked", "hazard.verified", "checklist.done"]))  # fmt: skip
    details: dict[str, Any] = {}
    if kind == "practice.turn":
        details = {"dimensions": {"empathy": draw(st.none() | st.integers(0, 100))}, "redlines": draw(st.lists(st.sampled_from(REDLINES), max_size=2))}  # fmt: skip
    if kind == "drill.finished":
        details = {"findings": draw(st.lists(st.fixed_dictionaries({"topic": st.sampled_from([*TOPICS, ""]), "what": st.just("没报告")}), max_size=3))}  # fmt: skip
    topic = draw(st.sampled_from([*TOPICS, ""]))
    return Event(draw(st.uuids()).hex, kind, "1001", later(draw(days)), topic, "x", draw(values), details)


@given(one=known(), weight=st.floats(0.1, 2), gap=days)
def test_wrong_answer_never_raises_knowledge(one: Known, weight: float, gap: float) -> None:
    """And a right one never lowers it."""
    at = later(800 + gap)
    before = one.knowledge(at)

    assert one.answered(0.0, weight, SIGN, at).knowledge(at) <= before + 1e-9
    assert one.answered(1.0, weight, SIGN, at).knowledge(at) >= before - 1e-9


@given(one=known(), first=days, more=days)
def test_waiting_never_teaches(one: Known, first: float, more: float) -> None:
    """Knowledge and awareness only fade, and what we are unsure of only grows, while nothing happens."""
    soon, late = later(800 + first), later(800 + first + more)

    assert one.knowledge(late) <= one.knowledge(soon) + 1e-9
    assert one.awareness(late) <= one.awareness(soon) + 1e-9
    assert one.uncertainty(late) >= one.uncertainty(soon) - 1e-9


@given(one=known(), value=values, gap=days)
def test_every_answer_makes_us_surer(one: Known, value: float, gap: float) -> None:
    """More evidence never widens what we are unsure of."""
    at = later(800 + gap)

    assert one.answered(value, 1.0, SIGN, at).uncertainty(at) <= one.uncertainty(at) + 1e-9


@given(values=st.lists(values, min_size=1, max_size=30), pause=st.floats(0, 30))
def test_everything_stays_in_bounds(values: list[float], pause: float) -> None:
    """Whatever is answered, a share is a share."""
    one = Known()
    for number, value in enumerate(values):
        one = one.answered(value, 1.5, SIGN, later(number * pause)).attended(0.6, later(number * pause))
    at = later(len(values) * pause)

    assert 0 <= one.knowledge(at) <= 1 and 0 <= one.awareness(at) <= 1 and 0 < one.uncertainty(at) <= 0.5
    assert len(one.signs) <= 6


@settings(max_examples=60)
@given(some=st.lists(events(), max_size=12), order=st.randoms())
def test_order_of_arrival_does_not_matter(some: list[Event], order: Any) -> None:
    """The fold goes by when things happened: a shuffled record gives the same state."""
    shuffled = list(some)
    order.shuffle(shuffled)

    assert fold(some) == fold(shuffled)


@given(some=st.lists(events(), max_size=12))
def test_state_survives_being_stored(some: list[Event]) -> None:
    """Kept as JSON and read again it is the same, and one more event goes on from it."""
    risk = fold(some)

    assert risk == Risk.from_dict(risk.to_dict())


@given(one=known(), value=values)
def test_late_event_does_not_turn_time_back(one: Known, value: float) -> None:
    """What arrives late, as after a lost connection, counts as evidence and leaves the clock where it was."""
    early = MONDAY_MORNING - timedelta(days=30)
    after = one.answered(value, 1.0, SIGN, early)

    assert (one.at or early.timestamp()) == after.at and after.weight >= one.weight


def test_spaced_success_lasts_longer() -> None:
    """Three right answers over six weeks are remembered better than three in one afternoon."""
    crammed, spread = Known(), Known()
    for number in range(3):
        crammed = crammed.answered(1.0, 1.0, SIGN, later(42 + number / 100))
        spread = spread.answered(1.0, 1.0, SIGN, later(number * 21))

    assert spread.stability > 1.5 * crammed.stability
    assert 1.0 == retention(0, 20) and 0.7 < retention(20, 20) < 0.8


@pytest.mark.parametrize(
    ("code", "topic"), [("privacy", "client_data"), ("illegal_cutoff", "fee_collection")]
)
def test_red_line_speaks_against_its_rule(code: str, topic: str) -> None:
    """A sentence that crossed a line says that the rule behind it is not known well enough."""
    turn = Event(
        "t",
        "practice.turn",
        "1001",
        MONDAY_MORNING,
        "fee_collection",
        "",
        0.2,
        {"dimensions": {}, "redlines": [code]},
    )

    assert NOBODY.after(turn).of(topic).knowledge(MONDAY_MORNING) < 0.4


def test_finding_of_a_drill_counts_on_its_own_topic() -> None:
    """A drill on cyber security that found a contract clause forgotten says so about contracts."""
    drill = Event(
        "d", "drill.finished", "1001", MONDAY_MORNING, "cyber_security", "billing-hack", 0.9,
        {"role": "营销", "findings": [{"topic": "contracts", "what": "没有书面告知"}]},
    )  # fmt: skip
    risk = NOBODY.after(drill)

    assert (
        risk.of("contracts").knowledge(MONDAY_MORNING)
        < 0.5
        < risk.of("cyber_security").knowledge(MONDAY_MORNING)
    )


@pytest.mark.parametrize("post", [*EXPOSURE, "没听过的岗位"])
def test_exposure_has_mean_one(post: str) -> None:
    """A post shifts weight between topics and takes none away: people of all posts are comparable."""
    weights = exposure(f"{post}员", "", TOPICS)

    assert set(TOPIC_NAMES) == set(weights) and abs(sum(weights.values()) / len(weights) - 1) < 0.01
