"""Joins content and retrieval: what `anxun ask`, the HTTP door and the chat all call."""

from __future__ import annotations

import time
from typing import Any

from bot.content.loader import Knowledge, load_knowledge
from bot.content.numerals import article_label
from bot.content.terms import load_terms
from bot.messages import AnswerBlock
from bot.retrieval.answer import Answerer, Models
from bot.retrieval.encoder import open_encoder
from bot.retrieval.ranker import Ranker
from bot.retrieval.refusal import Confidence
from bot.retrieval.static import StaticEncoder
from bot.retrieval.vectors import Progress
from bot.settings import ROOT, Settings
from bot.sources import open_source
from bot.text import mask_personal_data


class Libraries:
    """The knowledge base and its answerer."""

    def __init__(self, knowledge: Knowledge, answerer: Answerer) -> None:
        self.knowledge = knowledge
        self.answerer = answerer

    def answer_block(self, question: str) -> AnswerBlock:
        """The answer as a message block; personal data in the question is masked first."""
        return self.answerer.ask(mask_personal_data(question))

    def ask(self, question: str) -> dict[str, Any]:
        """The contract of `anxun ask --json`."""
        began = time.perf_counter()
        answer = self.answer_block(question).model_dump(mode="json")
        answer.pop("type")
        for citation in answer["citations"]:
            citation["article_label"] = article_label(citation["article"])
        return {**answer, "took_ms": round((time.perf_counter() - began) * 1000, 1)}

    def source(self, source_id: str) -> dict[str, Any] | None:
        return open_source(self.knowledge, source_id)


def build_libraries(settings: Settings, progress: Progress | None = None) -> Libraries:
    """Everything `ask` needs; builds the vectors once and keeps them in the data folder."""
    knowledge = load_knowledge(settings.knowledge)
    terms = load_terms(settings.knowledge / "terms")
    answerer = Answerer(knowledge, terms, open_models(settings), settings.data / "cache", progress)
    return Libraries(knowledge, answerer)


def open_models(settings: Settings, trained: bool = True) -> Models:
    """The parts as they ship, with the encoder that is set; not `trained`: ranker and refusal are still to be fitted."""
    ranker, refusal = (
        ROOT / "models" / name for name in ("ranker/weights.json", "refusal/coefficients.json")
    )
    return Models(
        open_encoder(settings.encoder),
        StaticEncoder(),
        Ranker.load(ranker) if trained else Ranker.plain(),
        Confidence.load(refusal) if trained else Confidence.never(),
    )
