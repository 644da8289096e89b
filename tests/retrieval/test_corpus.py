"""`anxun search` ranks any corpus with the product's own retriever and writes a TREC run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.retrieval.corpus import Searchers, search_corpus
from bot.retrieval.tokens import Tokens
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


@pytest.mark.parametrize("dense", [False, True])
def test_run_ranks_right_article(
    tmp_path: Path, corpus: Path, queries: Path, tokens: Tokens, dense: bool
) -> None:
    """The right article leads each question, in TREC's six columns; the figures say whether the transformer was used."""
    run = tmp_path / "out.trec"
    figures = search_corpus(corpus, queries, run, 2, Searchers(tokens, FakeEncoder(), FakeEncoder()), dense)
    lines = [line.split() for line in run.read_text(encoding="utf-8").splitlines()]

    assert [x[:4] for x in lines if x[3] == "1"] == [["q1", "Q0", "a1", "1"], ["q2", "Q0", "a2", "1"]]
    assert all(len(x) == 6 for x in lines) and len(lines) == 4
    assert (3, dense) == (figures.documents, figures.dense)


def test_bad_line_is_named(tmp_path: Path, queries: Path, tokens: Tokens) -> None:
    """A broken line is reported with file and line number."""
    broken = tmp_path / "bad.jsonl"
    broken.write_text('{"id": "a", "text": "好"}\n{不是JSON\n', encoding="utf-8")

    with pytest.raises(BadInput, match=r"bad\.jsonl 第 2 行"):
        search_corpus(broken, queries, tmp_path / "out.trec", 5, Searchers(tokens, FakeEncoder(), None))
