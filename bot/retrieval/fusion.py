"""How two kinds of score become one, and how passages make an item's score. Plain numpy; used by the retriever."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

DENSE_WEIGHT = 0.7
"""Share of the dense score; chosen on half a of the refusal set and on hidden questions, see benchmarks/retrieval."""
COSINE_FLOOR = 0.75
"""Cosines of this encoder lie between about .75 (unrelated) and 1; the fusion spreads them over 0..1."""
SUPPORT = 3
"""An item's best passage counts half, the mean of this many next ones the other half: one chance likeness is not enough."""


def fuse(cosine: Scores, bm25: Scores) -> Scores:
    """Convex sum 0..1 of the spread cosine and of BM25 relative to the best passage."""
    lexical = bm25 / max(float(bm25.max(initial=0.0)), 1e-6)
    dense = np.clip((cosine - COSINE_FLOOR) / (1 - COSINE_FLOOR), 0, 1)
    return np.asarray(DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * lexical, np.float32)


class Groups:
    """Rows of passages that belong to one item, as one padded table, so that grouping is a single numpy step."""

    def __init__(self, item_of: NDArray[np.int64]) -> None:
        count = int(item_of.max(initial=-1)) + 1
        rows = [np.flatnonzero(item_of == item) for item in range(count)]
        width = max(map(len, rows), default=1)
        self._rows = np.full((count, width), len(item_of), np.int64)
        for item, held in enumerate(rows):
            self._rows[item, : len(held)] = held
        self._support = np.array([min(SUPPORT, max(len(held) - 1, 1)) for held in rows], np.float32)

    def scores(self, passages: Scores) -> tuple[Scores, NDArray[np.int64]]:
        """(score, row of the best passage) of every item."""
        table = np.append(passages, np.float32(0))[self._rows]
        best = self._rows[np.arange(len(table)), table.argmax(1)]
        ordered = -np.sort(-table, axis=1)
        support = np.maximum(ordered[:, 1 : 1 + SUPPORT], 0).sum(1) / self._support
        return np.asarray((ordered[:, 0] + support) / 2, np.float32), best
