"""Which lesson comes next, and why."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.learning.events import Event
from bot.learning.loop.lessons import Candidate, choose, priorities
from bot.learning.loop.model import NOBODY, TOPICS, Risk, fold
from bot.learning.loop.reasons import reason
from bot.learning.loop.simulation import ABLATIONS, OFFERED, WORLDS, live
from bot.learning.loop.weights import SKILLS, exposure
from tests.learning.factory import MONDAY_MORNING, SHANGHAI

EQUAL = dict.fromkeys(TOPICS, 1.0)
QUIZZES = tuple(
    Candidate(f"quiz-{topic}", "quiz", f"{topic}五题", f"测验：{topic}", (topic,)) for topic in TOPICS
)


def answers(topic: str, *values: float, days_ago: float = 3, kind: str = "quiz.answered") -> list[Event]:
    at = MONDAY_MORNING - timedelta(days=days_ago)
    return [
        Event(f"{topic}{kind}{n}{days_ago}", kind, "1001", at + timedelta(minutes=n), topic, "x", value)
        for n, value in enumerate(values)
    ]


def known_everywhere(*but: str) -> Risk:
    return fold(
        [one for topic in TOPICS for one in answers(topic, *([0, 0, 0, 0] if topic in but else [1, 1, 1, 1]))]
    )


def test_gap_is_met_first() -> None:
    """Who fails on contracts and nowhere else is asked about contracts."""
    (first, *_) = choose(known_everywhere("contracts"), QUIZZES, EQUAL, MONDAY_MORNING, 10)

    assert "quiz-contracts" == first.candidate.id


def test_post_decides_between_equal_gaps() -> None:
    """Of two gaps alike, a meter reader gets the one that can hurt on a ladder, the counter the one about data."""
    risk = known_everywhere("client_data", "work_safety")
    firsts = {
        post: choose(risk, QUIZZES, exposure(post, "", TOPICS), MONDAY_MORNING, 10)[0].candidate.id
        for post in ("抄表员", "柜员")
    }

    assert {"抄表员": "quiz-work_safety", "柜员": "quiz-client_data"} == firsts


def test_lesson_fits_into_the_time() -> None:
    """With three minutes nobody is sent into a drill of twenty."""
    chosen = choose(NOBODY, OFFERED, EQUAL, MONDAY_MORNING, 3, limit=9)

    assert chosen and all(one.candidate.takes <= 3 for one in chosen)


def test_same_lesson_is_not_offered_again_at_once() -> None:
    """What was done an hour ago gives way to another topic."""
    risk = known_everywhere("contracts", "cyber_security")
    done = [
        replace(one, last_at=MONDAY_MORNING - timedelta(hours=1)) if one.id == "quiz-contracts" else one
        for one in QUIZZES
    ]

    assert "quiz-cyber_security" == choose(risk, done, EQUAL, MONDAY_MORNING, 10)[0].candidate.id


def test_bad_calls_lead_to_a_call() -> None:
    """Somebody whose replies are cold is asked to practise, whatever they know by heart."""
    cold = [
        Event(f"t{n}", "practice.turn", "1001", MONDAY_MORNING - timedelta(days=2), "fee_collection", "", 0.2,
              {"dimensions": dict.fromkeys((one.removeprefix("skill:") for one in SKILLS), 15), "redlines": []})
        for n in range(6)
    ]  # fmt: skip
    call = Candidate(
        "call", "practice", "王姐：电费翻了三倍", "练习：电费翻了三倍", ("fee_collection", *SKILLS)
    )
    risk = fold([*[one for topic in TOPICS for one in answers(topic, 1, 1, 1, 1, days_ago=2)], *cold])

    assert (
        "call"
        == choose(risk, [*QUIZZES, call], exposure("催收员", "", TOPICS), MONDAY_MORNING, 10)[0].candidate.id
    )


@settings(max_examples=50)
@given(values=st.lists(st.tuples(st.sampled_from(TOPICS), st.floats(0, 1)), max_size=20))
def test_choice_is_stable_and_priorities_are_shares(values: list[tuple[str, float]]) -> None:
    """The same person at the same time gets the same lesson; what topics are asked about sums to one."""
    risk = fold(
        [one for n, (topic, value) in enumerate(values) for one in answers(topic, value, days_ago=n + 1)]
    )

    assert choose(risk, OFFERED, EQUAL, MONDAY_MORNING, 30) == choose(
        risk, OFFERED[::-1], EQUAL, MONDAY_MORNING, 30
    )
    assert abs(sum(priorities(risk, EQUAL, MONDAY_MORNING).values()) - 1) < 1e-9


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], "“供用电合同”这块还没怎么见您练过，做几道题找回来，约 3 分钟。"),
        (answers("contracts", 0, 0, days_ago=1), "昨天“供用电合同”有 2 道题没答对，做几道题找回来，约 3 分钟。"),
        (answers("contracts", 0, days_ago=9) + answers("contracts", 0.3, days_ago=2, kind="drill.finished"),
         "前天“供用电合同”演练里漏了一步，上周有题没答对，做几道题找回来，约 3 分钟。"),
        (answers("contracts", 1, 1, 1, 1, 1, 1, days_ago=25), "“供用电合同”上回答得不错，可已经 25 天没碰，开始忘了，做几道题找回来，约 3 分钟。"),
    ],
)  # fmt: skip
def test_reason_says_what_was_seen(events: list[Event], said: str) -> None:
    """One sentence from this person's own events: what, when, how often."""
    risk = fold(events)
    quiz = next(one for one in QUIZZES if one.id == "quiz-contracts")
    (chosen,) = choose(risk, [quiz], EQUAL, MONDAY_MORNING, 10)

    assert said == reason(risk, chosen, MONDAY_MORNING, SHANGHAI)


def test_reason_names_no_code() -> None:
    """Whatever is chosen, the sentence is Chinese and holds no key of ours."""
    for chosen in choose(known_everywhere("contracts"), OFFERED, EQUAL, MONDAY_MORNING, 30, limit=99):
        assert not re.search("[a-z_]", reason(NOBODY, chosen, MONDAY_MORNING, SHANGHAI)), chosen


def test_synthetic_life_repeats_itself() -> None:
    """The same seed gives the same months, so that policies are compared on the same people."""
    lives = [live(7, "loop", WORLDS["usual"], 3, 30, 2, ABLATIONS["loop"]) for _ in range(2)]

    assert lives[0] == lives[1] and 0 < lives[0].knowledge < 1
