"""How sure we are that an answer holds a right clause: a small logistic regression over what retrieval saw.

Fitted by `python -m benchmarks.retrieval.fit`; the coefficients ship in models/refusal. Length plays no part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from bot.retrieval.foreign import foreign_words
from bot.retrieval.lexicon import Asked, Lexicon
from bot.retrieval.ranker import FEATURES as RANKED_BY
from bot.retrieval.retriever import Hit
from bot.retrieval.weighing import Logistic, read_model

FEATURES = (*RANKED_BY, "chance", "gap", "lexical", "agreement", "known", "foreign")
"""What the regression weighs: what the ranker saw of the first candidate, and how it stands among the others."""
NEVER = 1.0
"""No probability is this high and below the threshold: nothing is asked back."""
WIDEST = 5.0
"""A lead beyond this says no more."""


def features(text: str, asked: Asked, hits: Sequence[Hit], lexicon: Lexicon) -> dict[str, float]:
    """Named values about the first hit; `text` is the question with its slips repaired."""
    top = hits[0]
    lead = -math.log(max(hits[1].ratio, 1e-9)) if len(hits) > 1 else WIDEST
    return {
        **top.features,
        "chance": top.score,
        "gap": min(WIDEST, lead),
        "lexical": top.lexical,
        "agreement": top.agreement,
        "known": lexicon.known(asked),
        "foreign": float(any(w not in lexicon.texts.get(top.item, "") for w in foreign_words(text))),
    }


@dataclass(frozen=True)
class Confidence(Logistic):
    """Probability that the answer holds a right clause, and that from which on we answer.

    Between `unsure` and `threshold` we ask back when there is a choice to offer; below both we decline.
    """

    features: ClassVar = FEATURES
    unsure: float = NEVER

    @classmethod
    def load(cls, path: Path) -> Confidence:
        """Read the shipped coefficients; raises NotReady when the file is missing or does not fit this code."""

        def make(data: dict[str, Any]) -> Confidence:
            held = cls(data["mean"], data["scale"], data["weight"], data["bias"], data["threshold"])
            held = replace(held, unsure=float(data.get("unsure", NEVER)))
            held.probability(dict.fromkeys(FEATURES, 0.5))
            return held

        return read_model(path, "拒答模型", "refusal", make)

    @classmethod
    def never(cls) -> Confidence:
        """Refuses nothing: what fitting starts from."""
        return cls.flat(threshold=0.0)

    def moved(self, threshold: float) -> Confidence:
        """The same regression, its bias shifted so that its own threshold falls on another."""
        shift = _logit(threshold) - _logit(self.threshold)
        return replace(self, bias=self.bias + shift, threshold=threshold)

    @property
    def asks_back(self) -> bool:
        """Whether there is a band between answering and declining at all; without a threshold there is none."""
        return self.unsure < self.threshold


def _logit(share: float) -> float:
    held = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))
