"""Finds cues in a reply: each hit with its place, its strength, and whether a second hit of the same cue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.content.rubric import Cue, Rubric
from bot.tone.text import View

AGAIN = 0.3
MOST_HITS = 4
_NOT = re.compile(
    r"不会|不能|不给|没法|不管|不帮|懒得|凭什么|没时间|没空|不可能|没人|不归|不负责|不知道|不想|哪有空|谁有空|不打算|用不着"
)
_BUT = re.compile(r"[，。；](?:但是?|可是|不过|然而|可)(?!以)")
_AFTER_BUT = re.compile(
    r"(?:我|俺|咱|给您|帮您|替您)[^，。]{0,10}(?:查|核|登记|申请|上报|安排|联系|问|办|商量)|分期|可以"
)


@dataclass(frozen=True)
class Hit:
    """One cue found at `start`..`end` of the view's normalised text."""

    cue: Cue
    start: int
    end: int
    strength: float


class CueFinder:
    """All cues of a rubric, compiled once."""

    def __init__(self, rubric: Rubric) -> None:
        self._cues = [
            (cue, rubric.compile(*cue.patterns), rubric.compile(*cue.unless) if cue.unless else None)
            for cue in rubric.cues
        ]

    def find(self, found: View) -> tuple[Hit, ...]:
        """Every hit in the order of the text. A cue counts 0.3 the second time and nothing after that."""
        hits = [hit for cue, pattern, unless in self._cues for hit in _hits(found, cue, pattern, unless)]
        return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end)))


def _hits(found: View, cue: Cue, pattern: re.Pattern[str], unless: re.Pattern[str] | None) -> Iterator[Hit]:
    count = 0
    for match in pattern.finditer(found.norm):
        start, end = match.span()
        if start == end or not _means_it(found, cue, start, end, unless):
            continue
        yield Hit(cue, start, end, cue.strength * (1.0 if count == 0 else AGAIN if count == 1 else 0.0))
        count += 1
        if count == MOST_HITS:
            return


def _means_it(found: View, cue: Cue, start: int, end: int, unless: re.Pattern[str] | None) -> bool:
    begin, stop = found.sentence(start)
    if unless is not None and unless.search(found.norm[begin:stop]):
        return False
    if cue.polarity == "-" and found.quoted(start, end):
        return False
    if cue.move == "ack" and _taken_back(found.norm[end:stop], found.norm[stop : stop + 24]):
        return False
    if not cue.negatable:
        return True
    clause, _ = found.clause(end - 1)
    return not _NOT.search(found.norm[max(clause, start - 8) : end])


def _taken_back(rest: str, after: str) -> bool:
    """“我理解，但是……” takes the understanding back, unless something is done for the customer."""
    turn = _BUT.search(rest)
    if turn:
        return not _AFTER_BUT.search(rest[turn.start() :])
    return bool(re.match(r"(?:但是?|可是|不过)", after)) and not _AFTER_BUT.search(after)
