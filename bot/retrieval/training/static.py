"""Distils the static encoder: one vector a piece, first the transformer's own, then trained on pairs that belong together.

Pairs: halves of an article, a law's chapter with its articles, questions with their articles and cards. Minutes on two cores.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.retrieval.static import SPECIAL_PIECES, pieces_of
from bot.retrieval.training.examples import Corpus, Example
from bot.retrieval.training.finetune import Report

Array = npt.NDArray[np.float32]
NAME = "static-zh-power"
SHORTEST = 25
"""Articles of fewer characters say too little to be cut in half."""


@dataclass(frozen=True)
class StaticRecipe:
    """`mixture`: how often a batch comes from the corpus, from questions about statutes, from our cards."""

    steps: int = 800
    batch: int = 256
    dim: int = 256
    learning_rate: float = 3e-3
    scale: float = 20.0
    seed: int = 3
    mixture: tuple[int, int, int] = (3, 3, 1)


def train_static(
    model: Any,
    tokenizer: Any,
    corpus: Corpus,
    statutes: Sequence[Example],
    cards: Sequence[Example],
    out: Path,
    recipe: StaticRecipe,
    report: Report,
) -> None:
    """Write `vectors.npy` (float16) and `config.json` to `out`. `model` and `tokenizer` are the trained transformer's."""
    import torch

    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    chance = random.Random(recipe.seed)  # noqa: S311  the seed is the point
    torch.manual_seed(recipe.seed)
    pieces = pieces_of(backend, corpus.texts)
    rows = _reduced(_piece_vectors(model), recipe.dim) * _weights(pieces, len(tokenizer))[:, None]
    table = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(rows), freeze=False, mode="mean")
    optimiser = torch.optim.Adam(table.parameters(), lr=recipe.learning_rate)

    def vectors(texts: list[list[int]]) -> Any:
        flat = torch.tensor([piece for text in texts for piece in text])
        starts = torch.tensor(np.cumsum([0, *(len(text) for text in texts[:-1])]))
        return torch.nn.functional.normalize(table(flat, starts), dim=-1)

    pairs = _corpus_pairs(corpus)
    left, right = (pieces_of(backend, [pair[side] for pair in pairs]) for side in (0, 1))
    asked = {
        name: pieces_of(backend, [e.query for e in held]) for name, held in (("s", statutes), ("c", cards))
    }
    losses: list[float] = []
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * max(0.05, 1 - step / recipe.steps)
        kind = chance.choices("psc", recipe.mixture)[0]
        if kind == "p":
            chosen = chance.sample(range(len(pairs)), recipe.batch)
            query, given = vectors([left[i] for i in chosen]), vectors([right[i] for i in chosen])
            banned = None
        else:
            held = statutes if kind == "s" else cards
            chosen = chance.sample(range(len(held)), min(recipe.batch // 2, len(held)))
            query = vectors([asked[kind][i] for i in chosen])
            given, banned = _answers(backend, [held[i] for i in chosen], vectors, chance)
        scores = query @ given.T * recipe.scale
        if banned is not None:
            scores = scores.masked_fill(banned, -1e4)
        loss: Any = torch.nn.functional.cross_entropy(scores, torch.arange(len(query)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
        if (step + 1) % 100 == 0 or step + 1 == recipe.steps:
            report(step + 1, recipe.steps, {"static": float(np.mean(losses[-100:]))})
    _write(out, table.weight.detach().numpy(), recipe)


def _answers(
    backend: Any, batch: Sequence[Example], vectors: Callable[[list[list[int]]], Any], chance: random.Random
) -> tuple[Any, Any]:
    """(vectors of each example's text and of two hard ones, mask of those that answer it too)."""
    import torch

    groups = [e.group for e in batch]
    texts = [chance.choice(e.texts) for e in batch]
    for example in batch:
        for group, text in chance.sample(example.hard, min(2, len(example.hard))):
            groups.append(group)
            texts.append(text)
    banned = torch.tensor(
        [[j != i and g in e.right for j, g in enumerate(groups)] for i, e in enumerate(batch)]
    )
    return vectors(pieces_of(backend, texts)), banned


def _piece_vectors(model: Any) -> Array:
    """What the transformer makes of each piece standing alone: [pieces, hidden]."""
    import torch

    count = model.config.vocab_size
    found = []
    with torch.no_grad():
        for start in range(0, count, 512):
            ids = torch.arange(start, min(start + 512, count))[:, None]
            ends = torch.zeros_like(ids)
            states = model(input_ids=torch.cat([ends, ids, ends + 2], 1)).last_hidden_state
            found.append(states.mean(1).float())
    return np.asarray(torch.cat(found), np.float32)


def _reduced(rows: Array, dim: int) -> Array:
    """The first `dim` principal components, of unit average length."""
    centred = rows - rows.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    found = centred @ axes[:, ::-1][:, :dim]
    return np.asarray(found / np.linalg.norm(found, axis=1).mean(), np.float32)


def _weights(pieces: Sequence[Sequence[int]], count: int) -> Array:
    """Rare pieces say more: inverse document frequency over the corpus, mean 1."""
    seen = np.zeros(count)
    for text in pieces:
        seen[list(set(text))] += 1
    idf = np.log(1 + len(pieces) / (1 + seen))
    idf[:SPECIAL_PIECES] = idf.mean()
    return np.asarray(idf / idf.mean(), np.float32)


def _corpus_pairs(corpus: Corpus) -> list[tuple[str, str]]:
    """(first half, second half) and (law and chapter, article) of every article in its newest version."""
    found: list[tuple[str, str]] = []
    for body, head, newest in zip(corpus.bodies, corpus.heads, corpus.newest, strict=True):
        if not newest or len(body) <= SHORTEST:
            continue
        third = len(body) // 3
        cut = body.find("。", third)
        cut = cut if third <= cut < 2 * third else len(body) // 2
        found += [(head, body), (body[:cut], body[cut:])]
    return found


def _write(out: Path, rows: Array, recipe: StaticRecipe) -> None:
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "vectors.npy", rows.astype(np.float16))
    digest = hashlib.sha256((out / "vectors.npy").read_bytes()).hexdigest()
    config = {"name": NAME, "dim": recipe.dim, "pieces": len(rows), "sha256": digest}
    (out / "config.json").write_text(
        json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
