"""Which clauses answer a question, and whether a citation holds one of them: the one rule behind every such figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Article = int | str | Sequence[int | str] | None


@dataclass(frozen=True)
class Clause:
    """An accepted clause; no `article` accepts every clause of that law."""

    law: str
    article: str | None = None


class Source(Protocol):
    """What can hold a clause: a regulation card, a citation."""

    @property
    def law(self) -> str | None: ...

    @property
    def article(self) -> Article: ...


def clauses_of(row: Mapping[str, Any]) -> tuple[Clause, ...]:
    """The accepted clauses of a question's row: `accept` lists "law:article", "law" or {law, article}.

    Raises:
        ValueError: `accept` is no list, or an entry is none of these.
    """
    entries = row.get("accept") or ()
    if not isinstance(entries, list | tuple):
        raise ValueError(f"not a list of clauses: {entries!r}")
    return tuple(_clause(entry) for entry in entries)


def holds(source: Source, accepted: Iterable[Clause]) -> bool:
    """Whether `source` is one of the accepted clauses; a case or an FAQ names no law and holds none."""
    articles = source.article if isinstance(source.article, list | tuple) else [source.article]
    held = {_number(article) for article in articles}
    return any(c.law == source.law and (c.article is None or _number(c.article) in held) for c in accepted)


def _number(article: object) -> str:
    # A set may name 253 for 第二百五十三条之一.
    return str(article).split("之")[0]


def _clause(entry: object) -> Clause:
    if isinstance(entry, str) and entry.strip():
        law, _, article = entry.replace("：", ":").partition(":")
        return Clause(law.strip(), article.strip() or None)
    if isinstance(entry, Mapping) and isinstance(entry.get("law"), str):
        return Clause(entry["law"], None if entry.get("article") is None else str(entry["article"]))
    raise ValueError(f"not a clause: {entry!r}")
