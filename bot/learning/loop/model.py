"""One person's risk by topic: what they know, how sure we are of it, how alert they are, and what says so.

The state is the fold of a person's events, one event in constant time. Knowledge is a running Bayesian mean of what was
right (a Beta prior whose weight is capped), times a power-law forgetting whose pace slows with each spaced success; so
it needs no more than a few numbers, and each can be explained. Field names: BKT and PFA for the first half, half-life
regression for the second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.content.models import TOPIC_NAMES
from bot.learning.events import Event
from bot.learning.loop.weights import (
    ANSWER_WEIGHT,
    AWARENESS,
    AWARENESS_HALF_LIFE_DAYS,
    DECAY,
    EVIDENCE_HALF_LIFE_DAYS,
    FINDING_WEIGHT,
    FIRST_STABILITY_DAYS,
    LONGEST_STABILITY_DAYS,
    MOST_WEIGHT,
    PRIOR_MEAN,
    PRIOR_WEIGHT,
    RED_LINE_TOPIC,
    RED_LINE_WEIGHT,
    SKILL_WEIGHT,
    STABILITY_GROWTH,
    STABILITY_LOSS,
)

TOPICS: tuple[str, ...] = tuple(TOPIC_NAMES)
KEPT_SIGNS = 6
PASSED = 0.6
"""From here on an answer, call or drill counts as a success for how long it will be remembered."""
DAY_S = 86_400.0


@dataclass(frozen=True)
class Sign:
    """One event that moved a state: what kind, when (seconds since 1970), how well (0..1), about what."""

    kind: str
    at: float
    value: float
    ref: str = ""


@dataclass(frozen=True)
class Known:
    """What one person knows of one topic, as of `at` (seconds since 1970; None: nothing seen yet).

    `mean` 0..1 at that time, `weight` how many answers it rests on, `stability` in days; `alert` is the awareness
    gathered until `alert_at`, 0 upwards.
    """

    mean: float = PRIOR_MEAN
    weight: float = 0.0
    at: float | None = None
    stability: float = FIRST_STABILITY_DAYS
    alert: float = 0.0
    alert_at: float | None = None
    signs: tuple[Sign, ...] = ()

    def knowledge(self, at: datetime) -> float:
        """What is still known at a time, 0..1. It never grows by waiting."""
        return self.mean * retention(self._days_since(at), self.stability)

    def uncertainty(self, at: datetime) -> float:
        """0..0.5: half of it is what we would be wrong by without a sign; it grows again while there is none."""
        faded = self.weight * 2.0 ** -(self._days_since(at) / EVIDENCE_HALF_LIFE_DAYS)
        return math.sqrt(PRIOR_WEIGHT / (PRIOR_WEIGHT + faded)) / 2

    def awareness(self, at: datetime) -> float:
        """How alert one is to the topic, 0..1: every act adds, and half is gone after a fortnight."""
        return 1 - math.exp(-2 * self._alert_at(at))

    def answered(self, value: float, weight: float, sign: Sign, at: datetime) -> Known:
        """After an answer of this value and weight. One that came late counts as if it came with the last."""
        now = at.timestamp()
        days = self._days_since(at)
        before = self.knowledge(at)
        seen = min(self.weight, MOST_WEIGHT)
        mean = before + (value - before) * weight / (seen + PRIOR_WEIGHT + weight)
        return replace(
            self,
            mean=mean,
            weight=min(seen + weight, MOST_WEIGHT),
            at=max(now, self.at or now),
            stability=_stability(self.stability, days, value >= PASSED),
            signs=(*self.signs, sign)[-KEPT_SIGNS:],
        )

    def attended(self, amount: float, at: datetime) -> Known:
        now = at.timestamp()
        return replace(self, alert=self._alert_at(at) + amount, alert_at=max(now, self.alert_at or now))

    def _alert_at(self, at: datetime) -> float:
        if self.alert_at is None:
            return 0.0
        days = max(0.0, at.timestamp() - self.alert_at) / DAY_S
        return float(self.alert * 0.5 ** (days / AWARENESS_HALF_LIFE_DAYS))

    def _days_since(self, at: datetime) -> float:
        return 0.0 if self.at is None else max(0.0, at.timestamp() - self.at) / DAY_S


def retention(days: float, stability: float) -> float:
    """The share still remembered after some days: 1 at once, three quarters after the days of its stability."""
    return float((1 + days / stability) ** -DECAY)


def _stability(stability: float, days: float, passed: bool) -> float:
    """Days by which the next forgetting is paced. A success at once teaches nothing about next month."""
    if not passed:
        return max(FIRST_STABILITY_DAYS, stability * STABILITY_LOSS)
    spacing = min(1.0, days / stability)
    return min(LONGEST_STABILITY_DAYS, stability * (1 + (STABILITY_GROWTH - 1) * spacing))


@dataclass(frozen=True)
class Risk:
    """All of one person: a `Known` by topic, and by skill of speaking (`skill:empathy` …)."""

    known: Mapping[str, Known]

    def of(self, subject: str) -> Known:
        return self.known.get(subject, Known())

    def after(self, event: Event) -> Risk:
        """With one event more."""
        known = dict(self.known)
        sign = Sign(event.kind, event.at.timestamp(), event.value, event.ref)
        for subject, value, weight in _answers(event):
            known[subject] = known.get(subject, Known()).answered(value, weight, sign, event.at)
        for subject, amount in _attention(event):
            known[subject] = known.get(subject, Known()).attended(amount, event.at)
        return Risk(known)

    def to_dict(self) -> dict[str, Any]:
        return {subject: asdict(one) for subject, one in self.known.items()}

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> Risk:
        return Risk(
            {
                subject: Known(**{**one, "signs": tuple(Sign(**sign) for sign in one["signs"])})
                for subject, one in stored.items()
            }
        )


NOBODY = Risk({})


def fold(events: Iterable[Event], start: Risk = NOBODY) -> Risk:
    """The state after these events, in the order of their times, whatever order they come in."""
    for event in sorted(events, key=lambda one: (one.at, one.key)):
        start = start.after(event)
    return start


def is_evidence(event: Event) -> bool:
    """Whether an event moves anything here."""
    return event.kind in ANSWER_WEIGHT or event.kind in AWARENESS or event.kind == "practice.turn"


def _answers(event: Event) -> Iterator[tuple[str, float, float]]:
    """(subject, how well, weight) of everything an event tests."""
    if event.kind in ANSWER_WEIGHT and event.topic:
        yield event.topic, event.value, ANSWER_WEIGHT[event.kind]
    if event.kind == "drill.finished":
        for finding in event.details.get("findings", ()):
            if finding.get("topic") in TOPIC_NAMES:
                yield str(finding["topic"]), 0.0, FINDING_WEIGHT
    if event.kind == "practice.turn":
        for name, mark in dict(event.details.get("dimensions", {})).items():
            if mark is not None:
                yield f"skill:{name}", min(1.0, max(0.0, float(mark) / 100)), SKILL_WEIGHT
        for code in event.details.get("redlines", ()):
            if topic := RED_LINE_TOPIC.get(str(code)):
                yield topic, 0.0, RED_LINE_WEIGHT


def _attention(event: Event) -> Iterator[tuple[str, float]]:
    amount = AWARENESS.get(event.kind, 0.0)
    if not amount:
        return
    if event.topic in TOPIC_NAMES:
        yield event.topic, amount
    else:
        for topic in TOPICS:
            yield topic, amount / len(TOPICS)
