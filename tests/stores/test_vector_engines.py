"""What every vector engine promises, run over FAISS in its three kinds, a real PostgreSQL and a small Milvus."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadInput, NotReady, SettingError
from bot.retrieval.engine import Ids, VectorEngine, Vectors, bring_up_to_date, content_ids
from bot.stores.vectors import open_engine
from bot.stores.vectors.faiss_engine import FaissEngine, Limits
from bot.stores.vectors.moments import Moments

DIM = 16
HALF = 2e-3  # what half precision may change in a score
KINDS = {
    "flat": Limits(),
    "half": Limits(flat=0),
    "cells": Limits(flat=0, half=0),
}
Open = Callable[..., VectorEngine]


def unit_rows(count: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32) + 0.3
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def numbers(count: int, first: int = 0) -> Ids:
    """Ids as content gives them: far apart and in no order."""
    return content_ids(f"第{n}条" for n in range(first, first + count))


def nearest(engine: VectorEngine, row: Vectors) -> int:
    return int(engine.search(row.reshape(1, -1), 1)[1][0, 0])


@pytest.fixture(params=[*KINDS, "pgvector", "milvus"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same collection again and again, as processes that follow one another would."""
    engines: list[VectorEngine] = []
    choice = database = ""
    if request.param == "pgvector":
        choice = "pgvector"
        database = str(request.getfixturevalue("postgres"))
        with psycopg.connect(database) as connection:
            connection.execute("DROP TABLE IF EXISTS vector_collections, vectors_articles")
    elif request.param == "milvus":
        pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
        choice = str(tmp_path / "milvus.db")

    def open_again(key: str = "编码器甲", dim: int = DIM) -> VectorEngine:
        engine: VectorEngine
        if request.param in KINDS:
            engine = FaissEngine(tmp_path / "articles.vectors", dim, key, KINDS[request.param])
        else:
            engine = open_engine(
                choice, name="articles", dim=dim, key=key, folder=tmp_path, database_url=database
            )
        engines.append(engine)
        return engine

    yield open_again
    for engine in engines:
        engine.close()
    if request.param == "milvus":
        from milvus_lite.server_manager import server_manager_instance  # type: ignore[import-untyped]

        server_manager_instance.release_all()


