"""Which questions today: what is about to be forgotten first, then something new where this person needs it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from random import Random

from bot.content.quizzes import Item

DAILY = 5
MOST_OLD = 4
"""At least one of five is new, as long as there is something new."""
NEWCOMER_DAYS, VETERAN_DAYS = 90, 3 * 365


def pick_daily(
    due: Sequence[str],
    seen: Collection[str],
    items: Mapping[str, tuple[str, Item]],
    weights: Mapping[str, float],
    post: str,
    days_here: int | None,
    seed: str,
) -> list[str]:
    """Ids of at most five items. `due` come most urgent first; `items` maps an id to its topic and item; `seed` makes
    the same five for the same person on the same day."""
    fitting = {one: pair for one, pair in items.items() if fits(pair[1], post, days_here)}
    old = [one for one in due if one in items]
    new = _new([one for one in fitting if one not in seen], fitting, weights, days_here, seed)
    room = max(DAILY - len(new), MOST_OLD)
    picked = [*old[:room], *new]
    return list(dict.fromkeys(picked))[:DAILY]


def fits(item: Item, post: str, days_here: int | None) -> bool:
    """Whether an item is meant for this post; newcomers are spared the hardest for three months."""
    if post and item.posts and not any(one in post or post in one for one in item.posts):
        return False
    return not (days_here is not None and days_here < NEWCOMER_DAYS and item.level > 2)


def _new(
    ids: Sequence[str],
    items: Mapping[str, tuple[str, Item]],
    weights: Mapping[str, float],
    days_here: int | None,
    seed: str,
) -> list[str]:
    """A weighted draw without replacement (Efraimidis and Spirakis): topic by need, level by how long one is here."""
    rng = Random(hashlib.sha256(seed.encode()).hexdigest())  # noqa: S311  the same every time, no secret
    keyed = []
    for one in sorted(ids):
        topic, item = items[one]
        weight = max(1e-6, weights.get(topic, 1.0) * _level_weight(item.level, days_here))
        keyed.append((rng.random() ** (1 / weight), one))
    return [one for _, one in sorted(keyed, reverse=True)[:DAILY]]


def _level_weight(level: int, days_here: int | None) -> float:
    if days_here is None:
        return (1.0, 0.8, 0.4)[level - 1]
    if days_here < NEWCOMER_DAYS:
        return (1.0, 0.3, 0.0)[level - 1]
    return (0.3, 0.8, 1.0)[level - 1] if days_here >= VETERAN_DAYS else (0.7, 1.0, 0.5)[level - 1]


def streak(days: Collection[date], today: date) -> int:
    """Working days in a row, up to today or the last working day, on which the five were done; weekends break nothing."""
    done, count = set(days), 0
    day = today
    if day not in done:
        day = _working_day_before(day)
    while day in done:
        count += 1
        day = _day_before(day, done)
    return count


def _day_before(day: date, done: Collection[date]) -> date:
    before = date.fromordinal(day.toordinal() - 1)
    return before if before in done else _working_day_before(day)


def _working_day_before(day: date) -> date:
    day = date.fromordinal(day.toordinal() - 1)
    while day.weekday() > 4:
        day = date.fromordinal(day.toordinal() - 1)
    return day
