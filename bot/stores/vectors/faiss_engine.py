"""The embedded engine: FAISS in this process, one file in the data folder. It chooses its index by size.

Measured on one of two busy cores (AMD EPYC): articles of law and near-copies of them in 256 dimensions, 300 questions,
k = 100; the last column is the share of the exact best ten and best hundred that was found. benchmarks/retrieval/scale.md
has the whole engine.

    rows         index                          ms (p50)   MB     of exact
    20,000       flat                           0.9        20     1 / 1
    20,000       half precision, all read       0.6        10     1.000 / 1.000
    65,000       flat                           3.6        67     1 / 1
    65,000       half precision, all read       2.3        33     1.000 / 1.000
    65,000       8 bits, all read               2.8        17     .991 / .994
    65,000       HNSW of half, M 24, ef 160     0.2        47     .986 / .938
    300,000      half precision, all read       11         154    1.000 / 1.000
    300,000      half in 2,048 cells, 1/8 read  1.5        -      .991 / .976
    1,000,000    half precision, all read       66         512    1.000 / 1.000
    1,000,000    half in 2,048 cells, 1/4 read  9          539    .999 / .993
    1,000,000    half in 2,048 cells, 1/8 read  4          539    .996 / .985

So: flat while exact costs nothing. Then half precision, read from end to end: it loses nothing, needs no training and
forgets a row at once. Then cells (IVF) of half-precision rows, a quarter of them read, for when reading all would be
felt. 8 bits are slower, lose more, and their ranges go stale as a corpus grows. HNSW is the fastest but loses six of the
best hundred where near-copies crowd, and forgets only by tombstones; two milliseconds are not worth that. An engine that
outgrows its kind is rebuilt into the next (into cells: about 15 s, 45 on busy cores) while searches go on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss  # its own stubs lack a few of the names used here
import numpy as np
from numpy.typing import NDArray

from bot.errors import NotReady
from bot.stores.vectors.checks import (
    Ids,
    Vectors,
    checked_ids,
    checked_rows,
    checked_vectors,
    nothing_found,
)
from bot.stores.vectors.kept_file import digest_of, open_kept, write_kept
from bot.stores.vectors.moments import Moments
from bot.stores.vectors.shared_lock import SharedLock

CHUNK = 16_384
TRAINED_ON = 40
"""Rows a cell's centre is learned from; FAISS warns below 39."""
READ = 4
"""One cell in so many is read for a query."""


@dataclass(frozen=True)
class Limits:
    """Up to how many rows the flat and the half-precision index serve."""

    flat: int = 20_000
    half: int = 300_000


@dataclass(frozen=True)
class _Held:
    """An index, the ids in it in ascending order, and the moments of its rows as stored."""

    index: Any
    ids: Ids
    moments: Moments


class FaissEngine:
    """A VectorEngine in memory; `path` keeps it between starts, None keeps nothing.

    Example:
        >>> engine = FaissEngine(None, dim=2, key="example")
        >>> engine.add(np.array([7]), np.array([[0.6, 0.8]], np.float32))
        >>> engine.search(np.array([[1.0, 0.0]], np.float32), k=1)[1]
        array([[7]])
    """

    def __init__(self, path: Path | None, dim: int, key: str, limits: Limits = Limits()) -> None:
        """Open what is kept at `path`; empty when that is missing, damaged, or rests on another key."""
        self._path, self._dim, self._limits = path, dim, limits
        self._key = digest_of(key, dim)
        self._lock = SharedLock()
        self._writer = threading.Lock()
        self._held = self._read() or self._empty()

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def kind(self) -> str:
        """`flat`, `half` or `cells`."""
        return _kind_of(self._held.index)

    def __len__(self) -> int:
        return len(self._held.ids)

    def ids(self) -> Ids:
        return self._held.ids.copy()

    def add(self, ids: Ids, vectors: Vectors) -> None:
        ids, rows = checked_rows(ids, vectors, self._dim)
        if not len(ids):
            return
        with self._writer:
            held = self._held
            places, known = _places(held.ids, ids)
            every = np.insert(held.ids, places[~known], ids[~known])
            if self._outgrown(len(every)):
                grown = self._grown(every, ids, rows)
                with self._lock.writing():
                    self._held = grown
                return
            with self._lock.writing():
                _take(held, ids[known])
                _put(held, ids, rows)
                self._held = _Held(held.index, every, held.moments)

    def delete(self, ids: Ids) -> None:
        gone = np.unique(checked_ids(ids))
        with self._writer:
            held = self._held
            places, known = _places(held.ids, gone)
            left = np.delete(held.ids, places[known])
            with self._lock.writing():
                if not len(left):
                    self._held = self._empty()
                    return
                _take(held, gone[known])
                self._held = _Held(held.index, left, held.moments)

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Ids]:
        questions = checked_vectors(queries, self._dim)
        scores, ids = nothing_found(len(questions), k)
        with self._lock.reading():
            index, top = self._held.index, min(k, len(self._held.ids))
            if top < 1 or not len(questions):
                return scores, ids
            with _threads(len(questions)):
                scores[:, :top], ids[:, :top] = _search(index, questions, top)
        return scores, ids

    def spread(self, queries: Vectors) -> tuple[Vectors, Vectors]:
        questions = checked_vectors(queries, self._dim)
        with self._lock.reading():
            return self._held.moments.of(questions)

    def save(self) -> None:
        """Write the file anew; searches go on meanwhile, additions wait."""
        if self._path is None:
            return
        with self._writer:
            held = self._held

            def write(put: Any) -> None:
                put(held.moments.to_bytes())
                faiss.write_index(held.index, faiss.PyCallbackIOWriter(put))  # type: ignore[attr-defined]

            try:
                write_kept(self._path, self._key, write)
            except (OSError, RuntimeError) as error:  # faiss wraps what the disk said
                raise NotReady(
                    f"向量索引写不进 {self._path}。", "检查数据文件夹能否写入、磁盘还有没有空间。"
                ) from error

    def close(self) -> None:
        """Let go of the memory; what was not saved is lost."""
        with self._writer, self._lock.writing():
            self._held = self._empty()

    def _empty(self) -> _Held:
        return _Held(_new_index(self._dim, "flat"), np.zeros(0, np.int64), Moments(self._dim))

    def _read(self) -> _Held | None:
        if self._path is None:
            return None
        with open_kept(self._path, self._key) as file:
            if file is None:
                return None
            try:
                moments = Moments.from_bytes(file.read(Moments.size_of(self._dim)), self._dim)
                index = faiss.read_index(faiss.PyCallbackIOReader(file.read))  # type: ignore[attr-defined]
                ids = _ids_in(index)
            except (ValueError, RuntimeError):  # a whole file that another version of faiss wrote
                return None
        return _Held(index, ids, moments) if len(ids) == moments.count else None

    def _outgrown(self, count: int) -> bool:
        index = self._held.index
        if (kind := _kind_of(index)) == "cells":
            return _cells_for(count) >= 4 * int(index.nlist)
        return count > (self._limits.flat if kind == "flat" else self._limits.half)

    def _grown(self, every: Ids, ids: Ids, rows: Vectors) -> _Held:
        """`every` row, of which `rows` are new, in an index of the kind that fits so many. Changes nothing."""
        held = self._held
        stay = np.setdiff1d(every, ids, assume_unique=True)
        kind = "half" if len(every) <= self._limits.half else "cells"
        index = _new_index(self._dim, kind, _cells_for(len(every)))
        if kind == "cells":
            index.train(_sample(held.index, stay, rows, TRAINED_ON * index.nlist))
        grown = _Held(index, every, Moments(self._dim))
        for start in range(0, len(stay), CHUNK):
            part = stay[start : start + CHUNK]
            _put(grown, part, held.index.reconstruct_batch(part))
        _put(grown, ids, rows)
        return grown


