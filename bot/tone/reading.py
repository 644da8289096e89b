"""One reading of one reply: hits, red lines, concerns and moves, before any points are given.

What the rules find and what the network hears are joined here, move by move and line by line, and nowhere else.
Made by `Reader`, used by `bot.tone.dimensions`, `bot.tone.feedback` and `bot.tone.scorer`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp

from bot.content.rubric import Concern, RedPattern, Rubric
from bot.judgement import MOVES, POSITIVE_MOVES, TurnContext
from bot.tone.concerns import ConcernReader, touches
from bot.tone.cues import CueFinder, Hit
from bot.tone.listening import Heard, Listener, context
from bot.tone.redlines import Crossing, RedLineFinder
from bot.tone.stuffing import StuffingFinder
from bot.tone.text import MASK, View, han_count, likeness, view

SECOND = 0.3
SURE = 0.5
"""From which probability on a move that only the network hears counts."""
UNHEARD_OF = 0.02
"""A red line the rules find is dropped when the network gives every line together less than this."""
_BY_FACTS = ("threat", "illegal_cutoff")
OPENINGS = 3
_AMOUNT = re.compile(r"欠(?:费|了|着|款)?(?:是|为)?(\d{1,7}(?:\.\d{1,2})?)(?=元|块)")
_OVERDUE = re.compile(r"逾期(?:了|已|已经)?(\d{1,4})[天日]")
_UNHEARD = 0.3
_RETORT = re.compile(r"(?:[？]|[吧呢啊嘛呗哦哈呵])[。！]*$")


@dataclass(frozen=True)
class Reading:
    """What a reply says, as far as the rubric can tell.

    `told` is the network's opinion, about -1..1, of what is left when hollow phrases and sentences that cross a line are
    taken out; None without a network, or when nothing is left. `learned` is what only the network heard: label, start, end.
    `rests` is what follows the first, the first two, … kind opening clauses.
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
    told: float | None = None
    learned: tuple[tuple[str, int, int], ...] = ()
    rests: tuple[str, ...] = ()

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
    """Reads replies with one rubric, and with the network when there is one."""

    def __init__(self, rubric: Rubric, listener: Listener | None = None) -> None:
        self._lines = {line.code: line for line in rubric.redlines}
        self._heard = rubric.heard
        self._listener = listener
        self._cues = CueFinder(rubric)
        self._redlines = RedLineFinder(rubric)
        self._concerns = ConcernReader(rubric)
        self._stuffing = StuffingFinder(rubric)
        self._to_the_judge = rubric.compile(*rubric.to_the_judge)

    def read(self, turn: TurnContext, listening: bool = True) -> Reading:
        """Everything found in one reply, by the rules alone unless `listening`; an empty reply gives an empty reading.

        Nothing good is counted in a sentence that crosses a red line or speaks to the judge, nor in kind phrases strung together, unless these
        are all there is. Harsh words and red lines are counted wherever they stand.
        """
        reply, customer = view(turn.reply), view(turn.customer)
        every = self._cues.find(reply)
        found = self._redlines.find(reply, turn.facts)
        stuffing = self._stuffing.find(reply, customer, every, found)
        pleas = [reply.sentence(match.start()) for match in self._to_the_judge.finditer(reply.norm)]
        spoken = reply.masked([*stuffing.stretches, *pleas])
        listening = listening and self._listener is not None
        before = context(turn.customer, turn.facts)
        whole = self._loudest(before, reply, [*stuffing.phrases, *pleas], spoken) if listening else None
        crossings = self._crossings(found, spoken, turn, before, whole)
        counted = spoken.masked(reply.sentence(one.start) for one in crossings)
        if whole is None:
            counted = self._without_crossings(counted, turn.facts)
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
        rests = self._without_openings(counted)
        told, clean = (
            self._opinion(before, counted, whole, reply, rests) if listening and not empty else (None, whole)
        )
        learned = self._join(moves, whole, clean, reply, crossings)
        if concerns and concerns[0].weight >= 0.7 and uptake < _UNHEARD and moves["command"] > 0:
            moves["interrupt"] = max(moves["interrupt"], 0.7)
        return Reading(
            turn, reply, hits, crossings, concerns, taken, uptake, moves, _fit(turn), _repeat(turn),
            tuple(one.id for one in turn.vulnerable if not empty and touches(one.cues, turn.reply)),
            empty, _wrong_figure(turn, reply.norm), spoken, stuffing.stretches, nothing_else, told, learned,
            tuple(rests),
        )  # fmt: skip

    def _hear(self, before: str, found: View) -> Heard | None:
        """What the network hears in the readable part of a view; None without a network or without words."""
        kept = _readable(found.norm)
        if self._listener is None or not kept:
            return None
        heard = self._listener.hear(before, "".join(found.norm[place] for place in kept))
        spans = tuple((kept[a], kept[b - 1] + 1) if a < b else (0, 0) for a, b in heard.spans)
        return replace(heard, spans=spans)

    def _loudest(
        self, before: str, reply: View, phrases: list[tuple[int, int]], spoken: View
    ) -> Heard | None:
        """What the network hears beside set phrases, and without all that stands among them: where a line sounds louder."""
        texts = {found.norm: found for found in (spoken, reply.masked(phrases))}
        heard = [one for found in texts.values() if (one := self._hear(before, found))]
        return max(heard, key=lambda one: one.any_redline, default=None)

    def _crossings(
        self, found: tuple[Crossing, ...], spoken: View, turn: TurnContext, before: str, whole: Heard | None
    ) -> tuple[Crossing, ...]:
        """The lines that the rules find and the network does not think impossible, and those only the network hears.

        Where the network hears a line that no rule found, the likeliest is named, and any other it is sure of. Facts and
        the four tests of lawful notice decide about threats and cut-offs, the network never does so alone.
        """
        if whole is None or self._listener is None:
            return found
        kept = [one for one in found if one.way.contradicts or self._thinkable(whole, spoken, one)]
        if whole.any_redline < self._listener.crossed or self._fades(spoken, before):
            return tuple(kept)
        codes = {one.line.code for one in kept}
        likeliest = max(whole.redlines, key=lambda code: whole.redlines[code])
        for code, likely in whole.redlines.items():
            if code in codes or (likely < SURE and (codes or code != likeliest)):
                continue
            start, end = whole.strongest(f"red:{code}", spoken.sentences)
            if code in _BY_FACTS and self._redlines.lawful(spoken, start, end, turn.facts):
                continue
            way = RedPattern(id="heard", patterns=("$",), why=self._heard[f"red-{code}"])
            kept.append(Crossing(self._lines[code], way, start, end))
        return tuple(sorted(kept, key=lambda one: one.start))

    def _thinkable(self, whole: Heard, spoken: View, one: Crossing) -> bool:
        """Whether the network, too, thinks a line possible, in the whole or in this sentence of it.

        Always for a way that is nearly always right, so that no kind words around it can drown it, and where the words
        would be lawful notice and only the facts of the case forbid it.
        """
        if self._listener is None or f"{one.line.code}/{one.way.id}" in self._listener.trusted:
            return True
        if one.line.code in _BY_FACTS and self._redlines.lawful(spoken, one.start, one.end, {}):
            return True
        stretch = spoken.sentence(one.start)
        nearby = max(1 / (1 + exp(-whole.share(f"red:{code}", *stretch))) for code in whole.redlines)
        return max(nearby, whole.any_redline) >= UNHEARD_OF

    def _fades(self, spoken: View, before: str) -> bool:
        """Whether the line is no longer heard once kind opening clauses are taken away: hearing somebody out never costs."""
        rests = self._without_openings(spoken)
        if not rests or self._listener is None:
            return False
        return any(self._listener.hear(before, rest).any_redline < self._listener.crossed for rest in rests)

    def _opinion(
        self, before: str, counted: View, whole: Heard | None, reply: View, rests: list[str]
    ) -> tuple[float | None, Heard | None]:
        """The network's opinion of what counts, and what it heard there.

        A kind opening never costs: the best of the opinions with and without the opening clauses that take up the
        customer's feeling is held.
        """
        if self._listener is None:
            return None, None
        left = "".join(counted.norm[place] for place in _readable(counted.norm))
        if han_count(left) < 2:
            return None, None
        same = whole is not None and counted.norm == reply.norm
        clean = whole if same and whole else self._listener.hear(before, left)
        best = max([clean.band, *(self._listener.hear(before, rest).band for rest in rests)])
        return best, clean

    def _join(
        self, moves: dict[str, float], whole: Heard | None, clean: Heard | None, reply: View,
        crossings: tuple[Crossing, ...],
    ) -> tuple[tuple[str, int, int], ...]:  # fmt: skip
        """Raise moves to what the network is sure of; good ones only from what counts. Returns what it alone heard."""
        if whole is None:
            return ()
        learned = []
        for move in MOVES:
            source = clean if move in POSITIVE_MOVES else whole
            likely = source.moves[move] if source else 0.0
            if likely < SURE:
                continue
            if moves[move] == 0 and not (move not in POSITIVE_MOVES and crossings):
                learned.append((move, *whole.strongest(f"move:{move}", reply.clauses or reply.sentences)))
            moves[move] = max(moves[move], round(likely, 3))
        return tuple(learned)

    def _without_openings(self, counted: View) -> list[str]:
        """What follows the first, the first two, … clauses that take up the customer's feeling, at most three.

        A clause is looked at alone: a 但是 further on takes the feeling back, but not the opening away.
        """
        rests = []
        for start, end in counted.clauses[:OPENINGS]:
            if not any(
                hit.cue.move in ("ack", "apol") for hit in self._cues.find(view(counted.norm[start:end]))
            ):
                break
            rest = counted.norm[end:].replace(MASK, "").lstrip("，。！？；：")
            if han_count(rest) < 2:
                break
            rests.append(rest)
        return rests

    def _without_crossings(self, reply: View, facts: Mapping[str, object]) -> View:
        """The reply with every sentence that crosses a red line made unreadable."""
        while found := self._redlines.find(reply, facts):
            reply = reply.masked(
                (reply.sentence(one.start)[0], reply.sentence(one.end - 1)[1]) for one in found
            )
        return reply


def _readable(norm: str) -> list[int]:
    """The places of all signs that are not masked, less stops that would then stand twice."""
    kept: list[int] = []
    for place, sign in enumerate(norm):
        if sign != MASK and not (sign in "。，" and (not kept or norm[kept[-1]] in "。，！？")):
            kept.append(place)
    return kept


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
