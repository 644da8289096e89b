"""Cuts a document into passages: what is indexed, cited and opened. One article or one heading's text at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from bot.retrieval.ingestion.blocks import Block, Box
from bot.retrieval.ingestion.outline import Article, article_at, heading_level, may_be_title
from bot.text import mask_personal_data

LIMIT = 300
"""Characters a passage may have; a last sentence may go a fifth beyond rather than stand alone."""

_ENDS = (re.compile(r"[。！？；!?;\n][”’」』）)]*"), re.compile(r"[，、：,:]"))
_LEAST = LIMIT // 3
_LONGEST_HEADING = 60


@dataclass(frozen=True)
class Piece:
    """A passage of a user's document. `article` is 39 or "253之一"; `row` is the sheet's own row number."""

    id: str
    document: str
    order: int
    text: str
    headings: tuple[str, ...] = ()
    article: int | str | None = None
    pages: tuple[int, ...] = ()
    sheet: str = ""
    row: int | None = None
    boxes: tuple[Box, ...] = ()

    @property
    def title(self) -> str:
        """The path of headings, or the document's name where there are none."""
        return " › ".join(self.headings) or title_of(self.document)

    @property
    def page(self) -> int | None:
        """The page where it begins; None for what has no pages."""
        return self.pages[0] if self.pages else None

    @property
    def place(self) -> str:
        """Where to look in the file, in words; "" where the file has neither pages nor sheets."""
        if self.pages:
            return (
                f"第 {self.pages[0]} 页"
                if len(self.pages) == 1
                else f"第 {self.pages[0]}–{self.pages[-1]} 页"
            )
        return f"工作表“{self.sheet}”第 {self.row} 行" if self.sheet and self.row else ""


def title_of(document: str) -> str:
    """A document's name as readers see it: no extension, no personal data."""
    return mask_personal_data(PurePath(document).stem)


def document_id(document: str) -> str:
    """`doc-` and eight hexadecimal digits, from the document's name alone."""
    return f"doc-{_digest(document)}"


def pieces_of(document: str, blocks: Iterable[Block]) -> list[Piece]:
    """The passages in order. An id depends on the document's name and the passage's own words, not on its neighbours."""
    prefix, taken = document_id(document), set[str]()
    pieces: list[Piece] = []
    for draft in _Cutter().cut(blocks):
        words = "\n".join([*draft.headings, str(draft.article), draft.text])
        piece_id = f"{prefix}-{_digest(words)}"
        while piece_id in taken:  # the same words again, or a rare collision
            words += "\n"
            piece_id = f"{prefix}-{_digest(words)}"
        taken.add(piece_id)
        pieces.append(draft.piece(piece_id, document, len(pieces)))
    return pieces


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


@dataclass
class _Draft:
    """A passage in the making."""

    headings: tuple[str, ...]
    article: int | str | None = None
    parts: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    sheet: str = ""
    row: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.parts)

    @property
    def length(self) -> int:
        return sum(map(len, self.parts))

    def add(self, text: str, boxes: Iterable[Box]) -> None:
        self.parts.append(text)
        self.boxes += boxes

    def piece(self, piece_id: str, document: str, order: int) -> Piece:
        pages = tuple(sorted({box.page for box in self.boxes}))
        return Piece(
            piece_id, document, order, self.text, self.headings, self.article, pages, self.sheet, self.row,
            tuple(Box(b.page, *(round(x, 4) for x in b[1:])) for b in self.boxes),
        )  # fmt: skip


@dataclass
class _Heading:
    level: int
    block: Block
    used: bool = False
    """Whether a passage stands below it; a heading without one becomes a passage itself, or its words were lost."""


class _Cutter:
    """Walks the blocks once; holds where it is: under which headings, in which article, in which passage."""

    def __init__(self) -> None:
        self._path: list[_Heading] = []
        self._article: Article | None = None
        self._article_level: int | None = None
        self._last: Article | None = None
        self._draft = _Draft(())
        self._done: list[_Draft] = []

    def cut(self, blocks: Iterable[Block]) -> list[_Draft]:
        for number, block in enumerate(blocks):
            if number == 0 and may_be_title(block.text) and not block.cells:
                self._begin_heading(block.level or 0, block)
            elif block.cells:
                self._add_row(block)
            elif article := article_at(block.text, self._last):
                self._begin_article(article, block)
            elif (level := self._level(block)) is not None:
                self._begin_heading(level, block)
            else:
                self._add_text(block)
        self._finish()
        self._close(-1)
        return self._done

    def _level(self, block: Block) -> int | None:
        if block.level is None:
            return heading_level(block.text, self._article is not None)
        if len(block.text) > _LONGEST_HEADING:
            return None
        inside = self._article is not None and self._article_level is not None
        return None if inside and block.level > (self._article_level or 0) else block.level

    def _begin_article(self, article: Article, block: Block) -> None:
        self._finish()
        self._article = self._last = article
        self._article_level = block.level
        self._add_text(block)

    def _begin_heading(self, level: int, block: Block) -> None:
        self._finish()
        self._close(level)
        self._article = None
        self._path.append(_Heading(level, block))

    def _add_text(self, block: Block) -> None:
        for start, end in cuts(block.text):
            if self._draft.length + end - start > LIMIT:
                self._finish()
            if not self._draft.parts:
                self._draft = self._new()
            self._draft.add(block.text[start:end].strip(), block.boxes(start, end))

    def _add_row(self, block: Block) -> None:
        """A row is a passage; a long one is several, each beginning with the row's first cell."""
        self._finish()
        for text in _row_texts(block.cells):
            self._draft = self._new()
            self._draft.sheet, self._draft.row = block.sheet, block.row
            self._draft.add(text, block.boxes(0, len(block.text)))
            self._finish()

    def _new(self) -> _Draft:
        headings = tuple(h.block.text.replace("\n", " ") for h in self._path)
        return _Draft(headings, self._article.label if self._article else None)

    def _finish(self) -> None:
        if any(c.isalnum() for c in self._draft.text):
            self._done.append(self._draft)
            for heading in self._path:
                heading.used = True
        self._draft = _Draft(())

    def _close(self, level: int) -> None:
        """Leaves the headings at this level and below."""
        while self._path and self._path[-1].level >= level:
            heading = self._path.pop()
            if not heading.used:
                self._draft = _Draft(tuple(h.block.text for h in self._path))
                self._draft.add(heading.block.text, heading.block.boxes(0, len(heading.block.text)))
                self._finish()


def cuts(text: str, limit: int = LIMIT) -> list[tuple[int, int]]:
    """Ranges that cover `text`, cut behind a sentence where one ends in reach, else behind a comma, else anywhere."""
    found, start = [], 0
    while len(text) - start > limit * 6 // 5:
        window = text[start : start + limit]
        ends = (max((m.end() for m in pattern.finditer(window)), default=0) for pattern in _ENDS)
        end = start + next((e for e in ends if e >= _LEAST), limit)
        found.append((start, end))
        start = end
    return [*found, (start, len(text))]


def _row_texts(cells: tuple[str, ...]) -> list[str]:
    texts: list[str] = []
    line = ""
    for cell in cells:
        for start, end in cuts(cell):
            part = cell[start:end]
            if line and len(line) + len(part) > LIMIT:
                texts.append(line)
                line = cells[0] if len(cells[0]) < _LEAST and part != cells[0] else ""
            line = f"{line}；{part}" if line else part
    return [*texts, line]
