"""Joins content and retrieval: what `anxun ask`, the HTTP door and the chat all call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from bot.content.loader import Knowledge, load_knowledge
from bot.content.numerals import article_label
from bot.content.terms import load_terms
from bot.errors import AnxunError
from bot.ingesting import open_library
from bot.messages import AnswerBlock
from bot.retrieval.answering.answer import Answerer, Models
from bot.retrieval.answering.explaining import Explanation
from bot.retrieval.answering.followup import FollowUps, Reading
from bot.retrieval.answering.followup_decision import Decision
from bot.retrieval.encoder import open_encoder
from bot.retrieval.ingestion.library import Library
from bot.retrieval.ingestion.opening import open_piece, page_picture
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.ranker import Ranker
from bot.retrieval.refusal import Confidence
from bot.retrieval.static import StaticEncoder
from bot.retrieval.vectors import Progress
from bot.settings import ROOT, Settings
from bot.sources import open_source
from bot.text import mask_personal_data, normalise

FOLLOWUP = ROOT / "models" / "followup" / "coefficients.json"


Build = Callable[[Sequence[Piece]], Answerer]
"""Builds the answerer of a knowledge base with the passages of users' own documents."""


class Libraries:
    """The knowledge base and its answerer."""

    def __init__(
        self,
        knowledge: Knowledge,
        answerer: Answerer,
        documents: Library | None = None,
        decision: Decision | None = None,
        build: Build | None = None,
    ) -> None:
        """Without a `decision` only what points at an earlier answer in so many words is a follow-up. With `build`,
        documents that are taken in or taken out later are noticed."""
        self.knowledge = knowledge
        self.documents = documents
        self._decision = decision or Decision.never()
        self._build = build
        self._building = threading.Lock()
        self._seen = documents.version() if documents else ""
        self._use(answerer)

    def answer_block(self, question: str) -> AnswerBlock:
        """The answer as a message block; personal data in the question is masked first."""
        self._keep_up()
        return self.answerer.ask(_masked(question))

    def read(self, utterance: str, earlier: Sequence[AnswerBlock]) -> Reading:
        """The answer within a conversation, after the `earlier` ones; personal data is masked first."""
        self._keep_up()
        return self._followups.read(_masked(utterance), earlier)

    def explain(self, question: str) -> Explanation:
        """Why a question gets the answer it gets; personal data in it is masked first."""
        self._keep_up()
        return self.answerer.explain(_masked(question))

    def _use(self, answerer: Answerer) -> None:
        self.answerer = answerer
        self._followups = FollowUps(answerer, self._decision)

    def _keep_up(self) -> None:
        """Begin to build anew when the documents are others; until that is done the old index answers."""
        if not self._build or not self.documents or self.documents.version() == self._seen:
            return
        if self._building.acquire(blocking=False):
            threading.Thread(target=self._rebuild, args=(self._build, self.documents), daemon=True).start()

    def _rebuild(self, build: Build, documents: Library) -> None:
        try:
            self._seen = documents.version()
            self._use(build(documents.pieces()))
        except AnxunError as error:  # the old index goes on answering
            structlog.get_logger().warning("documents_not_indexed", reason=str(error))
        finally:
            self._building.release()

    def ask(self, question: str) -> dict[str, Any]:
        """The contract of `anxun ask --json`."""
        began = time.perf_counter()
        return self.as_json(self.answer_block(question), began)

    def as_json(self, block: AnswerBlock, began: float) -> dict[str, Any]:
        """A block in the form of that contract; `began` is the `perf_counter` at which its question came."""
        answer = block.model_dump(mode="json")
        answer.pop("type")
        for citation in answer["citations"]:
            citation["article_label"] = article_label(citation["article"])
        return {**answer, "took_ms": round((time.perf_counter() - began) * 1000, 1)}

    def source(self, source_id: str) -> dict[str, Any] | None:
        """A card, case or FAQ, or a passage of a document that was taken in; None when there is none of this id."""
        found = open_source(self.knowledge, source_id)
        return open_piece(self.documents, source_id) if found is None and self.documents else found

    def source_page(self, source_id: str, page: int | None = None) -> bytes | None:
        """The page a passage is printed on, as PNG; None for what has no pages."""
        return page_picture(self.documents, source_id, page) if self.documents else None


def build_libraries(settings: Settings, progress: Progress | None = None) -> Libraries:
    """Everything `ask` needs; builds the vectors once and keeps them in the data folder."""
    knowledge = load_knowledge(settings.knowledge)
    terms = load_terms(settings.knowledge / "terms")
    models = open_models(settings)
    documents = open_library(settings)

    def build(pieces: Sequence[Piece], progress: Progress | None = None) -> Answerer:
        return Answerer(knowledge, terms, models, settings.data / "cache", progress, pieces=pieces)

    try:
        pieces = documents.pieces()
    except AnxunError as error:  # damaged documents do not keep the law from being asked
        structlog.get_logger().warning("documents_not_indexed", reason=str(error))
        pieces = []
    return Libraries(knowledge, build(pieces, progress), documents, Decision.load(FOLLOWUP), build)


def open_models(settings: Settings, trained: bool = True) -> Models:
    """The parts as they ship, with the encoder that is set; not `trained`: ranker and refusal are still to be fitted."""
    ranker, refusal, documents = (
        ROOT / "models" / name
        for name in ("ranker/weights.json", "refusal/coefficients.json", "refusal/documents.json")
    )
    return Models(
        open_encoder(settings.encoder),
        StaticEncoder(),
        Ranker.load(ranker) if trained else Ranker.plain(),
        Confidence.load(refusal) if trained else Confidence.never(),
        Confidence.load(documents) if trained else Confidence.never(),
    )


def _masked(text: str) -> str:
    """Cleaned first: numbers hide behind characters that nobody sees."""
    return mask_personal_data(normalise(text))
