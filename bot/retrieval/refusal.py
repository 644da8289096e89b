"""How sure the first answer is: a small logistic regression over what retrieval saw. Length plays no part.

Trained by `python -m benchmarks.retrieval.calibrate`; the coefficients ship in models/refusal.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import NotReady
from bot.retrieval.retriever import Hit
from bot.retrieval.tokens import Tokens

FEATURES = ("score", "cosine", "lexical", "margin", "coverage", "known", "lookalike")


@dataclass(frozen=True)
class Vocabulary:
    """Content words of the whole knowledge base with their idf, and of each item."""

    idf: Mapping[str, float]
    of_item: Mapping[str, frozenset[str]]
    unseen: float

    @classmethod
    def build(cls, texts: Mapping[str, str], tokens: Tokens) -> Vocabulary:
        """`texts` holds all text of each item. An unseen word weighs as much as the rarest."""
        of_item = {item: frozenset(tokens.content_words(text)) for item, text in texts.items()}
        count: dict[str, int] = {}
        for words in of_item.values():
            for word in words:
                count[word] = count.get(word, 0) + 1
        size = max(1, len(of_item))
        idf = {word: math.log(1 + size / n) for word, n in count.items()}
        return cls(idf, of_item, math.log(1 + size))


def features(
    question: str, hits: Sequence[Hit], lookalike: float, vocabulary: Vocabulary, tokens: Tokens
) -> dict[str, float]:
    """Named values, each about 0..1. `lookalike` is the best cosine to what the first card says it is not about."""
    top = hits[0]
    other = hits[1].score if len(hits) > 1 else 0.0
    words = tokens.content_words(tokens.repair(question))
    widened = {w: {w, *tokens.synonyms_in(w)} for w in words}
    weights = {w: max(vocabulary.idf.get(v, 0.0) for v in widened[w]) or vocabulary.unseen for w in words}
    total = sum(weights.values())
    held = vocabulary.of_item.get(top.item, frozenset())
    return {
        "score": top.score,
        "cosine": top.cosine,
        "lexical": top.lexical,
        "margin": top.score - other,
        "coverage": sum(x for w, x in weights.items() if widened[w] & held) / total if total else 0.0,
        "known": sum(x for w, x in weights.items() if widened[w] & vocabulary.idf.keys()) / total
        if total
        else 0.0,
        "lookalike": max(0.0, lookalike - top.cosine),
    }


@dataclass(frozen=True)
class Confidence:
    """Logistic regression: standardised features, weights, bias, and the probability below which we decline."""

    mean: Mapping[str, float]
    scale: Mapping[str, float]
    weight: Mapping[str, float]
    bias: float
    threshold: float

    @classmethod
    def load(cls, path: Path) -> Confidence:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(data["mean"], data["scale"], data["weight"], data["bias"], data["threshold"])
        except (OSError, ValueError, KeyError) as error:
            raise NotReady(
                f"拒答模型 {path.name} 读不出来。", "用 git checkout models/refusal 恢复。"
            ) from error

    def probability(self, values: Mapping[str, float]) -> float:
        """Probability 0..1 that the first item answers the question."""
        z = self.bias + sum(self.weight[n] * (values[n] - self.mean[n]) / self.scale[n] for n in FEATURES)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
