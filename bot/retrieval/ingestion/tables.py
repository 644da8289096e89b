"""Turns the rows of a table into blocks in which every value carries the name of its column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.retrieval.ingestion.blocks import Block, Line

MOST_TITLES = 3
"""Lone cells above a header that can be the table's title; more of them are text written into a table."""

_LONGEST_LABEL = 6
_FIGURE = re.compile(r"[-+¥￥]?[\d,，.]+[%％元]?")
_NUMBER = re.compile(r"\d{5}")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Row:
    """A row's cells; one that spans several rows or columns stands in each. `number` is the row's own in its sheet."""

    cells: Sequence[str]
    number: int | None = None
    lines: tuple[Line, ...] = ()


def table_blocks(rows: Iterable[Row], sheet: str = "", title_level: int | None = None) -> Iterator[Block]:
    """The blocks of one table. Its first row with several cells is the header, unless that row is full of figures;
    the row below belongs to the header too where a cell of the header spans columns. Titles above it become headings
    of `title_level`.
    """
    titles: list[Row] = []
    header: Row | None = None
    grouped = told = False
    for row in rows:
        distinct = {cell for cell in row.cells if cell}
        if not distinct:
            continue
        if header is None:
            if len(distinct) == 1 and len(titles) < MOST_TITLES:
                titles.append(row)
                continue
            if len(distinct) > 1 and not _is_data(row.cells):
                yield from (
                    Block(_alone(t), title_level, sheet=sheet, row=t.number, lines=t.lines) for t in titles
                )
                header, grouped, titles = row, _spans(row.cells), []
                continue
            header = Row(())
            yield from (_block(header, t, sheet) for t in titles)
            titles = []
        if grouped:
            header, grouped = Row(_joined(header.cells, row.cells), lines=header.lines), False
        elif row.cells != header.cells:
            told = True
            yield _block(header, row, sheet)
    lonely = [header] if header and header.cells and not told else titles
    yield from (_block(Row(()), row, sheet) for row in lonely)


def _block(header: Row, row: Row, sheet: str) -> Block:
    names, cells = header.cells, list[str]()
    if not names and _is_form(row.cells):
        names, row = row.cells[::2], replace(row, cells=row.cells[1::2])
    for i, value in enumerate(row.cells):
        name = names[i] if i < len(names) else ""
        spanned = (
            i > 0 and value == row.cells[i - 1] and (not names or (i < len(names) and name == names[i - 1]))
        )
        if value and not spanned:
            cells.append(f"{name}：{value}" if name and name != value else value)
    return Block("；".join(cells), cells=tuple(cells), sheet=sheet, row=row.number, lines=row.lines)


def _is_form(cells: Sequence[str]) -> bool:
    """Whether a row is filled in like a form: a short name, its value, and so on."""
    labels = cells[::2]
    return len(cells) % 2 == 0 and all(
        0 < len(c) <= _LONGEST_LABEL and not re.search(r"\d", c) for c in labels
    )


def _alone(row: Row) -> str:
    return next(filter(None, row.cells))


def _is_data(cells: Sequence[str]) -> bool:
    """Whether a row is no header: most of it figures, years apart, or some long number in it."""
    filled = [c for c in cells if c]
    if any(_NUMBER.search(c) for c in filled):
        return True
    return 2 * sum(bool(_FIGURE.fullmatch(c)) and not _YEAR.fullmatch(c) for c in filled) > len(filled)


def _spans(cells: Sequence[str]) -> bool:
    return any(a and a == b for a, b in pairwise(cells))


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    pairs = zip(*([*cells, *[""] * (width - len(cells))] for cells in (upper, lower)), strict=True)
    return [a if a == b else f"{a} {b}".strip() for a, b in pairs]
