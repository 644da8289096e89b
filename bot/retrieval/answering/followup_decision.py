"""Whether an utterance needs the talk before it: a small logistic regression over its wording and two trial answers.

Fitted by `python -m benchmarks.retrieval.followups --fit`; the coefficients ship in models/followup.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import NotReady

FEATURES = (
    "length",  # characters, at most 30
    "switch",  # 对了, 还有, 再问: a new topic is announced
    "lean",  # begins with 那, 要是, 已经 …
    "points",  # 他, 这, 上面 …
    "whole",  # names who it is about: 客户, 用户 …
    "asks",  # holds a question at all
    "weight",  # how much its content words say, in words as telling as the rarest
    "held",  # the share of them that the items cited last hold
    "lost",  # how much more of them the items cited alone hold than those cited together
    "alone",  # confidence when asked alone
    "joined",  # confidence when asked together with the last question
    "same",  # alone it leads to an item cited last
    "stays",  # together it leads to an item cited last
    "agree",  # both ways lead to the same first item
)


@dataclass(frozen=True)
class Decision:
    """Logistic regression over standardised `FEATURES`; at `threshold` and above an utterance is a follow-up."""

    mean: Mapping[str, float]
    scale: Mapping[str, float]
    weight: Mapping[str, float]
    bias: float
    threshold: float = 0.5

    @classmethod
    def load(cls, path: Path) -> Decision:
        """Read the shipped coefficients; raises NotReady when the file is missing or does not fit this code."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            held = cls(data["mean"], data["scale"], data["weight"], data["bias"], data["threshold"])
            held.probability(dict.fromkeys(FEATURES, 0.5))
        except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
            raise NotReady(
                f"接话模型 {path.name} 读不出来。", "用 git checkout models/followup 恢复。"
            ) from error
        return held

    @classmethod
    def never(cls) -> Decision:
        """Takes nothing for a follow-up: what fitting starts from."""
        zero = dict.fromkeys(FEATURES, 0.0)
        return cls(zero, dict.fromkeys(FEATURES, 1.0), zero, bias=0.0, threshold=1.0)

    def probability(self, values: Mapping[str, float]) -> float:
        """Probability 0..1 that the utterance needs the turns before it."""
        z = self.bias + sum(self.weight[n] * (values[n] - self.mean[n]) / self.scale[n] for n in FEATURES)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))

    def follows(self, values: Mapping[str, float]) -> bool:
        return self.probability(values) >= self.threshold
