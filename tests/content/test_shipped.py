"""The knowledge that ships is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.check import check

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


def test_knowledge_covers_its_topics() -> None:
    """At least sixty cards over five topics, twenty cases, twenty questions, five customers and eight scenarios."""
    report = check(ROOT / "knowledge", [])
    total = report.table[-1]

    assert int(total["cards"]) >= 60 and int(total["cases"]) >= 20 and int(total["faq"]) >= 20
    assert all(int(row["cards"]) >= 8 for row in report.table)
    assert report.personas >= 5 and report.scenarios >= 8