class TestEveryEngine:
    """The contract of bot.retrieval.engine.VectorEngine."""

    def test_empty_finds_nothing(self, opened: Open) -> None:
        """Before anything is added every place is empty, and the spread is zero."""
        engine = opened()
        scores, ids = engine.search(unit_rows(2), 3)

        assert 0 == len(engine) and DIM == engine.dim
        assert np.full((2, 3), -1).tolist() == ids.tolist()
        assert np.isneginf(scores).all()
        assert [0.0, 0.0] == np.concatenate(engine.spread(unit_rows(1))).tolist()

    def test_best_come_first(self, opened: Open) -> None:
        """A row finds itself first, and scores are inner products in falling order."""
        engine, rows, ids = opened(), unit_rows(200), numbers(200)
        engine.add(ids, rows)
        scores, found = engine.search(rows[:20], 5)

        assert ids[:20].tolist() == found[:, 0].tolist()
        assert (np.diff(scores) <= 1e-6).all()
        place = {int(number): row for row, number in enumerate(ids)}
        for query, numbers_found, given_scores in zip(rows, found, scores, strict=False):
            exact = rows[[place[int(n)] for n in numbers_found]] @ query
            assert exact == pytest.approx(given_scores, abs=HALF)

    def test_same_id_replaces(self, opened: Open) -> None:
        """An id has one row: the one given last, also within one call."""
        engine, rows, ids = opened(), unit_rows(60), numbers(30)
        engine.add(ids, rows[:30])
        engine.add(np.concatenate([ids[:10], ids[:10]]), np.concatenate([rows[40:50], rows[50:60]]))

        assert 30 == len(engine)
        assert ids[:10].tolist() == [nearest(engine, row) for row in rows[50:60]]
        replaced = np.concatenate([rows[:10], rows[40:50]])
        assert engine.search(replaced, 1)[0].max() < 1 - HALF

    def test_deleted_are_not_found(self, opened: Open) -> None:
        """What is deleted is gone at once; ids nobody knows are passed over; what stays is found."""
        engine, rows, ids = opened(), unit_rows(100), numbers(100)
        engine.add(ids, rows)
        engine.delete(np.concatenate([ids[:40], numbers(5, first=900)]))
        found = engine.search(rows, 60)[1]

        assert 60 == len(engine)
        assert sorted(ids[40:].tolist()) == engine.ids().tolist()
        assert not np.isin(found, ids[:40]).any()
        assert ids[40:].tolist() == found[40:, 0].tolist()

    def test_all_can_be_deleted(self, opened: Open) -> None:
        """An engine that was emptied can be filled again."""
        engine, rows, ids = opened(), unit_rows(50), numbers(50)
        engine.add(ids, rows)
        engine.delete(ids)
        assert 0 == len(engine) and -1 == nearest(engine, rows[0])

        engine.add(ids[:3], rows[:3])
        assert ids[2] == nearest(engine, rows[2])

    def test_k_beyond_size_is_filled_up(self, opened: Open) -> None:
        """Asked for more than there are, it gives all there are, and -1 for the rest."""
        engine, rows, ids = opened(), unit_rows(120), numbers(120)
        engine.add(ids, rows)
        scores, found = engine.search(rows[:2], 130)

        for row in range(2):
            assert sorted(ids.tolist()) == sorted(found[row, :120].tolist())
        assert (found[:, 120:] == -1).all() and np.isneginf(scores[:, 120:]).all()
        assert np.sort(rows[0] @ rows.T)[::-1] == pytest.approx(scores[0, :120], abs=HALF)

    def test_restart_keeps_what_was_saved(self, opened: Open) -> None:
        """Another process with the same key finds the same rows and can go on changing them."""
        engine, rows, ids = opened(), unit_rows(90), numbers(90)
        engine.add(ids, rows)
        engine.delete(ids[:10])
        engine.save()
        before, spread = engine.search(rows[:5], 20), engine.spread(rows[:5])
        engine.close()

        again = opened()
        assert sorted(ids[10:].tolist()) == again.ids().tolist()
        assert before[1].tolist() == again.search(rows[:5], 20)[1].tolist()
        assert np.array(spread) == pytest.approx(np.array(again.spread(rows[:5])), abs=1e-6)
        again.delete(ids[10:20])
        again.add(ids[:1], rows[:1])
        assert 71 == len(again) and ids[0] == nearest(again, rows[0])

    def test_another_key_serves_nothing_old(self, opened: Open) -> None:
        """Vectors of another encoder are never served, however they are asked for, and can be made anew."""
        old, rows, ids = opened(), unit_rows(40), numbers(40)
        old.add(ids, rows)
        old.save()
        old.close()

        new = opened(key="编码器乙")
        assert 0 == len(new) and -1 == nearest(new, rows[0])
        bring_up_to_date(new, ids, lambda missing: unit_rows(len(missing), seed=5))
        new.close()
        assert 40 == len(opened(key="编码器乙"))

    def test_another_dimension_serves_nothing_old(self, opened: Open) -> None:
        """The same key with another dimension is another index."""
        old = opened()
        old.add(numbers(5), unit_rows(5))
        old.save()
        old.close()

        assert 0 == len(opened(dim=8))

    @pytest.mark.parametrize(
        ("ids", "rows"),
        [
            (numbers(2), np.ones((2, DIM + 1), np.float32)),
            (numbers(2), np.ones(DIM, np.float32)),
            (numbers(3), unit_rows(2)),
            (np.array([-1, 4]), unit_rows(2)),
            (numbers(2), np.full((2, DIM), np.nan, np.float32)),
        ],
        ids=["wrong-dimension", "not-rows", "ids-and-rows-differ", "negative-id", "not-a-number"],
    )
    def test_unusable_rows_are_refused(self, opened: Open, ids: Ids, rows: Vectors) -> None:
        """What cannot be kept is refused with a remedy, and changes nothing."""
        engine = opened()
        with pytest.raises(BadInput) as refusal:
            engine.add(ids, rows)

        assert refusal.value.remedy
        assert 0 == len(engine)

    def test_wrong_query_is_refused(self, opened: Open) -> None:
        """A question from another encoder is refused, naming both dimensions."""
        engine = opened()
        engine.add(numbers(3), unit_rows(3))
        for ask in (partial(engine.search, k=1), engine.spread):
            with pytest.raises(BadInput, match=r"\[1, 8\].*\[条数, 16\]"):
                ask(np.ones((1, 8), np.float32))

    def test_spread_is_of_all_rows(self, opened: Open) -> None:
        """Mean and deviation are those of a full scan, also after rows were replaced and deleted."""
        engine, rows, ids = opened(), unit_rows(300), numbers(300)
        engine.add(ids, rows)
        newer = unit_rows(50, seed=3)
        engine.add(ids[:50], newer)
        engine.delete(ids[200:])
        queries = unit_rows(4, seed=9)
        means, deviations = engine.spread(queries)

        scores = queries @ np.concatenate([newer, rows[50:200]]).T
        assert scores.mean(1) == pytest.approx(means, abs=HALF)
        assert scores.std(1) == pytest.approx(deviations, abs=HALF)

    def test_searches_run_beside_changes(self, opened: Open) -> None:
        """Many threads may search while rows come and go; what stays is always found."""
        engine, rows, ids = opened(), unit_rows(160), numbers(160)
        engine.add(ids[:80], rows[:80])

        def change() -> None:
            for start in range(80, 160, 20):
                engine.add(ids[start : start + 20], rows[start : start + 20])
                engine.delete(ids[start : start + 10])

        with ThreadPoolExecutor(8) as pool:
            changing = pool.submit(change)
            found = list(pool.map(lambda row: nearest(engine, row), np.tile(rows[:80], (3, 1))))
            changing.result()

        assert np.tile(ids[:80], 3).tolist() == found
        assert 120 == len(engine)

    def test_only_what_changed_is_encoded(self, opened: Open) -> None:
        """Bringing an engine up to date asks for the vectors it lacks and forgets what is no longer wanted."""
        engine = opened()
        asked: list[int] = []

        def vectors_of(missing: Ids) -> Vectors:
            asked.extend(missing.tolist())
            return unit_rows(len(missing), seed=int(missing[0] % 1000))

        bring_up_to_date(engine, numbers(40), vectors_of)
        bring_up_to_date(engine, numbers(40, first=5), vectors_of)
        bring_up_to_date(engine, numbers(40, first=5), vectors_of)

        assert sorted(numbers(45).tolist()) == sorted(asked)
        assert sorted(numbers(40, first=5).tolist()) == engine.ids().tolist()


