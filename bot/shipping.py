"""Joins settings, content and encoder for `anxun train passages`."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.progress import Progress

from bot.content.loader import load_knowledge
from bot.retrieval.encoder import OnnxEncoder
from bot.retrieval.engine import content_ids
from bot.retrieval.passages import negatives_of, passages_of
from bot.retrieval.shipped import ship
from bot.retrieval.vectors import kept_for, passage_vectors
from bot.settings import Settings


def ship_passages(settings: Settings) -> int:
    """Keep the vectors of the knowledge base in models/, for the encoder that ships; how many there are."""
    knowledge = load_knowledge(settings.knowledge)
    encoder = OnnxEncoder()
    texts = [p.titled for p in (*passages_of(knowledge), *negatives_of(knowledge))]
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("算向量", total=None)
        rows = passage_vectors(
            encoder, texts, kept_for(encoder, settings.data / "cache"),
            lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    ids, first = np.unique(content_ids(texts), return_index=True)
    ship(encoder.fingerprint, ids, rows[first])
    return len(ids)
