"""How sure a figure is, and whether two systems differ: bootstrap intervals and paired randomisation, by scipy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats  # type: ignore[import-untyped]

RESAMPLES = 10_000
BATCH = 1_000
SEED = 7
"""The same runs give the same figures."""


@dataclass(frozen=True)
class Interval:
    """A mean over questions with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """A mean difference over the same questions. `p` is the chance of one as large if the two were alike."""

    mean: Interval
    p: float


def interval(values: Sequence[float]) -> Interval:
    """The mean of `values`; a single value, or values that are all the same, leave no room around it."""
    held = np.asarray(values, np.float64)
    mean = float(held.mean())
    if len(held) < 2 or np.ptp(held) == 0:
        return Interval(mean, mean, mean)
    found = stats.bootstrap(
        (held,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=BATCH,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high))


def compare(first: Mapping[str, float], second: Mapping[str, float]) -> Difference:
    """`first` less `second`, question by question; both hold the same questions, at least one.

    The test flips the sign of each question's difference at random, or in every possible way where there are few.
    """
    differences = np.array([first[question] - second[question] for question in first], np.float64)
    if not differences.any():
        return Difference(Interval(0.0, 0.0, 0.0), 1.0)
    tested = stats.permutation_test(
        (differences,), _mean, permutation_type="samples", vectorized=True,
        n_resamples=RESAMPLES, batch=BATCH, rng=np.random.default_rng(SEED),
    )  # fmt: skip
    return Difference(interval(differences.tolist()), float(tested.pvalue))


def holm(chances: Sequence[float]) -> list[float]:
    """`chances` of several tests made together, raised by Holm's method so that all may be read at one level."""
    order = sorted(range(len(chances)), key=lambda i: chances[i])
    raised = [0.0] * len(chances)
    highest = 0.0
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, chances[i] * (len(chances) - place)))
        raised[i] = highest
    return raised


def _mean(values: npt.NDArray[np.float64], axis: int = -1) -> npt.NDArray[np.float64]:
    return np.asarray(values.mean(axis=axis), np.float64)
