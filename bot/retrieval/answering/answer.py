"""Answers a question from the knowledge base with citations, asks back, or says what it does not know. One path for every
door: it decides which of the three, and `bot.retrieval.answering.composing` finds the words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.content.loader import Knowledge
from bot.content.models import RegulationCard
from bot.content.terms import Terms
from bot.messages import AnswerBlock
from bot.retrieval.answering import versions
from bot.retrieval.answering.asking_back import AskingBack, ask_back
from bot.retrieval.answering.composing import Composer, refuse
from bot.retrieval.answering.danger import urgent_item
from bot.retrieval.answering.explaining import Explanation, explain
from bot.retrieval.answering.judged import Decided, Judged
from bot.retrieval.answering.named import NAMED, NamedClauses
from bot.retrieval.answering.parts import parts_of
from bot.retrieval.answering.wording import refusal_text
from bot.retrieval.encoder import Encoder
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.passages import negatives_of, passages_of
from bot.retrieval.places import without_places
from bot.retrieval.ranker import Ranker
from bot.retrieval.refusal import Confidence, features
from bot.retrieval.retriever import Hit, Index, Item, Retriever
from bot.retrieval.tokens import Tokens
from bot.retrieval.vectors import Progress, kept_for, passage_vectors
from bot.text import normalise

MAX_QUESTION = 2_000
NEARBY = 0.05
"""Below this chance the nearest cards have nothing to do with the question, and naming them would only puzzle."""
IN_CONTEXT = 10
"""What answers a part of a question must be among so many candidates for the whole of it."""
REMEMBERED = 2_048
"""Authored questions whose answers are remembered while the process lives: choices are offered again and again."""
EMPTY = "没看到要问的话。用大白话问就行，比如：客户欠费多久可以停电？"


@dataclass(frozen=True)
class Models:
    """The trained parts: both encoders, the ranker, and what says how sure we are: of what authors wrote ways of asking
    for, and of passages of documents, which come without."""

    encoder: Encoder
    static: Encoder
    ranker: Ranker
    confidence: Confidence
    of_documents: Confidence


class Answerer:
    """Holds the indexes of one knowledge base. `ask` is pure: the same question gives the same answer on the same day."""

    def __init__(
        self,
        knowledge: Knowledge,
        terms: Terms,
        models: Models,
        cache: Path | None = None,
        progress: Progress | None = None,
        today: Callable[[], date] = date.today,
        pieces: Sequence[Piece] = (),
    ) -> None:
        """Builds the indexes; vectors come from files in the folder `cache` when they still fit. `today` says which year
        今年 is."""
        self.tokens = Tokens(terms)
        self.passages = passages_of(knowledge, pieces)
        negatives = negatives_of(knowledge)
        titled = [p.titled for p in self.passages]
        every = titled + [p.titled for p in negatives]
        vectors = passage_vectors(models.encoder, every, kept_for(models.encoder, cache), progress)
        static_vectors = passage_vectors(models.static, titled, kept_for(models.static, cache))
        count = len(self.passages)
        words = self.tokens.words_of([p.text for p in self.passages], cache and cache / "words.json")
        documents = {piece.id: piece for piece in pieces}
        self._items: dict[str, Item] = {**knowledge.cards, **knowledge.cases, **knowledge.faqs, **documents}
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
        self._ranker = models.ranker
        self._confidence = models.confidence
        self._of_documents = models.of_documents.moved(models.confidence.threshold)
        """Moved, so that cards and documents are answered from the same threshold on."""
        self._today = today
        self._lexicon = self.retriever.lexicon
        self._composer = Composer(self._items, self.tokens, self._lexicon)
        self._named = NamedClauses(list(knowledge.cards.values()), self._composer)
        answered_by = lru_cache(REMEMBERED)(self._answered_by)
        self._asking = AskingBack(
            self._items, self.tokens, self._lexicon, self._composer.overlap, answered_by
        )

    def ask(self, question: str) -> AnswerBlock:
        """An answer of at most one phone screen, choices, or a refusal; never raises for anything a person can type."""
        return self._decide(question).block

    def narrowed(self, text: str, words: str) -> str:
        """The sentences of an answer that have something in common with `words`; empty when none has, or all have."""
        return self._composer.narrowed(text, words)

    def about(self, item: str, question: str) -> AnswerBlock | None:
        """The answer from one item that was pointed at, whatever the words; None when there is no such item."""
        found = self._items.get(item)
        asked = _cleaned(question)
        return self._composed(asked, found, [], self.candidates(asked), NAMED) if found else None

    def explain(self, question: str) -> Explanation:
        """Why `ask` replies to `question` as it does."""
        titles = {name: self._composer.title(name) for name in self._items}
        return explain(self._decide(question), self._ranker, self._confidence, titles)

    def candidates(self, question: str) -> list[Hit]:
        """Everything the ways of searching propose, with the features the ranker saw."""
        return self.retriever.search(question, top_k=len(self._items))

    def features_of(self, question: str) -> tuple[str, dict[str, float]]:
        """(id of the first item, what the confidence rests on); an empty id when nothing is proposed."""
        hits = self.candidates(question)
        return (hits[0].item, self._values(question, hits)) if hits else ("", {})

    def choices(self, question: str) -> list[str]:
        """What would be offered if the question were asked back, however sure we are: fitting looks here."""
        asked = _cleaned(question)
        return self._asking.choices(asked, self._composer.order(asked, self.candidates(asked)))

    def _decide(self, question: str) -> Decided:
        """The reply; somebody in danger is never left without an answer."""
        asked = _cleaned(question)
        decided = self._reply(asked)
        if decided.block.answered or not (item := urgent_item(asked)):
            return decided
        block = self.about(item, asked)
        return replace(decided, block=block, way="danger") if block else decided

    def _reply(self, asked: str) -> Decided:
        if not any(c.isalnum() for c in asked):
            return _unsearched(refuse(asked, 0.0, EMPTY))
        if reference := self._named.reference(asked, self._today()):
            judged = Judged(asked, self.candidates(asked), probability=NAMED)
            block = self._named.answer(asked, reference, judged.hits, self._today())
            return Decided(block, judged, "clause", judged.hits)
        if line := self._named.which_law(asked) or self._named.unheld(asked):
            return _unsearched(line)
        return self._search(asked)

    def _search(self, asked: str) -> Decided:
        when = self._named.day_of(asked, self._today())
        about = versions.without_comparison(when.without(asked) if when else asked)
        judged = self._judge(about)
        if not judged.hits:
            return Decided(refuse(asked, 0.0, refusal_text(asked, [])), judged, "search", [])
        hits = self._composer.order(about, judged.hits)
        if self._asking.is_fragment(asked) and (back := self._asked_back(asked, judged, hits)):
            return Decided(back, judged, "fragment", hits)
        if about != asked:
            hits = self._named.of_named_law(asked, hits)
        elif joined := self._joined(asked, judged):
            return Decided(joined, judged, "parts", hits)
        if judged.probability < self._confidence.threshold:
            return Decided(self._unsure(asked, judged, hits), judged, "search", hits)
        first = self._items[hits[0].item]
        cited = self._composer.cited(first, hits)
        card = next((item for item in cited if isinstance(item, RegulationCard)), None)
        if about != asked and card:
            block = self._named.in_time(asked, card, hits, judged.probability, when)
            return Decided(block, judged, "version", hits)
        return Decided(self._composed(asked, first, hits, hits, judged.probability), judged, "search", hits)

    def _judge(self, asked: str) -> Judged:
        hits = self.candidates(asked)
        if not hits:
            return Judged(asked, hits)
        values = self._values(asked, hits)
        # Not one word in common is no answer, however near.
        shares = values["coverage"] > 0 or values["echo"] > 0
        document = isinstance(self._items[hits[0].item], Piece)
        by = self._of_documents if document else self._confidence
        return Judged(asked, hits, values, by.probability(values) if shares else 0.0, by)

    def _values(self, question: str, hits: list[Hit]) -> dict[str, float]:
        """What the confidence rests on. A place name finds its local rules, but makes no question known."""
        bare = without_places(question)
        seen = hits if bare == question else self.candidates(bare)
        text = self.tokens.repair(bare)
        return features(text, self._lexicon.question(text, self.tokens), seen, self._lexicon)

    def _composed(
        self, asked: str, first: Item, near: list[Hit], hits: list[Hit], probability: float
    ) -> AnswerBlock:
        """The answer from `first`, or from what superseded it; further clauses come out of `near`."""
        first = self._composer.current(first)
        return self._composer.answer(asked, self._composer.cited(first, near), first, hits, probability)

    def _unsure(self, asked: str, judged: Judged, hits: list[Hit]) -> AnswerBlock:
        """Choices, when we are nearly sure and there are any, or a refusal."""
        probability = judged.probability
        if probability >= self._confidence.unsure and (back := self._asked_back(asked, judged, hits)):
            return back
        in_reach = judged.values["known"] >= 0.5 and probability >= NEARBY
        nearby = [self._composer.title(h.item) for h in judged.hits[:2]] if in_reach else []
        return refuse(asked, probability, refusal_text(asked, nearby))

    def _asked_back(self, asked: str, judged: Judged, hits: list[Hit]) -> AnswerBlock | None:
        choices = self._asking.choices(asked, hits) if self._confidence.asks_back else []
        return ask_back(asked, choices, judged.probability) if choices else None

    def _joined(self, asked: str, whole: Judged) -> AnswerBlock | None:
        """One answer to a question of several parts, each with an item of its own that we are sure of."""
        near = {hit.item for hit in whole.hits[:IN_CONTEXT]}
        parts: list[tuple[str, Item]] = []
        sure = [whole.probability]
        for part in parts_of(asked):
            judged = self._judge(part)
            hits = self._composer.order(part, judged.hits)
            if judged.probability < self._confidence.threshold or hits[0].item not in near:
                return None
            parts.append((part, self._items[hits[0].item]))
            sure.append(judged.probability)
        if len({item.id for _, item in parts}) < max(2, len(parts)):
            return None
        return self._composer.joined(asked, parts, whole.hits, min(sure[1:]))

    def _answered_by(self, question: str) -> frozenset[str]:
        """The ids that an answer to an authored question cites; empty when it would get none."""
        judged = self._judge(question)
        if judged.probability < self._confidence.threshold:
            return frozenset()
        hits = self._composer.order(question, judged.hits)
        return frozenset(item.id for item in self._composer.cited(self._items[hits[0].item], hits))


def _cleaned(question: str) -> str:
    return normalise(question)[:MAX_QUESTION]


def _unsearched(block: AnswerBlock) -> Decided:
    return Decided(block, Judged(block.question, []), "clause" if block.choices else "search", [])
