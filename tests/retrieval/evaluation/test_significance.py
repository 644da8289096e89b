"""Chance is told from difference, and a figure says how sure it is."""

from __future__ import annotations

import pytest

from bot.retrieval.evaluation.significance import Interval, compare, holm, interval

HALF = {f"q{i}": float(i % 2) for i in range(100)}


def test_identical_runs_do_not_differ() -> None:
    """Nothing between two equal runs, for certain."""
    same = compare(HALF, dict(reversed(HALF.items())))

    assert Interval(0.0, 0.0, 0.0) == same.mean
    assert 1.0 == same.p


def test_clear_difference_is_found() -> None:
    """Twenty questions more out of a hundred are no accident, and the interval leaves zero out."""
    better = HALF | {f"q{i}": 1.0 for i in range(0, 40, 2)}
    found = compare(better, HALF)

    assert 0.2 == pytest.approx(found.mean.value)
    assert 0.1 < found.mean.low < 0.2 < found.mean.high < 0.3
    assert found.p < 0.001


def test_order_of_comparison_only_turns_the_sign() -> None:
    """A against B is B against A with the sign turned, and just as sure."""
    better = HALF | {f"q{i}": 1.0 for i in range(0, 20, 2)}
    there, back = compare(better, HALF), compare(HALF, better)

    assert there.mean.value == pytest.approx(-back.mean.value)
    assert there.p == pytest.approx(back.p)


def test_few_questions_are_tested_exactly() -> None:
    """Three questions all better: of eight ways to flip the signs, two are as extreme."""
    found = compare({"a": 1.0, "b": 1.0, "c": 1.0}, {"a": 0.0, "b": 0.0, "c": 0.0})

    assert 2 / 8 == pytest.approx(found.p)
    assert Interval(1.0, 1.0, 1.0) == found.mean


def test_losses_and_gains_cancel() -> None:
    """As many questions lost as won: no difference, but an interval as wide as the changes."""
    found = compare(HALF, {question: 1 - value for question, value in HALF.items()})

    assert 0.0 == pytest.approx(found.mean.value)
    assert found.mean.low < -0.1 < 0.1 < found.mean.high
    assert found.p > 0.9


def test_same_questions_give_same_figures() -> None:
    """Chance is seeded: a table can be made again."""
    better = HALF | {"q0": 1.0, "q2": 1.0, "q4": 1.0}

    assert compare(better, HALF) == compare(better, HALF)


def test_interval_agrees_with_theory() -> None:
    """Half of a hundred: the standard error is .05, the interval about twice that to either side."""
    found = interval(list(HALF.values()))

    assert 0.5 == found.value
    assert (0.4, 0.6) == pytest.approx((found.low, found.high), abs=0.02)


def test_single_question_has_no_interval() -> None:
    """One value says nothing about others, and is no error."""
    assert Interval(0.25, 0.25, 0.25) == interval([0.25])


def test_many_tests_need_more_proof() -> None:
    """Holm: the smallest chance times three, the next times two, never less than one before, never above one."""
    assert [0.03, 0.04, 0.04] == pytest.approx(holm([0.01, 0.02, 0.03]))
    assert [1.0, 1.0] == pytest.approx(holm([0.7, 0.6]))
    assert [] == holm([])
