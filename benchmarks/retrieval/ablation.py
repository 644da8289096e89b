"""What each part of the ranking is worth: features left out, the ranker fitted again, the blind questions ranked.

    .venv/bin/python -m benchmarks.retrieval.ablation

Ranking alone, no refusal, and the candidates stay those that all ways of searching propose. Prints a markdown table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.retrieval.fit import Group, groups_of, read, weigh
from bot.asking import open_models
from bot.content.loader import load_knowledge
from bot.content.terms import load_terms
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.ranker import FEATURES
from bot.settings import Settings

TRANSFORMER = {"question", "text", "cosine", "dense_rank"}
STATIC = {"static"}
WORDS = {"words", "whole", "words_rank"}
OVERLAP = {"coverage", "echo", "alike"}
KIND = {"case", "faq", "elsewhere", "unverified"}
LEFT_OUT: dict[str, set[str]] = {
    "everything": set(),
    "without the transformer": TRANSFORMER,
    "without the static encoder": STATIC,
    "without BM25": WORDS,
    "without coverage, echo and likeness": OVERLAP,
    "without look-alikes": {"lookalike"},
    "without the kind of item": KIND,
    "transformer alone": set(FEATURES) - TRANSFORMER,
    "static encoder alone": set(FEATURES) - STATIC,
    "BM25 alone": set(FEATURES) - WORDS,
}


def main() -> None:
    settings = Settings.read()
    knowledge = load_knowledge(settings.knowledge)
    terms = load_terms(settings.knowledge / "terms")
    answerer = Answerer(knowledge, terms, open_models(settings, trained=False), settings.data / "cache")
    train, blind = (groups_of(answerer, knowledge, read(name)) for name in ("train", "blind"))
    print("| | first | among three |\n|---|---|---|")
    for name, without in LEFT_OUT.items():
        mean, scale, weight = weigh(train, [f for f in FEATURES if f not in without])
        ranked = [place(group, (group[0] - mean) / scale @ weight) for group in blind]
        print(f"| {name} | {share(ranked, 1)} | {share(ranked, 3)} |")


def place(group: Group, scores: Sequence[float]) -> int:
    """Where the first right candidate stands; far away where there is none."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    right = np.flatnonzero(group[1][order])
    return int(right[0]) + 1 if len(right) else 10**6


def share(places: Sequence[int], depth: int) -> str:
    return f"{np.mean(np.array(places) <= depth):.3f}".lstrip("0")


if __name__ == "__main__":
    main()
