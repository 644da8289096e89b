"""Fits the network to marked replies. Torch lives here and in `export`; the base is handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from bot.judgement import MOVES, REDLINES
from bot.tone.listening import CONTEXT_TOKENS, LABELS, REPLY_TOKENS, context
from bot.tone.text import view
from bot.tone.training.examples import Example


@dataclass(frozen=True)
class Recipe:
    """What `anxun train tone` does; chosen on the calibration part, see the model card."""

    layers: int = 4
    epochs: int = 8
    rate: float = 3e-4
    batch: int = 32
    warm: float = 0.1
    seed: int = 7


class Network(torch.nn.Module):
    """The lower layers of the base, and one linear head that gives each token a value for each label."""

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert
        self.drop = torch.nn.Dropout(0.1)
        self.head = torch.nn.Linear(bert.config.hidden_size, len(LABELS))
        bert.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.drop(states))


PAD = 1
Row = tuple[list[int], int]
"""Token ids of context and reply, and where the reply begins."""


def rows_of(tokenizer: Any, examples: Sequence[Example]) -> list[Row]:
    rows = []
    for one in examples:
        head = tokenizer.encode(context(one.customer, one.facts)).ids[:CONTEXT_TOKENS]
        rows.append((head + tokenizer.encode(view(one.reply).norm).ids[1:][:REPLY_TOKENS], len(head)))
    return rows


def fit(
    bert: Any,
    tokenizer: Any,
    examples: Sequence[Example],
    recipe: Recipe,
    report: Callable[[int, int, float], None],
) -> Network:
    """A network fitted to the examples; `report` gets step, steps and loss. The same seed gives the same network."""
    torch.manual_seed(recipe.seed)
    chance = np.random.default_rng(recipe.seed)
    network = Network(bert).train()
    rows, wanted = rows_of(tokenizer, examples), _targets(examples)
    groups = [
        {"params": [p for p in bert.parameters() if p.requires_grad], "lr": recipe.rate},
        {"params": network.head.parameters(), "lr": 1e-3},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = recipe.epochs * -(-len(rows) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda k: min(1.0, k / (recipe.warm * steps + 1)) * max(0.0, 1 - k / steps)
    )
    step = 0
    for _ in range(recipe.epochs):
        for chosen in _batches(rows, recipe.batch, chance):
            heard = _pooled(network, [rows[i] for i in chosen])
            loss = _loss(heard, wanted[chosen])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            report(step, steps, float(loss.detach()))
    return network.eval()


def _targets(examples: Sequence[Example]) -> torch.Tensor:
    """[n, labels]: the band as -1..1, then 0 or 1 for each red line and move."""
    return torch.tensor(
        [
            [
                (one.band - 3) / 2,
                *(float(code in one.redlines) for code in REDLINES),
                *(float(move in one.moves) for move in MOVES),
            ]
            for one in examples
        ]
    )


def _batches(rows: Sequence[Row], size: int, chance: np.random.Generator) -> list[list[int]]:
    """Every row once, in a new order, rows of like length together so that little is padded."""
    order = chance.permutation(len(rows))
    pools = [order[k : k + 8 * size] for k in range(0, len(order), 8 * size)]
    ranked = [sorted(pool.tolist(), key=lambda i: len(rows[i][0])) for pool in pools]
    batches = [pool[k : k + size] for pool in ranked for k in range(0, len(pool), size)]
    return [batches[i] for i in chance.permutation(len(batches))]


def _pooled(network: Network, rows: Sequence[Row]) -> torch.Tensor:
    width = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), width), PAD)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    reply = torch.zeros((len(rows), width, 1))
    for row, (tokens, begins) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
        reply[row, begins : len(tokens)] = 1
    values: torch.Tensor = network(ids, mask)
    return (values * reply).sum(1) / reply.sum(1).clamp(min=1)


def _loss(heard: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    apart = torch.nn.functional.binary_cross_entropy_with_logits
    codes = 1 + len(REDLINES)
    return (
        2 * torch.nn.functional.mse_loss(heard[:, 0], wanted[:, 0])
        + 12 * apart(heard[:, 1:codes], wanted[:, 1:codes])
        + 2 * apart(heard[:, codes:], wanted[:, codes:])
    )
