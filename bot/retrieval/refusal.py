"""How sure we are that an answer holds a right clause: a small logistic regression over what retrieval saw.

Fitted by `python -m benchmarks.retrieval.fit`; the coefficients ship in models/refusal. Length plays no part.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.errors import NotReady
from bot.retrieval.foreign import foreign_words
from bot.retrieval.lexicon import Asked, Lexicon
from bot.retrieval.ranker import FEATURES as RANKED_BY
from bot.retrieval.retriever import Hit

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
class Confidence:
    """Logistic regression: standardised features, weights, bias, and the probability from which on we answer.

    Between `unsure` and `threshold` we ask back when there is a choice to offer; below both we decline.
    """

    mean: Mapping[str, float]
    scale: Mapping[str, float]
    weight: Mapping[str, float]
    bias: float
    threshold: float
    unsure: float = NEVER

    @classmethod
    def load(cls, path: Path) -> Confidence:
        """Read the shipped coefficients; raises NotReady when the file is missing or does not fit this code."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            held = cls(data["mean"], data["scale"], data["weight"], data["bias"], data["threshold"])
            held = replace(held, unsure=float(data.get("unsure", NEVER)))
            held.probability(dict.fromkeys(FEATURES, 0.5))
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise NotReady(
                f"拒答模型 {path.name} 读不出来。", "用 git checkout models/refusal 恢复。"
            ) from error
        return held

    @classmethod
    def never(cls) -> Confidence:
        """Refuses nothing: what fitting starts from."""
        zero = dict.fromkeys(FEATURES, 0.0)
        return cls(zero, dict.fromkeys(FEATURES, 1.0), zero, bias=0.0, threshold=0.0)

    def moved(self, threshold: float) -> Confidence:
        """The same regression, its bias shifted so that its own threshold falls on another."""
        shift = _logit(threshold) - _logit(self.threshold)
        return replace(self, bias=self.bias + shift, threshold=threshold)

    def probability(self, values: Mapping[str, float]) -> float:
        """Probability 0..1 that the answer holds a right clause."""
        z = self.bias + sum(self.contributions(values).values())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))

    def contributions(self, values: Mapping[str, float]) -> dict[str, float]:
        """What each value adds to the log odds or takes from them; with the bias their sum is the log odds."""
        return {n: self.weight[n] * (values[n] - self.mean[n]) / self.scale[n] for n in FEATURES}

    @property
    def asks_back(self) -> bool:
        """Whether there is a band between answering and declining at all; without a threshold there is none."""
        return self.unsure < self.threshold


def _logit(share: float) -> float:
    held = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))
