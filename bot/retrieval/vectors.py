"""Keeps passage vectors between starts: one file with its own checksum, made anew when anything it rests on changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.encoder import Encoder

Progress = Callable[[int, int], None]
"""Called with (passages done, passages in all)."""
BATCH = 64


def passage_vectors(
    encoder: Encoder, texts: list[str], cache: Path | None, progress: Progress | None = None
) -> NDArray[np.float32]:
    """[n, dim] unit rows for `texts`; read from `cache` when it was made from just these texts by this encoder.

    A stale, truncated or altered file is never used: it is made anew and replaced in one step.
    """
    key = hashlib.sha256("\x1e".join([encoder.fingerprint, *texts]).encode()).hexdigest()
    if cache is not None and (held := _read(cache, key, (len(texts), encoder.dim))) is not None:
        return held
    parts = []
    for start in range(0, len(texts), BATCH):
        parts.append(encoder.encode_passages(texts[start : start + BATCH]))
        if progress:
            progress(min(start + BATCH, len(texts)), len(texts))
    vectors = np.vstack(parts) if parts else np.zeros((0, encoder.dim), dtype=np.float32)
    if cache is not None:
        _write(cache, key, vectors)
    return vectors


def _read(path: Path, key: str, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    head, body = raw[:128], raw[128:]
    if head != (key + hashlib.sha256(body).hexdigest()).encode() or len(body) != shape[0] * shape[1] * 4:
        return None
    return np.frombuffer(body, dtype="<f4").reshape(shape)


def _write(path: Path, key: str, vectors: NDArray[np.float32]) -> None:
    body = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes((key + hashlib.sha256(body).hexdigest()).encode() + body)
    part.replace(path)
