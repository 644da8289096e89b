"""What a reader gives: a document as a flat list of blocks in reading order, with the lines where they are printed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.retrieval.ingestion.kinds import Kind


class Box(NamedTuple):
    """A rectangle on a page (the first is 1), in fractions of the page from its upper left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Line:
    """A printed line. `edges` are where its characters begin, and where the last one ends; `size` in points, 0 unknown."""

    text: str
    page: int
    top: float
    bottom: float
    edges: array[float]
    size: float = 0.0
    gapped: bool = False
    """Whether it has a gap as wide as between the columns of a table."""

    @property
    def left(self) -> float:
        return min(self.edges)

    @property
    def right(self) -> float:
        return max(self.edges)

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def box(self, start: int = 0, end: int | None = None) -> Box:
        """The rectangle round the characters from `start` to `end`."""
        around = self.edges[start : len(self.edges) if end is None else end + 1]
        return Box(self.page, min(around), self.top, max(around), self.bottom)


@dataclass(frozen=True)
class Block:
    """A heading (`level` from 0), a row of a table (`cells`, each "column：value"), or a paragraph.

    `starts` says where each of `lines` begins in `text`; it is empty where the text is not its lines end to end.
    """

    text: str
    level: int | None = None
    cells: tuple[str, ...] = ()
    sheet: str = ""
    row: int | None = None
    lines: tuple[Line, ...] = ()
    starts: tuple[int, ...] = ()

    def boxes(self, start: int, end: int) -> list[Box]:
        """Where the characters from `start` to `end` of `text` are printed, a box for each line."""
        if not self.starts:
            return [line.box() for line in self.lines]
        found = []
        for line, begin in zip(self.lines, self.starts, strict=True):
            first, last = max(start - begin, 0), min(end - begin, len(line.text))
            if first < last:
                found.append(line.box(first, last))
        return found


@dataclass(frozen=True)
class Reading:
    """A document as read. `margins` are headers and footers left out of the blocks; `notes` are for whoever ingests."""

    kind: Kind
    blocks: Sequence[Block]
    pages: int | None = None
    margins: Sequence[Line] = ()
    notes: tuple[str, ...] = ()
