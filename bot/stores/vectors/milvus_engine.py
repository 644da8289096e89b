"""Vectors in a Milvus cluster, for when one machine no longer holds them; pymilvus is imported only when it is chosen.

The key is part of the collection's name, so another version of the app goes on with its own collection until ours is
saved. Beside it lies a small collection with the moments of all rows. Milvus knows no transactions: one process at a
time may add and delete, any number may search; a count that does not fit the moments makes `create` take them anew.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import islice
from typing import Any

import numpy as np

from bot.errors import NotReady
from bot.stores.vectors.checks import (
    Ids,
    Vectors,
    checked_ids,
    checked_name,
    checked_rows,
    checked_vectors,
    nothing_found,
)
from bot.stores.vectors.kept_file import digest_of
from bot.stores.vectors.moments import Moments

CHUNK = 4096
MOST = 16_384
"""As many as Milvus finds for one query."""


class MilvusEngine:
    """A VectorEngine in a collection `anxun_<name>_<key>`. Nothing is touched before `create()`."""

    def __init__(self, uri: str, name: str, dim: int, key: str) -> None:
        """`uri` as in pymilvus: http(s)://user:password@host:port/database."""
        if importlib.util.find_spec("pymilvus") is None:
            raise NotReady(
                "ANXUN_VECTORS 填了 Milvus 地址，但没有安装 pymilvus。",
                "运行 .uv/venv/bin/uv pip install --python .venv/bin/python pymilvus，或去掉 ANXUN_VECTORS。",
            )
        self._uri, self._dim = uri, dim
        self._stem = f"anxun_{checked_name(name)}"
        self._rows = f"{self._stem}_{digest_of(key, dim)[:16]}"
        self._sums = f"{self._rows}_moments"
        self._writer = threading.Lock()
        self._known = (-1, Moments(dim))  # the moments and the revision they are of

    def create(self) -> MilvusEngine:
        """Connect, and make the collections where they are missing; call it at every start."""
        from pymilvus import MilvusClient  # type: ignore[import-untyped]

        with _spoken():
            self._client = MilvusClient(uri=self._uri)
            for collection in (self._rows, self._sums):
                if not self._client.has_collection(collection):
                    self._create_collection(collection)
                self._client.load_collection(collection)
        if self._moments().count != len(self):
            self._write(self._counted())
        return self

    @property
    def dim(self) -> int:
        return self._dim

    def __len__(self) -> int:
        with _spoken():
            return int(self._client.query(self._rows, output_fields=["count(*)"])[0]["count(*)"])

    def ids(self) -> Ids:
        return np.sort(np.array([row["id"] for row in self._every(["id"])], np.int64))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        ids, rows = checked_rows(ids, vectors, self._dim)
        if not len(ids):
            return
        with self._changing() as moments:
            for start in range(0, len(ids), CHUNK):
                part, new = ids[start : start + CHUNK], rows[start : start + CHUNK]
                moments.remove(self._held(part))
                pairs = zip(part.tolist(), new, strict=True)
                self._client.upsert(self._rows, [{"id": number, "vector": row} for number, row in pairs])
                moments.add(new)

    def delete(self, ids: Ids) -> None:
        gone = np.unique(checked_ids(ids))
        if not len(gone):
            return
        with self._changing() as moments:
            for start in range(0, len(gone), CHUNK):
                part = gone[start : start + CHUNK]
                moments.remove(self._held(part))
                self._client.delete(self._rows, ids=part.tolist())

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Ids]:
        """At most 16,384 are found for a query: Milvus gives no more."""
        questions = checked_vectors(queries, self._dim)
        scores, ids = nothing_found(len(questions), k)
        if k < 1 or not len(questions):
            return scores, ids
        top = min(k, MOST)
        with _spoken():
            found = self._client.search(
                self._rows, data=questions, limit=top, output_fields=["id"],
                search_params={"params": {"ef": max(2 * top, 128)}},
            )  # fmt: skip
        for place, hits in enumerate(found):
            for rank, hit in enumerate(hits):
                ids[place, rank], scores[place, rank] = hit["id"], hit["distance"]
        return scores, ids

    def spread(self, queries: Vectors) -> tuple[Vectors, Vectors]:
        return self._moments().of(checked_vectors(queries, self._dim))

    def save(self) -> None:
        """Write out what the cluster holds in memory, and drop what older keys left behind."""
        ours = re.compile(rf"{self._stem}_[0-9a-f]{{16}}(_moments)?")
        with _spoken():
            for collection in (self._rows, self._sums):
                self._client.flush(collection)
            for collection in self._client.list_collections():
                if ours.fullmatch(collection) and collection not in (self._rows, self._sums):
                    self._client.drop_collection(collection)

    def close(self) -> None:
        self._client.close()

    def _create_collection(self, name: str) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dim)
        if name == self._sums:
            schema.add_field("count", DataType.INT64)
            schema.add_field("revision", DataType.INT64)
        index = self._client.prepare_index_params()
        graph = name == self._rows
        index.add_index(
            "vector", metric_type="IP", index_type="HNSW" if graph else "FLAT",
            params={"M": 24, "efConstruction": 200} if graph else {},
        )  # fmt: skip
        self._client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")

    def _held(self, ids: Ids) -> Vectors:
        found = self._client.get(self._rows, ids=ids.tolist(), output_fields=["vector"])
        return np.array([row["vector"] for row in found], np.float32).reshape(-1, self._dim)

    def _every(self, fields: list[str]) -> Iterator[dict[str, Any]]:
        with _spoken():
            pages = self._client.query_iterator(self._rows, batch_size=CHUNK, output_fields=fields)
            while page := pages.next():
                yield from page
            pages.close()

    def _moments(self) -> Moments:
        """The moments in force, fetched only when another process has changed them: row `dim` is the mean row and
        carries count and revision, the rows before it are the mean outer product."""
        with _spoken():
            head = self._client.get(self._sums, ids=[self._dim], output_fields=["count", "revision"])
            if not head:
                return Moments(self._dim)
            if head[0]["revision"] != self._known[0]:
                rows = self._client.get(
                    self._sums, ids=list(range(self._dim + 1)), output_fields=["id", "vector"]
                )
                rows.sort(key=lambda row: row["id"])
                means = np.array([row["vector"] for row in rows], np.float64)
                self._known = (head[0]["revision"], Moments.from_means(head[0]["count"], means))
        return self._known[1]

    @contextmanager
    def _changing(self) -> Iterator[Moments]:
        """Alone among this process's threads: the moments in force, written back when all went well."""
        with self._writer, _spoken():
            moments = deepcopy(self._moments())
            yield moments
            self._write(moments)

    def _counted(self) -> Moments:
        """The moments taken anew from every row."""
        moments, rows = Moments(self._dim), self._every(["vector"])
        while page := [row["vector"] for row in islice(rows, CHUNK)]:
            moments.add(np.array(page, np.float32))
        return moments

    def _write(self, moments: Moments) -> None:
        revision = self._known[0] + 1
        with _spoken():
            self._client.upsert(
                self._sums,
                [
                    {"id": number, "vector": row, "count": moments.count, "revision": revision}
                    for number, row in enumerate(moments.to_means().astype(np.float32))
                ],
            )
        self._known = (revision, moments)


@contextmanager
def _spoken() -> Iterator[None]:
    """What Milvus says becomes one line with a remedy."""
    from pymilvus.exceptions import MilvusException  # type: ignore[import-untyped]

    try:
        yield
    except MilvusException as error:
        reason = str(error.message).splitlines()[0][:120] if error.message else "没有说原因"
        raise NotReady(
            f"Milvus 里的向量用不了：{reason}", "检查 ANXUN_VECTORS 的地址和集群是否在运行。"
        ) from error
