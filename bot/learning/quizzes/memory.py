"""When a question comes again: py-fsrs (FSRS-6) decides; here is only what goes in and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

RETENTION = 0.9
LONGEST_DAYS = 365
"""A rule of safety is asked for once a year at least, however well it is known."""
_SCHEDULER = Scheduler(
    desired_retention=RETENTION,
    learning_steps=(),  # nobody sits through minutes: the first interval is a day or more
    relearning_steps=(),
    maximum_interval=LONGEST_DAYS,
    enable_fuzzing=False,  # the same answers give the same days
)
QUICK_S, SLOW_S = 6.0, 60.0
PARTLY = 0.5


@dataclass(frozen=True)
class Memory:
    """Of one item with one person; times are aware, UTC. `reps` counts answers."""

    stability: float
    difficulty: float
    due: datetime
    last_review: datetime
    reps: int


def rate(score: float, right: bool, seconds: float | None, first: bool) -> Rating:
    """Wrong or not known is Again; partly right, or right after long thought, is Hard; right at once the second time
    is Easy."""
    if not right:
        return Rating.Hard if score >= PARTLY else Rating.Again
    if seconds is not None and seconds > SLOW_S:
        return Rating.Hard
    if seconds is not None and seconds < QUICK_S and not first:
        return Rating.Easy
    return Rating.Good


def review(memory: Memory | None, rating: Rating, at: datetime) -> Memory:
    """After an answer. A clock that went back counts as no time at all."""
    if memory is not None:
        at = max(at, memory.last_review)
    card, _ = _SCHEDULER.review_card(_card(memory, at), rating, at)
    stability = card.stability or 0.1
    due = max(
        card.due, at + timedelta(days=1)
    )  # not twice on one day: that would test the hour, not the memory
    return Memory(stability, card.difficulty or 5.0, due, at, (memory.reps if memory else 0) + 1)


def recall(memory: Memory, at: datetime) -> float:
    """The chance that it is still known, 0..1."""
    return float(_SCHEDULER.get_card_retrievability(_card(memory, at), max(at, memory.last_review)))


def forget_sooner(memory: Memory, at: datetime) -> Memory:
    """What somebody asks to see again is due now, whatever the schedule says."""
    return replace(memory, due=min(memory.due, at))


def _card(memory: Memory | None, at: datetime) -> Card:
    if memory is None:
        return Card(card_id=1, due=at)
    return Card(
        card_id=1,
        state=State.Review,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        last_review=memory.last_review,
    )
