"""The door of this package: `ToneScorer(rubric).judge(turn)` gives one reply its Judgement."""

from __future__ import annotations

from dataclasses import replace

from bot.content.rubric import Rubric
from bot.judgement import POSITIVE_MOVES, REDLINES, Judgement, Span, TurnContext
from bot.tone.dimensions import band, dimensions, overall
from bot.tone.feedback import Coach
from bot.tone.joining import LOWEST, joint_points, shifted, to_bands
from bot.tone.listening import Listener
from bot.tone.reading import Reader, Reading

HEAPED = 5
"""What a heap of set phrases costs, beside not counting."""
STUFFING = "一串套话连着说，听不出在说他的事，不算分。"


class ToneScorer:
    """Judges replies by the rubric and, when it is given one, by the network: no chance, no memory.

    Example:
        scorer = ToneScorer(load_rubric(Path("knowledge/rubric")), Listener())
        scorer.judge(TurnContext(customer="这月怎么这么多？", reply="我这就查，下午给您回话。")).band
    """

    def __init__(self, rubric: Rubric, listener: Listener | None = None) -> None:
        self._rubric = rubric
        self._listener = listener
        self._reader = Reader(rubric, listener)
        self._coach = Coach(rubric, self._reader, self._points)

    def judge(self, turn: TurnContext) -> Judgement:
        """The verdict on `turn.reply`. Takes any text, also an empty one; reads its first 1,500 signs."""
        reading = self._reader.read(turn)
        score = self._points(reading)
        points = dimensions(reading)
        if self._listener:
            points = shifted(points, score, self._rubric)
        crossed = {crossing.line.code for crossing in reading.crossings}
        card = self._coach.feedback(reading, points, score)
        return Judgement(
            overall=score, band=band(score), dimensions=points,
            redlines=tuple(code for code in REDLINES if code in crossed),
            evidence=evidence(reading, self._rubric), moves=reading.moves, fit=reading.fit,
            ack_first=reading.ack_first, stock_apology=reading.stock_apology,
            repeat=reading.repeat, answered=reading.answered,
            praise=card.praise, advice=card.advice, rewrite=card.rewrite,
        )  # fmt: skip

    def _by_rules(self, reading: Reading) -> int:
        """The rubric's points; a kind opening never costs, so the best with and without it counts."""
        rests = [
            self._reader.read(replace(reading.turn, reply=rest), listening=False) for rest in reading.rests
        ]
        return max(overall(dimensions(one), one, self._rubric) for one in (reading, *rests))

    def joint(self, turn: TurnContext) -> float | None:
        """The points before they are laid on the bands, for setting the cuts; None when a line is crossed or nothing said."""
        reading = self._reader.read(turn)
        if reading.crossings or reading.empty:
            return None
        return joint_points(reading.told, self._by_rules(reading))

    def _points(self, reading: Reading) -> int:
        if self._listener is None:
            return overall(dimensions(reading), reading, self._rubric)
        if reading.crossings or reading.empty:
            return LOWEST
        score = to_bands(joint_points(reading.told, self._by_rules(reading)), self._listener.cuts)
        if reading.hollow and reading.nothing_else:
            score = min(score, self._rubric.caps.shell)
        return max(LOWEST, score - HEAPED) if reading.hollow else score


def evidence(reading: Reading, rubric: Rubric) -> tuple[Span, ...]:
    """Every hit and crossing as offsets of the reply as typed, in the order of the text."""
    spans = [
        Span(*reading.reply.offsets(hit.start, hit.end), hit.cue.id, hit.cue.polarity, hit.cue.why)
        for hit in reading.hits
        if hit.strength > 0
    ]
    spans += [
        Span(*reading.reply.offsets(one.start, one.end), f"{one.line.code}/{one.way.id}", "-", one.way.why)
        for one in reading.crossings
    ]
    spans += [
        Span(
            *reading.reply.offsets(start, end),
            f"heard/{move}",
            "+" if move in POSITIVE_MOVES else "-",
            rubric.heard[move],
        )
        for move, start, end in reading.learned
    ]
    spans += [Span(*reading.reply.offsets(*stretch), "stuffing", "-", STUFFING) for stretch in reading.hollow]
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.cue)))
