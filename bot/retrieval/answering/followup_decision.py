"""Whether an utterance needs the talk before it: a small logistic regression over its wording and two trial answers.

Fitted by `python -m benchmarks.retrieval.followups --fit`; the coefficients ship in models/followup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bot.retrieval.weighing import Logistic, read_model

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
class Decision(Logistic):
    """Probability that an utterance needs the turns before it; at `threshold` and above it is a follow-up."""

    features: ClassVar = FEATURES

    @classmethod
    def load(cls, path: Path) -> Decision:
        """Read the shipped coefficients; raises NotReady when the file is missing or does not fit this code."""

        def make(data: dict[str, Any]) -> Decision:
            held = cls(data["mean"], data["scale"], data["weight"], data["bias"], data["threshold"])
            held.probability(dict.fromkeys(FEATURES, 0.5))
            return held

        return read_model(path, "接话模型", "followup", make)

    @classmethod
    def never(cls) -> Decision:
        """Takes nothing for a follow-up: what fitting starts from."""
        return cls.flat(threshold=1.0)

    def follows(self, values: Mapping[str, float]) -> bool:
        return self.probability(values) >= self.threshold
