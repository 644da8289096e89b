"""Standardised features and what each weighs: what the ranker, the confidence and the reading of follow-ups have in common."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from bot.errors import NotReady

Model = TypeVar("Model")


@dataclass(frozen=True)
class Weights:
    """Of each feature in `features`: its mean and scale among what was fitted on, and its weight."""

    features: ClassVar[tuple[str, ...]]
    mean: Mapping[str, float]
    scale: Mapping[str, float]
    weight: Mapping[str, float]

    def contributions(self, values: Mapping[str, float]) -> dict[str, float]:
        """What each value adds to the log odds or takes from them."""
        return {n: self.weight[n] * (values[n] - self.mean[n]) / self.scale[n] for n in self.features}


@dataclass(frozen=True)
class Logistic(Weights):
    """Logistic regression: with the bias the contributions' sum is the log odds."""

    bias: float
    threshold: float = 0.5

    @classmethod
    def flat(cls, threshold: float) -> Self:
        """Every feature weighs nothing: what fitting starts from."""
        zero = dict.fromkeys(cls.features, 0.0)
        return cls(zero, dict.fromkeys(cls.features, 1.0), zero, bias=0.0, threshold=threshold)

    def probability(self, values: Mapping[str, float]) -> float:
        """0..1."""
        z = self.bias + sum(self.contributions(values).values())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def read_model(path: Path, name: str, folder: str, make: Callable[[dict[str, Any]], Model]) -> Model:
    """What `make` makes of the JSON at `path`, which it tries out; raises NotReady with the shipped file's `folder`
    when the file is missing or does not fit this code."""
    try:
        return make(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise NotReady(f"{name} {path.name} 读不出来。", f"用 git checkout models/{folder} 恢复。") from error
