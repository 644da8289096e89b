"""Reads HTML: headings, paragraphs, list items and tables; navigation, scripts and hidden parts are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import html
from lxml.etree import ParserError, _Element

from bot.retrieval.ingestion.blocks import Block, Reading
from bot.retrieval.ingestion.decoding import decode
from bot.retrieval.ingestion.tables import Row, table_blocks

_SKIPPED = frozenset(
    ("head", "script", "style", "noscript", "template", "nav", "footer", "aside", "svg", "math", "iframe", "object",
     "select", "button")
)  # fmt: skip
_INLINE = frozenset(
    ("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "kbd", "label",
     "mark", "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr")
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_SPANNED = 200


def read_html(path: Path) -> Reading:
    return Reading("html", html_blocks(decode(path.read_bytes())))


def html_blocks(text: str) -> list[Block]:
    """The blocks of a page or a part of one. Nothing that it points at is fetched."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except ParserError:  # nothing but comments
        return []
    return list(_Walk().blocks(root))


class _Walk:
    """Gathers inline text until a block begins or ends."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def blocks(self, root: _Element) -> Iterator[Block]:
        yield from self._inside(root, None)
        yield from self._ended(None)

    def _inside(self, element: _Element, level: int | None) -> Iterator[Block]:
        self._say(element.text)
        for child in element:
            yield from self._child(child, level)
            self._say(child.tail)

    def _child(self, child: _Element, level: int | None) -> Iterator[Block]:
        tag = child.tag if isinstance(child.tag, str) else ""
        if not tag or tag in _SKIPPED or _is_hidden(child):
            return
        if tag == "br":
            self._text.append("\n")
        elif tag in _INLINE:
            yield from self._inside(child, level)
        else:
            yield from self._ended(level)
            if tag == "table" and _is_data(child):
                yield from table_blocks(map(Row, _rows(child)))
                return
            heading = _HEADING.fullmatch(tag)
            inner = int(heading[1]) if heading else level
            yield from self._inside(child, inner)
            yield from self._ended(inner)

    def _say(self, text: str | None) -> None:
        if text:
            self._text.append(re.sub(r"\s+", " ", text))

    def _ended(self, level: int | None) -> Iterator[Block]:
        text = "".join(self._text).strip()
        self._text.clear()
        if text:
            yield Block(text, level)


def _is_hidden(element: _Element) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style") or ""))


def _is_data(table: _Element) -> bool:
    """Whether it holds data, not the layout of a page: no table inside, and more than one column."""
    return not table.findall(".//table") and any(len(row.findall("*")) > 1 for row in table.iter("tr"))


def _rows(table: _Element) -> list[list[str]]:
    """The cells as a grid: what spans several rows or columns stands in each of them."""
    grid: dict[tuple[int, int], str] = {}
    rows = list(table.iter("tr"))
    for y, row in enumerate(rows):
        x = 0
        for cell in row.findall("*"):
            while (y, x) in grid:
                x += 1
            text = "".join(str(t) for t in cell.itertext()).strip()
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for dy in range(min(high, len(rows) - y)):
                for dx in range(wide):
                    grid[y + dy, x + dx] = re.sub(r"\s+", " ", text)
            x += wide
    width = max((x for _, x in grid), default=-1) + 1
    return [[grid.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def _span(cell: _Element, name: str) -> int:
    value = cell.get(name) or ""
    return min(max(int(value), 1), _MOST_SPANNED) if value.isdigit() else 1
