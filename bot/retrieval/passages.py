"""Cuts the knowledge base into passages: what is indexed. An item is found by its best passage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.content.loader import Knowledge
from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.retrieval.ingestion.pieces import Piece

Kind = Literal["question", "title", "summary", "advice", "story"]


@dataclass(frozen=True)
class Passage:
    """`text` is what words are matched in; `titled`, which tells the encoder what it is about, what vectors are made of."""

    item: str
    kind: Kind
    text: str
    title: str = ""

    @property
    def titled(self) -> str:
        return f"{self.title}。{self.text}" if self.title else self.text


def passages_of(knowledge: Knowledge, pieces: Iterable[Piece] = ()) -> list[Passage]:
    """Every passage of every card, case and FAQ, and of users' own documents, in a stable order."""
    found: list[Passage] = []
    for card in knowledge.cards.values():
        found += _of_card(card)
    for case in knowledge.cases.values():
        found += _of_case(case)
    for faq in knowledge.faqs.values():
        found += _of_faq(faq)
    return found + [Passage(piece.id, "summary", piece.text, piece.title) for piece in pieces]


def negatives_of(knowledge: Knowledge) -> list[Passage]:
    """The look-alikes each card says it must not answer."""
    return [Passage(c.id, "question", q, c.title) for c in knowledge.cards.values() for q in c.not_questions]


def _of_card(card: RegulationCard) -> list[Passage]:
    return [
        Passage(card.id, "title", f"{card.title} {card.law}"),
        *(Passage(card.id, "question", q, card.title) for q in card.questions),
        Passage(card.id, "summary", card.summary, card.title),
        Passage(card.id, "summary", card.applies_when, card.title),
        Passage(card.id, "advice", " ".join(card.do), card.title),
        Passage(card.id, "advice", " ".join(card.dont), card.title),
    ]


def _of_case(case: CaseStudy) -> list[Passage]:
    return [
        Passage(case.id, "story", case.title),
        *(Passage(case.id, "story", q, case.title) for q in case.questions),
        Passage(case.id, "story", case.should_have, case.title),
    ]


def _of_faq(faq: Faq) -> list[Passage]:
    return [
        Passage(faq.id, "question", faq.question),
        *(Passage(faq.id, "question", q, faq.question) for q in faq.questions),
        Passage(faq.id, "summary", faq.answer, faq.question),
    ]
