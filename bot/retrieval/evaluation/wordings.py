"""Documents of equal wording count as one: in law many an article stands in several versions of it, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.retrieval.collection import Document
from bot.retrieval.evaluation.qrels import Qrels
from bot.retrieval.evaluation.runs import Run

_BETWEEN = re.compile(r"[\W_]")
AGAIN = " again"
"""No id of a run holds a blank, so this can be no other document."""


class Wordings:
    """Names every document after the first one that says the same, punctuation and spaces aside, under whatever title.

    The first of equal documents in a ranking stands for all of them at its place; those after it are neither right
    nor gone. So no question is counted right twice, and no rank moves.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        firsts: dict[str, str] = {}
        self._first = {d.id: firsts.setdefault(_BETWEEN.sub("", d.wording) or d.id, d.id) for d in documents}

    def of_qrels(self, qrels: Qrels) -> Qrels:
        found: Qrels = {}
        for question, grades in qrels.items():
            merged = found.setdefault(question, {})
            for document, grade in grades.items():
                first = self._first.get(document, document)
                merged[first] = max(grade, merged.get(first, grade))
        return found

    def of_run(self, run: Run) -> Run:
        found: Run = {}
        for question, ranking in run.items():
            seen: set[str] = set()
            found[question] = []
            for document, score in ranking:
                first = self._first.get(document, document)
                found[question].append((document + AGAIN if first in seen else first, score))
                seen.add(first)
        return found
