"""Joins the tone library to its doors: rows of `anxun score`, bodies of /api/v1/score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.content.rubric import Rubric, load_rubric
from bot.errors import BadInput
from bot.judgement import Exchange, Judgement, TurnContext
from bot.settings import Settings
from bot.text import mask_personal_data, normalise
from bot.tone.listening import Listener
from bot.tone.scorer import ToneScorer


class Tone:
    """Scores one row as the contract says, by rubric and network together.

    `scorer` is what role-play receives: the rubric alone, on which the customers' tempers are balanced.
    """

    def __init__(self, judge: ToneScorer, scorer: ToneScorer, rubric: Rubric) -> None:
        self._judge = judge
        self.scorer = scorer
        self.rubric = rubric

    def score(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """`{customer, reply}` and optional `history`, `facts` → the contract of `anxun score`, without the id.

        Offsets count code points of the reply as given here after normalising and masking.
        """
        history = row.get("history") or []
        facts = row.get("facts") or {}
        if not isinstance(history, list) or not isinstance(facts, dict):
            raise BadInput("history 应是列表，facts 应是对象。", "对照 README 的例子改正。")
        reply = mask_personal_data(normalise(str(row["reply"])))
        turn = TurnContext(
            customer=normalise(str(row["customer"])),
            reply=reply,
            history=tuple(
                Exchange(str(h.get("customer", "")), str(h.get("reply", "")))
                for h in history
                if isinstance(h, dict)
            ),
            facts=facts,
        )
        return as_contract(self._judge.judge(turn))


def as_contract(judgement: Judgement) -> dict[str, Any]:
    """The judgement as `anxun score` prints it; strengths to two digits."""
    return {
        "overall": judgement.overall,
        "band": judgement.band,
        "dimensions": dict(judgement.dimensions),
        "redlines": list(judgement.redlines),
        "evidence": [
            {"start": s.start, "end": s.end, "cue": s.cue, "polarity": s.polarity, "why": s.why}
            for s in judgement.evidence
        ],
        "moves": {name: round(value, 2) for name, value in judgement.moves.items() if value},
        "advice": judgement.advice,
        "rewrite": judgement.rewrite,
    }


def build_tone(settings: Settings) -> Tone:
    """The scorer with the shipped rubric and network.

    Raises:
        ContentError: the rubric is faulty.
        NotReady: the network is missing or damaged.
    """
    rubric = load_rubric(settings.knowledge / "rubric")
    return Tone(ToneScorer(rubric, Listener()), ToneScorer(rubric), rubric)
