"""Answers a question from the knowledge base with citations, or says what it does not know. One path for every door."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.loader import Knowledge
from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.content.terms import Terms
from bot.messages import AnswerBlock
from bot.retrieval.citing import citation
from bot.retrieval.encoder import Encoder
from bot.retrieval.passages import negatives_of, passages_of
from bot.retrieval.places import out_of_place, without_places
from bot.retrieval.premise import contradicts, speaks_to
from bot.retrieval.ranker import Ranker
from bot.retrieval.reference import Reference, References
from bot.retrieval.refusal import Confidence, features
from bot.retrieval.retriever import Hit, Index, Item, Retriever
from bot.retrieval.tokens import Tokens
from bot.retrieval.vectors import Progress, passage_vectors
from bot.retrieval.wording import CAUTION, Overlap, answer_text, body_of, refusal_text
from bot.text import normalise

MAX_QUESTION = 2_000
MOST_CITED = 3
MOST_RELATED = 3
NAMED = 0.99
"""Confidence in the card of a clause that was asked for by its number."""
NEARBY = 0.05
"""Below this chance the nearest cards have nothing to do with the question, and naming them would only puzzle."""
NEAR = 0.08
"""A further card is cited when its chance of being the right one is at least this share of the first's."""
AS_NEAR = 0.5
"""Items this near to the first are taken as equally near: the one that settles a presumed amount may go first."""
NATION = 0.05
"""The nation's law goes before the rule of a place nobody named when its chance is at least this share of it."""
EMPTY = "没看到要问的话。用大白话问就行，比如：客户欠费多久可以停电？"


@dataclass(frozen=True)
class Models:
    """The trained parts: both encoders, the ranker, and what says how sure we are."""

    encoder: Encoder
    static: Encoder
    ranker: Ranker
    confidence: Confidence


