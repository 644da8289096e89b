"""`anxun search` ranks any corpus with the product's own retriever and writes a TREC run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from bot.errors import BadInput
from bot.retrieval.corpus import Found, Searchers, fuse, search_corpus
from bot.retrieval.encoder import Encoder
from bot.retrieval.engine import VectorEngine
from bot.retrieval.tokens import Tokens
from bot.stores.vectors import open_engine
from tests.retrieval.fakes import FakeEncoder

ARTICLES = [
    {"id": "a1", "law": "条例", "article": "第三十九条", "text": "逾期未交付电费的，可以加收违约金。"},
    {"id": "a2", "law": "条例", "article": "第二十八条", "text": "检修停电应当提前通知用户。"},
    {"id": "a3", "title": "狗咬人", "text": "饲养的动物造成他人损害的，饲养人应当承担责任。"},
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in ARTICLES)
    return path


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    path = tmp_path / "queries.jsonl"
    rows = [{"id": "q1", "question": "晚交电费收违约金吗"}, {"id": "q2", "question": "检修停电要通知吗"}]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return path


def searchers(tokens: Tokens, folder: Path, transformer: FakeEncoder | None) -> Searchers:
    """Fake encoders, and the embedded engine as the product opens it."""

    def engine(channel: str, encoder: Encoder) -> VectorEngine:
        return open_engine(
            "", name=channel, dim=encoder.dim, key=encoder.fingerprint, folder=folder, database_url=""
        )

    return Searchers(tokens, FakeEncoder("static"), transformer, engine)


@pytest.mark.parametrize("dense", [False, True])
def test_run_ranks_right_article(
    tmp_path: Path, corpus: Path, queries: Path, tokens: Tokens, dense: bool
) -> None:
    """The right article leads each question, in TREC's six columns; the figures say whether the transformer was used."""
    run = tmp_path / "out.trec"
    figures = search_corpus(corpus, queries, run, 2, searchers(tokens, tmp_path, FakeEncoder()), dense)
    lines = [line.split() for line in run.read_text(encoding="utf-8").splitlines()]

    assert [x[:4] for x in lines if x[3] == "1"] == [["q1", "Q0", "a1", "1"], ["q2", "Q0", "a2", "1"]]
    assert all(len(x) == 6 for x in lines) and len(lines) == 4
    assert (3, dense) == (figures.documents, figures.dense)


def test_bad_line_is_named(tmp_path: Path, queries: Path, tokens: Tokens) -> None:
    """A broken line is reported with file and line number."""
    broken = tmp_path / "bad.jsonl"
    broken.write_text('{"id": "a", "text": "好"}\n{不是JSON\n', encoding="utf-8")

    with pytest.raises(BadInput, match=r"bad\.jsonl 第 2 行"):
        search_corpus(broken, queries, tmp_path / "out.trec", 5, searchers(tokens, tmp_path, None))


def test_second_search_encodes_nothing(tmp_path: Path, corpus: Path, queries: Path, tokens: Tokens) -> None:
    """The vectors of a corpus are kept: searching it again gives the same run and encodes no document."""
    first, second = FakeEncoder(), FakeEncoder()
    runs = [tmp_path / "one.trec", tmp_path / "two.trec"]
    search_corpus(corpus, queries, runs[0], 3, searchers(tokens, tmp_path, first), True)
    search_corpus(corpus, queries, runs[1], 3, searchers(tokens, tmp_path, second), True)

    assert (len(ARTICLES), 0) == (first.encoded, second.encoded)
    assert runs[0].read_text(encoding="utf-8") == runs[1].read_text(encoding="utf-8")


def test_equal_texts_are_all_found(tmp_path: Path, queries: Path, tokens: Tokens) -> None:
    """Two documents of one text share a vector and both stand in the run."""
    path = tmp_path / "twins.jsonl"
    rows = [{**ARTICLES[0], "id": "b1"}, *ARTICLES]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    run = tmp_path / "out.trec"
    search_corpus(path, queries, run, 2, searchers(tokens, tmp_path, FakeEncoder()), True)
    found = [
        line.split()[2] for line in run.read_text(encoding="utf-8").splitlines() if line.startswith("q1")
    ]

    assert {"a1", "b1"} == set(found)


def test_what_a_channel_leaves_out_scores_as_its_last() -> None:
    """A row that only one channel proposes is not pushed below everything by the other."""
    found = {
        "one": Found(np.array([4, 7]), np.array([3.0, 1.0], np.float32), 1.0),
        "two": Found(np.array([9]), np.array([2.5], np.float32), 2.5),
    }

    assert [(4, 4.25), (7, 2.25), (9, 2.25)] == fuse(found, {"one": 1.0, "two": 0.5})
