"""Passage vectors, encoded once for each text and encoder and kept between starts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.encoder import Encoder
from bot.retrieval.engine import content_ids
from bot.retrieval.keeping import key_of, read_kept, write_kept
from bot.retrieval.shipped import Held, shipped_rows

Progress = Callable[[int, int], None]
"""Called with (passages done, passages in all)."""
BATCH = 64
_ID_BYTES = 8


def passage_vectors(
    encoder: Encoder, texts: list[str], cache: Path | None, progress: Progress | None = None
) -> NDArray[np.float32]:
    """[n, dim] unit rows for `texts`. Those that `cache` holds from this encoder, or that ship with it, are read, the
    others are encoded and kept, what is no longer asked for is forgotten: one changed card costs a few passages."""
    ids = content_ids(texts)
    wanted, first = np.unique(ids, return_index=True)
    key = key_of([encoder.fingerprint, str(encoder.dim)])
    body = read_kept(cache, key) if cache else None
    held, kept = _unpacked(body, encoder.dim) if body else shipped_rows(encoder.fingerprint, encoder.dim)
    rows = np.zeros((len(wanted), encoder.dim), np.float32)
    there = np.isin(wanted, held)
    rows[there] = kept[np.searchsorted(held, wanted[there])]
    missing = np.flatnonzero(~there)
    if len(missing):
        rows[missing] = encoded(encoder, [texts[first[n]] for n in missing], progress)
    if cache and (body is None or len(missing) or len(held) != len(wanted)):
        write_kept(cache, key, wanted.astype("<i8").tobytes() + rows.astype("<f4").tobytes())
    return rows[np.searchsorted(wanted, ids)]


def encoded(encoder: Encoder, texts: list[str], progress: Progress | None = None) -> NDArray[np.float32]:
    """[n, dim] rows in the order given, computed on every core."""
    # Neighbours in length share a batch; threads, because the encoder lets go of Python while it computes.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    rows = np.zeros((len(texts), encoder.dim), np.float32)
    done = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = pool.map(lambda batch: encoder.encode_passages([texts[i] for i in batch]), batches)
        for batch, vectors in zip(batches, found, strict=True):
            rows[batch] = vectors
            done += len(batch)
            if progress:
                progress(done, len(texts))
    return rows


def kept_for(encoder: Encoder, cache: Path | None) -> Path | None:
    """The file in the folder `cache` that keeps this encoder's vectors."""
    name = hashlib.sha256(encoder.fingerprint.encode()).hexdigest()[:12]
    return cache and cache / f"passages-{name}.bin"


def _unpacked(body: bytes, dim: int) -> Held:
    count = len(body) // (_ID_BYTES + 4 * dim)
    ids = np.frombuffer(body, "<i8", count)
    rows = np.frombuffer(body, "<f4", count * dim, count * _ID_BYTES).reshape(count, dim)
    return ids.astype(np.int64), rows
