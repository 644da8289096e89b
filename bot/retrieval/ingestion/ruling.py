"""Finds tables on a PDF page by the lines they are drawn with, and puts the text into their cells."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from bot.retrieval.ingestion.blocks import Line
from bot.retrieval.ingestion.tables import Row

THIN, SHORT, NEAR = 3.0, 6.0, 3.0
"""In points: how thick a rule may be, how long it must be, and how far apart two may lie and still be one."""


class Area(NamedTuple):
    """A rectangle on a page in points, from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Table:
    """A table as printed; `columns` are the x positions of its rules in points."""

    rows: tuple[Row, ...]
    columns: tuple[float, ...]


@dataclass(frozen=True)
class Grid:
    """The rules of one table, horizontal and vertical, and where they lie."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    across: tuple[Area, ...]
    down: tuple[Area, ...]

    def holds(self, x: float, y: float) -> bool:
        return self.columns[0] <= x <= self.columns[-1] and self.rows[0] <= y <= self.rows[-1]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        return bisect_right(self.rows, y) - 1, bisect_right(self.columns, x) - 1

    def regions(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Each cell's upper left cell: cells with no rule between them are one."""
        root: dict[tuple[int, int], tuple[int, int]] = {}
        for r in range(len(self.rows) - 1):
            for c in range(len(self.columns) - 1):
                middle = (self.rows[r] + self.rows[r + 1]) / 2, (self.columns[c] + self.columns[c + 1]) / 2
                if c and not _ruled(self.down, self.columns[c], middle[0], upright=True):
                    root[r, c] = root[r, c - 1]
                elif r and not _ruled(self.across, self.rows[r], middle[1], upright=False):
                    root[r, c] = root[r - 1, c]
                else:
                    root[r, c] = (r, c)
        return root


def grids(drawn: Iterable[Area]) -> list[Grid]:
    """The tables among the rectangles and lines drawn on a page: at least two rows of two columns."""
    across, down = _rules(drawn)
    found = []
    for top, bottom in _bands(down):
        inside = [a for a in down if top <= a.top and a.bottom <= bottom]
        crossing = [a for a in across if top - NEAR <= a.top and a.bottom <= bottom + NEAR]
        columns, rows = _positions([a.left for a in inside]), _positions([a.top for a in crossing])
        if len(columns) > 2 and len(rows) > 2:
            found.append(Grid(columns, rows, tuple(crossing), tuple(inside)))
    return found


def fill(grid: Grid, lines: Sequence[Line], size: tuple[float, float]) -> Table:
    """The table with these lines of text in its cells; what spans several cells stands in each."""
    regions = grid.regions()
    held: dict[tuple[int, int], list[Line]] = {}
    for line in lines:
        for part in _split(line, grid, size):
            place = grid.cell(_middle(part) * size[0], (part.top + part.bottom) / 2 * size[1])
            held.setdefault(regions.get(place, place), []).append(part)
    for parts in held.values():
        parts.sort(key=lambda p: (round(p.top, 2), p.left))
    rows = []
    for r in range(len(grid.rows) - 1):
        roots = [regions[r, c] for c in range(len(grid.columns) - 1)]
        texts = ["".join(part.text for part in held.get(root, ())) for root in roots]
        printed = tuple(part for root in dict.fromkeys(roots) for part in held.get(root, ()))
        rows.append(Row(texts, lines=printed))
    return Table(tuple(rows), grid.columns)


def _rules(drawn: Iterable[Area]) -> tuple[list[Area], list[Area]]:
    across, down = [], []
    for area in drawn:
        wide, high = area.right - area.left, area.bottom - area.top
        if high <= THIN and wide >= SHORT:
            across.append(area)
        elif wide <= THIN and high >= SHORT:
            down.append(area)
        elif wide > THIN and high > THIN:  # the frame of a cell
            across += [area._replace(bottom=area.top), area._replace(top=area.bottom)]
            down += [area._replace(right=area.left), area._replace(left=area.right)]
    return across, down


def _bands(down: Iterable[Area]) -> list[tuple[float, float]]:
    """Where vertical rules stand without a gap: one stretch of the page for each table."""
    bands: list[tuple[float, float]] = []
    for area in sorted(down, key=lambda a: a.top):
        if bands and area.top <= bands[-1][1] + NEAR:
            bands[-1] = bands[-1][0], max(bands[-1][1], area.bottom)
        else:
            bands.append((area.top, area.bottom))
    return bands


def _positions(values: Iterable[float]) -> tuple[float, ...]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value > found[-1] + NEAR:
            found.append(value)
    return tuple(found)


def _ruled(rules: Iterable[Area], at: float, middle: float, upright: bool) -> bool:
    if upright:
        return any(abs(a.left - at) <= NEAR and a.top <= middle <= a.bottom for a in rules)
    return any(abs(a.top - at) <= NEAR and a.left <= middle <= a.right for a in rules)


def _split(line: Line, grid: Grid, size: tuple[float, float]) -> list[Line]:
    """The line cut where it crosses from one column into the next."""
    parts, start = [], 0
    y = (line.top + line.bottom) / 2 * size[1]
    places = [grid.cell((a + b) / 2 * size[0], y)[1] for a, b in pairwise(line.edges)]
    for end in range(1, len(places) + 1):
        if end == len(places) or places[end] != places[start]:
            text = line.text[start:end]
            if text.strip():
                parts.append(replace(line, text=text.strip(), edges=array("f", _trimmed(line, start, end))))
            start = end
    return parts


def _trimmed(line: Line, start: int, end: int) -> array[float]:
    while start < end and line.text[start] == " ":
        start += 1
    while end > start and line.text[end - 1] == " ":
        end -= 1
    return line.edges[start : end + 1]


def _middle(line: Line) -> float:
    return (line.left + line.right) / 2
