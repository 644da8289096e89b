"""What the parts of answering hand to each other: what was found for a question, and what was decided.

An answer and its explanation are made from the same of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.messages import AnswerBlock
from bot.retrieval.retriever import Hit

Way = Literal["clause", "version", "fragment", "parts", "search"]
"""How an answer came about: a clause named by its number, a version compared, a bare word, several parts, a search."""


@dataclass(frozen=True)
class Judged:
    """The candidates for a question, best first, and how sure we are that the first is right, with what that rests on."""

    question: str
    hits: list[Hit]
    values: Mapping[str, float] = field(default_factory=dict)
    probability: float = 0.0


@dataclass(frozen=True)
class Decided:
    """The reply, what it was decided on, and the candidates in the order the reply used them."""

    block: AnswerBlock
    judged: Judged
    way: Way
    order: list[Hit]
