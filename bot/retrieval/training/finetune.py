"""Fine-tunes the encoder: each question must lie nearer to a text that answers it than to every other text of its batch.

In-batch negatives and mined hard ones, cross-entropy over scaled cosines (InfoNCE), a fixed seed, a fixed mixture.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.retrieval.training.examples import Example, forever

Report = Callable[[int, int, Mapping[str, float]], None]
"""Called with (steps done, steps in all, mean recent loss of each source)."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result besides data and base. `mixture` is how often each source gives a batch."""

    steps: int = 900
    batch: int = 24
    learning_rate: float = 5e-5
    warm_up: int = 20
    scale: float = 40.0
    frozen_layers: int = 2
    question_tokens: int = 96
    text_tokens: int = 96
    false_negative_margin: float = 0.1
    seed: int = 7
    mixture: tuple[tuple[str, int], ...] = (("statutes", 5), ("answers", 1), ("cards", 4))


def finetune(
    model: Any, tokenizer: Any, sources: Mapping[str, Sequence[Example]], recipe: Recipe, report: Report
) -> None:
    """Change `model` (a BertModel) in place. An accelerator is used where torch finds one."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)  # noqa: S311  the seed is the point
    model.to(device).eval()  # no dropout: a small model and few steps
    for frozen in (model.embeddings, *model.encoder.layer[: recipe.frozen_layers]):
        frozen.requires_grad_(False)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.01)
    names = [name for name, share in recipe.mixture for _ in range(share)]
    streams = {name: forever(sources[name], chance) for name in dict(recipe.mixture)}
    losses: dict[str, list[float]] = {name: [] for name in streams}
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * _slope(step, recipe)
        name = chance.choice(names)
        batch = [next(streams[name]) for _ in range(recipe.batch)]
        loss = _loss(model, tokenizer, batch, recipe, chance, device)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        losses[name].append(float(loss.detach()))
        if (step + 1) % 25 == 0 or step + 1 == recipe.steps:
            recent = {k: sum(v[-20:]) / len(v[-20:]) for k, v in losses.items() if v}
            report(step + 1, recipe.steps, recent)
    model.to("cpu")


def _slope(step: int, recipe: Recipe) -> float:
    return min(1.0, (step + 1) / recipe.warm_up) * max(0.03, 1 - step / recipe.steps)


def _loss(
    model: Any, tokenizer: Any, batch: Sequence[Example], recipe: Recipe, chance: random.Random, device: str
) -> Any:
    """Each row's own text among all texts of the batch; texts that answer it too, or score suspiciously high, are
    taken out of the negatives."""
    import torch

    groups = [example.group for example in batch]
    texts = [chance.choice(example.texts) for example in batch]
    for example in batch:
        if example.hard:
            group, text = chance.choice(example.hard)
            groups.append(group)
            texts.append(text)
    asked = _vectors(model, tokenizer, [f"query: {e.query}" for e in batch], recipe.question_tokens, device)
    given = _vectors(model, tokenizer, [f"passage: {text}" for text in texts], recipe.text_tokens, device)
    cosine = asked @ given.T
    also_right = torch.tensor(
        [[j != i and g in example.right for j, g in enumerate(groups)] for i, example in enumerate(batch)],
        device=device,
    )
    suspicious = cosine.detach() > cosine.detach().diagonal()[:, None] + recipe.false_negative_margin
    scores = (cosine * recipe.scale).masked_fill(also_right | suspicious, -1e4)
    return torch.nn.functional.cross_entropy(scores, torch.arange(len(batch), device=device))


def _vectors(model: Any, tokenizer: Any, texts: list[str], tokens: int, device: str) -> Any:
    """Unit rows in the order given; texts of like length go through together, so that little is padded."""
    import torch

    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    rows: list[Any] = [None] * len(texts)
    for start in range(0, len(order), 16):
        part = order[start : start + 16]
        read = tokenizer(
            [texts[i] for i in part], padding=True, truncation=True, max_length=tokens, return_tensors="pt"
        ).to(device)
        with _half_precision(device):
            states = model(
                input_ids=read["input_ids"], attention_mask=read["attention_mask"]
            ).last_hidden_state
        states = states.float()  # cosines of half precision would be too coarse to learn from
        mask = read["attention_mask"].unsqueeze(-1).float()
        pooled = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)
        for place, row in zip(part, pooled, strict=True):
            rows[place] = row
    return torch.stack(rows)


def _half_precision(device: str) -> Any:
    """bfloat16 where the processor computes with it: twice as fast, the same figures within noise."""
    import torch

    return torch.autocast(device, dtype=torch.bfloat16) if _has_bfloat16(device) else contextlib.nullcontext()


def _has_bfloat16(device: str) -> bool:
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
