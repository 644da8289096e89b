"""Joins settings, vector engines and the corpus search for `anxun search`."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from bot.content.terms import load_terms
from bot.errors import BadInput
from bot.retrieval.corpus import Searchers, search_corpus
from bot.retrieval.encoder import Encoder, open_encoder
from bot.retrieval.engine import VectorEngine
from bot.retrieval.static import StaticEncoder
from bot.retrieval.tokens import Tokens
from bot.settings import Settings
from bot.stores.vectors import open_engine


def search_files(
    settings: Settings, corpus: Path, queries: Path, run: Path, top_k: int, dense: bool | None
) -> dict[str, Any]:
    """Index, answer, write the run; progress goes to standard error. Returns the figures of the contract."""
    if not run.resolve().parent.is_dir():
        raise BadInput(f"文件夹 {run.parent} 不存在。", "先建好再写。")
    digest = hashlib.sha256(str(corpus.resolve()).encode()).hexdigest()[:12]

    def engine(channel: str, encoder: Encoder) -> VectorEngine:
        return open_engine(
            settings.vectors, name=f"corpus_{digest}_{channel}", dim=encoder.dim, key=encoder.fingerprint,
            folder=settings.data / "cache", database_url=settings.database,
        )  # fmt: skip

    transformer = None if dense is False else open_encoder(settings.encoder, threads=2)
    tokens = Tokens(load_terms(settings.knowledge / "terms"))
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("算向量", total=None)
        figures = search_corpus(
            corpus, queries, run, top_k, Searchers(tokens, StaticEncoder(), transformer, engine), dense,
            lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    return asdict(figures)
