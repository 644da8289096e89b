"""Finds the items of the knowledge base nearest to a question: four ways of searching propose, one ranker decides.

Meaning (the transformer), meaning again (the static encoder, which errs elsewhere), words of passages, words of whole
items. What they propose is put in order by `bot.retrieval.ranker`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.retrieval.encoder import Encoder
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.lexical import Lexical
from bot.retrieval.lexicon import Lexicon
from bot.retrieval.passages import Passage
from bot.retrieval.places import out_of_place
from bot.retrieval.ranker import FEATURES, Ranker, Scores
from bot.retrieval.tokens import Tokens

Item = RegulationCard | CaseStudy | Faq | Piece
_AMOUNT = re.compile(
    r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千半]+)\s?个?(?:工作日|多?[天日]|周|星期|小时|分钟|月|年|元|块|多)"
)
"""A question's own figures say what happened, not what it is about: they would match other clauses by chance."""
SYNONYM_SHARE = 0.35
"""What a synonym's match is worth beside the question's own words."""
PROPOSED = {"dense": 12, "static": 6, "words": 8, "whole": 6}
"""How many items each way of searching proposes."""


@dataclass(frozen=True)
class Hit:
    """One item and why. `score` 0..1 is its chance of being the right one among the candidates, `ratio` the same as a
    share of the first's; `passage` its nearest passage; `lexical` is BM25 as a share of what a passage with all the
    question's words would score; `agreement` is the share of the four ways of searching that put the item first.
    """

    item: str
    score: float
    ratio: float
    passage: Passage
    lexical: float
    agreement: float
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Index:
    """What is searched: passages with the vectors of both encoders, look-alikes with theirs, and the items they are of.

    `words` are the passages' words as the tokens cut them.
    """

    items: Mapping[str, Item]
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]
    static_vectors: NDArray[np.float32]
    negatives: Sequence[Passage]
    negative_vectors: NDArray[np.float32]
    words: Sequence[list[str]]


