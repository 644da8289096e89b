"""One reading of one reply: hits, red lines, concerns and moves, before any points are given.

Made by `Reader`, used by `bot.tone.dimensions`, `bot.tone.feedback` and `bot.tone.scorer`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.content.rubric import Concern, Rubric
from bot.judgement import MOVES, TurnContext
from bot.tone.concerns import ConcernReader, touches
from bot.tone.cues import CueFinder, Hit
from bot.tone.redlines import Crossing, RedLineFinder
from bot.tone.stuffing import StuffingFinder
from bot.tone.text import MASK, View, han_count, likeness, view

SECOND = 0.3
_AMOUNT = re.compile(r"欠(?:费|了|着|款)?(?:是|为)?(\d{1,7}(?:\.\d{1,2})?)(?=元|块)")
_OVERDUE = re.compile(r"逾期(?:了|已|已经)?(\d{1,4})[天日]")
_UNHEARD = 0.3
_RETORT = re.compile(r"(?:[？]|[吧呢啊嘛呗哦哈呵])[。！]*$")


@dataclass(frozen=True)
class Reading:
    """What a reply says, as far as the rubric can tell.

    `spoken` is the reply with `hollow`, its kind phrases strung together, made unreadable; `nothing_else` is whether
    it holds only those and sentences that cross a red line.
    """

    turn: TurnContext
    reply: View
    hits: tuple[Hit, ...]
    crossings: tuple[Crossing, ...]
    concerns: tuple[Concern, ...]
    taken: frozenset[str]
    uptake: float
    moves: Mapping[str, float]
    fit: float
    repeat: float
    answered: tuple[str, ...]
    empty: bool
    wrong_figure: bool
    spoken: View
    hollow: tuple[tuple[int, int], ...]
    nothing_else: bool

    def best(self, *moves: str, stock: bool = False) -> Hit | None:
        """The strongest hit of these moves; stock phrases only when asked for."""
        found = [hit for hit in self.hits if hit.cue.move in moves and (stock or not hit.cue.stock)]
        return max(found, key=lambda hit: hit.strength, default=None)

    def first(self, *moves: str) -> int | None:
        """Where the first hit of these moves begins, stock phrases left out."""
        return min(
            (hit.start for hit in self.hits if hit.cue.move in moves and not hit.cue.stock), default=None
        )

    @property
    def scorned(self) -> bool:
        """Whether the person was mocked."""
        return any(hit.cue.scorn for hit in self.hits)

    @property
    def bare(self) -> bool:
        """Whether nothing in the reply does the customer any good."""
        kind = (hit for hit in self.hits if hit.cue.polarity == "+" and hit.cue.move != "respect")
        return not any(hit.strength > 0.25 for hit in kind)

    @property
    def blunt(self) -> bool:
        """Whether the customer is called 你 and never 您."""
        said = self.spoken.norm
        return "你" in said and "您" not in said

    @property
    def pointed(self) -> bool:
        """Whether the reply is very short or ends like a retort."""
        said = self.spoken.norm
        clauses = dict.fromkeys(said[a:b] for a, b in self.spoken.clauses)
        return han_count("".join(clauses)) < 8 or bool(_RETORT.search(said.replace(MASK, "")))

    @property
    def plain(self) -> bool:
        """Whether this is a civil statement of some length in which nothing hurts."""
        hurts = any(hit.cue.polarity == "-" and not hit.cue.stock for hit in self.hits)
        return not (hurts or self.crossings or self.empty or self.blunt or self.pointed or self.stock_hits)

    @property
    def stock_hits(self) -> int:
        """How many stock phrases the reply strings together."""
        return sum(1 for hit in self.hits if hit.cue.stock and hit.cue.move != "respect" and hit.strength > 0)

    @property
    def ack_first(self) -> bool:
        """Whether the customer was acknowledged before anything was explained, planned or offered."""
        heard = self.first("ack", "para", "apol", "safety")
        solved = self.first("explain", "plan", "option", "verify")
        return heard is not None and (solved is None or heard <= solved)

    @property
    def stock_apology(self) -> bool:
        """Whether the reply apologises in set phrases only."""
        return self.moves["apol"] > 0 and self.best("apol") is None


class Reader:
    """Reads replies with one rubric."""

    def __init__(self, rubric: Rubric) -> None:
        self._cues = CueFinder(rubric)
        self._redlines = RedLineFinder(rubric)
        self._concerns = ConcernReader(rubric)
        self._stuffing = StuffingFinder(rubric)
        self._to_the_judge = rubric.compile(*rubric.to_the_judge)

    def read(self, turn: TurnContext) -> Reading:
        """Everything found in one reply; an empty reply gives an empty reading.

        Nothing good is counted in a sentence that crosses a red line or speaks to the judge, nor in kind phrases strung together, unless these
        are all there is. Harsh words and red lines are counted wherever they stand.
        """
        reply, customer = view(turn.reply), view(turn.customer)
        every = self._cues.find(reply)
        crossings = self._redlines.find(reply, turn.facts)
        hollow = self._stuffing.find(reply, customer, every, crossings)
        pleas = [reply.sentence(match.start()) for match in self._to_the_judge.finditer(reply.norm)]
        spoken = reply.masked([*hollow, *pleas])
        counted = self._without_crossings(spoken, turn.facts)
        nothing_else = _says_nothing(counted, customer)
        if nothing_else and not crossings:
            spoken = counted = reply
        good = (hit for hit in self._cues.find(counted) if hit.cue.polarity == "+")
        bad = (hit for hit in every if hit.cue.polarity == "-")
        hits = tuple(sorted([*good, *bad], key=lambda hit: (hit.start, hit.end)))
        concerns = self._concerns.raised(customer)
        taken = self._concerns.taken(concerns, counted)
        uptake = self._concerns.uptake(concerns, taken, customer, counted)
        empty = _says_nothing(reply.masked(pleas), customer)
        moves = _moves(hits, crossings)
        if concerns and concerns[0].weight >= 0.7 and uptake < _UNHEARD and moves["command"] > 0:
            moves["interrupt"] = max(moves["interrupt"], 0.7)
        return Reading(
            turn, reply, hits, crossings, concerns, taken, uptake, moves, _fit(turn), _repeat(turn),
            tuple(one.id for one in turn.vulnerable if not empty and touches(one.cues, turn.reply)),
            empty, _wrong_figure(turn, reply.norm), spoken, hollow, nothing_else,
        )  # fmt: skip

    def _without_crossings(self, reply: View, facts: Mapping[str, object]) -> View:
        """The reply with every sentence that crosses a red line made unreadable."""
        while found := self._redlines.find(reply, facts):
            reply = reply.masked(
                (reply.sentence(one.start)[0], reply.sentence(one.end - 1)[1]) for one in found
            )
        return reply


def _moves(hits: tuple[Hit, ...], crossings: tuple[Crossing, ...]) -> dict[str, float]:
    best: dict[str, dict[str, float]] = {move: {} for move in MOVES}
    for hit in hits:
        cues = best[hit.cue.move]
        cues[hit.cue.id] = max(cues.get(hit.cue.id, 0.0), hit.strength)
    for crossing in crossings:
        best[crossing.line.move][f"red-{crossing.line.code}"] = 1.0
    moves: dict[str, float] = {}
    for move, cues in best.items():
        ranked = sorted(cues.values(), reverse=True)
        moves[move] = round(min(1.0, ranked[0] + SECOND * sum(ranked[1:2])), 3) if ranked else 0.0
    return moves


def _fit(turn: TurnContext) -> float:
    """How much of what the customer needs this reply and those before it have offered: a way out grows by turns."""
    if not turn.needs:
        return 1.0
    said = "\n".join((*(past.reply for past in turn.history), turn.reply))
    return min(1.0, sum(need.weight for need in turn.needs if touches(need.cues, said)))


def _repeat(turn: TurnContext) -> float:
    return round(max((likeness(past.reply, turn.reply) for past in turn.history[-8:]), default=0.0), 3)


def _says_nothing(reply: View, customer: View) -> bool:
    words = reply.norm.replace(MASK, "")
    said = han_count(words)
    if said < 2 or said < 0.3 * len(words.strip("。，！？")):
        return True
    if said > 12 and len(set(words)) < 0.2 * min(len(words), 120):
        return True
    if words.strip("。，！？") == customer.norm.strip("。，！？"):
        return True
    return said >= 6 and likeness(words, customer.norm) > 0.8


def _wrong_figure(turn: TurnContext, said: str) -> bool:
    for pattern, name in ((_AMOUNT, "amount"), (_OVERDUE, "overdue_days")):
        known, match = turn.facts.get(name), pattern.search(said)
        if match and isinstance(known, int | float) and abs(float(match[1]) - float(known)) > 0.01:
            return True
    return False
