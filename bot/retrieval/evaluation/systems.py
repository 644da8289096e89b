"""The systems that can be measured, by name: plain baselines, the parts of the product, and the product itself.

Nothing is kept between runs here: what building costs is measured every time.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import BadInput
from bot.retrieval.collection import Document, Question, read_documents, read_questions
from bot.retrieval.encoder import Encoder
from bot.retrieval.evaluation.runs import DEPTH, Ranking, Run, ranked, read_run
from bot.retrieval.lexical import Lexical
from bot.retrieval.vectors import Progress, encoded

Scores = npt.NDArray[np.float32]
Cut = Callable[[str], list[str]]
SearchFiles = Callable[[Path], Mapping[str, Any]]
"""Searches the collection as `anxun search` does, writes a run there and returns the search's figures."""


@dataclass(frozen=True)
class Collection:
    """The documents and the questions that every system gets."""

    documents: list[Document]
    questions: list[Question]


@dataclass(frozen=True)
class Cost:
    """`index_bytes` counts vectors or postings; times are for one question at a time, in milliseconds."""

    build_s: float
    index_bytes: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Outcome:
    """What a system found; a stored run has no cost."""

    name: str
    run: Run
    cost: Cost | None = None


@dataclass(frozen=True)
class Index:
    """Something built: a score for each document, given a question. Documents that score no more than `nothing` are
    not found at all."""

    scores: Callable[[str], Scores]
    nothing: float
    bytes: int


def read_collection(corpus: Path, queries: Path) -> Collection:
    """Both files; raises BadInput when an id could not stand in a run or stands there for two things."""
    collection = Collection(read_documents(corpus), read_questions(queries))
    if not collection.questions:
        raise BadInput(f"{queries} 里没有问题。", "每行写 {id, question}。")
    for path, ids in (
        (corpus, [d.id for d in collection.documents]),
        (queries, [q.id for q in collection.questions]),
    ):
        seen: set[str] = set()
        for name in ids:
            if len(name.split()) != 1 or not name.isprintable():
                raise BadInput(
                    f"{path} 的编号 {name!r} 是空的，或带空白、控制符。", "换一个编号：TREC 用空白分列。"
                )
            if name in seen:
                raise BadInput(f"{path} 的编号 {name} 用了两次。", "每行用自己的编号。")
            seen.add(name)
    return collection


def search_words(name: str, collection: Collection, cut: Cut) -> Outcome:
    """BM25 over what `cut` makes of a text; a document without one word of the question is not found."""

    def build() -> Index:
        documents = [cut(document.text) for document in collection.documents]
        lexical = Lexical(documents)
        postings = sum(len(set(tokens)) for tokens in documents)
        each = np.dtype(np.int32).itemsize + np.dtype(np.float32).itemsize  # a row and a score
        return Index(lambda question: lexical.scores(cut(question)), 0.0, postings * each)

    return _measured(name, collection, build)


def search_vectors(
    name: str, collection: Collection, open_encoder: Callable[[], Encoder], progress: Progress | None = None
) -> Outcome:
    """Cosine to an encoder's vectors alone; opening the encoder is part of building."""

    def build() -> Index:
        encoder = open_encoder()
        vectors = encoded(encoder, [d.text for d in collection.documents], progress)

        def scores(question: str) -> Scores:
            return np.asarray(vectors @ encoder.encode_queries([question])[0], np.float32)

        return Index(scores, -1.0, vectors.nbytes)

    return _measured(name, collection, build)


def search_as_shipped(name: str, search: SearchFiles) -> Outcome:
    """The product as it stands, by its own door; its figures are its own too."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.trec"
        figures = search(path)
        run = read_run(path)
    cost = Cost(*(figures[key] for key in ("build_s", "index_bytes", "p50_ms", "p95_ms")))
    return Outcome(name, run, cost)


def _measured(name: str, collection: Collection, build: Callable[[], Index]) -> Outcome:
    began = time.perf_counter()
    index = build()
    build_s = time.perf_counter() - began
    ids = [document.id for document in collection.documents]
    run: Run = {}
    took: list[float] = []
    for question in collection.questions:
        began = time.perf_counter()
        run[question.id] = _best(ids, index.scores(question.text), index.nothing)
        took.append((time.perf_counter() - began) * 1000)
    p50, p95 = (round(float(np.percentile(took, share)), 2) for share in (50, 95))
    return Outcome(name, run, Cost(round(build_s, 2), index.bytes, p50, p95))


def _best(ids: Sequence[str], scores: Scores, nothing: float) -> Ranking:
    """The first DEPTH; the last place among equals is settled as every other is."""
    least = np.partition(scores, -DEPTH)[-DEPTH] if len(scores) > DEPTH else nothing
    rows: list[int] = np.flatnonzero((scores >= least) & (scores > nothing)).tolist()
    return ranked((ids[row], float(scores[row])) for row in rows)[:DEPTH]
