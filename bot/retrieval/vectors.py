"""Passage vectors, encoded once for a content and an encoder and kept between starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
        # Neighbours in length share a batch; threads, because the encoder lets go of Python while it computes.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        rows = np.zeros((len(texts), encoder.dim), np.float32)
        done = 0
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            encoded = pool.map(lambda batch: encoder.encode_passages([texts[i] for i in batch]), batches)
            for batch, vectors in zip(batches, encoded, strict=True):
                rows[batch] = vectors
                done += len(batch)
                if progress:
                    progress(done, len(texts))
        return rows.astype("<f4").tobytes()

    body = kept(cache, key_of([encoder.fingerprint, str(encoder.dim), *texts]), make)
    return np.frombuffer(body, dtype="<f4").reshape(len(texts), encoder.dim)
