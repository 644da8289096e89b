"""Pages for pictures.py: a figure measured in pixels, Chinese text in lines that fit, and no signs drawn as boxes.

Drawn with matplotlib's objects, without pyplot. matplotlib is imported with the first page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_PX, DPI = 720, 144
MARGIN_PX = 36
LARGE, BODY, SMALL, SCORE = 34, 27, 22, 76
"""Heights of letters in pixels. A phone shows the picture at half its width, so 27 is what 13 is there."""
_LINE_HEIGHT = 1.5
_LONGEST_WORD = 16
_NEVER_FIRST = "，。！？；：、）”’》"


@dataclass(frozen=True)
class Line:
    """`gap` is the space above, in pixels; `colour` is ink where it is not said."""

    text: str
    size: int = BODY
    colour: str = ""
    gap: int = 0

    @property
    def height(self) -> float:
        return self.size * _LINE_HEIGHT + self.gap


class Page:
    """A white page 720 pixels wide. Positions are pixels from its upper left corner."""

    def __init__(self, height: float) -> None:
        from matplotlib.figure import Figure

        self._height = round(height)
        self._figure: Figure = Figure((WIDTH_PX / DPI, self._height / DPI), dpi=DPI, facecolor="#ffffff")

    def axes(self, top: float, height: float, left: float, right: float) -> Axes:
        """Axes without ticks or frame; `right` is their distance from the right edge."""
        across, up = WIDTH_PX - left - right, 1 - (top + height) / self._height
        made = self._figure.add_axes((left / WIDTH_PX, up, across / WIDTH_PX, height / self._height))
        made.set_axis_off()
        return made

    def put(self, x: float, top: float, line: Line, align: str = "left") -> None:
        """One line of text, its space above included."""
        middle = top + line.gap + line.size * _LINE_HEIGHT / 2
        self._figure.text(
            x / WIDTH_PX, 1 - middle / self._height, line.text, ha=align, va="center_baseline", **_letters(line)
        )  # fmt: skip

    def write(self, top: float, lines: Sequence[Line]) -> float:
        """Lines one below the other; returns where they end."""
        for line in lines:
            self.put(MARGIN_PX, top, line)
            top += line.height
        return top

    def png(self) -> bytes:
        out = io.BytesIO()
        self._figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
        return out.getvalue()


def label(
    axes: Axes, x: float, y: float, line: Line, align: str = "left", va: str = "center", along: str = ""
) -> None:
    """Text at a point of the axes. `along` "x" or "y": that coordinate alone is data, the other a part of the axes."""
    places = {"x": axes.get_xaxis_transform, "y": axes.get_yaxis_transform}
    where = places[along]() if along else axes.transData
    axes.text(x, y, line.text, ha=align, va=va, transform=where, **_letters(line))


def wrapped(
    text: str, size: int = BODY, colour: str = "", gap: int = 0, room: float = WIDTH_PX - 2 * MARGIN_PX
) -> list[Line]:
    """The text in lines that fit into `room` pixels, none for none; figures and Latin words stay whole."""
    lines, line = list[str](), ""
    for word in _words(printable(text)):
        if line and width(line + word, size) > room and word not in _NEVER_FIRST:
            lines.append(line)
            line = ""
        line += word
    said = [one.strip() for one in [*lines, line] if one.strip()]
    return [Line(one, size, colour, gap if number == 0 else 0) for number, one in enumerate(said)]


def width(text: str, size: float) -> float:
    """Pixels, about: it is for deciding where a line ends and whether labels meet."""
    return size * sum(0.6 if ord(sign) < 0x2000 else 1.0 for sign in text)


def printable(text: str) -> str:
    """On one line, without emoji and without what the font would draw as boxes."""
    signs = _drawable()
    return " ".join("".join(s for s in " ".join(text.split()) if ord(s) in signs).split(" "))


def _words(text: str) -> list[str]:
    """Each Chinese sign by itself, Latin letters and figures as words of at most sixteen signs."""
    words: list[str] = []
    for sign in text:
        latin = sign.isascii() and not sign.isspace()
        if latin and words and words[-1].isascii() and words[-1] != " " and len(words[-1]) < _LONGEST_WORD:
            words[-1] += sign
        else:
            words.append(sign)
    return words


def _letters(line: Line) -> dict[str, Any]:
    """Said with each text, as matplotlib's own settings belong to all threads. A dollar is a dollar, not a formula."""
    from bot.palette import INK

    return {
        "fontsize": line.size * 72 / DPI,
        "color": line.colour or INK,
        "fontfamily": list(_families()),
        "parse_math": False,
    }


@cache
def _families() -> tuple[str, ...]:
    from bot.palette import chinese_font

    return tuple(filter(None, (chinese_font(), "DejaVu Sans")))


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    files = [findfont(FontProperties(family=[name])) for name in _families()]
    codes = {code for file in files for code in get_font(file).get_charmap()}
    return frozenset(code for code in codes if code < 0x2600 or 0x2E80 <= code < 0x1F000 or code >= 0x20000)
