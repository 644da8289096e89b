"""Distils the static encoder: one vector a piece, first the transformer's own, then trained on pairs that belong together.

Pairs: halves of an article, a law's chapter with its articles, questions with their articles and cards. Minutes on two cores.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.retrieval.static import SPECIAL_PIECES, pieces_of
from bot.retrieval.training.finetune import Report
from bot.retrieval.training.material import Material, Question

Array = npt.NDArray[np.float32]
NAME = "static-zh-power"


@dataclass(frozen=True)
class StaticRecipe:
    """`mixture`: how often a batch comes from pairs of the corpora and from each source of questions; `hard` negatives
    a question."""

    steps: int = 1600
    batch: int = 256
    dim: int = 256
    learning_rate: float = 3e-3
    scale: float = 20.0
    seed: int = 3
    hard: int = 2
    mixture: tuple[tuple[str, int], ...] = (
        ("pairs", 5), ("statutes", 2), ("written", 3), ("answers", 1), ("cards", 2),
    )  # fmt: skip


def train_static(
    model: Any,
    tokenizer: Any,
    material: Material,
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
    texts = pieces_of(backend, material.texts)
    rows = _reduced(_piece_vectors(model), recipe.dim) * _weights(texts, len(tokenizer))[:, None]
    table = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(rows), freeze=False, mode="mean")
    optimiser = torch.optim.Adam(table.parameters(), lr=recipe.learning_rate)

    def vectors(found: list[list[int]]) -> Any:
        flat = torch.tensor([piece for text in found for piece in text])
        starts = torch.tensor(np.cumsum([0, *(len(text) for text in found[:-1])]))
        return torch.nn.functional.normalize(table(flat, starts), dim=-1)

    left, right = (pieces_of(backend, [pair[side] for pair in material.pairs]) for side in (0, 1))
    asked = {name: pieces_of(backend, [q.text for q in held]) for name, held in material.questions.items()}
    losses: list[float] = []
    kinds, shares = zip(*recipe.mixture, strict=True)
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * max(0.05, 1 - step / recipe.steps)
        kind = chance.choices(kinds, shares)[0]
        if kind == "pairs":
            chosen = chance.sample(range(len(left)), min(recipe.batch, len(left)))
            query, given = vectors([left[i] for i in chosen]), vectors([right[i] for i in chosen])
            banned = None
        else:
            held = material.questions[kind]
            chosen = chance.sample(range(len(held)), min(recipe.batch // 2, len(held)))
            query = vectors([asked[kind][i] for i in chosen])
            rows_of, banned = _answers([held[i] for i in chosen], material.groups, recipe.hard, chance)
            given = vectors([texts[row] for row in rows_of])
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
    batch: Sequence[Question], groups: Sequence[int], hard: int, chance: random.Random
) -> tuple[list[int], Any]:
    """(rows of each question's text and then of hard ones, mask of those that answer it too)."""
    import torch

    rows = [chance.choice(q.answers) for q in batch]
    for question in batch:
        rows += chance.sample(question.hard, min(hard, len(question.hard)))
    banned = [[j != i and groups[row] in q.right for j, row in enumerate(rows)] for i, q in enumerate(batch)]
    return rows, torch.tensor(banned)


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


def _write(out: Path, rows: Array, recipe: StaticRecipe) -> None:
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "vectors.npy", rows.astype(np.float16))
    digest = hashlib.sha256((out / "vectors.npy").read_bytes()).hexdigest()
    config = {"name": NAME, "dim": recipe.dim, "pieces": len(rows), "sha256": digest}
    (out / "config.json").write_text(
        json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
