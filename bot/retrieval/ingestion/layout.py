"""Makes paragraphs of printed lines: drops what repeats on every page, joins what a line break has cut."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf
from statistics import median

from bot.retrieval.ingestion.blocks import Block, Line
from bot.retrieval.ingestion.outline import begins_item, heading_level
from bot.retrieval.ingestion.ruling import Table
from bot.retrieval.ingestion.tables import table_blocks

MARGIN = 0.1
"""The share of a page, above and below, where headers and footers stand."""

REPEATED = 0.4
"""On this share of the pages a line must stand to be a header; left and right pages may have one each."""

COLUMN_GAP = 2.0
"""In characters: a gap so wide lies between the columns of a table."""

SPACE = 0.25
"""In characters: a gap so wide is a space."""

LEAST_EM = 0.001
"""Of the page's width: no letter is thinner, but upright text has lines without any width."""

LARGER = 1.15
"""How much larger than the body's a heading's letters are."""

MOST_LINES = 100
"""Lines of one paragraph: more of them are no prose, whatever they are."""

_PAGE_NUMBER = re.compile(
    r"[-—–\s·]*(?:第\s?)?\d{1,4}(?:\s?页)?(?:\s?[/，,]?\s?共?\s?\d{1,4}\s?页?)?[-—–\s·]*"
)
_CONTENTS_LINE = re.compile(r"[.…·．]{3,}\s*\d+$")
_ENDED = re.compile(r"[。！？；：!?;:][”’」』）)]*$")
_LONGEST_HEADING = 40

Page = Sequence[Line | Table]


def blocks_of(pages: Sequence[Page]) -> tuple[list[Block], list[Line]]:
    """The blocks of a document, and the headers and footers that were left out of it."""
    pages = [_one_row_each(page, COLUMN_GAP) for page in pages]
    margins = _margins(pages)
    dropped = set(map(id, margins))
    paragraphs = _Paragraphs()
    for page in pages:
        body = _one_row_each([item for item in page if id(item) not in dropped])
        paragraphs.add_page([i for i in body if isinstance(i, Table) or not _CONTENTS_LINE.search(i.text)])
    return _with_headings(paragraphs.finished()), margins


class _Paragraphs:
    """Gathers lines until one ends a paragraph. A paragraph or a table may go on over the page."""

    def __init__(self) -> None:
        self._done: list[Block] = []
        self._lines: list[Line] = []
        self._table: Table | None = None

    def add_page(self, items: Page) -> None:
        lines = [item for item in items if isinstance(item, Line)]
        body = [line for line in lines if not (_in_margin(line) or line.gapped)] or lines
        left, right = min((x.left for x in body), default=0.0), _right_edge(body)
        gap = median([b.top - a.bottom for a, b in pairwise(lines) if b.top > a.top] or [0.0])
        for number, item in enumerate(items):
            if isinstance(item, Table):
                self._add_table(item, first=number == 0)
                continue
            self._end_table()
            if len(self._lines) >= MOST_LINES or (
                self._lines and _breaks(self._lines[-1], item, left, right, gap)
            ):
                self._end_paragraph()
            self._lines.append(item)

    def finished(self) -> list[Block]:
        self._end_paragraph()
        self._end_table()
        return self._done

    def _add_table(self, table: Table, first: bool) -> None:
        self._end_paragraph()
        if self._table is not None and first and len(self._table.columns) == len(table.columns):
            self._table = replace(self._table, rows=self._table.rows + table.rows)
            return
        self._end_table()
        self._table = table

    def _end_table(self) -> None:
        if self._table is not None:
            self._done += table_blocks(self._table.rows)
            self._table = None

    def _end_paragraph(self) -> None:
        if self._lines:
            self._done.append(_paragraph(self._lines))
            self._lines = []


def _breaks(before: Line, line: Line, left: float, right: float, gap: float) -> bool:
    """Whether a paragraph ends between two lines that follow each other."""
    em = _em(line)
    ended = bool(_ENDED.search(before.text))
    indented = line.left > left + 1.2 * em
    if before.gapped or line.gapped or begins_item(line.text):
        return True
    if before.right < right - 2.5 * em:  # it had room for more
        return True
    if before.page != line.page:
        return ended or indented
    if before.size and line.size and not 0.9 < before.size / line.size < 1.1:
        return True
    if line.top - before.bottom > gap + 0.8 * line.height:
        return True
    return indented and (ended or before.left < line.left - 0.5 * em)


