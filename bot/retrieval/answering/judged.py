"""What the parts of answering hand to each other: what was found for a question, and what was decided.

An answer and its explanation are made from the same of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.messages import AnswerBlock
from bot.retrieval.refusal import Confidence
from bot.retrieval.retriever import Hit

Way = Literal["clause", "version", "fragment", "parts", "search", "danger"]
"""How an answer came about: a clause named by its number, a version compared, a bare word, several parts, a search, or
somebody in danger who would otherwise have had no answer."""


@dataclass(frozen=True)
class Judged:
    """The candidates for a question, best first, and how sure we are that the first is right, with what that rests on:
    the values and the measure `by` which they were weighed."""

    question: str
    hits: list[Hit]
    values: Mapping[str, float] = field(default_factory=dict)
    probability: float = 0.0
    by: Confidence | None = None


@dataclass(frozen=True)
class Decided:
    """The reply, what it was decided on, and the candidates in the order the reply used them."""

    block: AnswerBlock
    judged: Judged
    way: Way
    order: list[Hit]
