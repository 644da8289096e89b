"""The engine of `anxun search`: any JSON-lines corpus, the product's own tokens, BM25 and encoders, a TREC run out.

Each channel (words, static encoder, transformer) proposes its best documents with z-scores over the whole corpus; their
weighted sum decides. Vectors live in a `VectorEngine` and stay there: the same corpus is not encoded twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.collection import read_documents, read_questions
from bot.retrieval.encoder import Encoder, Vectors
from bot.retrieval.engine import Ids, Progress, VectorEngine, bring_up_to_date, content_ids
from bot.retrieval.lexical import Lexical
from bot.retrieval.tokens import Tokens
from bot.retrieval.vectors import encoded

DENSE_UP_TO = 5_000
"""Above this many documents the transformer takes minutes on two cores, so it is used only when asked for."""
DEPTH = 1_000
"""Each channel proposes this many; one that a channel does not propose scores there as the last that it does."""
WITH_TRANSFORMER = {"transformer": 1.0, "static": 0.5}
WITHOUT_TRANSFORMER = {"static": 1.0, "words": 0.2}
"""Weights of the channels' z-scores, chosen on the dev questions (benchmarks/retrieval). Words help the static encoder
and harm the pair."""
HALF = 2
"""Bytes a stored number takes; the embedded engine keeps half precision."""

OpenEngine = Callable[[str, Encoder], VectorEngine]
"""Opens the place where a channel keeps the vectors of this corpus."""


@dataclass(frozen=True)
class Figures:
    """`index_bytes` counts postings and vectors; times are per query, in milliseconds."""

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
    open_engine: OpenEngine


@dataclass(frozen=True)
class Found:
    """What one channel proposes: rows in any order, their z-scores, and the z-score of whatever it leaves out."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    rest: float


Channel = Callable[[str], Found]


def search_corpus(
    corpus: Path, queries: Path, run: Path, top_k: int, searchers: Searchers,
    dense: bool | None = None, progress: Progress | None = None,
) -> Figures:  # fmt: skip
    """Index `corpus`, answer `queries`, write `run`; raises BadInput naming file and line."""
    documents = read_documents(corpus)
    asked = read_questions(queries)
    began = time.perf_counter()
    texts = [document.text for document in documents]
    index = CorpusIndex(texts, searchers, _uses_transformer(searchers, len(texts), dense), progress)
    build_s = time.perf_counter() - began
    took = [0.0] if not asked else []
    with run.open("w", encoding="utf-8") as out:
        for question in asked:
            start = time.perf_counter()
            best = index.search(question.text, top_k)
            took.append((time.perf_counter() - start) * 1000)
            for rank, (row, score) in enumerate(best, 1):
                out.write(f"{question.id} Q0 {documents[row].id} {rank} {score:.6f} anxun\n")
    return Figures(
        len(documents), index.dense, round(build_s, 2), index.bytes,
        round(float(np.percentile(took, 50)), 2), round(float(np.percentile(took, 95)), 2),
    )  # fmt: skip


