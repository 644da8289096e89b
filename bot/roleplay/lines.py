"""Picks one authored line that fits: level, setting, words at hand, and not said before in this call."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.content.personas import SETTING_NAMES, Cells, levels_of
from bot.roleplay.stage import Part

SILENCE = "……"
_TAG = re.compile(r"^\[([^\]]+)\]\s*")
_CRUDE = re.compile("他妈|滚")
_ECHO = 0.6  # how often a line that takes up the trainee's words goes first, when there is one


@dataclass(frozen=True)
class Wish:
    """Something the customer wants to say: lines for any level, or cells by level; `then` follows the line.

    `level` overrides the level of the moment.
    """

    function: str
    lines: tuple[str, ...] = ()
    cells: Cells = field(default_factory=dict)
    level: int | None = None
    then: str | None = None
    raised: tuple[str, ...] = ()
    revealed: tuple[str, ...] = ()


def choose(
    wishes: Sequence[Wish],
    level: int,
    part: Part,
    words: Mapping[str, str],
    said: frozenset[str],
    chance: random.Random,
    crude: bool = True,
) -> tuple[Wish, str, str]:
    """The first wish that still has words, as (wish, authored line, spoken line).

    Every wish is tried at its own level before any is tried at a neighbouring one, so a tired vocabulary
    never makes a calm customer shout. When nothing is left at all, the customer falls silent.
    """
    holes = {**{k: v for k, v in words.items() if v}, **_figures(part)}
    for distance in range(5):
        for wish in wishes:
            pool = [
                line
                for line in _at(wish, wish.level or level, distance)
                if line not in said and _fits(line, part, holes) and (crude or not _CRUDE.search(line))
            ]
            if pool:
                template = _prefer_echo(pool, chance)
                return wish, template, _TAG.sub("", template).format(**holes)
    return Wish("silence"), "", SILENCE


def _at(wish: Wish, level: int, distance: int) -> tuple[str, ...]:
    if wish.lines:
        return wish.lines if distance == 0 else ()
    return tuple(
        line
        for span, lines in wish.cells.items()
        if min(abs(level - covered) for covered in levels_of(span)) == distance
        for line in lines
    )


def _fits(line: str, part: Part, holes: Mapping[str, str]) -> bool:
    tag = _TAG.match(line)
    if tag is not None and tag.group(1) != SETTING_NAMES[part.setting]:
        return False
    return all(hole in holes for hole in re.findall(r"\{(\w+)\}", line))


def _prefer_echo(pool: list[str], chance: random.Random) -> str:
    echoing = [line for line in pool if "{quote}" in line or "{time}" in line]
    return chance.choice(echoing if echoing and chance.random() < _ECHO else pool)


def _figures(part: Part) -> dict[str, str]:
    """Amount and days as people say them: 86.2, 4800, 19."""
    keys = ("amount", "overdue_days")
    return {key: f"{part.facts[key]:g}" for key in keys if isinstance(part.facts.get(key), int | float)}
