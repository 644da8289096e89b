"""What search needs of a place that keeps vectors, and how one is brought up to date.

`bot.stores.vectors.open_engine` opens the engine the settings name; retrieval only ever sees this protocol.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with (vectors added, vectors to add)."""
BATCH = 8192
SAVED_EVERY_S = 60
"""A filling engine is saved about so often: a killed process loses a minute, and a large file is not written for nothing."""


class VectorEngine(Protocol):
    """Unit rows under ids of zero and above, searched by inner product. Safe to share between threads.

    An engine opened under another key than it was kept under is empty: nothing stale is ever served.
    A wrong dimension or a bad id is a BadInput, a store that cannot be reached a NotReady.
    """

    @property
    def dim(self) -> int: ...

    def __len__(self) -> int: ...

    def ids(self) -> Ids:
        """Every id held, in ascending order."""
        ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Keep [n, dim] rows; an id that is already there gets its new row, and so does one given twice."""
        ...

    def delete(self, ids: Ids) -> None:
        """Forget these ids; unknown ones are passed over."""
        ...

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Ids]:
        """Scores and ids, [n, k] each, best first; -inf and -1 fill the places beyond what there is."""
        ...

    def spread(self, queries: Vectors) -> tuple[Vectors, Vectors]:
        """Mean and standard deviation of each query's scores over *all* rows, exactly and without a scan.

        With them `(score - mean) / deviation` of a few found rows is the z-score that fusion needs.
        """
        ...

    def save(self) -> None:
        """Make what was added and deleted last beyond this process; what is not saved may be lost."""
        ...

    def close(self) -> None: ...


def content_ids(texts: Iterable[str]) -> Ids:
    """An id for each text that changes whenever the text does; 63 bits, so a million share none."""
    digests = (hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() for text in texts)
    return np.array([int.from_bytes(digest, "big") >> 1 for digest in digests], np.int64)


def bring_up_to_date(
    engine: VectorEngine,
    wanted: Ids,
    vectors_of: Callable[[Ids], Vectors],
    progress: Progress | None = None,
) -> None:
    """Hold just the `wanted` ids: forget the others, ask `vectors_of` for those missing, in batches, and save.

    Fills an empty engine, follows a changed corpus, and goes on where a killed process stopped. Rows already held
    are believed, so an id must mean the same text for ever (`content_ids`) or the engine's key must name the texts.
    """
    held = engine.ids()
    gone, missing = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
    if not len(gone) and not len(missing):
        return
    engine.delete(gone)
    saved = time.monotonic()
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        engine.add(batch, vectors_of(batch))
        if progress:
            progress(start + len(batch), len(missing))
        if time.monotonic() - saved > SAVED_EVERY_S:
            engine.save()
            saved = time.monotonic()
    engine.save()
