"""Finds items and questions that say nearly the same: a report for authors, never a fault.

Cosine of tf-idf over neighbouring characters: fast, needs no model, and catches rewording that keeps the words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.content.loader import Knowledge

CARDS_ALIKE = 0.55
QUESTIONS_ALIKE = 0.80
"""Measured by eye on the shipped content: below these, what is reported is only on the same subject."""
_KEEP = re.compile(r"[^一-鿿A-Za-z0-9]+")


@dataclass(frozen=True)
class Alike:
    """Two texts of two items; `cosine` in 0..1."""

    first: str
    second: str
    cosine: float
    text: str


def similar_cards(knowledge: Knowledge) -> list[Alike]:
    """Pairs of cards whose title, summary and questions are nearly the same, most alike first."""
    cards = list(knowledge.cards.values())
    texts = ["\n".join((c.title, c.summary, *c.questions)) for c in cards]
    pairs = _pairs(texts, CARDS_ALIKE)
    return [Alike(cards[i].id, cards[j].id, v, f"{cards[i].title} ／ {cards[j].title}") for i, j, v in pairs]


def similar_questions(knowledge: Knowledge) -> list[Alike]:
    """Pairs of questions of two different items that are nearly the same, most alike first."""
    rows: list[tuple[str, str]] = []
    for group in (knowledge.cards, knowledge.cases, knowledge.faqs):
        for item in group.values():
            rows += [(item.id, question) for question in item.questions]
    pairs = _pairs([question for _, question in rows], QUESTIONS_ALIKE)
    return [
        Alike(rows[i][0], rows[j][0], v, f"{rows[i][1]} ／ {rows[j][1]}")
        for i, j, v in pairs
        if rows[i][0] != rows[j][0]
    ]


def _pairs(texts: Sequence[str], least: float) -> list[tuple[int, int, float]]:
    """Through an inverted index: only texts that share a pair of characters are ever compared."""
    counts = [Counter(_bigrams(text)) for text in texts]
    seen_in = Counter(gram for count in counts for gram in count)
    idf = {gram: 1 + math.log(len(texts) / n) for gram, n in seen_in.items()}
    rows = [_unit({gram: (1 + math.log(n)) * idf[gram] for gram, n in count.items()}) for count in counts]
    held: dict[str, tuple[list[int], list[float]]] = {}
    for number, row in enumerate(rows):
        for gram, weight in row.items():
            numbers, weights = held.setdefault(gram, ([], []))
            numbers.append(number)
            weights.append(weight)
    postings = {gram: (np.array(n), np.array(w)) for gram, (n, w) in held.items()}
    found: list[tuple[int, int, float]] = []
    for number, row in enumerate(rows):
        if not row:
            continue
        sharing = np.concatenate([postings[gram][0] for gram in row])
        products = np.concatenate([weight * postings[gram][1] for gram, weight in row.items()])
        cosine = np.bincount(sharing, products, len(texts))
        found += [
            (number, int(j), round(float(cosine[j]), 3))
            for j in np.flatnonzero(cosine >= least)
            if j > number
        ]
    return sorted(found, key=lambda pair: -pair[2])


def _unit(row: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in row.values()))
    return {gram: weight / length for gram, weight in row.items()}


def _bigrams(text: str) -> list[str]:
    plain = _KEEP.sub("", text)
    return [plain[i : i + 2] for i in range(len(plain) - 1)]