class TestFile:
    """The file of the embedded engine."""

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("place", [0, 70, 200, 3000, -1, None])
    def test_damaged_file_is_not_served(self, tmp_path: Path, kind: str, place: int | None) -> None:
        """One changed byte, in the head or the body, or a lost end: the engine is empty and is filled anew."""
        path = tmp_path / "articles.vectors"
        engine = FaissEngine(path, DIM, "甲", KINDS[kind])
        engine.add(numbers(100), unit_rows(100))
        engine.save()
        raw = bytearray(path.read_bytes())
        if place is None:
            raw = raw[:-100]
        else:
            raw[place] ^= 1
        path.write_bytes(raw)

        again = FaissEngine(path, DIM, "甲", KINDS[kind])
        assert 0 == len(again)
        bring_up_to_date(again, numbers(100), lambda missing: unit_rows(len(missing)))
        assert 100 == len(FaissEngine(path, DIM, "甲", KINDS[kind]))

    def test_foreign_file_is_not_served(self, tmp_path: Path) -> None:
        """A file that is none of ours is as good as none."""
        path = tmp_path / "articles.vectors"
        path.write_text("供电营业规则", encoding="utf-8")

        assert 0 == len(FaissEngine(path, DIM, "甲"))

    def test_unwritable_folder_is_one_line(self, tmp_path: Path) -> None:
        """A folder that takes no file is said so, with the remedy, and the engine goes on."""
        (tmp_path / "cache").write_text("一个文件，不是文件夹", encoding="utf-8")
        engine = FaissEngine(tmp_path / "cache" / "articles.vectors", DIM, "甲")
        engine.add(numbers(3), unit_rows(3))

        with pytest.raises(NotReady, match="检查数据文件夹"):
            engine.save()
        assert 3 == len(engine)

    def test_failed_write_leaves_the_old(self, tmp_path: Path) -> None:
        """A write that stops half way, as on a full disk, neither replaces the file nor leaves a part of one."""
        path = tmp_path / "articles.vectors"
        engine = FaissEngine(path, DIM, "甲")
        engine.add(numbers(3), unit_rows(3))
        engine.save()
        engine.add(numbers(5000), unit_rows(5000))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        try:
            with pytest.raises(NotReady, match="磁盘"):
                engine.save()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert [path] == list(tmp_path.iterdir())
        assert 3 == len(FaissEngine(path, DIM, "甲"))
        engine.save()
        assert 5000 == len(FaissEngine(path, DIM, "甲"))

    def test_growth_keeps_every_row(self, tmp_path: Path) -> None:
        """An engine that outgrows its kind becomes the next one, with all it held, and shrinks to flat when emptied."""
        path, limits = tmp_path / "articles.vectors", Limits(flat=50, half=400)
        engine, rows, ids = FaissEngine(path, DIM, "甲", limits), unit_rows(1000), numbers(1000)
        kinds = []
        for start in range(0, 1000, 45):
            engine.add(ids[start : start + 45], rows[start : start + 45])
            kinds.append(engine.kind)
        engine.save()
        again = FaissEngine(path, DIM, "甲", limits)

        assert ["flat", "half", "cells"] == list(dict.fromkeys(kinds))
        for grown in (engine, again):
            assert "cells" == grown.kind
            assert ids.tolist() == grown.search(rows, 1)[1][:, 0].tolist()
            scores = rows[:3] @ rows.T
            assert scores.std(1) == pytest.approx(grown.spread(rows[:3])[1], abs=1e-4)
        again.delete(ids)
        assert "flat" == again.kind


