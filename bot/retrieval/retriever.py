"""Finds the items of the knowledge base nearest to a question: lexical and dense scores of passages, fused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.dense import Dense
from bot.retrieval.encoder import Encoder
from bot.retrieval.fusion import COSINE_FLOOR, Groups, fuse
from bot.retrieval.lexical import Lexical
from bot.retrieval.passages import WEIGHTS, Passage
from bot.retrieval.tokens import Tokens

_AMOUNT = re.compile(
    r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千半]+)\s?个?(?:工作日|多?[天日]|周|星期|小时|分钟|月|年|元|块|多)"
)
"""A question's own figures say what happened, not what it is about: they would match other clauses by chance."""
SYNONYM_SHARE = 0.35
"""What a synonym's match is worth beside the question's own words."""
LOOKALIKE_PENALTY = 0.5
"""How hard a question nearer to what an item must not answer than to what it does counts against that item."""


@dataclass(frozen=True)
class Hit:
    """One item and why: its score 0..1, its nearest passage, that passage's cosine, and BM25 as a share of what
    a passage with all the question's words would score. `lookalike` 0.. is how much nearer the question is to
    something the item must not answer; `standout` is the cosine in deviations above all passages; `agreement` is
    1 when words alone and vectors alone both put the item first, .5 when one of them does.
    """

    item: str
    score: float
    passage: Passage
    cosine: float
    lexical: float
    lookalike: float = 0.0
    standout: float = 0.0
    agreement: float = 1.0


class Retriever:
    """Immutable after building; `search` may be called from several threads."""

    def __init__(
        self,
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        negatives: Sequence[Passage],
        negative_vectors: NDArray[np.float32],
        tokens: Tokens,
        encoder: Encoder,
        words: Sequence[list[str]],
    ) -> None:
        """`words` are the passages' words as `tokens` cuts them."""
        self._passages = list(passages)
        self._tokens = tokens
        self._encoder = encoder
        self._dense = Dense(vectors)
        self._lexical = Lexical(
            [[*held, *tokens.bigrams(p.text)] for held, p in zip(words, passages, strict=True)]
        )
        self._weights = np.array([WEIGHTS[p.kind] for p in self._passages], np.float32)
        self.items = list(dict.fromkeys(p.item for p in self._passages))
        self._number = {item: n for n, item in enumerate(self.items)}
        self._groups = Groups(np.array([self._number[p.item] for p in self._passages], np.int64))
        self._negative_of = np.array([self._number[p.item] for p in negatives], np.int64)
        self._negatives = negative_vectors

    def encode(self, question: str) -> NDArray[np.float32]:
        """The question as a unit vector; slips are repaired first."""
        rows: NDArray[np.float32] = self._encoder.encode_queries([self._tokens.repair(question)])
        return np.asarray(rows[0], np.float32)

    def search(self, question: str, top_k: int = 10, without: int | None = None) -> list[Hit]:
        """The best `top_k` items, best first. `without` hides one passage by its place (for honest calibration)."""
        if not self._passages:
            return []
        text = self._tokens.repair(question)
        query = self.encode(question)
        cosine = self._dense.scores(query)
        bm25, ceiling = self._lexical_scores(text)
        if without is not None:
            cosine[without], bm25[without] = COSINE_FLOOR, 0
        scores, best = self._groups.scores(fuse(cosine, bm25) * self._weights)
        firsts = [int(self._groups.scores(one * self._weights)[0].argmax()) for one in (cosine, bm25)]
        lookalike = np.maximum(self._lookalikes(query) - cosine[best], 0)
        scores = scores - LOOKALIKE_PENALTY * lookalike / (1 - COSINE_FLOOR)
        mean, deviation = float(cosine.mean()), float(cosine.std()) + 1e-6
        return [
            Hit(
                self.items[item],
                float(scores[item]),
                self._passages[best[item]],
                float(cosine[best[item]]),
                min(1.0, float(bm25[best[item]]) / ceiling),
                float(lookalike[item]),
                (float(cosine[best[item]]) - mean) / deviation,
                firsts.count(int(item)) / 2,
            )
            for item in np.argsort(-scores, kind="stable")[:top_k]
        ]

    def _lookalikes(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """For every item, the best cosine of the question to what the item must not answer; 0 where it says nothing."""
        found = np.zeros(len(self.items), np.float32)
        if len(self._negative_of):
            np.maximum.at(found, self._negative_of, self._negatives @ query)
        return found

    def _lexical_scores(self, text: str) -> tuple[NDArray[np.float32], float]:
        """BM25 of every passage, synonyms counting less, and what a perfect match would score."""
        asked = self._terms(_AMOUNT.sub(" ", text)) or self._terms(text)
        scores = self._lexical.scores(asked)
        synonyms = self._tokens.synonyms_in(text)
        if synonyms:
            extra = self._lexical.scores([t for s in synonyms for t in self._terms(s)])
            scores = scores + SYNONYM_SHARE * np.minimum(extra, scores.max(initial=0.0))
        return scores, max(self._lexical.ceiling(asked), 1e-6)

    def _terms(self, text: str) -> list[str]:
        return self._tokens.words(text) + self._tokens.bigrams(text)
