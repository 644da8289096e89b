"""Words for the trainee: praise that quotes their own good words, one advice, one better wording.

Called by `bot.tone.scorer`. A rewrite is given only after it was itself judged excellent for that customer; if none is, none is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.content.rubric import Concern, RedLine, Rubric
from bot.judgement import TurnContext
from bot.tone.cues import Hit
from bot.tone.reading import Reader, Reading
from bot.tone.redlines import Crossing
from bot.tone.scope import LAWFUL_AFTER_DAYS
from bot.tone.text import bigrams, han_count

CIVIL = 50
"""Below this, or where the customer is talked past, courtesies are not praised: they do not make a reply better."""
GOOD = 70
EXCELLENT = 85
HELPS = 0.5
"""From this strength on a move is there; below it, it is a shade."""
CLEAR = 0.85
"""Only so strong a wording is praised in a bad reply, and no question: it is too often a reproach."""
LONGEST_KEPT = 90
LONGEST_QUOTE = 24
SHORTEST_QUOTE = 2
SAME_SUBJECT = 0.25
SAME_WORDS = 6
ECHOED = 0.8
_PRAISED = (
    "ack",
    "safety",
    "plan",
    "apol",
    "para",
    "verify",
    "option",
    "boundary",
    "ask",
    "explain",
    "respect",
)
_WORK = ("plan", "verify", "option", "safety", "boundary", "ask", "explain")
_COURTESIES = ("respect", "apol")
_HARSH = ("insult", "blame", "rhet", "cold", "deflect", "refuse", "interrupt", "command", "jargon")
_PENDING = ("check-now", "check-what", "meter-test", "will-do")
"""Cues of work begun, for which a time to report back makes sense."""
_GRAVEST = (
    "threat",
    "insult",
    "illegal_cutoff",
    "privacy",
    "private_collection",
    "deceive",
    "obstruct_complaint",
    "false_promise",
)
_PUT_RIGHT = ("privacy", "private_collection", "false_promise", "illegal_cutoff", "obstruct_complaint")
"""Lines where the right words on the same subject have to be said; after the others the subject is dropped."""
_FAREWELL = re.compile(
    r"先到这|早点?休息|您?(?:先)?歇着|不打扰|再见|先挂|好好睡|不会?再打|慢走|过段时间|过阵子|改天|节哀"
)
_ENDS = "。！？!?.；;"


@dataclass(frozen=True)
class Card:
    """What the trainee reads after one reply."""

    praise: str
    advice: str
    rewrite: str


class Coach:
    """Writes the card. `points` gives the overall score of a reading, so that a rewrite can be judged too."""

    def __init__(self, rubric: Rubric, reader: Reader, points: Callable[[Reading], int]) -> None:
        self._texts = rubric.rewrites
        self._heard = rubric.heard
        self._concerns = {one.id: one for one in rubric.concerns}
        self._reader = reader
        self._points = points

    def feedback(self, reading: Reading, points: Mapping[str, int | None], score: int) -> Card:
        """Praise, advice and rewrite for one reading that was given `score`."""
        return Card(self._praise(reading, score), self._advice(reading, score), self._rewrite(reading, score))

    def _praise(self, reading: Reading, score: int) -> str:
        texts = self._texts.praise
        if reading.empty or reading.scorned or (score < CIVIL and reading.stock_hits > 1):
            return texts["none"]
        clean = [hit for hit in _praiseworthy(reading) if self._deserves_praise(reading, hit, score)]
        if not clean:
            return texts[self._unquoted(reading, score)]
        hit = max(clean, key=lambda one: one.strength)
        words = _quoted(reading, hit)
        if reading.crossings:
            return texts["mixed"].format(words=words)
        if hit.strength <= HELPS:
            return texts["neutral"].format(words=words)
        return texts["quote"].format(words=words, why=hit.cue.why)

    def _deserves_praise(self, reading: Reading, hit: Hit, score: int) -> bool:
        """Whether a good wording is good here, too: not beside harsh words, not for show, not the customer's own."""
        if _touched(reading, hit.start):
            return False
        if score < CIVIL and (hit.strength < CLEAR or hit.cue.move == "ask"):
            return False
        if hit.cue.move in _COURTESIES and score < EXCELLENT and (score < CIVIL or self._passed_by(reading)):
            return False
        words = _quoted(reading, hit)
        return len(words) >= SHORTEST_QUOTE and not _echoed(words, reading.turn.customer)

    def _unquoted(self, reading: Reading, score: int) -> str:
        """What is said where no wording stands out: a good reply is called good all the same."""
        if reading.crossings or score < CIVIL:
            return "none"
        if score >= EXCELLENT:
            return "whole"
        if score >= GOOD and not self._passed_by(reading):
            return "sound"
        return "even" if reading.plain and not self._passed_by(reading) else "none"

    def _advice(self, reading: Reading, score: int) -> str:
        texts = self._texts.advice
        if reading.crossings:
            only_heard = all(one.way.id == "heard" for one in reading.crossings)
            return texts["scorn"] if only_heard and reading.scorned else _gravest(reading.crossings).advice
        harsh = self._harsh(reading) if score < EXCELLENT else ""
        plain_fault = reading.empty or reading.scorned or reading.wrong_figure
        if harsh and not plain_fault:
            return harsh
        concerns = self._ranked(reading)
        name = concerns[0].name if concerns else "他刚说的事"
        return texts[self._most_costly(reading, score)].format(concern=name)

    def _harsh(self, reading: Reading) -> str:
        """Why the harshest words hurt and what to do instead; also of a move only the network heard."""
        hits = [hit for hit in reading.hits if hit.cue.move in _HARSH and hit.cue.strength >= HELPS]
        if hits:
            hit = max(hits, key=lambda one: one.strength)
            return hit.cue.why + self._texts.advice[f"instead-{hit.cue.move}"]
        moves = [move for move, _, _ in reading.learned if move in _HARSH]
        if moves:
            move = max(moves, key=lambda one: reading.moves[one])
            return self._heard[move] + self._texts.advice[f"instead-{move}"]
        return ""

    def _most_costly(self, reading: Reading, score: int) -> str:
        m = reading.moves
        if reading.empty:
            return "copy" if han_count(reading.reply.norm) >= 6 else "empty"
        if reading.scorned:
            return "scorn"
        if reading.wrong_figure:
            return "figure"
        if score >= EXCELLENT:
            return "repeat" if reading.repeat > 0.6 else "keep"
        concerns = self._ranked(reading)
        first = concerns[0].id if concerns else ""
        helped = _helps(reading)
        if first == "abuse" and (self._passed_by(reading) or not helped):
            return "later"
        if concerns and self._passed_by(reading):
            vulnerable = concerns[0].weight >= 0.8
            shell = reading.stock_hits and reading.best("ack") is None
            if vulnerable or shell:
                return "vulnerable" if vulnerable else "shell"
            return "lead" if score >= GOOD else "uptake"
        if reading.repeat > 0.6:
            return "repeat"
        if first == "death" and m["ack"] >= HELPS:
            return "gentle"
        if max(m["ack"], m["apol"], m["safety"], m["ask"] if _on_a_machine(reading) else 0) < HELPS:
            return "ack" if helped else "both"
        if not helped:
            return "act"
        if m["plan"] < 0.9 and _unfinished(reading):
            return "when"
        return "option" if reading.ack_first or m["option"] == 0 else "order"

    def _passed_by(self, reading: Reading) -> bool:
        """Whether the reply talks past what matters to the customer, said or known from the facts."""
        if _on_a_machine(reading):
            return max(reading.moves[one] for one in ("safety", "ask", "ack")) < HELPS
        return bool(reading.concerns) and reading.uptake < 0.4

    def _rewrite(self, reading: Reading, score: int) -> str:
        if score >= EXCELLENT and not reading.crossings:
            return reading.turn.reply.strip()
        for text in dict.fromkeys(self._candidates(reading, score)):
            if self._judged(reading.turn, text) >= EXCELLENT:
                return text
        return ""

    def _candidates(self, reading: Reading, score: int) -> Iterator[str]:
        concerns = self._ranked(reading)
        if self._worth_keeping(reading, score):
            yield from self._longer(reading, concerns)
        openings = self._openings(reading)
        for name in [self._wording(one, reading) for one in concerns] + ["general"]:
            pairs = list(zip(self._texts.ack[name], self._texts.act[name], strict=False))
            for ack, act in pairs:
                fresh = [one for one in openings if not _repeats(one, ack + act)]
                yield from (ack + opening + act for opening in fresh)
                yield from (opening + act for opening in fresh)
                yield ack + act
            yield from (ack + act + self._texts.add["when"] for ack, act in pairs if name != "general")
            yield self._texts.ack[name][0] + self._texts.act["general"][0]
        yield from (ack + act for act in self._texts.act["general"] for ack in self._texts.ack["general"])

    def _worth_keeping(self, reading: Reading, score: int) -> bool:
        """Whether the trainee's own words are good enough to build on."""
        return (
            score >= GOOD
            and not reading.crossings
            and not reading.scorned
            and not self._harsh(reading)
            and any(hit.cue.move in _WORK and hit.cue.strength >= HELPS for hit in reading.hits)
            and len(reading.turn.reply.strip()) <= LONGEST_KEPT
        )

    def _longer(self, reading: Reading, concerns: tuple[Concern, ...]) -> Iterator[str]:
        """The trainee's own words with what they lack: the feeling before, the time to report back behind."""
        own = reading.turn.reply.strip()
        closed = own if own[-1:] in _ENDS else own + "。"
        feeling = self._texts.ack[self._wording(concerns[0], reading)] if concerns else ()
        before = [one for one in (*feeling[:1], self._texts.add["ack"]) if not _repeats(one, own)]
        asks_first = _on_a_machine(reading) and reading.moves["ask"] >= HELPS
        lacks_feeling = reading.best("ack", "apol") is None and not asks_first
        urgent = _on_a_machine(reading) or any(one.id == "reconnect" for one in concerns)
        when = self._texts.add["now" if urgent else "when"]
        unfinished = _unfinished(reading)
        openings = before if lacks_feeling else [""]
        if lacks_feeling:
            yield from (words + closed for words in before)
        if unfinished:
            yield from (words + closed + when for words in openings)
        elif not _helps(reading) and not _FAREWELL.search(reading.reply.norm):
            act = self._texts.act["general"][0]
            yield from (words + closed + act for words in openings)

    def _openings(self, reading: Reading) -> tuple[str, ...]:
        """What has to be put right first after a red line; nothing that the facts of the case make untrue."""
        if not reading.crossings:
            return ()
        code = _gravest(reading.crossings).code
        if code not in _PUT_RIGHT or (code == "illegal_cutoff" and _cut_off_is_due(reading)):
            return ()
        return self._texts.turn.get(code, ())

    def _wording(self, concern: Concern, reading: Reading) -> str:
        """The wording for a concern: `…-due` where a cut-off has lawfully been announced."""
        due = f"{concern.id}-due"
        return due if due in self._texts.ack and _cut_off_is_due(reading) else concern.id

    def _ranked(self, reading: Reading) -> tuple[Concern, ...]:
        """The customer's concerns, those the trainee was already talking about a little ahead.

        First what the facts say: someone lives on a machine, or a stranger asks about another household.
        """
        known = []
        if _on_a_machine(reading):
            known.append(self._concerns.get("life-support"))
        if reading.turn.facts.get("third_party") and any(one.id == "others-data" for one in reading.concerns):
            known.append(self._concerns.get("others-data"))
        first = [one for one in known if one is not None]
        rest = sorted(
            (one for one in reading.concerns if one not in first),
            key=lambda one: -one.weight - (SAME_SUBJECT if one.id in reading.taken else 0),
        )
        return (*first, *rest)

    def _judged(self, turn: TurnContext, text: str) -> int:
        trial = self._reader.read(replace(turn, reply=text, history=(), understood=None))
        return 0 if trial.crossings else self._points(trial)


