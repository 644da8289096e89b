"""Turns what the libraries return into blocks: the only place that knows both."""

from __future__ import annotations

from typing import Any

from bot.content.personas import Persona
from bot.content.rubric import Rubric
from bot.judgement import Judgement
from bot.messages import (
    Choice,
    ChoicesBlock,
    CurvePoint,
    CustomerTurnBlock,
    Evidence,
    FeedbackBlock,
    KeyMoment,
    Reason,
    RedLine,
    ScoreCardBlock,
    ScoreGroup,
)

LEVEL_NAMES = ("平静", "不快", "生气", "发怒", "失控")
OUTCOME_LABELS = {
    "resolved": "谈成了",
    "open": "还没谈成",
    "escalated": "矛盾升级了",
    "hung_up": "客户挂断了",
}
COMMAND_CHOICES = ("提示", "重说", "结束")


def level_of(anger: float) -> int:
    """1..5 as DOMAIN section 4.2 cuts anger: below 25, 45, 65, 82, above."""
    return 1 + sum(anger >= limit for limit in (25, 45, 65, 82))
