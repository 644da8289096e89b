"""Exact inner-product search in FAISS over unit vectors."""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray


class Dense:
    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def scores(self, query: NDArray[np.float32], top_k: int | None = None) -> NDArray[np.float32]:
        """Cosine of every vector to one query; those beyond `top_k` are -1."""
        k = min(top_k or len(self), len(self))
        values, rows = self._index.search(np.ascontiguousarray(query.reshape(1, -1), dtype=np.float32), k)
        found = np.full(len(self), -1.0, dtype=np.float32)
        found[rows[0]] = values[0]
        return found
