"""Deals lines like cards from a shuffled deck: neighbouring seeds and turns get other lines, the same ones the same.

A trainee's next call takes the next place of every deck, so ten calls with one customer seldom sound alike.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import gcd
from typing import Literal

from bot.content.lines import LENT_HOLES, SETTING_NAMES, Cells, levels_of
from bot.roleplay.stage import Part

SILENCE = "……"
STRIDE = 3
"""About how many places of a deck one call is ahead of the call with the seed before."""
_TAG = re.compile(r"^\[([^\]]+)\]\s*")
_HOLE = re.compile(r"\{(\w+)\}")
_CRUDE = re.compile("他妈|滚")
_STARTS_SHORT = re.compile(r"^(?:.{0,3}[，。！？、…]|[啊哎唉嗯哼呵哟喂诶欸行好咦呸])")
_LEVEL_KEYS: tuple[Literal["1", "2", "3", "4", "5"], ...] = ("1", "2", "3", "4", "5")
_NO_LEAD = frozenset({"opening", "softening", "silence"})
_AT_MOST = {"relieved": 2, "soother": 2, "held": 2, "agreeing": 2, "revealing": 2, "confiding": 3}


@dataclass(frozen=True)
class Wish:
    """Something the customer wants to say: lines for any level, or cells by level; `then` follows the line.

    `level` overrides the level of the moment; `trap` and `step` say which provocation this is part of.
    """

    function: str
    lines: tuple[str, ...] = ()
    cells: Cells = field(default_factory=dict)
    level: int | None = None
    then: str | None = None
    raised: tuple[str, ...] = ()
    revealed: tuple[str, ...] = ()
    trap: str = ""
    step: str = ""


@dataclass(frozen=True)
class Dealt:
    """The wish that found words, the authored line, and the line as spoken."""

    wish: Wish
    template: str
    line: str


@dataclass(frozen=True)
class Table:
    """What limits the choice: the part played, the trainee's words, all that was said, seed, and coarse words."""

    part: Part
    words: Mapping[str, str]
    said: frozenset[str]
    seed: int
    crude: bool = True


def deal(wishes: Sequence[Wish], level: int, table: Table, used: Counter[str]) -> Dealt:
    """The first wish that still has words; `used` counts how often each function has spoken in this call.

    Every wish is tried at its own level before any is tried at a neighbouring one, so a tired vocabulary
    never makes a calm customer shout. When nothing is left at all, the customer falls silent.
    """
    holes = {**{k: v for k, v in table.words.items() if v}, **_figures(table.part)}
    for distance in range(5):
        for wish in wishes:
            heard = wish.level or level
            for template, lead in _ordered(
                wish, heard, distance, table.seed, used[wish.function], holes, table.part
            ):
                line = lead + _TAG.sub("", template).format(**holes)
                if template not in table.said and (table.crude or not _CRUDE.search(line)):
                    return Dealt(wish, template, line)
    return Dealt(Wish("silence"), "", SILENCE)


def _ordered(
    wish: Wish, level: int, distance: int, seed: int, used: int, holes: Mapping[str, str], part: Part
) -> list[tuple[str, str]]:
    """All (line, lead-in) of a wish at this distance from its level, from this call's place in the deck on."""
    found: list[tuple[str, str]] = []
    for span, lines in _at(wish, level, distance):
        fitting = tuple(line for line in lines if _fits(line, part, holes))
        echoing = tuple(line for line in fitting if any(hole in line for hole in LENT_HOLES))
        plain = tuple(line for line in fitting if line not in echoing)
        leads = _leads(wish.function, level, part)
        wide = len(levels_of(span)) > 1 if span else True
        taking_up = _turned(_deck(part.persona.id, wish.function, echoing, leads, wide), seed // 2, used)
        own = _turned(_deck(part.persona.id, wish.function, plain, leads, wide), seed, used)
        # Every other time the trainee's own words are taken up, when there are lines that can.
        found += [*taking_up, *own] if (seed + used) % 2 == 0 else [*own, *taking_up]
    return found


@lru_cache(maxsize=4096)
def _deck(
    persona: str, function: str, lines: tuple[str, ...], leads: tuple[str, ...], wide: bool
) -> tuple[tuple[str, str], ...]:
    """Every line with every lead-in and without one; a line comes again only after all others came."""
    shuffled = list(lines)
    random.Random(f"deck:{persona}:{function}").shuffle(shuffled)  # noqa: S311  an order of words, not a secret
    # A cell of one level speaks plainly half the time; one of several lets the lead-in say how angry it is.
    places = [*leads, ""] if wide else [place for lead in leads for place in (lead, "")] or [""]
    cards: dict[tuple[str, str], None] = {}
    for round_ in range(len(places)):
        for number, line in enumerate(shuffled):
            lead = "" if _STARTS_SHORT.match(line) else places[(number + round_) % len(places)]
            cards.setdefault((line, lead), None)
    return tuple(cards)


def _leads(function: str, level: int, part: Part) -> tuple[str, ...]:
    """Lead-ins for a function at a level; whoever was just relieved no longer barks."""
    if function in _NO_LEAD:
        return ()
    return part.persona.lines.connectives[_LEVEL_KEYS[min(level, _AT_MOST.get(function, level)) - 1]]


def _turned(deck: tuple[tuple[str, str], ...], seed: int, used: int) -> tuple[tuple[str, str], ...]:
    """The deck from the place of this seed on; a stride that shares no factor with it visits every place."""
    if not deck:
        return ()
    stride = next(step for step in range(STRIDE, STRIDE + len(deck) + 1) if gcd(step, len(deck)) == 1)
    start = (seed * stride + used) % len(deck)
    return deck[start:] + deck[:start]


def _at(wish: Wish, level: int, distance: int) -> list[tuple[str, tuple[str, ...]]]:
    if wish.lines:
        return [("", wish.lines)] if distance == 0 else []
    return [
        (span, lines)
        for span, lines in wish.cells.items()
        if min(abs(level - covered) for covered in levels_of(span)) == distance
    ]


def _fits(line: str, part: Part, holes: Mapping[str, str]) -> bool:
    tag = _TAG.match(line)
    if tag is not None and tag.group(1) != SETTING_NAMES[part.setting]:
        return False
    return all(hole in holes for hole in _HOLE.findall(line))


def _figures(part: Part) -> dict[str, str]:
    """Amount and days as people say them: 86.2, 4800, 19."""
    keys = ("amount", "overdue_days")
    return {key: f"{part.facts[key]:g}" for key in keys if isinstance(part.facts.get(key), int | float)}
