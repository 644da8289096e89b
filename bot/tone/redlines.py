"""Finds red lines in a reply. One hit not excused is enough to cap the turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.content.rubric import RedLine, RedPattern, Rubric
from bot.tone.scope import LAWFUL_AFTER_DAYS, Excuses
from bot.tone.text import View

_MOST_TRIES = 12


@dataclass(frozen=True)
class Crossing:
    """A red line crossed at `start`..`end` of the view's normalised text."""

    line: RedLine
    way: RedPattern
    start: int
    end: int


class RedLineFinder:
    """All red lines of a rubric, compiled once."""

    def __init__(self, rubric: Rubric) -> None:
        self._excuses = Excuses(rubric)
        self._ways = [
            (line, way, rubric.compile(*way.patterns), rubric.compile(*way.unless) if way.unless else None)
            for line in rubric.redlines
            for way in line.ways
        ]

    def find(self, found: View, facts: Mapping[str, object]) -> tuple[Crossing, ...]:
        """The first crossing of each way, in the order of the text."""
        crossed = [
            crossing
            for line, way, pattern, unless in self._ways
            for crossing in self._first(found, line, way, pattern, unless, facts)
        ]
        return tuple(sorted(crossed, key=lambda crossing: crossing.start))

    def lawful(self, found: View, start: int, end: int, facts: Mapping[str, object]) -> bool:
        """Whether what was heard at `start`..`end` is lawful notice by its four tests and the facts of the case."""
        return self._excuses.hold(("notice",), found, start, end, facts)

    def _first(
        self, found: View, line: RedLine, way: RedPattern, pattern: re.Pattern[str],
        unless: re.Pattern[str] | None, facts: Mapping[str, object],
    ) -> Iterator[Crossing]:  # fmt: skip
        at = 0
        for _ in range(_MOST_TRIES):
            match = pattern.search(found.norm, at)
            if match is None:
                return
            start, end = match.span()
            begin, stop = found.sentence(start)
            if way.contradicts and not contradicted(way.contradicts, match, facts):
                at = start + 1
                continue
            spared = unless is not None and unless.search(found.norm[begin:stop])
            if not spared and not self._excuses.hold(way.excused_by, found, start, end, facts):
                yield Crossing(line, way, start, end)
                return
            at = start + 1


def contradicted(fact: str, match: re.Match[str], facts: Mapping[str, object]) -> bool:
    """Whether the words matched claim what the case does not hold: notices never served, or 30 days not yet passed."""
    known = facts.get(fact)
    if isinstance(known, bool) or not isinstance(known, int | float):
        return False
    if fact == "notices":
        return known == 0
    return known <= LAWFUL_AFTER_DAYS < int(match.group("days"))
