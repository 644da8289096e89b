"""What is printed on a page of a PDF: lines of characters with their places, and shapes. Called with PDFium's lock held."""

from __future__ import annotations

import ctypes
from array import array
from dataclasses import dataclass
from statistics import median

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]

from bot.retrieval.ingestion.blocks import Line
from bot.retrieval.ingestion.ruling import Area
from bot.text import normalise

MOST_RULES = 3_000
"""Shapes above which a page is a drawing, not a table."""

_SCALE = 100_000
_GAP = 1.2
_QUARTER = 1.5707963267948966


@dataclass
class _Glyph:
    character: str
    left: float
    top: float
    right: float
    bottom: float


class Printed:
    """Characters and shapes of one page, in fractions of it from its upper left corner, as it is shown."""

    def __init__(self, page: pdfium.PdfPage, number: int) -> None:
        self._page = page
        self._number = number
        self.unreadable = 0
        """Characters of fonts that do not say what they mean; known once the lines were read."""
        self.size: tuple[float, float] = page.get_size()
        origin, right, up = self._shown(0, 0), self._shown(1000, 0), self._shown(0, 1000)
        self._origin = origin
        self._x = (right[0] - origin[0]) / 1000, (right[1] - origin[1]) / 1000
        self._y = (up[0] - origin[0]) / 1000, (up[1] - origin[1]) / 1000

    def lines(self) -> list[Line]:
        """In the order in which they are printed, cut at wide gaps. Slanting text is a watermark and left out."""
        text = self._page.get_textpage()
        try:
            lines: list[Line] = []
            run: list[_Glyph] = []
            for index in range(text.count_chars()):
                glyph = self._glyph(text, index)
                if glyph is None:
                    continue
                if glyph.character == "\n" or self._leaps(run, glyph):
                    lines += self._line(run)
                    run = []
                if glyph.character != "\n":
                    run.append(glyph)
            return lines + self._line(run)
        finally:
            text.close()

    def _leaps(self, run: list[_Glyph], glyph: _Glyph) -> bool:
        """Whether a character stands far from the last one, in another row, or before it: not in one line."""
        before = next((g for g in reversed(run) if not g.character.isspace()), None)
        if before is None or glyph.character.isspace():
            return False
        reach = _GAP * (before.bottom - before.top) * self.size[1] / self.size[0]
        return not (
            -reach / 2 <= glyph.left - before.right <= reach
            and before.top <= (glyph.top + glyph.bottom) / 2 <= before.bottom
        )

    def drawn(self) -> list[Area]:
        """The shapes drawn on the page, in points; none when there are too many for a table."""
        areas: list[Area] = []
        for shape in self._page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH,), max_depth=1):
            if len(areas) >= MOST_RULES:
                return []
            left, bottom, right, top = shape.get_bounds()
            a, b, c, d = self._box(left, bottom, right, top)
            areas.append(Area(a * self.size[0], b * self.size[1], c * self.size[0], d * self.size[1]))
        return areas

    def _glyph(self, text: pdfium.PdfTextPage, index: int) -> _Glyph | None:
        code = raw.FPDFText_GetUnicode(text, index)
        if (
            code in (0, 2, 13, 0xAD) or code > 0x10FFFF or 0xD800 <= code < 0xE000
        ):  # hyphens PDFium marks are no text
            return None
        if code == 10:
            return _Glyph("\n", 0, 0, 0, 0)
        angle = raw.FPDFText_GetCharAngle(text, index)
        if angle > 0 and min(angle % _QUARTER, _QUARTER - angle % _QUARTER) > 0.1:
            return None
        box = raw.FS_RECTF()
        if not raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box)):
            return None
        return _Glyph(chr(code), *self._box(box.left, box.bottom, box.right, box.top))

    def _line(self, run: list[_Glyph]) -> list[Line]:
        while run and run[-1].character.isspace():
            run = run[:-1]
        while run and run[0].character.isspace():
            run = run[1:]
        plain = "".join(g.character for g in run)
        text = normalise(plain)
        if not text:
            return []
        edges = [*(g.left for g in run), run[-1].right]
        if len(text) != len(plain):  # ligatures and the like: near enough
            step = (len(edges) - 1) / len(text)
            edges = [edges[round(i * step)] for i in range(len(text) + 1)]
        inked = [g for g in run if not g.character.isspace()]
        widths = [(g.right - g.left) * self.size[0] for g in inked if g.character > "\u2e7f"]
        top, bottom = min(g.top for g in inked), max(g.bottom for g in inked)
        return [Line(text, self._number, top, bottom, array("f", edges), median(widths) if widths else 0.0)]

    def _box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        (x0, y0), (x1, y1) = self._place(left, bottom), self._place(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return (
            self._origin[0] + x * self._x[0] + y * self._y[0],
            self._origin[1] + x * self._x[1] + y * self._y[1],
        )

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        """PDFium knows about rotation and cropping; three points tell the rest."""
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(
            self._page, 0, 0, _SCALE, _SCALE, 0, x, y, ctypes.byref(across), ctypes.byref(down)
        )
        return across.value / _SCALE, down.value / _SCALE
