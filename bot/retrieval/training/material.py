"""The form in which training reads: texts once each, and questions that point at them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """`answers` are rows of `Material.texts`, any of which answers `text`. Texts of the groups `right` are never its
    negatives; `hard` are rows that look alike and do not answer.
    """

    text: str
    answers: tuple[int, ...]
    right: frozenset[int]
    hard: tuple[int, ...]


@dataclass(frozen=True)
class Material:
    """Everything training reads. `groups[row]` says which texts are the same thing (one wording, one card);
    `questions` by source; `pairs` stand together in the corpora."""

    texts: list[str]
    groups: list[int]
    questions: dict[str, list[Question]]
    pairs: list[tuple[str, str]]
