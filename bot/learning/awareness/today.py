"""Which slogan and which case it is today: the same for a whole team, and no repeats for months."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import TypeVar

T = TypeVar("T")


def of_the_day(things: Sequence[T], day: date, team: str) -> T | None:
    """Each team goes through all of them in an order of its own, one a day; a new round has a new order that does not
    begin with what was just shown. None where there is nothing."""
    if not things:
        return None
    round_, place = divmod(day.toordinal(), len(things))
    order = _order(len(things), team, round_)
    return things[order[place]]


def _order(count: int, team: str, round_: int) -> list[int]:
    """Halves keep their halves: what came in the second half of a round comes in the second half of the next."""
    half = count // 2
    first, second = list(range(half)), list(range(half, count))
    for part, name in ((first, "a"), (second, "b")):
        seed = hashlib.sha256(f"{team}-{round_}-{name}".encode()).hexdigest()
        Random(seed).shuffle(part)  # noqa: S311  the same for everybody, no secret
    return [*first, *second]
