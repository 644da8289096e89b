"""The door of this package: `ToneScorer(rubric).judge(turn)` gives one reply its Judgement."""

from __future__ import annotations

from bot.content.rubric import Rubric
from bot.judgement import REDLINES, Judgement, Span, TurnContext
from bot.tone.dimensions import band, dimensions, overall
from bot.tone.feedback import Coach
from bot.tone.reading import Reader, Reading

STUFFING = "一串套话连着说，听不出在说他的事，不算分。"


class ToneScorer:
    """Judges replies by the rubric alone: no model, no chance, no memory.

    Example:
        scorer = ToneScorer(load_rubric(Path("knowledge/rubric")))
        scorer.judge(TurnContext(customer="这月怎么这么多？", reply="我这就查，下午给您回话。")).band
    """

    def __init__(self, rubric: Rubric) -> None:
        self._rubric = rubric
        self._reader = Reader(rubric)
        self._coach = Coach(rubric, self._reader, self._points)

    def judge(self, turn: TurnContext) -> Judgement:
        """The verdict on `turn.reply`. Takes any text, also an empty one; reads its first 1,500 signs."""
        reading = self._reader.read(turn)
        points = dimensions(reading)
        score = self._points(reading)
        crossed = {crossing.line.code for crossing in reading.crossings}
        card = self._coach.feedback(reading, points, score)
        return Judgement(
            overall=score, band=band(score), dimensions=points,
            redlines=tuple(code for code in REDLINES if code in crossed),
            evidence=evidence(reading), moves=reading.moves, fit=reading.fit,
            ack_first=reading.ack_first, stock_apology=reading.stock_apology,
            repeat=reading.repeat, answered=reading.answered,
            praise=card.praise, advice=card.advice, rewrite=card.rewrite,
        )  # fmt: skip

    def _points(self, reading: Reading) -> int:
        return overall(dimensions(reading), reading, self._rubric)


def evidence(reading: Reading) -> tuple[Span, ...]:
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
    spans += [Span(*reading.reply.offsets(*stretch), "stuffing", "-", STUFFING) for stretch in reading.hollow]
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.cue)))
