"""Mean and spread of any query's scores over all rows, kept while rows come and go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Moments:
    """The sum of the rows and of their outer products, in float64; a query then costs dim² steps, however many rows.

    With m the mean row and S the mean outer product, scores q·x have mean q·m and variance q'Sq - (q·m)².
    Rows must be removed exactly as they were added, so engines give the rows as stored, after rounding.
    """

    def __init__(self, dim: int) -> None:
        self.count = 0
        self._sum = np.zeros(dim)
        self._products = np.zeros((dim, dim))

    def add(self, rows: Vectors) -> None:
        self._change(rows, 1)

    def remove(self, rows: Vectors) -> None:
        self._change(rows, -1)

    def of(self, queries: Vectors) -> tuple[Vectors, Vectors]:
        """Means and standard deviations, one a query; zeros where there are no rows."""
        q, count = queries.astype(np.float64), max(self.count, 1)
        means = q @ self._sum / count
        variances = (q @ self._products * q).sum(1) / count - means**2
        return means.astype(np.float32), np.sqrt(np.maximum(variances, 0)).astype(np.float32)

    def to_bytes(self) -> bytes:
        return np.concatenate([[self.count], self._sum, self._products.ravel()]).astype("<f8").tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes, dim: int) -> Moments:
        """What `to_bytes` gave; raises ValueError when it is of another dimension."""
        if len(raw) != cls.size_of(dim):
            raise ValueError(f"{len(raw)} bytes are no moments of dimension {dim}")
        values = np.frombuffer(raw, "<f8").astype(np.float64)
        moments = cls(dim)
        moments.count, moments._sum = int(values[0]), values[1 : dim + 1]
        moments._products = values[dim + 1 :].reshape(dim, dim)
        return moments

    def to_means(self) -> NDArray[np.float64]:
        """[dim + 1, dim]: the mean outer product, and below it the mean row; with `count` all there is to know."""
        return np.vstack([self._products, self._sum]) / max(self.count, 1)

    @classmethod
    def from_means(cls, count: int, means: NDArray[np.float64]) -> Moments:
        moments = cls(means.shape[1])
        moments.count, moments._sum, moments._products = count, means[-1] * count, means[:-1] * count
        return moments

    @staticmethod
    def size_of(dim: int) -> int:
        """How many bytes `to_bytes` gives."""
        return 8 * (1 + dim + dim * dim)

    def _change(self, rows: Vectors, sign: int) -> None:
        wide = rows.astype(np.float64)
        self.count += sign * len(rows)
        if self.count:
            self._sum += sign * wide.sum(0)
            self._products += sign * (wide.T @ wide)
        else:  # nothing is left, so neither are the rounding errors of what came and went
            self._sum[:] = 0
            self._products[:] = 0
