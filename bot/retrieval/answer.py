"""Answers a question from the knowledge base with citations, or says what it does not know. One path for every door."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.content.loader import Knowledge
from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.content.terms import Terms
from bot.messages import AnswerBlock, Citation
from bot.retrieval.encoder import Encoder
from bot.retrieval.passages import negatives_of, passages_of
from bot.retrieval.reference import References
from bot.retrieval.refusal import Confidence, Vocabulary, features
from bot.retrieval.retriever import Hit, Retriever
from bot.retrieval.tokens import Tokens
from bot.retrieval.vectors import Progress, passage_vectors
from bot.retrieval.wording import best_sentences, body_of, false_premise, refusal_text, split_sentences
from bot.text import normalise

MAX_QUESTION = 2_000
STATUS_LABELS = {"verified": "现行", "second_hand": "二手资料", "company_rule": "公司规定"}
CAUTION = "这条不是法律原文，以本公司、当地现行文件为准。"
NEAR = 0.82
"""A further item is cited when its score is at least this share of the first's."""

Item = RegulationCard | CaseStudy | Faq


class Answerer:
    """Holds the indexes of one knowledge base. `ask` is pure: the same question gives the same answer."""

    def __init__(
        self,
        knowledge: Knowledge,
        terms: Terms,
        encoder: Encoder,
        confidence: Confidence,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Builds the indexes; vectors come from files in the folder `cache` when they still fit."""
        self.tokens = Tokens(terms)
        self.passages = passages_of(knowledge)
        negatives = negatives_of(knowledge)
        texts = [p.text for p in self.passages]
        name = hashlib.sha256(encoder.fingerprint.encode()).hexdigest()[:12]
        vectors = passage_vectors(
            encoder, texts + [p.text for p in negatives], cache and cache / f"passages-{name}.bin", progress
        )
        self.retriever = Retriever(self.passages, vectors[: len(texts)], self.tokens, encoder)
        self._negatives: dict[str, np.ndarray[tuple[int, int], np.dtype[np.float32]]] = {}
        for row, passage in enumerate(negatives, len(texts)):
            held = self._negatives.get(passage.item)
            one = vectors[row : row + 1]
            self._negatives[passage.item] = one if held is None else np.vstack([held, one])
        self._items: dict[str, Item] = {**knowledge.cards, **knowledge.cases, **knowledge.faqs}
        self._cards = knowledge.cards
        self._references = References(knowledge.cards.values())
        self._confidence = confidence
        self._vocabulary = Vocabulary.build(self._texts(), self.tokens)

    def ask(self, question: str) -> AnswerBlock:
        """An answer of at most one phone screen, or a refusal; never raises for anything a person can type."""
        asked = normalise(question)
        text = asked[:MAX_QUESTION]
        if not any(c.isalnum() for c in text):
            return _refuse(asked, 0.0, "没看到要问的话。用大白话问就行，比如：客户欠费多久可以停电？")
        reference = self._references.find(text)
        if reference:
            ids = self._references.cards_of(reference)
            if not ids:
                return self._no_card(asked, reference.law, reference.article)
            hits = self.retriever.search(text, top_k=40)
            named = [h for h in hits if h.item in ids] or [self._plain_hit(i) for i in ids]
            return self._answer(asked, text, named[:3], 0.99)
        query = self.retriever.encode(text)
        hits = self.retriever.search(text, top_k=8, query=query)
        if not hits:
            return _refuse(asked, 0.0, refusal_text(text, []))
        values = features(text, hits, self.lookalike(hits[0].item, query), self._vocabulary, self.tokens)
        probability = self._confidence.probability(values)
        if probability < self._confidence.threshold:
            nearby = [self._items[h.item].title if not isinstance(self._items[h.item], Faq) else self._items[h.item].question  # type: ignore[union-attr]
                      for h in hits[:2] if values["known"] >= 0.5]  # fmt: skip
            return _refuse(asked, probability, refusal_text(text, nearby))
        return self._answer(asked, text, hits, probability)

    def explain(self, question: str) -> list[Hit]:
        """The candidates with their scores, best first."""
        return self.retriever.search(normalise(question)[:MAX_QUESTION], top_k=10)

    def features_of(self, question: str, without: int | None = None) -> tuple[str, dict[str, float]]:
        """(id of the first item, what the confidence rests on); `without` hides one passage."""
        query = self.retriever.encode(question)
        hits = self.retriever.search(question, top_k=8, query=query, without=without)
        values = features(question, hits, self.lookalike(hits[0].item, query), self._vocabulary, self.tokens)
        return hits[0].item, values

    def lookalike(self, item: str, query: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
        """Best cosine of the question to what `item` says it must not answer; 0 when it says nothing."""
        held = self._negatives.get(item)
        return float((held @ query).max()) if held is not None else 0.0

    def _answer(self, asked: str, text: str, hits: Sequence[Hit], probability: float) -> AnswerBlock:
        first = self._items[hits[0].item]
        body = body_of(first)
        answer = best_sentences(body, self._overlap(text, split_sentences(body)))
        if isinstance(first, RegulationCard) and false_premise(text, first):
            answer = f"不是这样。{answer}"
        cited = self._cited(first, hits)
        cards = [i for i in cited if isinstance(i, RegulationCard)]
        advice = next(iter(cards), None)
        return AnswerBlock(
            question=asked,
            answered=True,
            answer=answer,
            confidence=round(probability, 3),
            citations=[_citation(item) for item in cited],
            do=list(advice.do) if advice else [],
            dont=list(advice.dont) if advice else [],
            related=self._related(hits, {i.id for i in cited}),
            caution=CAUTION if isinstance(first, RegulationCard) and first.status != "verified" else "",
        )

    def _cited(self, first: Item, hits: Sequence[Hit]) -> list[Item]:
        """At most three: the first item, the cards it names, and items nearly as near."""
        found: dict[str, Item] = {first.id: first}
        if not isinstance(first, RegulationCard):
            for ref in first.cards[:2]:
                found.setdefault(ref, self._cards[ref])
        for hit in hits[1:]:
            item = self._items[hit.item]
            if hit.score >= NEAR * hits[0].score and isinstance(item, RegulationCard):
                found.setdefault(item.id, item)
        return list(found.values())[:3]

    def _related(self, hits: Sequence[Hit], cited: set[str]) -> list[str]:
        """Two or three questions of other near items, which the index answers by construction."""
        found = []
        for hit in hits[1:]:
            item = self._items[hit.item]
            if item.id not in cited:
                found.append(item.question if isinstance(item, Faq) else item.questions[0])
        return found[:3]

    def _overlap(self, question: str, sentences: Sequence[str]) -> list[float]:
        asked = set(self.tokens.content_words(question)) | set(self.tokens.synonyms_in(question))
        idf = self._vocabulary.idf
        return [sum(idf.get(w, 0.0) for w in asked & set(self.tokens.content_words(s))) for s in sentences]

    def _no_card(self, asked: str, law: str, article: int | str) -> AnswerBlock:
        held = sorted({c.title for c in self._cards.values() if c.law == law})[:2]
        nearby = f"这部法规我有：{'；'.join(held)}。" if held else ""
        return _refuse(
            asked,
            0.0,
            f"《{law}》第 {article} 条我这里没有核对过的卡片，不敢凭印象说。{nearby}请查原文，或问公司法务。",
        )

    def _plain_hit(self, item: str) -> Hit:
        passage = next(p for p in self.passages if p.item == item)
        return Hit(item, 1.0, passage, 1.0, 1.0)

    def _texts(self) -> dict[str, str]:
        texts: dict[str, list[str]] = {}
        for passage in self.passages:
            texts.setdefault(passage.item, []).append(passage.text)
        return {item: " ".join(parts) for item, parts in texts.items()}


def _refuse(question: str, probability: float, text: str) -> AnswerBlock:
    return AnswerBlock(
        question=question[:MAX_QUESTION], answered=False, answer=text, confidence=round(probability, 3)
    )


def _citation(item: Item) -> Citation:
    if isinstance(item, RegulationCard):
        superseded = item.superseded_by is not None
        article = list(item.article) if isinstance(item.article, tuple) else item.article
        return Citation(
            id=item.id,
            kind="regulation",
            title=item.title,
            law=item.law,
            article=article,
            quote=item.quote,
            status="superseded" if superseded else "current" if item.status == "verified" else "unverified",
            status_label="已被取代" if superseded else STATUS_LABELS[item.status],
            effective=item.effective_from.isoformat() if item.effective_from else None,
            source=item.source,
        )
    if isinstance(item, Faq):
        return Citation(
            id=item.id,
            kind="faq",
            title=item.question,
            status="current",
            status_label="问答",
            source="安训编写",
        )
    return Citation(
        id=item.id, kind="case", title=item.title, status="current", status_label="案例", source="安训编写"
    )
