"""One score from two judges: the rubric's points and the network's opinion. Called by `bot.tone.scorer`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bot.content.rubric import Rubric

LOWEST = 10
"""For a crossed line and for a reply that says nothing. No other reply falls lower, so that a threat can never pay."""
HEARD = 0.8
"""The network's share of the joint points: on replies that neither was made from it orders better than the rules."""
BEGINNINGS = (LOWEST, 25, 50, 70, 85, 100)


def joint_points(told: float | None, by_rules: int) -> float:
    """0..100 from the network's -1..1 and the rules' points; the rules alone where the network heard nothing."""
    if told is None:
        return float(by_rules)
    return float(np.clip(HEARD * 50 * (told + 1) + (1 - HEARD) * by_rules, 0, 100))


def to_bands(points: float, cuts: Sequence[float]) -> int:
    """Joint points laid on the scale of the bands: `cuts` is where the bands 2 to 5 begin. Rises with the points."""
    return int(np.floor(np.interp(points, (0, *cuts, 100), BEGINNINGS)))


def shifted(points: Mapping[str, int | None], score: int, rubric: Rubric) -> dict[str, int | None]:
    """The dimensions moved together so that their weighted mean is the score, as far as 0..100 allows."""
    given = {name: value for name, value in points.items() if value is not None}
    weights = {name: rubric.dimensions[name].weight for name in given}
    mean = sum(value * weights[name] for name, value in given.items()) / max(1, sum(weights.values()))
    return {
        name: None if value is None else max(0, min(100, round(value + score - mean)))
        for name, value in points.items()
    }
