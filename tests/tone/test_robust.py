"""Promises for any input: bounds, caps, speed, and no reward for stuffing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.rubric import load_rubric
from bot.judgement import DIMENSIONS, MOVES, TurnContext
from bot.tone.scorer import ToneScorer
from tests.tone.conftest import BILL, RUBRIC, labelled

SCORER = ToneScorer(load_rubric(RUBRIC))
ROWS = labelled()
CALM = [row for row in ROWS if not row["redlines"]]
THREATS = ["再不交，走着瞧。", "不交就停电。", "我去你单位找你领导。", "你等着坐牢吧。"]
STOCK = ["感谢您的理解与支持。", "尊敬的客户，", "给您带来不便敬请谅解。", "祝您生活愉快。"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_is_judged(reply: str, customer: str) -> None:
    """Every text gets a complete verdict within bounds, and exact offsets."""
    judged = SCORER.judge(TurnContext(customer, reply))

    assert 0 <= judged.overall <= 100 and 1 <= judged.band <= 5
    assert set(judged.moves) == set(MOVES) and set(judged.dimensions) == set(DIMENSIONS)
    assert all(0 <= value <= 1 for value in judged.moves.values())
    assert all(0 <= span.start < span.end <= len(reply) for span in judged.evidence)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CALM), st.sampled_from(THREATS))
def test_threat_never_helps(row: dict[str, str], threat: str) -> None:
    """Adding a threat never raises the score and always caps it."""
    before = SCORER.judge(TurnContext(row["customer"], row["reply"]))
    after = SCORER.judge(TurnContext(row["customer"], row["reply"] + "。" + threat))

    assert after.overall <= min(24, max(before.overall, 24))
    assert after.redlines


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([row for row in CALM if row["band"] <= 2]), st.lists(st.sampled_from(STOCK), max_size=4)
)
def test_politeness_lifts_no_bad_reply(row: dict[str, str], stock: list[str]) -> None:
    """No amount of set phrases turns a poor reply into a good one."""
    before = SCORER.judge(TurnContext(row["customer"], row["reply"]))
    after = SCORER.judge(TurnContext(row["customer"], "".join(stock) + row["reply"] + "".join(stock)))

    assert before.band > 2 or after.band < 4


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CALM), st.integers(2, 5))
def test_saying_it_again_gains_nothing(row: dict[str, str], times: int) -> None:
    """The same words repeated earn no points."""
    once = SCORER.judge(TurnContext(row["customer"], row["reply"] + "。"))
    often = SCORER.judge(TurnContext(row["customer"], (row["reply"] + "。") * times))

    assert often.overall <= once.overall + 2


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ROWS), st.sampled_from(ROWS))
def test_rewrite_is_good_for_any_pair(row: dict[str, str], other: dict[str, str]) -> None:
    """Whatever was answered to whichever customer, the wording offered is itself band 4 or more."""
    rewrite = SCORER.judge(TurnContext(row["customer"], other["reply"])).rewrite
    again = SCORER.judge(TurnContext(row["customer"], rewrite))

    assert again.band >= 4 and not again.redlines


@pytest.mark.parametrize("reply", ["", "   ", "。。。", "😡😡😡", "asdf 1234", "好" * 50, "<b></b>", BILL])
def test_saying_nothing_scores_low(reply: str) -> None:
    """Silence, faces, noise and an echo of the customer are band 1, with an advice all the same."""
    judged = SCORER.judge(TurnContext(BILL, reply))

    assert judged.band == 1
    assert judged.advice and judged.rewrite


def test_html_is_only_text() -> None:
    """Markup changes neither the verdict on the words nor the offsets."""
    reply = "<script>alert(1)</script>不交就停电。"
    judged = SCORER.judge(TurnContext(BILL, reply))

    assert "threat" in judged.redlines
    assert any("停电" in reply[span.start : span.end] for span in judged.evidence)


@pytest.mark.parametrize(
    "unit", ["我给您查", "不交就", "停电", "您", "，", "“", "今天明天", "1", "我理解您但是"]
)
def test_long_input_stays_fast(unit: str) -> None:
    """Five thousand characters of anything take well under a second."""
    begin = time.perf_counter()
    SCORER.judge(TurnContext(BILL, (unit * 5000)[:5000]))

    assert time.perf_counter() - begin < 0.8


def test_typical_reply_is_quick() -> None:
    """A turn of ordinary length is judged in a few milliseconds."""
    begin = time.perf_counter()
    for row in ROWS[:100]:
        SCORER.judge(TurnContext(row["customer"], row["reply"]))

    assert (time.perf_counter() - begin) / 100 < 0.03


def test_same_turn_same_verdict() -> None:
    """Nothing is left to chance, not even in another scorer."""
    turn = TurnContext(BILL, ROWS[0]["reply"])

    assert SCORER.judge(turn) == ToneScorer(load_rubric(RUBRIC)).judge(turn)