rows_of_any_kind = st.lists(
    st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4), min_size=1, max_size=12
).map(partial(np.array, dtype=np.float32))


class TestMoments:
    """Mean and spread without a scan."""

    @settings(deadline=None)
    @given(
        batches=st.lists(rows_of_any_kind, min_size=1, max_size=6), queries=rows_of_any_kind, data=st.data()
    )
    def test_moments_equal_a_scan(
        self, batches: list[Vectors], queries: Vectors, data: st.DataObject
    ) -> None:
        """Whatever came and went, mean and deviation are those of the rows that are left."""
        gone = data.draw(st.sets(st.integers(0, len(batches) - 1)))
        moments = Moments(4)
        for batch in batches:
            moments.add(batch)
        for number in gone:
            moments.remove(batches[number])
        left = [batch for number, batch in enumerate(batches) if number not in gone]
        rows = np.concatenate(left or [np.zeros((1, 4), np.float32)]).astype(np.float64)
        scores = queries.astype(np.float64) @ rows.T

        for kept in (
            moments,
            Moments.from_bytes(moments.to_bytes(), 4),
            Moments.from_means(moments.count, moments.to_means()),
        ):
            means, deviations = kept.of(queries)
            assert scores.mean(1) == pytest.approx(means, abs=1e-5)
            assert scores.var(1) == pytest.approx(deviations.astype(np.float64) ** 2, abs=1e-5)

    def test_foreign_moments_are_refused(self) -> None:
        """The moments of another dimension are not taken for ours."""
        with pytest.raises(ValueError, match="dimension 4"):
            Moments.from_bytes(Moments(3).to_bytes(), 4)


