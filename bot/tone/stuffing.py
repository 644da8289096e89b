"""Finds phrases strung together to please the judge: many short ones in a row that say nothing of this customer.

One kind phrase before an answer is how people talk; seven in a row are not an answer. They are read as if they had not
been written, so that they neither earn nor hide anything. Harsh words and red lines among them still count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.content.rubric import Rubric
from bot.tone.cues import Hit
from bot.tone.redlines import Crossing
from bot.tone.text import View, bigrams, han_count

SHORT = 10
"""Chinese characters of a clause that carries one set phrase and nothing else."""
WORD = 4
"""So few characters are a set phrase even where nothing knows them."""
COVERED = 0.5
"""How much of such a clause its cues take up: what is left says something of its own."""
WORN = 0.6
"""Or how many of its pairs of characters are those of set phrases."""
RUN, MOST, FORMULAS = 7, 0.8, 4
"""So many short clauses that say nothing, so large a part of the row they stand in, so many of them known set phrases:
who talks in short clauses says something in most of them."""
LONG, DENSE = 20, 0.75
"""As when the stops were left out: a clause so long, and so much of it set phrases."""
_FIGURE = re.compile(r"(?<![0-9])(?!95598|12398|12345)[0-9]+|[零二三四五六七八九十千]")


@dataclass(frozen=True)
class Stuffing:
    """What is strung together in a reply, as offsets of its normalised text.

    `stretches` are not counted for good; `phrases` are the clauses in them that say nothing at all.
    """

    stretches: tuple[tuple[int, int], ...] = ()
    phrases: tuple[tuple[int, int], ...] = ()


class StuffingFinder:
    """The set phrases of a rubric, taken apart once."""

    def __init__(self, rubric: Rubric) -> None:
        self._worn = frozenset[str]().union(*(bigrams(phrase) for phrase in rubric.formulas))

    def find(
        self, reply: View, customer: View, hits: Sequence[Hit], crossings: Sequence[Crossing]
    ) -> Stuffing:
        """The stretches of `reply.norm` that only string kind phrases together; no clause that hurts is one."""
        if len(reply.clauses) < RUN and han_count(reply.norm) < LONG:
            return Stuffing()
        good = [hit for hit in hits if hit.cue.polarity == "+"]
        hurts = [(hit.start, hit.end) for hit in hits if hit.cue.polarity == "-" and not hit.cue.stock]
        hurts += [(one.start, one.end) for one in crossings]
        theirs = bigrams(customer.norm)
        worn = [self._share_worn(reply.norm[a:b]) for a, b in reply.clauses]
        short = [
            _short(reply.norm[a:b], theirs) and not any(start < b and a < end for start, end in hurts)
            for a, b in reply.clauses
        ]
        known = [
            share >= WORN or _covered(a, b, good) for (a, b), share in zip(reply.clauses, worn, strict=True)
        ]
        hollow = [
            is_known or han_count(reply.norm[a:b]) <= WORD
            for (a, b), is_known in zip(reply.clauses, known, strict=True)
        ]
        runs = [
            run
            for first, last in _runs(short)
            if (run := _densest(first, last, known, hollow))
            and sum(share >= WORN for share in worn[run[0] : run[1]]) >= FORMULAS
        ]
        dense = [
            (a, b)
            for (a, b), share in zip(reply.clauses, worn, strict=True)
            if share >= DENSE and han_count(reply.norm[a:b]) >= LONG and not _FIGURE.search(reply.norm[a:b])
        ]
        stretches = [(reply.clauses[first][0], reply.clauses[last - 1][1]) for first, last in runs]
        phrases = [reply.clauses[place] for run in runs for place in range(*run) if known[place]]
        return Stuffing(tuple(sorted([*stretches, *dense])), tuple(sorted([*phrases, *dense])))

    def _share_worn(self, words: str) -> float:
        """0..1, how much of the words two neighbouring characters of set phrases cover."""
        pairs = [words[at : at + 2] in self._worn for at in range(len(words) - 1)]
        kept = [before or after for before, after in zip([False, *pairs], [*pairs, False], strict=True)]
        return sum(kept) / len(kept)


def _densest(first: int, last: int, known: Sequence[bool], hollow: Sequence[bool]) -> tuple[int, int] | None:
    """The longest part of a run that begins and ends with a known phrase and says nothing nearly throughout."""
    ends = [place for place in range(first, last) if known[place]]
    found = [
        (begin, end + 1)
        for begin in ends
        for end in ends
        if sum(hollow[begin : end + 1]) >= max(RUN, MOST * (end + 1 - begin))
    ]
    return max(found, key=lambda run: run[1] - run[0], default=None)


def _short(words: str, theirs: frozenset[str]) -> bool:
    return han_count(words) <= SHORT and not _FIGURE.search(words) and len(bigrams(words) & theirs) < 2


def _covered(begin: int, end: int, good: Sequence[Hit]) -> bool:
    taken = {at for hit in good for at in range(max(begin, hit.start), min(end, hit.end))}
    return len(taken) >= COVERED * (end - begin)


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """First and past-the-last place of each unbroken run of true flags."""
    start: int | None = None
    for place, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = place
        elif not flag and start is not None:
            yield start, place
            start = None
