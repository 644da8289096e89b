"""Agreement between labels and verdicts, counted by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bot.tone.evaluation.agreement import Share, Verdict, agreement


def verdict(name: str, band: int, redlines: Iterable[str] = (), **dimensions: int | None) -> Verdict:
    return Verdict(name, band, band * 18, frozenset(redlines), dimensions)


def test_one_who_repeats_the_labels_agrees_fully() -> None:
    """The labels judged against themselves: everything is 1."""
    labels = [verdict("a", 1, ["threat"]), verdict("b", 3), verdict("c", 5)]

    figures = agreement(labels, labels)

    assert figures["spearman"]["value"] == pytest.approx(1)
    assert figures["kappa"] == pytest.approx(1)
    assert figures["exact_band"]["value"] == 1
    assert figures["redlines"]["recall"]["value"] == 1
    assert figures["far_off"] == [] and figures["redline_faults"] == []


def test_wrong_code_is_missed_and_false() -> None:
    """An insult taken for a threat is one red line missed and one invented, though the turn is capped all the same."""
    figures = agreement(
        [verdict("a", 1, ["insult"]), verdict("b", 4)], [verdict("a", 1, ["threat"]), verdict("b", 4)]
    )

    assert figures["redlines"]["recall"]["value"] == 0
    assert figures["redlines"]["precision"]["value"] == 0
    assert figures["any_redline"]["recall"]["value"] == 1
    assert figures["redline_faults"] == [{"id": "a", "missed": ["insult"], "false": ["threat"]}]


def test_order_turned_round_is_minus_one() -> None:
    """A judge who likes best what people like least."""
    people = [verdict(str(b), b) for b in (1, 2, 3, 4, 5)]
    judge = [verdict(str(b), 6 - b) for b in (1, 2, 3, 4, 5)]

    figures = agreement(people, judge)

    assert figures["spearman"]["value"] == pytest.approx(-1)
    assert figures["kappa"] == pytest.approx(-1)
    assert figures["far_off"] == ["1", "2", "4", "5"]


def test_judge_that_never_varies_has_no_rank() -> None:
    """A constant cannot be ranked; it is said to have no rank, not zero."""
    people = [verdict("a", 1), verdict("b", 5)]
    judge = [verdict("a", 3), verdict("b", 3)]

    assert agreement(people, judge)["spearman"]["value"] is None


def test_confusion_counts_labels_by_row() -> None:
    """Rows are what people said, columns what the judge said."""
    people = [verdict("a", 2), verdict("b", 2)]
    judge = [verdict("a", 3), verdict("b", 2)]

    assert agreement(people, judge)["confusion"][1] == [0, 1, 1, 0, 0]


def test_dimension_left_out_by_either_is_not_counted() -> None:
    """Only replies where both gave points for a dimension are compared on it."""
    people = [verdict("a", 2, respect=20, closing=None), verdict("b", 4, respect=90)]
    judge = [verdict("a", 2, respect=20, closing=80), verdict("b", 4, respect=90)]

    figures = agreement(people, judge)["dimensions"]

    assert figures == {"respect": {"kappa": pytest.approx(1), "of": 2}}


def test_share_of_nothing_has_no_value() -> None:
    """No red line labelled: recall is unknown, neither 0 nor 1."""
    assert Share(0, 0).figures()["value"] is None


def test_interval_holds_the_share_and_narrows_with_more() -> None:
    """Wilson's interval: 9 of 10 says less than 90 of 100."""
    few, many = Share(9, 10).figures(), Share(90, 100).figures()

    assert few["low"] < many["low"] < 0.9 < many["high"] < few["high"]  # type: ignore[operator]
