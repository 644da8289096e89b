"""The knowledge that ships is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.check import check
from bot.content.loader import load_knowledge
from bot.content.models import TOPIC_NAMES

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def test_shipped_knowledge_has_no_fault() -> None:
    """Everything in knowledge/ passes its own check."""
    assert [] == [str(f) for f in check(ROOT / "knowledge", []).faults]


@pytest.mark.skipif(
    not (SHARED / "regulations").is_dir(), reason="没有法规原文文件夹，条号、引文和数字未核对"
)
def test_shipped_law_matches_the_texts() -> None:
    """Every verified card's law, article, version, quote and figures stand in the law's own text."""
    report = check(ROOT / "knowledge", [SHARED / "regulations", SHARED / "corpora"])

    assert [] == [str(f) for f in report.faults]


LEAST = {
    "客户信息": 80,
    "电费催收": 110,
    "新业务与计量": 90,
    "供用电合同": 70,
    "网络安全": 40,
    "作业安全": 60,
}


def test_knowledge_covers_every_risk() -> None:
    """No risk of the trade is left thin: cards for each, stories for each kind of incident, answers and trade words."""
    report = check(ROOT / "knowledge", [])
    rows = {str(row["topic"]): row for row in report.table}

    assert {} == {
        name: rows[name]["cards"] for name, least in LEAST.items() if int(rows[name]["cards"]) < least
    }
    assert all(int(row["cases"]) >= 18 for name, row in rows.items() if name != "作业安全")
    assert int(rows["合计"]["cases"]) >= 90 and int(rows["合计"]["faq"]) >= 150
    assert report.terms["words"] >= 800 and report.terms["synonym_groups"] >= 250
    assert report.personas >= 5 and report.scenarios >= 8


def test_every_risk_has_near_misses_and_good_examples() -> None:
    """People learn from what nearly went wrong and from what went well, not from disasters alone."""
    cases = load_knowledge(ROOT / "knowledge").cases.values()

    assert {(topic, kind) for topic in TOPIC_NAMES for kind in ("incident", "near_miss", "good_example")} == {
        (case.topic, case.kind) for case in cases
    }
