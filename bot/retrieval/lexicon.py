"""Which words and pairs of characters the knowledge base holds, in all and item by item, and how much each one says.

Built once beside the indexes; the ranker and the refusal ask it how much of a question an item covers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.retrieval.passages import Passage
from bot.retrieval.tokens import Tokens


@dataclass(frozen=True)
class Vocabulary:
    """Units (content words, or pairs of characters) of the whole knowledge base with their idf, and of each item."""

    idf: Mapping[str, float]
    of_item: Mapping[str, frozenset[str]]
    unseen: float

    @classmethod
    def build(cls, of_item: Mapping[str, frozenset[str]]) -> Vocabulary:
        """`of_item` holds the units of each item. An unseen unit weighs as much as the rarest."""
        count: dict[str, int] = {}
        for found in of_item.values():
            for unit in found:
                count[unit] = count.get(unit, 0) + 1
        size = max(1, len(of_item))
        idf = {unit: math.log(1 + size / n) for unit, n in count.items()}
        return cls(idf, of_item, math.log(1 + size))

    def share(self, units: Mapping[str, set[str]], held: Iterable[str]) -> float:
        """The idf share of `units` (each with its synonyms) that `held` contains; 0 when there are none."""
        inside = set(held)
        weights = {u: max(self.idf.get(v, 0.0) for v in same) or self.unseen for u, same in units.items()}
        total = sum(weights.values())
        return sum(x for u, x in weights.items() if units[u] & inside) / total if total else 0.0


@dataclass(frozen=True)
class Lexicon:
    """What the knowledge base can talk about, in words and in pairs of characters, and the text of each item."""

    words: Vocabulary
    pairs: Vocabulary
    texts: Mapping[str, str]

    @classmethod
    def build(cls, passages: Sequence[Passage], words: Sequence[list[str]], tokens: Tokens) -> Lexicon:
        """`words` are the passages' words as `tokens` cuts them."""
        held_words: dict[str, set[str]] = {}
        held_pairs: dict[str, set[str]] = {}
        texts: dict[str, list[str]] = {}
        for passage, cut in zip(passages, words, strict=True):
            held_words.setdefault(passage.item, set()).update(w for w in cut if w not in tokens.stopwords)
            held_pairs.setdefault(passage.item, set()).update(tokens.pairs(passage.text))
            texts.setdefault(passage.item, []).append(passage.text)
        return cls(
            Vocabulary.build({item: frozenset(held) for item, held in held_words.items()}),
            Vocabulary.build({item: frozenset(held) for item, held in held_pairs.items()}),
            {item: "\n".join(parts) for item, parts in texts.items()},
        )

    def question(self, text: str, tokens: Tokens) -> Asked:
        """The units of a question (slips already repaired), each with what counts as the same."""
        words = {w: {w, *tokens.synonyms_in(w)} for w in tokens.content_words(text)}
        return Asked(words, {p: {p} for p in tokens.pairs(text)})

    def coverage(self, asked: Asked, item: str) -> float:
        """Share 0..1 of the question's content words, by what they say, that the item holds."""
        return self.words.share(asked.words, self.words.of_item.get(item, ()))

    def echo(self, asked: Asked, item: str) -> float:
        """The same for pairs of neighbouring characters."""
        return self.pairs.share(asked.pairs, self.pairs.of_item.get(item, ()))

    def known(self, asked: Asked) -> float:
        """The share of the question's content words that occur anywhere."""
        return self.words.share(asked.words, self.words.idf)


@dataclass(frozen=True)
class Asked:
    """Units of a question → all forms that count as the same."""

    words: Mapping[str, set[str]]
    pairs: Mapping[str, set[str]]
