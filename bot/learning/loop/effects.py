"""Which training moved which measure: before and after, against colleagues who did not take part.

Difference in differences: the change of those who took part, less the change of those who did not over the same days.
That takes out what changed for everybody; it does not take out that those who took part may have wanted to.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median, variance

from bot.learning.events import Event
from bot.learning.loop.teams import FEWEST

WINDOW = timedelta(days=30)
TRAININGS = ("curriculum.certified", "drill.finished", "contest.finished")
Z95 = 1.959964


@dataclass(frozen=True)
class Measure:
    """`of` is what one event shows; `per_person` counts events instead of taking their mean. More may be worse."""

    name: str
    kind: str
    of: Callable[[Event], float]
    better: int = 1
    per_person: bool = False


MEASURES = (
    Measure("答题对的份额", "quiz.answered", lambda one: one.value),
    Measure("陪练得分", "practice.finished", lambda one: one.value),
    Measure(
        "每通电话踩线",
        "practice.finished",
        lambda one: float(len(one.details.get("redlines", ()))),
        better=-1,
    ),
    Measure("报隐患次数", "hazard.reported", lambda _one: 1.0, per_person=True),
)


@dataclass(frozen=True)
class Effect:
    """`change` with its 95 % interval; `took_part` and `others` are the people behind it."""

    kind: str
    ref: str
    measure: str
    change: float
    low: float
    high: float
    took_part: int
    others: int
    better: int

    @property
    def verdict(self) -> str:
        """In words; what the interval does not settle is said so."""
        if self.low <= 0 <= self.high:
            return "还看不出"
        return "变好了" if self.change * self.better > 0 else "变差了"


def effects(events: Iterable[Event]) -> list[Effect]:
    """Of every training in these events that enough people took, on every measure that enough people show."""
    by_kind: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_kind[event.kind].append(event)
    found = []
    for kind in TRAININGS:
        taken: dict[str, dict[str, datetime]] = defaultdict(dict)
        for event in by_kind[kind]:
            first = taken[event.ref].setdefault(event.person, event.at)
            taken[event.ref][event.person] = min(first, event.at)
        for ref, when in sorted(taken.items()):
            for measure in MEASURES:
                effect = _effect(kind, ref, when, measure, by_kind[measure.kind])
                found += [effect] if effect else []
    return found


def _effect(
    kind: str, ref: str, when: Mapping[str, datetime], measure: Measure, events: Sequence[Event]
) -> Effect | None:
    """None where fewer than five took part, or fewer than five others can be compared."""
    middle = datetime.fromtimestamp(
        median(one.timestamp() for one in when.values()), next(iter(when.values())).tzinfo
    )
    by_person: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_person[event.person].append(event)
    people = set(by_person) | (set(when) if measure.per_person else set())
    changes: dict[bool, list[float]] = {True: [], False: []}
    for person in people:
        change = _change(by_person[person], when.get(person, middle), measure)
        if change is not None:
            changes[person in when].append(change)
    ours, theirs = changes[True], changes[False]
    if min(len(ours), len(theirs)) < FEWEST:
        return None
    gap = mean(ours) - mean(theirs)
    error = math.sqrt(variance(ours) / len(ours) + variance(theirs) / len(theirs))
    margin = t95(min(len(ours), len(theirs)) - 1) * error
    return Effect(
        kind, ref, measure.name, gap, gap - margin, gap + margin, len(ours), len(theirs), measure.better
    )


def _change(events: Sequence[Event], at: datetime, measure: Measure) -> float | None:
    """Of one person around a time; None without anything on both sides."""
    before = [measure.of(one) for one in events if at - WINDOW <= one.at < at]
    after = [measure.of(one) for one in events if at < one.at <= at + WINDOW]
    if measure.per_person:
        return sum(after) - sum(before)
    return mean(after) - mean(before) if before and after else None


def t95(freedom: int) -> float:
    """Student's t at 97.5 %, by the Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5); within 2 % from four on."""
    z = Z95
    n = max(freedom, 1)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )
