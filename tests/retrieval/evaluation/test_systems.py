"""Each system searches the same collection and tells what that cost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.retrieval.collection import Document, Question
from bot.retrieval.evaluation.runs import DEPTH
from bot.retrieval.evaluation.systems import (
    Collection,
    read_collection,
    search_as_shipped,
    search_vectors,
    search_words,
)
from bot.retrieval.tokens import Tokens
from tests.retrieval.evaluation.conftest import write_rows
from tests.retrieval.fakes import FakeEncoder


def test_words_find_only_what_shares_one(collection: Collection, tokens: Tokens) -> None:
    """The right articles lead, those without a common word are absent, and a question about the weather finds none."""
    found = search_words("bm25-words", collection, tokens.words)

    assert ["a1", "a2"] == [found.run[q][0][0] for q in ("q1", "q2")]
    assert {"a3", "a4"} == {document for document, _ in found.run["q3"]}
    assert [] == found.run["q4"]


def test_characters_find_more_than_words(collection: Collection, tokens: Tokens) -> None:
    """What words find, characters find as well, at the price of more postings."""
    words = search_words("bm25-words", collection, tokens.words)
    characters = search_words("bm25-chars", collection, tokens.bigrams)

    assert all({d for d, _ in words.run[q]} <= {d for d, _ in characters.run[q]} for q in words.run)
    assert words.cost and characters.cost and 0 < words.cost.index_bytes < characters.cost.index_bytes


def test_vectors_rank_every_document(collection: Collection) -> None:
    """Cosines best first; the index is four bytes a value; opening the encoder is part of building."""
    found = search_vectors("fake", collection, FakeEncoder)

    assert ["a1", "a2"] == [found.run[q][0][0] for q in ("q1", "q2")]
    assert {"a3", "a4"} == {document for document, _ in found.run["q3"][:2]}
    assert all(5 == len(ranking) for ranking in found.run.values())
    assert found.cost and 5 * FakeEncoder.dim * 4 == found.cost.index_bytes
    assert found.cost.build_s >= 0 and 0 < found.cost.p50_ms <= found.cost.p95_ms


def test_ties_at_the_last_place_keep_their_rule(tokens: Tokens) -> None:
    """Of many equal documents the later ids are kept, as they lead everywhere else."""
    same = [Document(f"d{i:03}", "停电通知", "停电通知") for i in range(DEPTH + 20)]
    found = search_words("bm25-chars", Collection(same, [Question("q", "停电", 1, {})]), tokens.bigrams)

    assert [f"d{i:03}" for i in range(DEPTH + 19, 19, -1)] == [document for document, _ in found.run["q"]]


def test_product_is_measured_by_its_own_door() -> None:
    """The run the search wrote is taken as it is, and so are its figures."""

    def search(path: Path) -> dict[str, float]:
        path.write_text("q1 Q0 a1 1 0.5 anxun\n", encoding="utf-8")
        return {"build_s": 1.5, "index_bytes": 9, "p50_ms": 2.0, "p95_ms": 3.0, "documents": 5}

    found = search_as_shipped("hybrid", search)

    assert {"q1": [("a1", 0.5)]} == found.run
    assert found.cost and (1.5, 9, 2.0, 3.0) == (
        found.cost.build_s, found.cost.index_bytes, found.cost.p50_ms, found.cost.p95_ms,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ids", "fault"),
    [(["a1", "a1"], "a1 用了两次"), (["a 1"], "空白"), ([""], "空的"), (["a\x001"], "控制符")],
)
def test_ids_must_fit_a_run(tmp_path: Path, queries: Path, ids: list[str], fault: str) -> None:
    """A run tells documents apart by ids without blanks, so a corpus must too."""
    corpus = write_rows(tmp_path / "bad.jsonl", [{"id": i, "text": "停电"} for i in ids])

    with pytest.raises(BadInput, match=rf"bad\.jsonl.*{fault}"):
        read_collection(corpus, queries)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "第 2 行不是 JSON"),
        (b'{"id": "b"}', "第 2 行缺少 text"),
        (b'{"id": "b", "text": 5}', "第 2 行的 text 不是文字"),
        ('{"id": "b", "text": "电"}'.encode("gbk"), "第 2 行不是 UTF-8"),
    ],
)
def test_faulty_document_is_named(tmp_path: Path, queries: Path, line: bytes, fault: str) -> None:
    """Whatever is wrong with a line, the file and its number are told."""
    corpus = tmp_path / "bad.jsonl"
    corpus.write_bytes('{"id": "a", "text": "电"}\n'.encode() + line + b"\n")

    with pytest.raises(BadInput, match=rf"bad\.jsonl {fault}"):
        read_collection(corpus, queries)


def test_half_an_archive_is_named(tmp_path: Path, queries: Path) -> None:
    """A gzipped corpus whose end is missing is not taken for a small one."""
    whole = gzip.compress(b"".join(b'{"id": "%d", "text": "x"}\n' % i for i in range(5000)))
    corpus = tmp_path / "half.jsonl.gz"
    corpus.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(BadInput, match="读不出来"):
        read_collection(corpus, queries)


@pytest.mark.parametrize("empty", ["corpus", "queries"])
def test_empty_file_is_refused(tmp_path: Path, corpus: Path, queries: Path, empty: str) -> None:
    """There is nothing to measure without documents or without questions."""
    nothing = write_rows(tmp_path / "nothing.jsonl", [])

    with pytest.raises(BadInput, match=r"nothing\.jsonl 里没有"):
        read_collection(nothing if empty == "corpus" else corpus, nothing if empty == "queries" else queries)
