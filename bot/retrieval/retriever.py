"""Finds the items of the knowledge base nearest to a question: lexical and dense scores of passages, fused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.dense import Dense
from bot.retrieval.encoder import Encoder
from bot.retrieval.lexical import Lexical
from bot.retrieval.passages import WEIGHTS, Passage
from bot.retrieval.tokens import Tokens

DENSE_WEIGHT = 0.6
"""Share of the dense score in the convex fusion; chosen on the calibration questions, see benchmarks/retrieval."""
SYNONYM_SHARE = 0.35
"""What a synonym's match is worth beside the question's own words."""
COSINE_FLOOR = 0.75
"""Cosines of this encoder lie between about .75 (unrelated) and 1; the fusion spreads them over 0..1."""


@dataclass(frozen=True)
class Hit:
    """One item: its fused score 0..1, the passage that won, the cosine, and BM25
    as a share of what a passage with all the question's words would score."""

    item: str
    score: float
    passage: Passage
    cosine: float
    lexical: float


class Retriever:
    """Immutable after building; `search` may be called from several threads."""

    def __init__(
        self, passages: Sequence[Passage], vectors: NDArray[np.float32], tokens: Tokens, encoder: Encoder
    ) -> None:
        self._passages = list(passages)
        self._tokens = tokens
        self._encoder = encoder
        self._dense = Dense(vectors)
        self._lexical = Lexical([self._terms(p.text) for p in self._passages])
        self._weights = np.array([WEIGHTS[p.kind] for p in self._passages], dtype=np.float32)
        items = list(dict.fromkeys(p.item for p in self._passages))
        number = {item: n for n, item in enumerate(items)}
        self._items = items
        self._item_of = np.array([number[p.item] for p in self._passages])

    def encode(self, question: str) -> NDArray[np.float32]:
        return self._encoder.encode_queries([self._tokens.repair(question)])[0]

    def search(
        self,
        question: str,
        top_k: int = 10,
        query: NDArray[np.float32] | None = None,
        without: int | None = None,
    ) -> list[Hit]:
        """The best `top_k` items, best first. `without` hides one passage by its place (for honest calibration)."""
        text = self._tokens.repair(question)
        cosine = self._dense.scores(self.encode(question) if query is None else query)
        bm25, ceiling = self._lexical_scores(text)
        lexical = bm25 / max(float(bm25.max(initial=0.0)), 1e-6)
        dense = np.clip((cosine - COSINE_FLOOR) / (1 - COSINE_FLOOR), 0, 1)
        fused = (DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * lexical) * self._weights
        if without is not None:
            fused[without] = -1
        best = np.full(len(self._items), -1.0, dtype=np.float32)
        np.maximum.at(best, self._item_of, fused)
        order = np.argsort(-best, kind="stable")[:top_k]
        hits = []
        for item in order:
            rows = np.flatnonzero(self._item_of == item)
            row = int(rows[np.argmax(fused[rows])])
            passage = self._passages[row]
            hits.append(
                Hit(
                    self._items[item],
                    float(fused[row]),
                    passage,
                    float(cosine[row]),
                    min(1.0, float(bm25[row]) / ceiling),
                )
            )
        return hits

    def _lexical_scores(self, text: str) -> tuple[NDArray[np.float32], float]:
        """BM25 of every passage, synonyms counting less, and what a perfect match would score."""
        asked = self._terms(text)
        scores = self._lexical.scores(asked)
        synonyms = self._tokens.synonyms_in(text)
        if synonyms:
            extra = self._lexical.scores([t for s in synonyms for t in self._terms(s)])
            scores = scores + SYNONYM_SHARE * np.minimum(extra, scores.max(initial=0.0))
        return scores, max(self._lexical.ceiling(asked), 1e-6)

    def _terms(self, text: str) -> list[str]:
        return self._tokens.words(text) + self._tokens.bigrams(text)