class CorpusIndex:
    """Texts by row, searched through every channel that has a weight."""

    def __init__(
        self, texts: Sequence[str], searchers: Searchers, dense: bool, progress: Progress | None = None
    ) -> None:
        self.dense = dense
        self.bytes = 0
        self._tokens = searchers.tokens
        self._weights = WITH_TRANSFORMER if dense else WITHOUT_TRANSFORMER
        self._channels: dict[str, Channel] = {}
        if "words" in self._weights:
            self._channels["words"] = self._words(texts)
        self._channels["static"] = self._vectors("static", searchers.static, texts, searchers, None)
        if dense and searchers.transformer is not None:
            transformer = searchers.transformer
            self._channels["transformer"] = self._vectors(
                "transformer", transformer, texts, searchers, progress
            )

    def search(self, question: str, top_k: int) -> list[tuple[int, float]]:
        """(row, score) of the best `top_k`, best first; equals in the corpus's order."""
        text = self._tokens.repair(question)
        found = {name: channel(text) for name, channel in self._channels.items()}
        return fuse(found, self._weights)[:top_k]

    def _words(self, texts: Sequence[str]) -> Channel:
        cut = [self._tokens.bigrams(text) for text in texts]
        lexical = Lexical(cut)
        self.bytes += sum(len(set(units)) for units in cut) * 8  # a row and a score for each posting

        def search(text: str) -> Found:
            scores = lexical.scores(self._tokens.bigrams(text))
            rows = np.argpartition(-scores, min(DEPTH, len(scores)) - 1)[:DEPTH].astype(np.int64)
            return _standardised(rows, scores[rows], float(scores.mean()), float(scores.std()), len(scores))

        return search

    def _vectors(
        self,
        name: str,
        encoder: Encoder,
        texts: Sequence[str],
        searchers: Searchers,
        progress: Progress | None,
    ) -> Channel:
        engine = searchers.open_engine(name, encoder)
        ids = content_ids(texts)
        first = _fill(engine, encoder, texts, ids, progress)
        self.bytes += len(engine) * engine.dim * HALF

        def search(text: str) -> Found:
            query = encoder.encode_queries([text])
            scores, found = engine.search(query, DEPTH)
            means, deviations = engine.spread(query)
            there = found[0] >= 0
            rows, repeats = _rows_of(first, found[0][there])
            return _standardised(
                rows, np.repeat(scores[0][there], repeats), float(means[0]), float(deviations[0]), len(engine)
            )

        return search


def fuse(found: Mapping[str, Found], weights: Mapping[str, float]) -> list[tuple[int, float]]:
    """(row, weighted sum of z-scores) of all that any channel proposes, best first."""
    rows = np.unique(np.concatenate([f.rows for f in found.values()]))
    total = np.zeros(len(rows), np.float32)
    for name, proposed in found.items():
        scores = np.full(len(rows), proposed.rest, np.float32)
        scores[np.searchsorted(rows, proposed.rows)] = proposed.scores
        total += weights[name] * scores
    order = np.argsort(-total, kind="stable")
    return [(int(rows[i]), float(total[i])) for i in order]


def _uses_transformer(searchers: Searchers, documents: int, dense: bool | None) -> bool:
    return searchers.transformer is not None and (dense if dense is not None else documents <= DENSE_UP_TO)


def _standardised(
    rows: NDArray[np.int64], scores: Vectors, mean: float, deviation: float, documents: int
) -> Found:
    """Z-scores; what is left out scores as the last proposed, or the mean where nothing is left out."""
    spread = (scores - mean) / deviation if deviation > 0 else np.zeros_like(scores)
    rest = float(spread.min(initial=0.0)) if documents > len(rows) else 0.0
    return Found(rows, spread.astype(np.float32), rest)


def _fill(
    engine: VectorEngine, encoder: Encoder, texts: Sequence[str], ids: Ids, progress: Progress | None
) -> Mapping[int, list[int]]:
    """Bring `engine` up to the corpus; rows by id (a text that stands twice has one id and several rows)."""
    rows: dict[int, list[int]] = {}
    for row, number in enumerate(ids.tolist()):
        rows.setdefault(number, []).append(row)
    done = 0
    missing = len(np.setdiff1d(ids, engine.ids()))

    def vectors_of(batch: Ids) -> Vectors:
        nonlocal done
        told = progress and (lambda so_far, _all: progress(done + so_far, missing))
        vectors = encoded(encoder, [texts[rows[i][0]] for i in batch.tolist()], told or None)
        done += len(batch)
        return vectors

    bring_up_to_date(engine, np.unique(ids), vectors_of)
    return rows


def _rows_of(first: Mapping[int, list[int]], ids: Ids) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of `ids`, and how many each id has."""
    held = [first[i] for i in ids.tolist()]
    return np.array([r for rows in held for r in rows], np.int64), np.array([len(r) for r in held], np.int64)
