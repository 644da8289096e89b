"""Passage vectors, encoded once for a content and an encoder and kept between starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.encoder import Encoder
from bot.retrieval.keeping import kept, key_of

Progress = Callable[[int, int], None]
"""Called with (passages done, passages in all)."""
BATCH = 64


def passage_vectors(
    encoder: Encoder, texts: list[str], cache: Path | None, progress: Progress | None = None
) -> NDArray[np.float32]:
    """[n, dim] unit rows for `texts`; read from `cache` when it was made from just these texts by this encoder."""

    def make() -> bytes:
        parts = []
        for start in range(0, len(texts), BATCH):
            parts.append(encoder.encode_passages(texts[start : start + BATCH]))
            if progress:
                progress(min(start + BATCH, len(texts)), len(texts))
        rows = np.vstack(parts) if parts else np.zeros((0, encoder.dim), np.float32)
        return np.ascontiguousarray(rows, dtype="<f4").tobytes()

    body = kept(cache, key_of([encoder.fingerprint, str(encoder.dim), *texts]), make)
    return np.frombuffer(body, dtype="<f4").reshape(len(texts), encoder.dim)
