"""Words for the trainee: praise that quotes their own good words, one advice, one better wording.

Called by `bot.tone.scorer`. A rewrite is given only after it was itself judged excellent for that customer; if none is, none is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.content.rubric import Concern, Rubric
from bot.judgement import TurnContext
from bot.tone.reading import Reader, Reading
from bot.tone.text import han_count

GOOD = 70
EXCELLENT = 85
LONGEST_KEPT = 90
SAME_SUBJECT = 0.25
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
_HARSH = ("insult", "blame", "rhet", "cold", "deflect", "refuse", "interrupt", "command", "jargon")
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
        self._reader = reader
        self._points = points

    def feedback(self, reading: Reading, points: Mapping[str, int | None], score: int) -> Card:
        """Praise, advice and rewrite for one reading that was given `score`."""
        return Card(self._praise(reading), self._advice(reading, score), self._rewrite(reading, score))

    def _praise(self, reading: Reading) -> str:
        texts = self._texts.praise
        good = [reading.best(move) for move in _PRAISED]
        found = [hit for hit in good if hit is not None and hit.cue.polarity == "+" and hit.cue.id != "nin"]
        clean = [hit for hit in found if not self._touched(reading, hit.start)]
        if not clean or reading.empty or reading.scorned:
            return texts["none"]
        hit = max(clean, key=lambda one: one.strength)
        words = _clause(reading, hit.start, hit.end)
        if reading.crossings:
            return texts["mixed"].format(words=words)
        if hit.strength < 0.5:
            return texts["neutral"].format(words=words)
        return texts["quote"].format(words=words, why=hit.cue.why)

    def _touched(self, reading: Reading, at: int) -> bool:
        """Whether a red line or a harsh cue lies in the same sentence: nothing there is praised."""
        begin, stop = reading.reply.sentence(at)
        spots = [one.start for one in reading.crossings]
        spots += [hit.start for hit in reading.hits if hit.cue.polarity == "-"]
        return any(begin <= spot < stop for spot in spots) or any(
            one.start <= at < one.end for one in reading.crossings
        )

    def _advice(self, reading: Reading, score: int) -> str:
        texts = self._texts.advice
        if reading.crossings:
            lines = [one.line for one in reading.crossings]
            return max(lines, key=lambda line: sum(1 for other in lines if other.code == line.code)).advice
        name = reading.concerns[0].name if reading.concerns else "他刚说的事"
        key = self._most_costly(reading, score)
        harsh = key.removeprefix("cue:")
        return harsh if key != harsh else texts[key].format(concern=name)

    def _most_costly(self, reading: Reading, score: int) -> str:
        m = reading.moves
        if reading.empty:
            return "copy" if han_count(reading.reply.norm) >= 6 else "empty"
        if reading.scorned:
            return "scorn"
        if reading.wrong_figure:
            return "figure"
        harsh = [hit for hit in reading.hits if hit.cue.move in _HARSH and hit.cue.strength >= 0.5]
        if harsh:
            return "cue:" + max(harsh, key=lambda hit: hit.strength).cue.why
        if reading.uptake < 0.4 and reading.concerns:
            vulnerable = reading.concerns[0].weight >= 0.8
            return "vulnerable" if vulnerable else "shell" if reading.stock_hits else "uptake"
        if reading.repeat > 0.6:
            return "repeat"
        if score >= EXCELLENT:
            return "keep"
        if max(m["ack"], m["apol"], m["safety"]) < 0.5:
            return "ack"
        if max(m["plan"], m["verify"], m["option"]) < 0.5:
            return "act"
        if m["plan"] < 0.9:
            return "when"
        return "option" if reading.ack_first or m["option"] == 0 else "order"

    def _rewrite(self, reading: Reading, score: int) -> str:
        if score >= EXCELLENT and not reading.crossings:
            return reading.turn.reply.strip()
        for text in dict.fromkeys(self._candidates(reading, score)):
            if self._judged(reading.turn, text) >= EXCELLENT:
                return text
        return ""

    def _candidates(self, reading: Reading, score: int) -> Iterator[str]:
        own = reading.turn.reply.strip()
        add = self._texts.add
        if score >= GOOD and len(own) <= LONGEST_KEPT and not reading.crossings:
            closed = own if own[-1:] in _ENDS else own + "。"
            for key in ("when", "ack", "option"):
                longer = add[key] + closed if key == "ack" else closed + add[key]
                yield longer
            yield add["ack"] + closed + add["when"]
        turn = self._texts.turn.get(reading.crossings[0].line.code, ()) if reading.crossings else ()
        names = [one.id for one in self._ranked(reading)] + ["general"]
        for name in names:
            pairs = list(zip(self._texts.ack[name], self._texts.act[name], strict=False))
            for ack, act in pairs:
                for opening in turn:
                    yield opening + act if len(ack + act) > 50 else ack + act
                yield ack + act
            yield from (ack + act + add[key] for key in ("option", "when") for ack, act in pairs)
            yield self._texts.ack[name][0] + self._texts.act["general"][0]

    def _ranked(self, reading: Reading) -> tuple[Concern, ...]:
        """The customer's concerns, those the trainee was already talking about a little ahead."""
        return tuple(
            sorted(
                reading.concerns,
                key=lambda one: -one.weight - (SAME_SUBJECT if one.id in reading.taken else 0),
            )
        )

    def _judged(self, turn: TurnContext, text: str) -> int:
        trial = self._reader.read(replace(turn, reply=text, history=(), understood=None))
        return 0 if trial.crossings else self._points(trial)


def _clause(reading: Reading, start: int, end: int) -> str:
    begin, _ = reading.reply.clause(start)
    _, stop = reading.reply.clause(max(start, end - 1))
    first, last = reading.reply.offsets(begin, max(stop, end))
    words = reading.turn.reply[first:last].strip(" ，,。.！!？?；;\n")
    return words if len(words) <= 40 else words[:38] + "……"
