"""Joins settings and the corpus search for `anxun search`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.progress import Progress

from bot.content.terms import load_terms
from bot.errors import BadInput
from bot.retrieval.corpus import Searchers, search_corpus
from bot.retrieval.encoder import open_encoder
from bot.retrieval.static import StaticEncoder
from bot.retrieval.tokens import Tokens
from bot.settings import Settings


def search_files(
    settings: Settings, corpus: Path, queries: Path, run: Path, top_k: int, dense: bool | None
) -> dict[str, Any]:
    """Index, answer, write the run; progress goes to standard error. Returns the figures of the contract."""
    if not run.resolve().parent.is_dir():
        raise BadInput(f"文件夹 {run.parent} 不存在。", "先建好再写。")
    transformer = None if dense is False else open_encoder(settings.encoder, threads=2)
    searchers = Searchers(Tokens(load_terms(settings.knowledge / "terms")), StaticEncoder(), transformer)
    with Progress(transient=True) as bar:
        bar.console.stderr = True
        task = bar.add_task("算向量", total=None)
        figures = search_corpus(
            corpus, queries, run, top_k, searchers, dense,
            settings.data / "cache" / "corpus.bin",
            lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    return asdict(figures)
