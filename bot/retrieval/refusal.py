"""How sure the first answer is: a small logistic regression over what retrieval saw. Length plays no part.

Trained by `python -m benchmarks.retrieval.calibrate`; the coefficients ship in models/refusal.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import NotReady
from bot.retrieval.foreign import foreign_words
from bot.retrieval.passages import Passage
from bot.retrieval.retriever import Hit
from bot.retrieval.tokens import Tokens

FEATURES = (
    "score",
    "cosine",
    "standout",
    "margin",
    "agreement",
    "coverage",
    "echo",
    "lookalike",
    "foreign",
)
"""What the regression weighs; `features` names two more, `lexical` and `known`, that only explain."""


@dataclass(frozen=True)
class Vocabulary:
    """Units (content words, or pairs of characters) of the whole knowledge base with their idf, and of each item."""

    idf: Mapping[str, float]
    of_item: Mapping[str, frozenset[str]]
    unseen: float

    @classmethod
    def build(cls, of_item: Mapping[str, frozenset[str]]) -> Vocabulary:
        """`of_item` holds the units of each item. An unseen unit weighs as much as the rarest."""
        count: dict[str, int] = {}
        for found in of_item.values():
            for unit in found:
                count[unit] = count.get(unit, 0) + 1
        size = max(1, len(of_item))
        idf = {unit: math.log(1 + size / n) for unit, n in count.items()}
        return cls(idf, of_item, math.log(1 + size))

    def share(self, units: Mapping[str, set[str]], held: Iterable[str]) -> float:
        """The idf share of `units` (each with its synonyms) that `held` contains; 0 when there are none."""
        inside = set(held)
        weights = {u: max(self.idf.get(v, 0.0) for v in same) or self.unseen for u, same in units.items()}
        total = sum(weights.values())
        return sum(x for u, x in weights.items() if units[u] & inside) / total if total else 0.0


@dataclass(frozen=True)
class Lexicon:
    """What the knowledge base can talk about, in words and in pairs of characters, and the text of each item."""

    words: Vocabulary
    pairs: Vocabulary
    texts: Mapping[str, str]

    @classmethod
    def build(cls, passages: Sequence[Passage], words: Sequence[list[str]], tokens: Tokens) -> Lexicon:
        """`words` are the passages' words as `tokens` cuts them."""
        held_words: dict[str, set[str]] = {}
        held_pairs: dict[str, set[str]] = {}
        texts: dict[str, list[str]] = {}
        for passage, cut in zip(passages, words, strict=True):
            held_words.setdefault(passage.item, set()).update(w for w in cut if w not in tokens.stopwords)
            held_pairs.setdefault(passage.item, set()).update(tokens.pairs(passage.text))
            texts.setdefault(passage.item, []).append(passage.text)
        return cls(
            Vocabulary.build({item: frozenset(held) for item, held in held_words.items()}),
            Vocabulary.build({item: frozenset(held) for item, held in held_pairs.items()}),
            {item: "\n".join(parts) for item, parts in texts.items()},
        )


def features(question: str, hits: Sequence[Hit], lexicon: Lexicon, tokens: Tokens) -> dict[str, float]:
    """Named values about the first hit, each about 0..1 (`standout` is in deviations)."""
    top = hits[0]
    text = tokens.repair(question)
    words = {w: {w, *tokens.synonyms_in(w)} for w in tokens.content_words(text)}
    pairs = {p: {p} for p in tokens.pairs(text)}
    return {
        "score": top.score,
        "cosine": top.cosine,
        "standout": top.standout,
        "lexical": top.lexical,
        "margin": top.score - (hits[1].score if len(hits) > 1 else 0.0),
        "agreement": top.agreement,
        "coverage": lexicon.words.share(words, lexicon.words.of_item.get(top.item, ())),
        "echo": lexicon.pairs.share(pairs, lexicon.pairs.of_item.get(top.item, ())),
        "known": lexicon.words.share(words, lexicon.words.idf),
        "lookalike": top.lookalike,
        "foreign": float(any(w not in lexicon.texts.get(top.item, "") for w in foreign_words(text))),
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
        """Read the shipped coefficients; raises NotReady when the file is missing or does not fit this code."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            held = cls(data["mean"], data["scale"], data["weight"], data["bias"], data["threshold"])
            held.probability(dict.fromkeys(FEATURES, 0.5))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotReady(
                f"拒答模型 {path.name} 读不出来。", "用 git checkout models/refusal 恢复。"
            ) from error
        return held

    def probability(self, values: Mapping[str, float]) -> float:
        """Probability 0..1 that the first item answers the question."""
        z = self.bias + sum(self.weight[n] * (values[n] - self.mean[n]) / self.scale[n] for n in FEATURES)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
