"""The engine of `anxun search`: any JSON-lines corpus, the product's own tokens, BM25 and encoder, a TREC run out."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import BadInput
from bot.retrieval.dense import Dense
from bot.retrieval.encoder import Encoder
from bot.retrieval.lexical import Lexical
from bot.retrieval.tokens import Tokens
from bot.retrieval.vectors import Progress, passage_vectors

DENSE_UP_TO = 5_000
"""Above this many documents the transformer takes minutes on two cores, so it is used only when asked for."""
WITH_TRANSFORMER = {"transformer": 1.0, "static": 0.5, "words": 0.2}
WITHOUT_TRANSFORMER = {"static": 1.0, "words": 0.4}
"""Weights of the channels' z-scores, chosen on the dev questions (benchmarks/retrieval)."""


@dataclass(frozen=True)
class Figures:
    """`index_bytes` counts token arrays and vectors; times are per query, in milliseconds."""

    documents: int
    dense: bool
    build_s: float
    index_bytes: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Searchers:
    """What a corpus is searched with: tokens for words, the static encoder, and the transformer where it is there."""

    tokens: Tokens
    static: Encoder
    transformer: Encoder | None


def search_corpus(
    corpus: Path, queries: Path, run: Path, top_k: int, searchers: Searchers,
    dense: bool | None = None, cache: Path | None = None, progress: Progress | None = None,
) -> Figures:  # fmt: skip
    """Index `corpus`, answer `queries`, write `run`; raises BadInput naming file and line."""
    documents = [(str(r["id"]), _text_of(r, corpus, n)) for n, r in _read(corpus, ("id", "text"))]
    asked = [
        (str(r["id"]), str(r.get("question") or r.get("query") or r.get("text") or ""))
        for _, r in _read(queries, ("id",))
    ]
    if not documents:
        raise BadInput(f"{corpus} 里没有文档。", "每行写一个 JSON 对象。")
    began = time.perf_counter()
    transformer = searchers.transformer
    use = transformer is not None and (dense if dense is not None else len(documents) <= DENSE_UP_TO)
    texts = [text for _, text in documents]
    tokens = searchers.tokens
    lexical = Lexical([tokens.bigrams(text) for text in texts])
    encoders: dict[str, tuple[Encoder, Dense]] = {}
    vectors = searchers.static.encode_passages(texts)
    encoders["static"] = (searchers.static, Dense(vectors))
    size = sum(len(text) for text in texts) * 8 + vectors.nbytes
    if use and transformer is not None:
        vectors = passage_vectors(transformer, texts, cache, progress)
        encoders["transformer"] = (transformer, Dense(vectors))
        size += vectors.nbytes
    weights = WITH_TRANSFORMER if "transformer" in encoders else WITHOUT_TRANSFORMER
    build_s = time.perf_counter() - began
    took: list[float] = []
    with run.open("w", encoding="utf-8") as out:
        for qid, question in asked:
            start = time.perf_counter()
            text = tokens.repair(question)
            scores = weights["words"] * _spread(lexical.scores(tokens.bigrams(text)))
            for name, (encoder, index) in encoders.items():
                scores = scores + weights[name] * _spread(index.scores(encoder.encode_queries([text])[0]))
            best = _top(scores, top_k)
            took.append((time.perf_counter() - start) * 1000)
            for rank, row in enumerate(best, 1):
                out.write(f"{qid} Q0 {documents[row][0]} {rank} {scores[row]:.6f} anxun\n")
    took = took or [0.0]
    return Figures(
        len(documents), "transformer" in encoders, round(build_s, 2), size,
        round(float(np.percentile(took, 50)), 2), round(float(np.percentile(took, 95)), 2),
    )  # fmt: skip


def _spread(scores: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Z-scores, so that two kinds of score can be added."""
    deviation = float(scores.std())
    return (scores - scores.mean()) / deviation if deviation else np.zeros_like(scores)


def _top(scores: np.ndarray[Any, np.dtype[np.float32]], top_k: int) -> list[int]:
    k = min(top_k, len(scores))
    rows = np.argpartition(-scores, k - 1)[:k]
    return [int(r) for r in rows[np.argsort(-scores[rows], kind="stable")]]


def _text_of(row: dict[str, Any], path: Path, number: int) -> str:
    if not isinstance(row["text"], str):
        raise BadInput(f"{path} 第 {number} 行的 text 不是文字。", "改成字符串。")
    head = " ".join(str(row[k]) for k in ("law", "title", "article") if row.get(k))
    return f"{head} {row['text']}".strip()


def _read(path: Path, keys: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise BadInput(f"找不到文件 {path}。", "检查路径。")
    with (
        path.open(encoding="utf-8-sig")
        if path.suffix != ".gz"
        else gzip.open(path, "rt", encoding="utf-8") as lines
    ):
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                raise BadInput(f"{path} 第 {number} 行不是 JSON。", "每行写一个 JSON 对象。") from None
            missing = [k for k in keys if not isinstance(row, dict) or k not in row]
            if missing:
                raise BadInput(f"{path} 第 {number} 行缺少 {'、'.join(missing)}。", "补上后再来。")
            yield number, row
