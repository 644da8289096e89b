"""Reads Excel files row by row; every row is told under the names of its columns, with its sheet and number."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from defusedxml.ElementTree import iterparse
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from bot.retrieval.ingestion.blocks import Block, Reading
from bot.retrieval.ingestion.tables import Row, table_blocks
from bot.text import mask_personal_data

SHEET_LEVEL, TITLE_LEVEL = 1, 2
_NAMED_BY_EXCEL = re.compile(r"(?:Sheet|工作表)\s?\d*")
_MIDNIGHT = datetime.time()
_WIDEST = 500


def read_xlsx(path: Path) -> Reading:
    """The values as Excel last computed them; formulas, macros and links to other files are never followed."""
    blocks: list[Block] = []
    notes: list[str] = []
    warnings.filterwarnings("ignore", module="openpyxl")  # of features of a sheet that are not read anyway
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            if not isinstance(sheet, ReadOnlyWorksheet):  # a sheet that holds only a chart
                continue
            if sheet.sheet_state != "visible":
                notes.append(f"隐藏的工作表“{sheet.title}”没有收。")
                continue
            name = mask_personal_data(sheet.title)
            rows = list(table_blocks(_rows(sheet, path), name, TITLE_LEVEL))
            if rows and not _NAMED_BY_EXCEL.fullmatch(name):
                blocks.append(Block(name, SHEET_LEVEL))
            blocks += rows
    finally:
        book.close()
    return Reading("xlsx", blocks, notes=tuple(notes))


def _rows(sheet: Any, path: Path) -> Iterator[Row]:
    """Rows with something in them; a merged cell's value stands in every place it covers."""
    sheet.reset_dimensions()  # other programs write them wrong, and rows would be lost
    waiting = sorted(_merged(path, sheet._worksheet_path), reverse=True)
    active: list[tuple[_Range, str]] = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_shown(cell) for cell in cells]
        active = [a for a in active if a[0].bottom >= number]
        while waiting and waiting[-1].top <= number:
            merged = waiting.pop()
            active.append((merged, texts[merged.left - 1] if merged.left <= len(texts) else ""))
        for merged, text in active:
            texts += [""] * (merged.right - len(texts))
            texts[merged.left - 1 : merged.right] = [text] * (merged.right - merged.left + 1)
        if any(texts):
            yield Row(texts, number)


class _Range(NamedTuple):
    top: int
    left: int
    bottom: int
    right: int


def _merged(path: Path, part: str) -> list[_Range]:
    """The merged ranges of one sheet, which openpyxl does not tell when it reads row by row."""
    found = []
    with zipfile.ZipFile(path) as parts, parts.open(part.lstrip("/")) as source:
        for _, element in iterparse(source):
            if element.tag.endswith("}mergeCell"):
                left, top, right, bottom = range_boundaries(element.get("ref", "A1"))
                found.append(_Range(int(top or 1), int(left or 1), int(bottom or 1), int(right or 1)))
            elif element.tag.endswith("}row"):
                element.clear()
    return [r for r in found if r.right - r.left < _WIDEST]


def _shown(cell: Any) -> str:
    """The value as a reader of the sheet sees it, near enough: dates without an empty time, shares in per cent."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float | int):
        percent = "%" in str(cell.number_format)
        return (
            f"{value * 100:.10g}%" if percent else str(value) if isinstance(value, int) else f"{value:.10g}"
        )
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d}" if value.time() == _MIDNIGHT else f"{value:%Y-%m-%d %H:%M}"
    return re.sub(r"\s+", " ", str(value)).strip()