class Answerer:
    """Holds the indexes of one knowledge base. `ask` is pure: the same question gives the same answer."""

    def __init__(
        self,
        knowledge: Knowledge,
        terms: Terms,
        models: Models,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Builds the indexes; vectors come from files in the folder `cache` when they still fit."""
        self.tokens = Tokens(terms)
        self.passages = passages_of(knowledge)
        negatives = negatives_of(knowledge)
        titled = [p.titled for p in self.passages]
        every = titled + [p.titled for p in negatives]
        vectors = passage_vectors(models.encoder, every, _kept_for(models.encoder, cache), progress)
        static_vectors = passage_vectors(models.static, titled, _kept_for(models.static, cache))
        count = len(self.passages)
        words = self.tokens.words_of([p.text for p in self.passages], cache and cache / "words.json")
        self._items: dict[str, Item] = {**knowledge.cards, **knowledge.cases, **knowledge.faqs}
        self.retriever = Retriever(
            Index(
                self._items,
                self.passages,
                vectors[:count],
                static_vectors,
                negatives,
                vectors[count:],
                words,
            ),
            self.tokens,
            models.encoder,
            models.static,
            models.ranker,
        )
        self._cards = knowledge.cards
        self.topics = frozenset(card.topic for card in knowledge.cards.values())
        self._references = References(knowledge.cards.values())
        self._confidence = models.confidence
        self._lexicon = self.retriever.lexicon

    def ask(self, question: str) -> AnswerBlock:
        """An answer of at most one phone screen, or a refusal; never raises for anything a person can type."""
        asked = normalise(question)[:MAX_QUESTION]
        if not any(c.isalnum() for c in asked):
            return _refuse(asked, 0.0, EMPTY)
        if reference := self._references.find(asked):
            return self._answer_reference(asked, reference)
        hits = self.candidates(asked)
        if not hits:
            return _refuse(asked, 0.0, refusal_text(asked, []))
        values = self._values(asked, hits)
        shares = (
            values["coverage"] > 0 or values["echo"] > 0
        )  # not one word in common is no answer, however near
        probability = self._confidence.probability(values) if shares else 0.0
        if probability < self._confidence.threshold:
            in_reach = values["known"] >= 0.5 and probability >= NEARBY
            nearby = [self._title(h.item) for h in hits[:2]] if in_reach else []
            return _refuse(asked, probability, refusal_text(asked, nearby))
        hits = self._settling_first(asked, self._in_place(asked, hits))
        first = self._items[hits[0].item]
        return self._answer(asked, first, self._cited(first, hits), hits, probability)

    def explain(self, question: str) -> list[Hit]:
        """The candidates with their scores, best first."""
        return self.candidates(normalise(question)[:MAX_QUESTION])[:10]

    def candidates(self, question: str) -> list[Hit]:
        """Everything the ways of searching propose, with the features the ranker saw."""
        return self.retriever.search(question, top_k=len(self._items))

    def features_of(self, question: str) -> tuple[str, dict[str, float]]:
        """(id of the first item, what the confidence rests on); an empty id when nothing is proposed."""
        hits = self.candidates(question)
        return (hits[0].item, self._values(question, hits)) if hits else ("", {})

    def card(self, card_id: str) -> RegulationCard:
        return self._cards[card_id]

    def _values(self, question: str, hits: list[Hit]) -> dict[str, float]:
        """What the confidence rests on. A place name finds its local rules, but makes no question known."""
        bare = without_places(question)
        seen = hits if bare == question else self.candidates(bare)
        text = self.tokens.repair(bare)
        return features(text, self._lexicon.question(text, self.tokens), seen, self._lexicon)

    def _answer_reference(self, asked: str, reference: Reference) -> AnswerBlock:
        found = self._references.lookup(reference)
        if not found.cards:
            return self._no_card(asked, reference)
        hits = self.candidates(asked)
        order = {hit.item: rank for rank, hit in enumerate(hits)}
        named = [self._cards[ref] for ref in sorted(found.cards, key=lambda ref: order.get(ref, len(hits)))]
        block = self._answer(asked, named[0], named[:MOST_CITED], hits, NAMED)
        if not found.renumbered:
            return block
        lead = f"第{reference.article}条是旧条号，现在看下面引的这一条。"
        return block.model_copy(update={"answer": lead + block.answer})

    def _answer(
        self, asked: str, first: Item, cited: Sequence[Item], hits: Sequence[Hit], probability: float
    ) -> AnswerBlock:
        overlap = self._overlap(asked)
        denies = not isinstance(first, CaseStudy) and contradicts(asked, body_of(first), self._overlap)
        advice = next((i for i in cited if isinstance(i, RegulationCard)), None)
        return AnswerBlock(
            question=asked,
            answered=True,
            answer=answer_text(first, asked, overlap, denies),
            confidence=round(probability, 3),
            citations=[citation(item) for item in cited],
            do=list(advice.do) if advice else [],
            dont=list(advice.dont) if advice else [],
            related=self._related(first, hits, {i.id for i in cited}),
            caution=CAUTION if isinstance(first, RegulationCard) and first.status != "verified" else "",
        )

    def _in_place(self, asked: str, hits: list[Hit]) -> list[Hit]:
        """Without the rules of places that were not named, if the nation's law has something near to say."""

        def elsewhere(hit: Hit) -> bool:
            item = self._items[hit.item]
            return isinstance(item, RegulationCard) and out_of_place(item.law, asked)

        national = [h for h in hits if not elsewhere(h)]
        return national if national and national[0].ratio >= NATION * hits[0].ratio else hits

    def _settling_first(self, asked: str, hits: list[Hit]) -> list[Hit]:
        """Of items equally near, the one that settles an amount the question takes for granted comes first."""
        near = [h for h in hits if h.ratio >= AS_NEAR * hits[0].ratio]
        chosen = next((h for h in near if speaks_to(asked, body_of(self._items[h.item]))), hits[0])
        return [chosen, *(h for h in hits if h is not chosen)]

    def _cited(self, first: Item, hits: Sequence[Hit]) -> list[Item]:
        """Clauses, at most three: what the first item is or rests on, then cards nearly as near. A story or an answer of
        ours comes after the clauses it rests on."""
        clauses: list[Item] = [first]
        if not isinstance(first, RegulationCard):
            order = {hit.item: rank for rank, hit in enumerate(hits)}
            rests_on = sorted(
                (c for c in first.cards if c in self._cards), key=lambda c: order.get(c, len(hits))
            )
            clauses = [self._cards[ref] for ref in rests_on[: MOST_CITED - 1]]
        for hit in hits:
            item = self._items[hit.item]
            if isinstance(item, RegulationCard) and item not in clauses and hit.ratio >= NEAR * hits[0].ratio:
                clauses.append(item)
        found = clauses[:MOST_CITED]
        return found if first in found else [*found, first]

    def _related(self, first: Item, hits: Sequence[Hit], cited: set[str]) -> list[str]:
        """Two or three authored questions near this one: near items, then those of its topic; the index answers them."""
        others = [(h.ratio, self._items[h.item]) for h in hits if h.item not in cited]
        near = [item for ratio, item in others if ratio >= NEAR]
        near += [item for ratio, item in others if ratio < NEAR and item.topic == first.topic]
        return [i.question if isinstance(i, Faq) else i.questions[0] for i in near[:MOST_RELATED]]

    def _overlap(self, question: str) -> Overlap:
        text = self.tokens.repair(question)
        synonyms = self.tokens.synonyms_in(text)
        words = {*self.tokens.content_words(text), *synonyms}
        pairs = {pair for part in (text, *synonyms) for pair in self.tokens.pairs(part)}
        idf, pair_idf = self._lexicon.words.idf, self._lexicon.pairs.idf

        def overlap(other: str) -> float:
            shared = sum(idf.get(w, 0.0) for w in words & set(self.tokens.content_words(other)))
            return shared + sum(pair_idf.get(p, 0.0) for p in pairs & set(self.tokens.pairs(other))) / 2

        return overlap

    def _no_card(self, asked: str, reference: Reference) -> AnswerBlock:
        held = sorted({c.title for c in self._cards.values() if c.law == reference.law})[:2]
        nearby = f"这部法规我有：{'；'.join(held)}。" if held else ""
        where = f"《{reference.law}》第{reference.article}条"
        return _refuse(
            asked, 0.0, f"{where}我这里没有核对过的卡片，不敢凭印象说。{nearby}请查原文，或问公司法务。"
        )

    def _title(self, item: str) -> str:
        found = self._items[item]
        return found.question if isinstance(found, Faq) else found.title


def _kept_for(encoder: Encoder, cache: Path | None) -> Path | None:
    """The file below `cache` that keeps this encoder's vectors."""
    name = hashlib.sha256(encoder.fingerprint.encode()).hexdigest()[:12]
    return cache and cache / f"passages-{name}.bin"


def _refuse(question: str, probability: float, text: str) -> AnswerBlock:
    return AnswerBlock(question=question, answered=False, answer=text, confidence=round(probability, 3))
