"""Reads a list of people as offices write it, CSV or Excel, into rows of text; refuses what could hurt.

Nothing is evaluated: a formula arrives as its own text, so that the importer can refuse it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from bot.errors import BadInput

MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000
MOST_PARTS = 2_000
MOST_ROWS = 50_000
MOST_COLUMNS = 60
MOST_CHARACTERS = 200
_OLE = b"\xd0\xcf\x11\xe0"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = ",\t;，|"
_SPACES = re.compile(r"[\s\u3000\ufeff]+")


@dataclass(frozen=True)
class SheetRow:
    """`number` is the line as the person sees it in their program, from 1."""

    number: int
    cells: tuple[str, ...]


def read_rows(name: str, raw: bytes) -> list[SheetRow]:
    """The rows that hold anything; raises BadInput when the file as a whole cannot be used."""
    if len(raw) > MOST_BYTES:
        raise BadInput(
            f"{name} 超过 {MOST_BYTES // 1_000_000} MB。", "人员表不会这么大，去掉图片和别的工作表再导。"
        )
    if raw.startswith(_OLE):
        raise BadInput(f"{name} 是旧的 xls，或者加了密码。", "在 Excel 里去掉密码，另存为 xlsx 或 CSV。")
    if raw.startswith(b"PK"):
        return list(_limited(_xlsx(name, raw), name))
    return list(_limited(_csv(name, raw), name))


def _limited(rows: Iterator[SheetRow], name: str) -> Iterator[SheetRow]:
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise BadInput(f"{name} 超过 {MOST_ROWS} 行。", "分成几份，一份一份导。")
        yield row


def _csv(name: str, raw: bytes) -> Iterator[SheetRow]:
    text = _decoded(name, raw)
    if "\0" in text:
        raise BadInput(f"{name} 里有不是文字的东西。", "另存为 CSV（UTF-8）或 xlsx 再导。")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if row := _row(reader.line_num, cells):
                yield row
    except csv.Error as error:
        raise BadInput(
            f"{name} 第 {reader.line_num} 行读不下去：{error}。", "用 Excel 打开，另存为 CSV 再导。"
        ) from None


def _decoded(name: str, raw: bytes) -> str:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{name} 的编码认不出来。", "用记事本打开，另存为 UTF-8，或者直接给 xlsx。")


def _xlsx(name: str, raw: bytes) -> Iterator[SheetRow]:
    """The first visible sheet with anything on it, read row by row (openpyxl parses through defusedxml)."""
    _check_package(name, raw)
    warnings.filterwarnings("ignore", module="openpyxl")  # of features of a sheet that are not read anyway
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise _broken(name) from error
    try:
        for sheet in book.worksheets:
            if isinstance(sheet, ReadOnlyWorksheet) and sheet.sheet_state == "visible":
                rows = _sheet_rows(name, sheet)
                if first := next(rows, None):
                    yield first
                    yield from rows
                    return
    finally:
        book.close()


def _check_package(name: str, raw: bytes) -> None:
    """What an archive says it unpacks to is checked before anything is: zipfile never unpacks more than is said."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise _broken(name) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BadInput(f"{name} 解开以后大得不正常，没有读。", "只留人员那一张表，另存为新的 xlsx 再导。")
    if any(part.flag_bits & 1 for part in parts):
        raise BadInput(f"{name} 加了密码。", "去掉密码再导。")


def _sheet_rows(name: str, sheet: Any) -> Iterator[SheetRow]:
    sheet.reset_dimensions()  # a sheet may claim a million empty rows
    try:
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
            if number > 4 * MOST_ROWS:
                raise BadInput(f"{name} 超过 {4 * MOST_ROWS} 行。", "删掉下面的空行，另存再导。")
            if row := _row(number, [_shown(cell) for cell in cells]):
                yield row
    except BadInput:
        raise
    except Exception as error:
        raise _broken(name) from error


def _shown(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if cell.data_type == "f":
        text = getattr(value, "text", value)
        return text if isinstance(text, str) and text.startswith("=") else f"={text or ''}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value)


def _row(number: int, cells: list[str]) -> SheetRow | None:
    texts = tuple(_SPACES.sub(" ", cell[: MOST_CHARACTERS + 1]).strip() for cell in cells[:MOST_COLUMNS])
    return SheetRow(number, texts) if any(texts) else None


def _broken(name: str) -> BadInput:
    return BadInput(f"{name} 打不开，可能坏了。", "用 Excel 或 WPS 打开，另存为新的 xlsx 或 CSV 再导。")
