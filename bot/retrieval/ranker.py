"""Puts candidates in order: a weighted sum of what each way of searching saw, its weights learned from written questions.

Fitted by `python -m benchmarks.retrieval.fit`; the weights ship in models/ranker. `bot.retrieval.retriever` calls it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.weighing import Weights, read_model

Scores = NDArray[np.float32]
FEATURES = (
    "question",  # best cosine of a way of asking, in deviations above all passages of this question
    "text",  # the same for what the item says
    "static",  # the same for the static encoder, over all passages
    "words",  # BM25 of the best passage, as a share of the best item's
    "whole",  # BM25 of the item's whole text, as a share of the best item's
    "coverage",  # how much of the question's content words the item holds, by what they say
    "echo",  # the same for pairs of characters
    "alike",  # characters and pairs in common with the nearest way of asking (Dice)
    "cosine",  # the best cosine itself: near in meaning is not the same as nearer than others
    "dense_rank",  # 1 for the item nearest in meaning, 1/2 for the next …
    "words_rank",  # the same for words
    "lookalike",  # how much nearer the question is to something the item must not answer
    "case",  # a story, not a rule
    "faq",
    "elsewhere",  # the rule of a place that the question does not name
    "unverified",  # second-hand or a company's own rule
)


@dataclass(frozen=True)
class Ranker(Weights):
    """A linear model over `FEATURES`, in that order; the contributions' sum is the score."""

    features: ClassVar = FEATURES

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """Read the shipped weights; raises NotReady when the file is missing or does not fit this code."""

        def make(data: dict[str, Any]) -> Ranker:
            held = cls(data["mean"], data["scale"], data["weight"])
            held.scores(np.zeros((1, len(FEATURES)), np.float32))
            return held

        return read_model(path, "排序模型", "ranker", make)

    @classmethod
    def plain(cls) -> Ranker:
        """Every feature weighs the same: what fitting starts from."""
        return cls(*(dict.fromkeys(FEATURES, value) for value in (0.0, 1.0, 1.0)))

    def scores(self, features: Scores) -> Scores:
        """One score a row of [candidates, features]; the differences of scores are log odds between candidates."""
        mean, scale, weight = (
            np.array([part[name] for name in FEATURES], np.float32)
            for part in (self.mean, self.scale, self.weight)
        )
        return np.asarray((features - mean) / scale @ weight, np.float32)