class Retriever:
    """Immutable after building; `search` may be called from several threads."""

    def __init__(
        self, index: Index, tokens: Tokens, encoder: Encoder, static: Encoder, ranker: Ranker
    ) -> None:
        self._index = index
        self._tokens = tokens
        self._encoder = encoder
        self._static = static
        self._ranker = ranker
        self.items = list(dict.fromkeys(p.item for p in index.passages))
        number = {item: n for n, item in enumerate(self.items)}
        self._owner = np.array([number[p.item] for p in index.passages], np.int64)
        self._asks = np.array([p.kind in ("question", "title", "story") for p in index.passages], bool)
        self._negative_owner = np.array([number[p.item] for p in index.negatives], np.int64)
        self._words = Lexical(
            [[*held, *tokens.bigrams(p.text)] for held, p in zip(index.words, index.passages, strict=True)]
        )
        whole: list[list[str]] = [[] for _ in self.items]
        for owner, held, passage in zip(self._owner, index.words, index.passages, strict=True):
            whole[owner] += [w for w in held if w not in tokens.stopwords]
            whole[owner] += tokens.pairs(passage.text)
        self._whole = Lexical(whole)
        kinds = [index.items[name] for name in self.items]
        self._case = np.array([isinstance(i, CaseStudy) for i in kinds], np.float32)
        self._faq = np.array([isinstance(i, Faq) for i in kinds], np.float32)
        self._unverified = np.array(
            [
                isinstance(i, Piece) or (isinstance(i, RegulationCard) and i.status != "verified")
                for i in kinds
            ],
            np.float32,
        )
        self.lexicon = Lexicon.build(index.passages, index.words, tokens)
        self._ways: list[list[frozenset[str]]] = [[] for _ in self.items]
        for owner, asks, passage in zip(self._owner, self._asks, index.passages, strict=True):
            if asks:
                self._ways[owner].append(frozenset(tokens.bigrams(passage.text)))
        self._has_ways = np.array([bool(ways) for ways in self._ways], bool)
        """A document's passages come without ways of asking: their text stands in for them."""
        self._law = [i.law if isinstance(i, RegulationCard) else "" for i in kinds]

    def search(self, question: str, top_k: int = 10) -> list[Hit]:
        """The best `top_k` items, best first."""
        if not self.items:
            return []
        text = self._tokens.repair(question)
        query = np.asarray(self._encoder.encode_queries([text])[0], np.float32)
        cosine = np.asarray(self._index.vectors @ query, np.float32)
        static = np.asarray(self._index.static_vectors @ self._static.encode_queries([text])[0], np.float32)
        words, ceiling = self._passage_words(text)
        standout, static_out = _deviations(cosine), _deviations(static)
        by_question, by_text = self._best(standout, self._asks), self._best(standout, ~self._asks)
        by_question = np.where(self._has_ways, by_question, by_text)
        channels = {
            "dense": np.maximum(by_question, by_text),
            "static": self._best(static_out),
            "words": self._best(words),
            "whole": self._item_words(text),
        }
        best_cosine = self._best(cosine)
        lookalike = np.maximum(self._lookalikes(query) - best_cosine, 0)
        asked, units = self.lexicon.question(text, self._tokens), frozenset(self._tokens.bigrams(text))
        proposed = sorted({int(i) for name, n in PROPOSED.items() for i in np.argsort(-channels[name])[:n]})
        rows = np.array(proposed)
        columns = {
            "question": by_question[rows],
            "text": by_text[rows],
            "static": channels["static"][rows],
            "words": _share(channels["words"])[rows],
            "whole": _share(channels["whole"])[rows],
            "coverage": self._each(proposed, lambda item: self.lexicon.coverage(asked, item)),
            "echo": self._each(proposed, lambda item: self.lexicon.echo(asked, item)),
            "alike": np.array([_dice(units, self._ways[i]) for i in proposed], np.float32),
            "cosine": best_cosine[rows],
            "dense_rank": _reciprocal_rank(channels["dense"])[rows],
            "words_rank": _reciprocal_rank(channels["words"])[rows],
            "lookalike": lookalike[rows],
            "case": self._case[rows],
            "faq": self._faq[rows],
            "elsewhere": np.array([out_of_place(self._law[i], question) for i in proposed], np.float32),
            "unverified": self._unverified[rows],
        }
        features = np.stack([columns[name] for name in FEATURES], 1).astype(np.float32)
        scores = self._ranker.scores(features)
        chances = np.exp(scores - scores.max())
        firsts = [int(values.argmax()) for values in channels.values()]
        hits = []
        for place in np.argsort(-scores, kind="stable")[:top_k]:
            item = proposed[place]
            hits.append(
                Hit(
                    self.items[item],
                    float(chances[place] / chances.sum()),
                    float(chances[place]),
                    self._index.passages[self._nearest(item, cosine)],
                    min(1.0, float(channels["words"][item]) / ceiling),
                    firsts.count(item) / len(firsts),
                    dict(zip(FEATURES, map(float, features[place]), strict=True)),
                )
            )
        return hits

    def _each(self, rows: Sequence[int], value: Callable[[str], float]) -> Scores:
        return np.array([value(self.items[row]) for row in rows], np.float32)

    def _best(self, values: Scores, among: NDArray[np.bool_] | None = None) -> Scores:
        """The best value of each item's passages (those `among`, when given); the least value of all where it has none."""
        found = np.full(len(self.items), values.min(initial=0), np.float32)
        chosen = slice(None) if among is None else among
        np.maximum.at(found, self._owner[chosen], values[chosen])
        return found

    def _nearest(self, item: int, cosine: Scores) -> int:
        rows = np.flatnonzero(self._owner == item)
        return int(rows[cosine[rows].argmax()])

    def _lookalikes(self, query: Scores) -> Scores:
        """For every item, the best cosine of the question to what the item must not answer; 0 where it says nothing."""
        found = np.zeros(len(self.items), np.float32)
        if len(self._negative_owner):
            np.maximum.at(found, self._negative_owner, self._index.negative_vectors @ query)
        return found

    def _passage_words(self, text: str) -> tuple[Scores, float]:
        """BM25 of every passage, synonyms counting less, and what a perfect match would score."""
        asked = self._terms(_AMOUNT.sub(" ", text)) or self._terms(text)
        scores = self._words.scores(asked)
        synonyms = self._tokens.synonyms_in(text)
        if synonyms:
            extra = self._words.scores([t for s in synonyms for t in self._terms(s)])
            scores = scores + SYNONYM_SHARE * np.minimum(extra, scores.max(initial=0.0))
        return scores, max(self._words.ceiling(asked), 1e-6)

    def _item_words(self, text: str) -> Scores:
        """BM25 of every item's whole text over the words and pairs of characters that carry a topic."""

        def units(of: str) -> list[str]:
            return self._tokens.content_words(of) + self._tokens.pairs(of)

        scores = self._whole.scores(units(text))
        synonyms = [unit for other in self._tokens.synonyms_in(text) for unit in units(other)]
        return scores + SYNONYM_SHARE * self._whole.scores(synonyms) if synonyms else scores

    def _terms(self, text: str) -> list[str]:
        return self._tokens.words(text) + self._tokens.bigrams(text)


def _dice(units: frozenset[str], ways: Sequence[frozenset[str]]) -> float:
    """Dice coefficient of the question with the way of asking it shares most with."""
    return max((2 * len(units & way) / (len(units) + len(way) + 1e-6) for way in ways), default=0.0)


def _deviations(values: Scores) -> Scores:
    """How far above the mean each value lies, in standard deviations: the same scale for any encoder."""
    return np.asarray((values - values.mean()) / (values.std() + 1e-6), np.float32)


def _share(values: Scores) -> Scores:
    return np.asarray(values / max(float(values.max(initial=0.0)), 1e-6), np.float32)


def _reciprocal_rank(values: Scores) -> Scores:
    ranks = np.empty(len(values), np.float32)
    ranks[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return np.asarray(1 / ranks, np.float32)
