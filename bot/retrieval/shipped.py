"""Vectors of the knowledge base as it ships, so that a first start need not encode twenty thousand passages.

Rows are kept by the text they stand for: a changed card costs its own passages, a stale file costs time and nothing else.
`anxun train passages` writes it.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).resolve().parents[2] / "models" / "passages" / "vectors.npz"
Held = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Ids in ascending order with their rows."""


def shipped_rows(fingerprint: str, dim: int, path: Path = FILE) -> Held:
    """What ships for the encoder of this fingerprint; nothing for another one, or when the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as held:
            if str(held["fingerprint"]) == fingerprint and held["rows"].shape[1] == dim:
                rows = held["rows"].astype(np.float32) * held["scales"][:, None]
                return held["ids"].astype(np.int64), rows
    except (OSError, ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile):
        pass  # it is only a head start
    return np.zeros(0, np.int64), np.zeros((0, dim), np.float32)


def ship(fingerprint: str, ids: NDArray[np.int64], rows: NDArray[np.float32], path: Path = FILE) -> None:
    """Write rows under their ascending ids in eight bits, each with a scale of its own (cosine above .999)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scales = np.abs(rows).max(1) / 127
    eighths = np.round(rows / scales[:, None]).astype(np.int8)
    part = path.with_suffix(".part.npz")
    np.savez(part, fingerprint=fingerprint, ids=ids, rows=eighths, scales=scales.astype(np.float32))
    part.replace(path)