def _praiseworthy(reading: Reading) -> list[Hit]:
    """The strongest good wording of each move."""
    found = [hit for hit in map(reading.best, _PRAISED) if hit is not None]
    return [hit for hit in found if hit.cue.polarity == "+" and hit.cue.id != "nin"]


def _touched(reading: Reading, at: int) -> bool:
    """Whether a red line or harsh words lie in the same sentence: nothing there is praised."""
    begin, stop = reading.reply.sentence(at)
    spots = [one.start for one in reading.crossings]
    spots += [hit.start for hit in reading.hits if hit.cue.polarity == "-"]
    spots += [start for move, start, _ in reading.learned if move in _HARSH]
    return any(begin <= spot < stop for spot in spots) or any(
        one.start <= at < one.end for one in reading.crossings
    )


def _quoted(reading: Reading, hit: Hit) -> str:
    """The clauses of a hit as typed; of a long one those neighbouring clauses that hold most of the same move.

    Where no stops part the clauses, the words from the hit on.
    """
    reply = reading.reply
    whole = _as_typed(reading, reply.clause(hit.start)[0], reply.clause(hit.end - 1)[1])
    if len(whole) <= LONGEST_QUOTE:
        return whole
    clauses = [one for one in reply.clauses if one[0] < hit.end and one[1] > hit.start]
    spots = [one for one in reading.hits if one.cue.move == hit.cue.move and one.strength > 0]
    best, most = "", 0
    for at, (start, _) in enumerate(clauses):
        for _, end in clauses[at:]:
            words = _as_typed(reading, start, end)
            held = sum(1 for one in spots if start <= one.start and one.end <= end)
            if len(words) <= LONGEST_QUOTE and held > most:
                best, most = words, held
    return best or _as_typed(reading, hit.start, clauses[-1][1])[: LONGEST_QUOTE - 2] + "……"


