"""What an event earns: rules, an event and what was earned before go in, awards come out. Nothing is kept here.

awards(book, Earned("quiz:7", "quiz.answered", date(2026, 11, 30), value=1, details={"mode": "daily"}), [])
-> [Award(rule="daily-right", points=1, …)]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.content.points import Bonus, Caps, Condition, Rule, RuleBook


@dataclass(frozen=True)
class Earned:
    """An event as points see it. `day` is the local calendar day on which it happened."""

    key: str
    kind: str
    day: date
    ref: str = ""
    topic: str = ""
    value: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """An entry of this person's ledger. A reversal stands with the rule, ref and day of what it takes back."""

    rule: str
    ref: str
    day: date
    points: int


@dataclass(frozen=True)
class Award:
    rule: str
    edition: str
    points: int
    reason: str
    bonus: Bonus | None = None


def awards(book: RuleBook, event: Earned, history: Sequence[Past]) -> list[Award]:
    """What this event earns, in the order of the rules; caps leave less, or nothing.

    `history` holds what this person earned by rules: at least everything of the event's week and month, of its ref,
    and of rules with an `ever` cap. Entries without a rule (corrections by hand) use up no cap.
    """
    known = [past for past in history if past.rule]
    found: list[Award] = []
    for rule in book.rules:
        if rule.event != event.kind or not holds(rule.when, event):
            continue
        before = [past for past in known if past.rule == rule.id]
        if rule.when.first_time and _sum(past for past in before if past.ref == event.ref) > 0:
            continue
        wanted = rule.points * _times(rule, event)
        left = min(wanted, room(rule.caps, event, before), room(book.caps, event, known))
        if left > 0:
            found.append(_award(book, rule, left, wanted))
            known.append(Past(rule.id, event.ref, event.day, left))
    return found


def holds(when: Condition, event: Earned) -> bool:
    """Whether everything a rule asks for is there. A number or field that is missing fails its condition."""
    details = event.details
    return (
        (when.value_at_least is None or event.value >= when.value_at_least)
        and (not when.topic or event.topic in when.topic)
        and all(details.get(name) in allowed for name, allowed in when.details.items())
        and all(_number(details.get(name), float("inf")) <= most for name, most in when.at_most.items())
        and all(_number(details.get(name), float("-inf")) >= least for name, least in when.at_least.items())
        and all(details.get(name) in ([], (), {}) for name in when.empty)
    )


def room(caps: Caps, event: Earned, before: Iterable[Past]) -> int:
    """How many points caps leave for this event."""
    past = list(before)
    monday = event.day - timedelta(days=event.day.weekday())
    windows = (
        (caps.day, lambda p: p.day == event.day),
        (caps.week, lambda p: monday <= p.day < monday + timedelta(days=7)),
        (caps.month, lambda p: (p.day.year, p.day.month) == (event.day.year, event.day.month)),
        (caps.ref, lambda p: p.ref == event.ref),
        (caps.ever, lambda _p: True),
    )
    lefts = [cap - _sum(p for p in past if within(p)) for cap, within in windows if cap is not None]
    return max(0, min(lefts, default=10**9))


def history_from(day: date) -> date:
    """The first day that a day's caps look back to."""
    return min(day - timedelta(days=day.weekday()), day.replace(day=1))


def _award(book: RuleBook, rule: Rule, points: int, wanted: int) -> Award:
    less = f"（到上限了，{wanted} 分里记 {points} 分）" if points < wanted else ""
    return Award(rule.id, book.id, points, rule.reason + less, rule.bonus)


def _times(rule: Rule, event: Earned) -> int:
    """How often the points are given: once, or as often as the details count."""
    if not rule.per:
        return 1
    return max(0, int(_number(event.details.get(rule.per), 0)))


def _number(value: Any, missing: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return missing
    return float(value)


def _sum(past: Iterable[Past]) -> int:
    return sum(one.points for one in past)
