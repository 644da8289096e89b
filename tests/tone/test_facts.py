"""The facts of the case decide: the same words are lawful for one customer and a red line for another."""

from __future__ import annotations

import pytest

from bot.judgement import TurnContext
from bot.tone.scorer import ToneScorer

NOTICE = "您欠费四百多，我们已经书面催交过。按程序报批、再次通知之后，届时可能中止供电；办分期就能避免。"
SERVED = {"overdue_days": 40, "notices": 2, "approved": True, "billing_mode": "postpaid"}


def judged(scorer: ToneScorer, reply: str, **facts: object) -> tuple[str, ...]:
    return scorer.judge(TurnContext("你敢停我电试试！", reply, facts=facts)).redlines


def test_notice_is_lawful_where_every_step_was_taken(scorer: ToneScorer) -> None:
    """Forty days late, two notices, approved: telling it is no red line."""
    assert judged(scorer, NOTICE, **SERVED) == ()


@pytest.mark.parametrize(
    "change", [{"overdue_days": 5}, {"notices": 0}, {"approved": False}, {"life_support": True}]
)
def test_same_notice_is_a_red_line_where_a_step_is_missing(
    scorer: ToneScorer, change: dict[str, object]
) -> None:
    """Five days late, no notice served, not approved, or a ventilator in the house."""
    assert judged(scorer, NOTICE, **{**SERVED, **change})


def test_claiming_a_notice_that_was_never_served_deceives(scorer: ToneScorer) -> None:
    """“通知过您两次了”with none on record; with two on record, or unknown, it is a plain statement."""
    said = "停电通知书送过两次了，您再看看。"

    assert "deceive" in judged(scorer, said, notices=0)
    assert judged(scorer, said, notices=2) == ()
    assert judged(scorer, said) == ()


@pytest.mark.parametrize("said", ["系统里没查到通知送过的记录。", "我查一下通知书送到了没有。"])
def test_owning_up_to_a_missing_notice_is_no_deceit(scorer: ToneScorer, said: str) -> None:
    """Saying that nothing was served, or going to look, is honest."""
    assert judged(scorer, said, notices=0) == ()


def test_days_made_more_than_thirty_deceive(scorer: ToneScorer) -> None:
    """Forty said where five have passed; forty said where forty have passed."""
    said = "您这笔已经逾期40天了。"

    assert "deceive" in judged(scorer, said, overdue_days=5)
    assert judged(scorer, said, overdue_days=40) == ()
