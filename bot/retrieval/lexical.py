"""BM25 over jieba words and character bigrams together (bm25s)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75


class Lexical:
    """Scores every document for a bag of tokens; documents are given as token lists."""

    def __init__(self, documents: Sequence[list[str]]) -> None:
        self._bm25 = bm25s.BM25(k1=K1, b=B)
        self._bm25.index([d or ["∅"] for d in documents] or [["∅"]], show_progress=False)
        self._size = len(documents)
        count = Counter(t for d in documents for t in set(d))
        self._idf = {t: math.log(1 + (self._size - n + 0.5) / (n + 0.5)) for t, n in count.items()}
        self._unseen = math.log(1 + (self._size + 0.5) / 0.5)

    def ceiling(self, tokens: Sequence[str]) -> float:
        """About what a short document holding every token once would score; unknown tokens weigh as the rarest."""
        return sum(self._idf.get(t, self._unseen) for t in tokens) / (1 + K1 * (1 - B / 2))

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """One score a document, zero where nothing matches; unknown tokens are passed over."""
        known = [t for t in tokens if t in self._bm25.vocab_dict]
        if not known or not self._size:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)
