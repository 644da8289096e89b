"""Result tables as CSV and xlsx. A name such as =cmd|… stays a name: no cell of ours is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.learning.contests.results import Cell, Table
from bot.learning.people.cells import neutral


def as_csv(table: Table) -> bytes:
    """With a mark by which Excel knows that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (table.head, *table.rows):
        writer.writerow([_safe(one) for one in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Sequence[Table]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title)
        sheet.freeze_panes = "A2"
        for number, width in enumerate(_widths(table)):
            sheet.column_dimensions[get_column_letter(number + 1)].width = width
        sheet.append([_cell(sheet, one, bold=True) for one in table.head])
        for row in table.rows:
            sheet.append([_cell(sheet, one) for one in row])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _cell(sheet: Any, value: Cell, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=_safe(value))
    if isinstance(value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _safe(value: Cell) -> Cell:
    """Numbers may be negative; words may not begin like a formula, nor hold what a sheet cannot."""
    if not isinstance(value, str):
        return value
    return neutral("".join(sign for sign in value if sign.isprintable()))


def _widths(table: Table) -> list[int]:
    columns = zip(table.head, *table.rows, strict=True)
    return [min(60, 4 + 2 * max(len(str(one)) for one in column)) for column in columns]
