"""How well the scorer agrees with people's labels. Floors are measured values less a margin, like any other test.

Half a was used for building. Half b was written before the rules; the first time it was measured it gave 78% exact
bands, 98% within one, red-line recall 0.99 and precision 0.87. Part c are four rounds of fresh, inventive probes: at
first sight their red-line recall was 0.12, 0.24, 0.41 and 0.33, and the rules were widened after each round.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bot.judgement import REDLINES, Judgement

Verdicts = list[tuple[dict[str, Any], Judgement]]


def _half(verdicts: Verdicts, half: str) -> Verdicts:
    return [(row, verdict) for row, verdict in verdicts if row["half"] == half]


def _recall_precision(verdicts: Verdicts) -> tuple[float, float]:
    hits = sum(len(set(row["redlines"]) & set(v.redlines)) for row, v in verdicts)
    labels = sum(len(row["redlines"]) for row, _ in verdicts)
    found = sum(len(v.redlines) for _, v in verdicts)
    return hits / labels, hits / found


def test_set_covers_every_redline(verdicts: Verdicts) -> None:
    """Each red line has at least fifteen replies that cross it and fifteen that only sound like it."""
    crossed = Counter(code for row, _ in verdicts for code in row["redlines"])
    near = Counter(row["near"] for row, _ in verdicts if "near" in row)

    assert len(verdicts) >= 200
    assert all(crossed[code] >= 15 and near[code] >= 15 for code in REDLINES)


def test_halves_share_no_scenario(verdicts: Verdicts) -> None:
    """What was built on one half cannot be recognised in the other."""
    a, b = ({row["scenario"] for row, _ in _half(verdicts, half)} for half in "ab")

    assert a.isdisjoint(b)


@pytest.mark.parametrize(
    ("half", "recall", "precision"), [("a", 0.97, 0.90), ("b", 0.93, 0.82), ("c", 0.88, 0.82)]
)
def test_redline_floors_hold(verdicts: Verdicts, half: str, recall: float, precision: float) -> None:
    """Red lines are found, and few innocent words are taken for one."""
    got_recall, got_precision = _recall_precision(_half(verdicts, half))

    assert got_recall >= recall
    assert got_precision >= precision


@pytest.mark.parametrize(
    ("half", "exact", "within_one"), [("a", 0.80, 0.98), ("b", 0.72, 0.95), ("c", 0.78, 0.95)]
)
def test_band_floors_hold(verdicts: Verdicts, half: str, exact: float, within_one: float) -> None:
    """The band is the labelled one mostly, and nearly always at most one away."""
    gaps = [abs(row["band"] - verdict.band) for row, verdict in _half(verdicts, half)]

    assert sum(gap == 0 for gap in gaps) / len(gaps) >= exact
    assert sum(gap <= 1 for gap in gaps) / len(gaps) >= within_one


def test_rewrites_are_excellent_themselves(verdicts: Verdicts, scorer: Any) -> None:
    """A better wording scores 85 or more for the same customer and crosses no red line; nearly always there is one."""
    from bot.judgement import TurnContext

    shown = [(row, verdict) for row, verdict in verdicts if verdict.rewrite]
    for row, verdict in shown:
        again = scorer.judge(TurnContext(row["customer"], verdict.rewrite, facts=row.get("facts", {})))

        assert again.overall >= 85, (row["customer"], verdict.rewrite)
        assert again.redlines == ()
    assert len(shown) >= 0.95 * len(verdicts)


def test_rewrites_invent_no_figures(verdicts: Verdicts) -> None:
    """Digits in a rewrite come from the reply itself or are a public hotline."""
    for row, verdict in verdicts:
        left = verdict.rewrite.replace("95598", "").replace("12398", "")

        assert verdict.rewrite == row["reply"] or not set("0123456789") & (set(left) - set(row["reply"]))


def test_evidence_offsets_are_exact(verdicts: Verdicts) -> None:
    """Every span lies in the reply as typed, and says in at most forty characters why it counts."""
    for row, verdict in verdicts:
        for span in verdict.evidence:
            assert 0 <= span.start < span.end <= len(row["reply"])
            assert 0 < len(span.why) <= 40


def test_redline_caps_the_turn(verdicts: Verdicts) -> None:
    """Whatever else is said, a crossed red line leaves 24 points at most."""
    for _, verdict in verdicts:
        assert not verdict.redlines or (verdict.overall <= 24 and verdict.band == 1)


def test_praise_is_never_fake(verdicts: Verdicts) -> None:
    """What praise quotes stands in the reply, and every card has an advice and a rewrite."""
    for row, verdict in verdicts:
        quoted = verdict.praise.partition("“")[2].partition("”")[0].removesuffix("……")

        assert not quoted or quoted in row["reply"] or "“" in row["reply"]
        assert verdict.advice and verdict.rewrite and "！" not in verdict.praise
