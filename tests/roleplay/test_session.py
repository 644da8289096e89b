"""A practice as a value: begin, play, take back, store, finish."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from bot.errors import BadInput
from bot.roleplay.hints import hint
from bot.roleplay.scoring import cap_of, finish, grade_of
from bot.roleplay.session import Practice, play, retry_last, start
from tests.roleplay.factory import HARSH, KIND, FixedScorer, WordScorer, judged, stage


def called(replies: tuple[str, ...], **who: object) -> Practice:
    practice = start(stage(), **({"persona": "p01", "difficulty": 2, "seed": 3} | who))  # type: ignore[arg-type]
    for reply in replies:
        if not practice.over:
            practice, _ = play(stage(), practice, reply, WordScorer())
    return practice


def test_practice_survives_json() -> None:
    """Stored as JSON text and read back, a practice is the same and goes on the same."""
    practice = called(KIND[:3])
    restored = Practice.from_dict(json.loads(json.dumps(practice.to_dict(), ensure_ascii=False)))

    assert restored == practice
    assert restored.to_dict() == practice.to_dict()
    assert play(stage(), restored, KIND[3], WordScorer()) == play(stage(), practice, KIND[3], WordScorer())


def test_broken_record_is_refused() -> None:
    """A stored practice that cannot be read asks for a new start."""
    with pytest.raises(BadInput, match="重新开始"):
        Practice.from_dict({"persona": "p01-liu-daye"})


def test_retry_meets_same_state() -> None:
    """Saying a turn again meets the same state and mood, so the same words give the same turn."""
    practice = called(KIND[:2])
    again, record = play(stage(), retry_last(practice), KIND[1], WordScorer())

    assert again.turns == practice.turns
    assert again.first_try == record == practice.turns[-1]


def test_hints_cost_points() -> None:
    """Two hints take six points off a call, a red line's cap stays where it is."""
    helped = replace(called(KIND[:2]), hints=2)

    assert 6 == (finish(stage(), called(KIND[:2])).overall or 0) - (finish(stage(), helped).overall or 0)


def test_retry_needs_a_turn() -> None:
    """Nothing said, nothing to take back."""
    with pytest.raises(BadInput, match="先说一句"):
        retry_last(called(()))


def test_retry_reopens_ended_call() -> None:
    """The last sentence of an ended call can be said again."""
    practice = called(HARSH * 3)

    assert practice.over
    assert not retry_last(practice).over


def test_ended_call_stays_ended() -> None:
    """After the customer is gone nothing more can be said."""
    with pytest.raises(BadInput, match="已经结束"):
        play(stage(), called(HARSH * 3), "您好。", WordScorer())


def test_empty_reply_is_refused() -> None:
    """Silence is no turn."""
    with pytest.raises(BadInput, match="没有听到"):
        play(stage(), called(()), "  ", WordScorer())


def test_difficulty_shifts_the_start() -> None:
    """A harder day starts angrier and less trusting, an easier one the other way; three is the plain person."""
    easy, plain, hard = (start(stage(), persona="p03", difficulty=d).first for d in (1, 3, 5))

    assert (easy.anger, plain.anger, hard.anger) == (50, 60, 70)
    assert (easy.trust, plain.trust, hard.trust) == (36, 28, 20)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ({}, "哪位客户"),
        ({"persona": "p99"}, "没有叫"),
        ({"scenario": "nowhere"}, "没有叫"),
        ({"persona": "p01", "difficulty": 6}, "难度 6"),
        ({"persona": "p01", "scenario": "qian-zong-hotline"}, "不是刘大爷"),
    ],
)
def test_wrong_start_is_explained(who: dict[str, object], said: str) -> None:
    """A practice that cannot begin says why and what to do."""
    with pytest.raises(BadInput, match=said) as caught:
        start(stage(), **who)  # type: ignore[arg-type]

    assert caught.value.remedy