def _right_edge(lines: Sequence[Line]) -> float:
    """Where full lines end: the farthest place that several lines reach, as a lone longer one is no measure."""
    for right in sorted((line.right for line in lines), reverse=True):
        if sum(abs(line.right - right) <= 1.5 * _em(line) for line in lines) >= max(2, len(lines) / 8):
            return right
    return max((line.right for line in lines), default=1.0)


def _paragraph(lines: Sequence[Line]) -> Block:
    text, starts = "", []
    for line in lines:
        if (
            text
            and text[-1].isascii()
            and text[-1].isalnum()
            and line.text[0].isascii()
            and line.text[0].isalnum()
        ):
            text += " "
        starts.append(len(text))
        text += line.text
    return Block(text, lines=tuple(lines), starts=tuple(starts))


def _one_row_each(page: Page, widest: float = inf) -> list[Line | Table]:
    """Lines that are printed beside each other, in order, become one, if the gap is not too wide."""
    out: list[Line | Table] = []
    for item in page:
        before = out[-1] if out else None
        if isinstance(item, Line) and isinstance(before, Line) and _beside(before, item, widest):
            out[-1] = _joined(before, item)
        else:
            out.append(item)
    return out


def _joined(before: Line, line: Line) -> Line:
    """One line of two; a space between them only where one is seen: a change of font cuts words as well."""
    gap = (line.left - before.right) / _em(line)
    apart = gap > SPACE
    return replace(
        before,
        text=f"{before.text} {line.text}" if apart else before.text + line.text,
        edges=array("f", [*(before.edges if apart else before.edges[:-1]), *line.edges]),
        gapped=before.gapped or gap > COLUMN_GAP,
        top=min(before.top, line.top),
        bottom=max(before.bottom, line.bottom),
    )


def _beside(before: Line, line: Line, widest: float) -> bool:
    shared = min(before.bottom, line.bottom) - max(before.top, line.top)
    near = -0.3 <= (line.left - before.right) / _em(line) <= widest
    return near and shared > 0.6 * min(before.height, line.height)


def _margins(pages: Sequence[Page]) -> list[Line]:
    """Page numbers, and lines in the margins that stand at the same height on many pages."""
    edge = [line for page in pages for line in page if isinstance(line, Line) and _in_margin(line)]
    seen = Counter(_key(line) for line in {(line.page, _key(line)): line for line in edge}.values())
    enough = max(2, REPEATED * len(pages))
    return [line for line in edge if _PAGE_NUMBER.fullmatch(line.text) or seen[_key(line)] >= enough]


def _in_margin(line: Line) -> bool:
    middle = (line.top + line.bottom) / 2
    return middle < MARGIN or middle > 1 - MARGIN


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text), round(line.top * 50)


def _with_headings(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with levels for those in larger letters; a level told by words (第三章) goes for its size as well."""
    blocks = list(blocks)
    weights: Counter[float] = Counter()
    for block in blocks:
        weights[_size(block)] += len(block.text)
    del weights[0.0]
    body = max(weights, key=lambda size: weights[size], default=0.0)
    large = [b for b in blocks if body and _size(b) > body * LARGER and _may_head(b)]
    levels: dict[float, int] = {}
    for block in large:
        told = heading_level(block.text)
        if told is not None:
            levels[_size(block)] = min(told, levels.get(_size(block), told))
    largest = max((_size(b) for b in large), default=0.0)
    chosen = {id(b): levels.get(_size(b), 0 if _size(b) == largest else 3) for b in large}
    return [
        replace(b, level=told if (told := heading_level(b.text)) is not None else chosen[id(b)])
        if id(b) in chosen
        else b
        for b in blocks
    ]


def _may_head(block: Block) -> bool:
    return not block.cells and len(block.text) <= _LONGEST_HEADING and not re.search(r"[。；;]", block.text)


def _size(block: Block) -> float:
    """Of its letters, to half a point; 0 where it is not known."""
    sizes = [line.size for line in block.lines if line.size]
    return round(median(sizes) * 2) / 2 if sizes and not block.cells else 0.0


def _em(line: Line) -> float:
    """The width of a Chinese character in this line, as a fraction of the page."""
    units = sum(2 if c > "\u2e7f" else 1 for c in line.text)
    return max(2 * (line.right - line.left) / units, LEAST_EM)
