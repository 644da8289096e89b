"""What every tone test needs: the shipped rubric, a scorer, and the labelled replies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.content.rubric import Rubric, load_rubric
from bot.judgement import Judgement, TurnContext
from bot.tone.scorer import ToneScorer

RUBRIC = Path(__file__).parents[2] / "knowledge" / "rubric"
REPLIES = Path(__file__).with_name("replies.jsonl")
BILL = "上个月才两百，这回六百二，凭什么涨这么多？"


def labelled() -> list[dict[str, Any]]:
    """Every labelled reply of both halves."""
    return [json.loads(line) for line in REPLIES.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def rubric() -> Rubric:
    return load_rubric(RUBRIC)


@pytest.fixture(scope="session")
def scorer(rubric: Rubric) -> ToneScorer:
    return ToneScorer(rubric)


@pytest.fixture(scope="session")
def verdicts(scorer: ToneScorer) -> list[tuple[dict[str, Any], Judgement]]:
    return [
        (row, scorer.judge(TurnContext(row["customer"], row["reply"], facts=row.get("facts", {}))))
        for row in labelled()
    ]
