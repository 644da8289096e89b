"""Before and after a rotation: two means, their difference and how sure it is, in words that promise no more than that.

The interval is Welch's, for two samples that may differ in size and spread. It says nothing about why anything changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

FEW = 5
"""With fewer on either side no interval is shown: it would look like knowledge."""


@dataclass(frozen=True)
class Compared:
    """Scores 0..100. `low` and `high` bound the difference at 95 %; None with too few observations."""

    name: str
    before: int
    after: int
    mean_before: float | None
    mean_after: float | None
    low: float | None = None
    high: float | None = None

    @property
    def difference(self) -> float | None:
        if self.mean_before is None or self.mean_after is None:
            return None
        return self.mean_after - self.mean_before


def compared(name: str, before: Sequence[float], after: Sequence[float]) -> Compared:
    """Of scores 0..100 in each period."""
    first = fmean(before) if before else None
    second = fmean(after) if after else None
    if first is None or second is None or min(len(before), len(after)) < FEW:
        return Compared(name, len(before), len(after), first, second)
    low, high = interval(before, after)
    return Compared(name, len(before), len(after), first, second, low, high)


def interval(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """Welch's 95 % interval of the difference of means; both need two values or more."""
    one, two = variance(before) / len(before), variance(after) / len(after)
    middle = fmean(after) - fmean(before)
    spread = one + two
    if spread == 0:
        return middle, middle
    freedom = spread**2 / (one**2 / (len(before) - 1) + two**2 / (len(after) - 1))
    half = student(freedom) * math.sqrt(spread)
    return middle - half, middle + half


def student(freedom: float) -> float:
    """The 97.5 % point of Student's t (Cornish-Fisher around the normal; within 0.3 % from 4 degrees of freedom on)."""
    z = 1.959963984540054
    v = max(freedom, 1.0)
    terms = (
        (z**3 + z) / (4 * v),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3),
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4),
    )
    return z + sum(terms)


def in_words(one: Compared) -> str:
    """What may be said about it, with the numbers of observations."""
    if one.mean_before is None or one.mean_after is None or one.difference is None:
        side = "轮岗前" if one.mean_before is None else "轮岗后"
        if one.before == one.after == 0:
            return f"{one.name}：前后都没有成绩，比不了。"
        return f"{one.name}：{side}没有成绩，比不了（前 {one.before} 次，后 {one.after} 次）。"
    figures = f"{one.name}：前 {one.mean_before:.0f} 分（{one.before} 次），后 {one.mean_after:.0f} 分（{one.after} 次）"
    if one.low is None or one.high is None:
        return f"{figures}，差 {one.difference:+.0f} 分。次数太少，看不出是不是真的变了。"
    span = f"差 {one.difference:+.0f} 分，95% 区间 {one.low:+.0f} 到 {one.high:+.0f}"
    if one.low <= 0 <= one.high:
        return f"{figures}，{span}。区间跨过 0，说不准有没有变。"
    way = "高" if one.difference > 0 else "低"
    return f"{figures}，{span}。后来{way}了；是不是轮岗带来的，这些数说明不了。"