def _new_index(dim: int, kind: str, cells: int = 0) -> Any:
    half, product = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    if kind == "cells":
        index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dim), dim, cells, half, product, False)
        # A map from ids to places, to find the row that is to be forgotten.
        index.set_direct_map_type(faiss.DirectMap.Hashtable)  # type: ignore[attr-defined]
        return index
    rows = faiss.IndexFlatIP(dim) if kind == "flat" else faiss.IndexScalarQuantizer(dim, half, product)
    return faiss.IndexIDMap2(rows)


def _kind_of(index: Any) -> str:
    if isinstance(index, faiss.IndexIVF):
        return "cells"
    return "flat" if isinstance(faiss.downcast_index(index.index), faiss.IndexFlat) else "half"


def _cells_for(count: int) -> int:
    """A power of two near four times the root, with rows enough to learn each cell's centre."""
    wish = min(4 * count**0.5, count / TRAINED_ON)
    return int(2 ** np.floor(np.log2(max(wish, 1))))


def _ids_in(index: Any) -> Ids:
    if _kind_of(index) != "cells":
        return np.asarray(np.sort(faiss.vector_to_array(index.id_map)), np.int64)
    lists = index.invlists
    parts = [
        faiss.rev_swig_ptr(lists.get_ids(cell), size).copy()
        for cell in range(index.nlist)
        if (size := lists.list_size(cell))
    ]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))


def _places(held: Ids, ids: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Where each of `ids` stands or belongs among those held, both ascending, and whether it is there."""
    places = np.searchsorted(held, ids)
    return places, np.append(held, -1)[places] == ids


def _put(held: _Held, ids: Ids, rows: Vectors) -> None:
    held.index.add_with_ids(rows, ids)
    held.moments.add(held.index.reconstruct_batch(ids))


def _take(held: _Held, ids: Ids) -> None:
    if not len(ids):
        return
    held.moments.remove(held.index.reconstruct_batch(ids))
    # The map of cells looks each id up; the others ask of each row they hold whether it is meant, so they need a set.
    held.index.remove_ids(faiss.IDSelectorArray(ids) if _kind_of(held.index) == "cells" else ids)


def _sample(index: Any, ids: Ids, rows: Vectors, count: int) -> Vectors:
    """So many of the rows held and new, each with the same chance; the same ones every time."""
    total = len(ids) + len(rows)
    chosen = np.sort(np.random.default_rng(0).choice(total, min(count, total), replace=False))
    old = ids[chosen[chosen < len(ids)]]
    new = rows[chosen[chosen >= len(ids)] - len(ids)]
    return np.concatenate([index.reconstruct_batch(old), new]) if len(old) else new


def _search(index: Any, questions: Vectors, k: int) -> tuple[Vectors, Ids]:
    if _kind_of(index) != "cells":
        scores, ids = index.search(questions, k)
        return scores, ids
    for cells in (-(-index.nlist // READ), index.nlist):
        how = faiss.SearchParametersIVF(nprobe=cells)  # type: ignore[call-arg]
        scores, ids = index.search(questions, k, params=how)
        if (ids >= 0).all():  # else the cells read held fewer than k rows: read them all
            break
    return scores, ids


@contextmanager
def _threads(queries: int) -> Iterator[None]:
    """One question is searched on its own thread alone: a second waits for a busy core (p95 3.6 ms became 56)."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(min(before, queries))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
