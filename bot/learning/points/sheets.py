"""Lays out figures for promotion and appraisal as a table that spreadsheets open without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

Cell = str | int | float
_ACTIVE = "=+-@\t\r\n\0"
NOT_SAID = (
    "这张表不说明什么：积分记的是学了、练了、报了，不等于工作能力，也不等于安全意识的全部；"
    "岗位不同，能挣分的机会不同，跨岗位直接比名次不公平；新来的、请长假的、轮岗的，时间短，分自然少；"
    "匿名报的隐患不计分，报得越多的人可能反而看不出来。晋升、评优请连同平时表现一起看，并让本人看过自己的明细。"
)


def safe(cell: Cell) -> Cell:
    """A cell that a spreadsheet takes as text: what looks like a formula gets an apostrophe before it.

    Also where signs that nobody sees, or full-width ones, stand before the equals sign.
    """
    if not isinstance(cell, str):
        return cell
    seen = cell.lstrip(" \u00a0\u3000\u200b\u200e\u200f\u2060\ufeff")
    dangerous = seen[:1] in _ACTIVE or seen[:1] in "＝＋－＠"
    return "'" + cell if seen and dangerous else cell


def as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(rows: Sequence[Sequence[Cell]], notes: Sequence[str], title: str) -> bytes:
    """One sheet of figures and one of notes; text is written as text, whatever it begins with."""
    from openpyxl import Workbook  # on first use: it takes a while to load

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  a new workbook has a sheet
    sheet.title = title
    for row in rows:
        sheet.append([safe(cell) for cell in row])
    told = book.create_sheet("说明")
    for note in notes:
        told.append([safe(note)])
    for page in (sheet, told):
        for cells in page.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def notes(people: int, active: int, period: str, made: date) -> list[str]:
    """What stands beside the figures."""
    return [
        f"期间：{period}；制表日：{made}",
        f"在册 {people} 人，其中有积分的 {active} 人；离职的人不在表里。",
        "积分规则是公司规定；每一分的来由，本人在“积分明细”里都看得到，也可以申诉。",
        NOT_SAID,
    ]