def test_every_turn_adds_up() -> None:
    """The reasons of a turn sum to its change in anger."""
    for turn in called((*KIND, *HARSH)).turns:
        total = sum(reason.value for reason in (*turn.reasons, *turn.adjustments))

        assert total == pytest.approx(turn.after.anger - turn.before.anger)


def test_making_up_lifts_no_cap() -> None:
    """A threat caps the score even when the customer is won back."""
    made_up = called(("不交就停电。", *KIND, *KIND), persona="p08", difficulty=1)

    assert made_up.outcome == "resolved"
    assert finish(stage(), made_up).overall == 30


def test_severe_redlines_add_up() -> None:
    """A promise beyond authority fails the call, two of them fail it deeper, a fatal one most."""
    assert [cap_of(codes) for codes in ([], ["false_promise"], ["false_promise", "obstruct_complaint"])] == [
        100,
        59,
        40,
    ]
    assert cap_of(["false_promise", "deceive"]) == 30


@pytest.mark.parametrize(
    ("overall", "grade"), [(90, "优"), (89, "良"), (70, "合格"), (69, "待改"), (59, "不合格")]
)
def test_grades_cut_where_told(overall: int, grade: str) -> None:
    """Grades change at 90, 80, 70 and 60."""
    assert grade_of(overall) == grade


def test_score_follows_formula() -> None:
    """Three quarters mean, a tenth the worst turn, the rest how it ended."""
    practice = start(stage(), persona="p08", difficulty=3, seed=1)
    practice, _ = play(stage(), practice, "嗯。", FixedScorer(judged(overall=60)))
    ending = 0.2 * practice.state.trust / 50

    assert finish(stage(), practice).overall == round(0.85 * 60 + 0.15 * 100 * ending)


def test_silent_call_has_no_score() -> None:
    """Ending before the first word gives no score and a kind sentence."""
    result = finish(stage(), called(()))

    assert (result.overall, result.grade, result.moments) == (None, "未评分", ())
    assert "还没有" in result.summary


def test_moments_are_the_strongest() -> None:
    """The three moments are the turns that moved anger most, in the order of the call."""
    practice = called((*KIND[:3], "不交就停电。"), persona="p08")
    moments = finish(stage(), practice).moments

    assert [m.turn for m in moments] == sorted(m.turn for m in moments)
    assert moments[-1].label == "威胁"
    assert all(m.why for m in moments)


def test_next_time_is_one_thing() -> None:
    """A red line is the one thing to practise, before anything else."""
    result = finish(stage(), called((*KIND[:2], "不交就停电。"), persona="p08"))

    assert result.next_time == "把“不交就怎样”换成“怎样就不会走到那一步”。"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"understood": 20.0}, "还没觉得你听懂"),
        ({"understood": 20.0, "anger": 90.0}, "正在气头上"),
        ({"understood": 60.0}, "真正为难"),
    ],
)
def test_hint_reads_the_state(change: dict[str, float], said: str) -> None:
    """The hint says what this customer needs now."""
    practice = start(stage(), persona="p03", seed=1)
    practice = replace(practice, first=replace(practice.first, **change))  # type: ignore[arg-type]

    assert said in hint(stage(), practice)


def test_hint_points_at_the_patient() -> None:
    """As long as the ventilator is unanswered, the hint speaks of nothing else."""
    assert "呼吸机" in hint(stage(), start(stage(), persona="p06", seed=1))


def test_hint_after_a_threat() -> None:
    """After a blow the hint is to make up first."""
    assert "认个不是" in hint(stage(), called(("不交就停电。",), persona="p08"))


def test_process_does_not_matter() -> None:
    """Another process with another hash seed plays the same call to the last digit."""
    program = (
        "import json; from tests.roleplay.test_session import called; from tests.roleplay.factory import KIND;"
        "print(json.dumps(called(KIND).to_dict(), ensure_ascii=True))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            check=True, capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip

    assert outputs == {json.dumps(called(KIND).to_dict()) + "\n"}