class TestChoice:
    """`open_engine`, and what it says when the chosen engine is not there."""

    def open(self, choice: str, folder: Path, database_url: str = "", name: str = "articles") -> VectorEngine:
        return open_engine(choice, name=name, dim=DIM, key="甲", folder=folder, database_url=database_url)

    def test_nothing_set_is_embedded(self, tmp_path: Path) -> None:
        """Without a setting the vectors lie in one file below the folder given."""
        engine = self.open("", tmp_path / "cache")
        engine.add(numbers(2), unit_rows(2))
        engine.save()

        assert [tmp_path / "cache" / "articles.vectors"] == list((tmp_path / "cache").iterdir())

    @pytest.mark.parametrize("name", ["", "../etc", "条款", "A", "a" * 41, 'a"; DROP TABLE x'])
    def test_bad_name_is_refused(self, tmp_path: Path, name: str) -> None:
        """A collection's name becomes part of a file's and a table's, so it is a plain word."""
        with pytest.raises(BadInput, match="小写字母"):
            self.open("", tmp_path, name=name)

    def test_pgvector_wants_postgresql(self, tmp_path: Path) -> None:
        """pgvector beside SQLite is a wrong setting, named."""
        with pytest.raises(SettingError, match="ANXUN_DATABASE_URL"):
            self.open("pgvector", tmp_path, "sqlite:///a.db")

    def test_unreachable_postgresql_is_one_line(self, tmp_path: Path) -> None:
        """A database that does not answer is said in one line."""
        with pytest.raises(NotReady, match="ANXUN_DATABASE_URL") as refusal:
            self.open("pgvector", tmp_path, "postgresql+psycopg://anxun@127.0.0.1:9/anxun")

        assert "\n" not in str(refusal.value)

    def test_missing_extension_is_one_line(self, tmp_path: Path, postgres: str) -> None:
        """A database without pgvector, where we may not install it, says whom to ask for what."""
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("CREATE DATABASE plain")
            connection.execute("CREATE ROLE clerk LOGIN")
        with pytest.raises(NotReady, match="CREATE EXTENSION vector"):
            self.open("pgvector", tmp_path, postgres.replace("postgres:@/postgres", "clerk:@/plain"))

    def test_saved_table_has_its_index(self, tmp_path: Path, postgres: str) -> None:
        """The first save builds the HNSW index, and searches through it still find each row itself."""
        engine, rows, ids = (
            self.open("pgvector", tmp_path, postgres, "indexed"),
            unit_rows(3000),
            numbers(3000),
        )
        engine.add(ids, rows)
        engine.save()
        with psycopg.connect(postgres) as connection:
            kinds = connection.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = 'vectors_indexed'"
            ).fetchall()

        assert 1 == sum("hnsw" in definition for (definition,) in kinds)
        assert ids[:50].tolist() == engine.search(rows[:50], 600)[1][:, 0].tolist()
        assert ids[:50].tolist() == engine.search(rows[:50], 10)[1][:, 0].tolist()
        engine.close()

    def test_processes_share_one_table(self, tmp_path: Path, postgres: str) -> None:
        """What one process adds another finds at once, and one that opens a table anew says so to those before it."""
        here, there = (self.open("pgvector", tmp_path, postgres, "shared") for _ in range(2))
        rows, ids = unit_rows(6), numbers(6)
        for part in (slice(0, 4), slice(4, 6)):
            here.add(ids[part], rows[part])
            scores = rows[:1] @ rows[: part.stop].T
            assert part.stop == len(there) and ids[part.start] == nearest(there, rows[part.start])
            assert scores.std() == pytest.approx(there.spread(rows[:1])[1][0], abs=HALF)

        newer = open_engine(
            "pgvector", name="shared", dim=DIM, key="乙", folder=tmp_path, database_url=postgres
        )
        with pytest.raises(NotReady, match="重启"):
            here.add(ids, rows)
        assert 0 == len(newer)
        for engine in (here, there, newer):
            engine.close()

    def test_missing_pymilvus_is_one_line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Milvus without its package names the package."""
        monkeypatch.setitem(sys.modules, "pymilvus", None)
        with pytest.raises(NotReady, match=r"pip install .* pymilvus"):
            self.open("http://127.0.0.1:19530", tmp_path)

    def test_unreachable_milvus_is_one_line(self, tmp_path: Path) -> None:
        """A cluster that does not answer is said in one line, with the setting."""
        pytest.importorskip("pymilvus", reason="pymilvus is not installed")
        with pytest.raises(NotReady, match="ANXUN_VECTORS") as refusal:
            self.open("http://127.0.0.1:9", tmp_path)

        assert "\n" not in str(refusal.value)

    def test_milvus_keeps_the_old_until_saved(self, tmp_path: Path) -> None:
        """A new version fills its own collection while the old one is served; saving drops the old."""
        pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
        uri = str(tmp_path / "milvus.db")
        old = open_engine(uri, name="articles", dim=DIM, key="甲", folder=tmp_path, database_url="")
        old.add(numbers(5), unit_rows(5))
        new = open_engine(uri, name="articles", dim=DIM, key="乙", folder=tmp_path, database_url="")
        new.add(numbers(3), unit_rows(3))
        assert (5, 3) == (len(old), len(new))

        new.save()
        with pytest.raises(NotReady):
            len(old)
        assert 3 == len(new)

    def test_milvus_counts_anew_after_a_break(self, tmp_path: Path) -> None:
        """Rows that came without their moments, as when a process is killed, are counted at the next start."""
        pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
        from pymilvus import MilvusClient  # type: ignore[import-untyped]

        uri, rows, ids = str(tmp_path / "milvus.db"), unit_rows(20), numbers(20)
        self.open(uri, tmp_path).add(ids[:12], rows[:12])
        client = MilvusClient(uri=uri)
        collection = next(name for name in client.list_collections() if not name.endswith("_moments"))
        pairs = zip(ids[12:].tolist(), rows[12:], strict=True)
        client.upsert(collection, [{"id": number, "vector": row} for number, row in pairs])

        scores = rows[:3] @ rows.T
        assert scores.std(1) == pytest.approx(self.open(uri, tmp_path).spread(rows[:3])[1], abs=1e-4)