def _repeats(words: str, other: str) -> bool:
    """Whether six signs in a row stand in both."""
    return any(words[at : at + SAME_WORDS] in other for at in range(len(words) - SAME_WORDS + 1))


def _echoed(words: str, customer: str) -> bool:
    """Whether the words are the customer's own, said back."""
    pairs = bigrams(words)
    return bool(pairs) and len(pairs & bigrams(customer)) >= ECHOED * len(pairs)


def _as_typed(reading: Reading, start: int, end: int) -> str:
    first, last = reading.reply.offsets(start, end)
    return reading.turn.reply[first:last].strip(" ，,。.！!？?；;\n")


def _gravest(crossings: tuple[Crossing, ...]) -> RedLine:
    """The line crossed most often; among equals one that can be shown word by word, then the gravest."""
    codes = [one.line.code for one in crossings]
    shown = {one.line.code for one in crossings if one.way.id != "heard"}
    return min(
        (one.line for one in crossings),
        key=lambda line: (-codes.count(line.code), line.code not in shown, _GRAVEST.index(line.code)),
    )


def _unfinished(reading: Reading) -> bool:
    """Whether work was begun without a day for it, so that a time to report back is what is missing."""
    begun = any(hit.cue.id in _PENDING for hit in reading.hits)
    return begun and reading.moves["plan"] < 0.9 and not _FAREWELL.search(reading.reply.norm)


def _helps(reading: Reading) -> bool:
    """Whether the reply does or offers something; only to name an office is not yet help."""
    return max(reading.moves[one] for one in ("plan", "verify", "option")) > HELPS


def _on_a_machine(reading: Reading) -> bool:
    return bool(reading.turn.facts.get("life_support"))


def _cut_off_is_due(reading: Reading) -> bool:
    """Whether, by the facts, notice was served and the time has run out: “不会停” would then be untrue."""
    facts = reading.turn.facts
    notices, days = facts.get("notices"), facts.get("overdue_days")
    served = isinstance(notices, int | float) and notices >= 1
    late = isinstance(days, int | float) and days > LAWFUL_AFTER_DAYS
    return served and (late or facts.get("billing_mode") == "prepaid") and facts.get("approved") is not False
