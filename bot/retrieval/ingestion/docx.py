"""Reads Word files: headings, paragraphs with the numbers Word counts, tables, text boxes, and pasted scans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml.ns import qn
from lxml.etree import _Element

from bot.retrieval.ingestion.blocks import Block, Reading
from bot.retrieval.ingestion.numbering import Numbering
from bot.retrieval.ingestion.scans import SCANNED, picture_blocks
from bot.retrieval.ingestion.styles import Styles
from bot.retrieval.ingestion.tables import Row, table_blocks

_HEADING = re.compile(r"(?:heading|标题)\s?([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目录)\b", re.IGNORECASE)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SIGNS = {qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}
_BODY_TEXT = "9"  # Word's outline level for what is no heading


def read_docx(path: Path) -> Reading:
    """Headers, footers, comments and deleted text are no part of the text; inserted text is."""
    document = docx.Document(str(path))
    reader = _Reader(document)
    blocks = list(reader.blocks(document.element.body))
    notes = (SCANNED.format(f"{reader.scans} 张图"),) if reader.scans else ()
    return Reading("docx", blocks, notes=notes)


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._styles = Styles(document)
        self._numbering = Numbering(document, self._styles)
        self.scans = 0

    def blocks(self, parent: _Element) -> Iterator[Block]:
        for element in parent:
            if element.tag == qn("w:p"):
                yield from self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
                yield from self.blocks(element)

    def _paragraph(self, element: _Element) -> Iterator[Block]:
        name = self._styles.name(element)
        label = self._numbering.label(element)
        text = _text(element).strip()
        if text and not _CONTENTS.match(name):
            yield Block(label + text, self._level(element, name))
        for box in element.iter(qn("w:txbxContent")):
            if not any(a.tag == _FALLBACK for a in box.iterancestors()):
                yield from self.blocks(box)
        if not text:
            yield from self._pictures(element)

    def _level(self, paragraph: _Element, name: str) -> int | None:
        """From the style's name, or the outline level that the paragraph or its style is given."""
        if name.lower() == "title":
            return 0
        if match := _HEADING.match(name):
            return int(match[1])
        for properties in self._styles.properties(paragraph):
            outline = properties.find(qn("w:outlineLvl"))
            if outline is not None:
                value = outline.get(qn("w:val"), _BODY_TEXT)
                return int(value) + 1 if value != _BODY_TEXT else None
        return None

    def _pictures(self, element: _Element) -> Iterator[Block]:
        """What stands in a picture that has a paragraph to itself, if it is large enough to be a scan."""
        for blip in element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"):
            part = self._document.part.related_parts.get(blip.get(qn("r:embed")) or "")
            found = picture_blocks(part.blob) if part is not None else []
            self.scans += bool(found)
            yield from found

    def _table(self, element: _Element) -> Iterator[Block]:
        """A table of one column is a frame round text; its paragraphs are read as such."""
        rows = [
            list(_cells(row))
            for row in element.iter(qn("w:tr"))
            if next(row.iterancestors(qn("w:tbl"))) is element
        ]
        if max((len(row) for row in rows), default=0) < 2:
            for row in rows:
                for cell in row:
                    yield from self.blocks(cell)
            return
        yield from table_blocks(map(Row, _grid(rows)))


def _cells(row: _Element) -> Iterator[_Element]:
    for cell in row.iter(qn("w:tc")):
        if next(cell.iterancestors(qn("w:tr"))) is row:
            yield cell


def _grid(rows: list[list[_Element]]) -> list[list[str]]:
    """The texts as a grid: a cell that spans columns or goes on from above stands in each place it covers."""
    grid: list[list[str]] = []
    for row in rows:
        texts: list[str] = []
        for cell in row:
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            text = " ".join(filter(None, (_text(p).strip() for p in cell.iter(qn("w:p")))))
            goes_on = merged is not None and merged.get(qn("w:val"), "continue") == "continue"
            if goes_on and grid and len(texts) < len(grid[-1]):
                text = grid[-1][len(texts)]
            texts += [text] * int(span.get(qn("w:val"), "1") if span is not None else 1)
        grid.append(texts)
    width = max(map(len, grid))
    return [texts + [""] * (width - len(texts)) for texts in grid]


def _text(paragraph: _Element) -> str:
    """The visible words of a paragraph, links and insertions included; text boxes are read apart."""
    parts = []
    for element in paragraph.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:noBreakHyphen")):
        above = list(element.iterancestors())
        if next(a for a in above if a.tag == qn("w:p")) is not paragraph:  # in a text box
            continue
        if any(a.tag in (_FALLBACK, qn("w:del"), qn("w:tabs")) for a in above):
            continue
        if element.tag == qn("w:t"):
            parts.append(element.text or "")
        else:
            parts.append(_SIGNS.get(str(element.tag), "\n"))
    return "".join(parts)
