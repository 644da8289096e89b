"""Joins settings, content and training for `anxun train`: what maintainers run, never the bot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.content.loader import load_knowledge
from bot.retrieval.encoder import SHIPPED
from bot.retrieval.static import SHIPPED as SHIPPED_STATIC
from bot.retrieval.training.encoder import Places, train_encoder
from bot.retrieval.training.finetune import Recipe
from bot.retrieval.training.static import StaticRecipe
from bot.settings import ROOT, Settings

WRITTEN = ROOT / "models" / "training" / "statute_questions.jsonl"
"""Questions of our own to articles of law."""


def train_shipped_encoders(
    settings: Settings,
    shared: Path,
    out: Path | None,
    small: bool | None,
    seed: int,
    log: Path | None,
    keep: Path | None,
) -> None:
    """Train both encoders with a bar on standard error; `log` gets one JSON line for each report. `small` is what two
    cores can do; not said, it is taken where there is no accelerator.

    Raises:
        BadInput: a file below `shared` is missing.
        NotReady: the package with the base weights is not installed.
    """
    places = Places(
        shared,
        WRITTEN,
        out / SHIPPED.name if out else SHIPPED,
        out / SHIPPED_STATIC.name if out else SHIPPED_STATIC,
        keep,
    )
    import torch

    small = not torch.cuda.is_available() if small is None else small
    recipe = Recipe()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("训练", total=None)

        def report(done: int, total: int, losses: Mapping[str, float]) -> None:
            shown = " ".join(f"{name} {value:.3f}" for name, value in losses.items())
            bar.update(task, completed=done, total=total, description=shown)
            if log:
                with log.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps({"step": done, "of": total, "loss": dict(losses)}) + "\n")

        train_encoder(
            load_knowledge(settings.knowledge),
            _reference_sentences(),
            places,
            replace(recipe.small() if small else recipe, seed=seed),
            replace(StaticRecipe(), seed=seed),
            lambda text: bar.update(task, completed=0, total=None, description=text),
            report,
        )


def _reference_sentences() -> list[str]:
    """The sentences whose vectors the shipped model is held to; they stay the same from one training to the next."""
    held = json.loads((SHIPPED / "reference.json").read_text(encoding="utf-8"))
    return [str(sentence) for sentence in held["sentences"]]
