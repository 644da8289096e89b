"""Reads PDF files: text with its place on the page, tables by their rules, scanned pages through OCR."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]

from bot.errors import BadInput
from bot.retrieval.ingestion.blocks import Line, Reading
from bot.retrieval.ingestion.layout import Page, blocks_of
from bot.retrieval.ingestion.printed import Printed
from bot.retrieval.ingestion.ruling import Table, fill, grids
from bot.retrieval.ingestion.scans import LARGEST, SCANNED, read_lines

Progress = Callable[[int, int], None]

PDFIUM = threading.Lock()
"""PDFium is not safe to call from two threads; whoever calls it holds this."""

MOST_PAGES = 3_000
LEAST_TEXT = 30
"""Characters below which a page that is mostly a picture is taken for a scan, stamped with a number at most."""

MOSTLY = 0.3
"""The share of a page that such a picture covers."""

_TAIL = 4096


def read_pdf(path: Path, progress: Progress | None = None) -> Reading:
    pages: list[Page] = []
    scans: list[int] = []
    with opened(path) as document:
        _check(path, document)
        total = len(document)
        for index in range(total):
            page, scanned = _read_page(document, index)
            pages.append(page)
            scans += [index + 1] if scanned else []
            if progress:
                progress(index + 1, total)
    blocks, margins = blocks_of(pages)
    notes = (SCANNED.format(f"{len(scans)} 页"),) if scans else ()
    return Reading("pdf", blocks, len(pages), margins, notes)


@contextmanager
def opened(source: Path | bytes) -> Iterator[pdfium.PdfDocument]:
    """The document; raises BadInput for a password or a broken file."""
    try:
        with PDFIUM:
            document = pdfium.PdfDocument(source)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise BadInput("加了打开密码。", "请去掉密码，另存一份再收。") from None
        raise BadInput("不完整，打不开。", "请重新拷贝或下载一份再收。") from None
    try:
        yield document
    finally:
        with PDFIUM:
            document.close()


def _check(path: Path, document: pdfium.PdfDocument) -> None:
    """PDFium mends a truncated file and shows what is left of it; better to know."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        if b"%%EOF" not in file.read():
            raise BadInput("没有结尾，多半没下载完。", "请重新拷贝或下载一份再收。")
    if len(document) > MOST_PAGES:
        raise BadInput(f"有 {len(document)} 页，超过 {MOST_PAGES} 页。", "请拆成几个文件再收。")


def _read_page(document: pdfium.PdfDocument, index: int) -> tuple[Page, bool]:
    """What is printed on a page, and whether it had to be read from its picture."""
    with PDFIUM:
        page = document[index]
        try:
            printed = Printed(page, index + 1)
            lines = printed.lines()
            if not _is_scan(page, lines, printed.unreadable):
                return _with_tables(lines, printed), False
            scale = LARGEST / max(page.get_size())
            picture = page.render(scale=scale).to_pil()
        finally:
            page.close()
    return read_lines(picture, index + 1), True


def _is_scan(page: pdfium.PdfPage, lines: list[Line], unreadable: int) -> bool:
    """Whether it has next to no text, or text in a font that cannot be read, and something to see all the same."""
    readable = sum(len(line.text) for line in lines)
    if readable >= LEAST_TEXT and unreadable * 4 < readable:
        return False
    wide, high = page.get_size()
    for shape in page.get_objects(max_depth=1):
        left, bottom, right, top = shape.get_bounds()
        covers = (right - left) * (top - bottom) >= MOSTLY * wide * high
        if not readable or unreadable or (covers and shape.type != raw.FPDF_PAGEOBJ_PATH):
            return True
    return False


def _with_tables(lines: list[Line], printed: Printed) -> Page:
    """The lines, with each table in the place of its first line."""
    found = grids(printed.drawn())
    if not found:
        return lines
    size = printed.size
    inside = {
        id(line): number
        for line in lines
        for number, grid in enumerate(found)
        if grid.holds((line.left + line.right) / 2 * size[0], (line.top + line.bottom) / 2 * size[1])
    }
    page: list[Line | Table] = []
    told: set[int] = set()
    for line in lines:
        table = inside.get(id(line))
        if table is None:
            page.append(line)
        elif table not in told:
            told.add(table)
            page.append(fill(found[table], [x for x in lines if inside.get(id(x)) == table], size))
    return page
