"""What trainers write: the shipped scripts can be played, and faults say which file, which key and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.content.contests import Contest, Pick, contest_faults
from bot.content.loader import Knowledge, read_knowledge
from bot.content.quizzes import QuizSet
from bot.errors import BadInput
from bot.learning.contests.plan import from_json, plan_contest, to_json
from tests.conftest import ROOT
from tests.learning.contests.stage import GRADER, a_round, script, single, spoken

BANK = {
    "bank": QuizSet(id="bank", topic="fee_collection", title="题库", reviewed_on=date(2026, 11, 27), items=tuple(single(n) for n in range(5)))  # type: ignore[arg-type]
}  # fmt: skip


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    found, faults = read_knowledge(Path(ROOT) / "knowledge")
    assert not [one for one in faults if "/contests/" in one.file]
    return found


def test_shipped_scripts_can_be_played(knowledge: Knowledge) -> None:
    """Every script draws all its questions, none of them twice, and comes back the same from the database."""
    assert {"weekly-team", "department-match", "opening-warm-up"} <= set(knowledge.contests)
    for one in knowledge.contests.values():
        plan = plan_contest(one, knowledge.quizzes, 11, GRADER)
        refs = [question.ref for part in plan.rounds for question in part.questions]
        assert len(refs) == len(set(refs)) > 0
        assert plan == from_json(to_json(plan))


def test_department_match_has_all_kinds(knowledge: Knowledge) -> None:
    """The match of departments is of teams and has 必答, 抢答, 风险题 and 加时, and a short one fits a group chat."""
    match = knowledge.contests["department-match"]

    assert {"required", "buzzer", "risk", "overtime"} == {one.kind for one in match.rounds}
    assert "team" == match.mode
    assert 2 == len(plan_contest(knowledge.contests["opening-warm-up"], knowledge.quizzes, 1, GRADER, in_chat=True).rounds)  # fmt: skip


def test_draw_depends_on_seed(knowledge: Knowledge) -> None:
    """The same seed draws the same questions, another one others: a weekly contest is new each week."""
    weekly = knowledge.contests["weekly-team"]
    plans = [plan_contest(weekly, knowledge.quizzes, seed, GRADER) for seed in (1, 1, 2)]

    assert plans[0] == plans[1] != plans[2]


def test_dangling_and_short_are_faults() -> None:
    """An item nobody wrote, a card that is not there, and a draw that comes up short are each named with a remedy."""
    contest = script(
        a_round("required", 0, items=("nobody-wrote-this",), pick=Pick(count=6)),
        a_round("buzzer", 0, spoken=(spoken(1),)),
    )
    faults = list(contest_faults({"test-match": contest}, BANK, {}, {"test-match": "knowledge/contests/test-match.yaml"}))  # fmt: skip

    assert ["没有题目 nobody-wrote-this", "这样的题只有 5 道，要 6 道", "没有卡片 fc-over-30-days"] == [
        one.problem for one in faults
    ]
    assert all(one.remedy and one.file.endswith("test-match.yaml") for one in faults)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "team"}, "团体赛要有两到八个队名"),
        ({"teams": ["甲队", "乙队"]}, "个人赛不写 teams"),
        ({"rounds": [{"kind": "buzzer", "title": "抢答"}]}, "没有题"),
        ({"rounds": [{"kind": "required", "title": "必答", "turn": "in_turn", "pick": {"count": 1}}]}, "个人赛不轮流答"),
        ({"rounds": [{"kind": "buzzer", "title": "抢答", "turn": "in_turn", "pick": {"count": 1}}]}, "turn 只有必答用"),
        ({"rounds": [{"kind": "overtime", "title": "加时", "pick": {"count": 1}}]}, "至少还要有一轮"),
        ({"rounds": [{"kind": "required", "title": "必答", "pick": {"count": 1, "kinds": ["reply"]}}]}, "Input should be"),
    ],
)  # fmt: skip
def test_misfits_are_explained(change: dict[str, Any], words: str) -> None:
    """What cannot be played is refused where it is written, in words."""
    written = {
        "id": "x", "title": "小试", "about": "试一试。", "mode": "individual", "minutes": 5, "reviewed_on": "2026-11-27",
        "rounds": [{"kind": "required", "title": "必答", "pick": {"count": 1}}],
    }  # fmt: skip
    Contest.model_validate(written)
    with pytest.raises(ValidationError, match=words):
        Contest.model_validate({**written, **change})


def test_group_chat_needs_its_rounds() -> None:
    """A script of stakes alone cannot be played in a group, and says where it can."""
    with pytest.raises(BadInput, match="群里只玩必答和抢答"):
        plan_contest(script(a_round("risk", 2)), {}, 1, GRADER, in_chat=True)
