"""Posters as SVG: one idea, one picture, at most fourteen large characters, a source line. A3 to print, or for a phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from bot.learning.awareness.pictures import ACCENT, INK, PICTURES, STROKES, inked

Size = Literal["a3", "phone"]
PAGES: dict[Size, tuple[float, float]] = {"a3": (297.0, 420.0), "phone": (108.0, 192.0)}
FONT = "Source Han Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
PAPER = ("#f6f5f1", "#e4efed", "#fbf0d9")
SOFT = "#54646a"
WIDE = 0.86
"""How much of the page the words may take."""


@dataclass(frozen=True)
class Poster:
    """`source` names what the slogan rests on, with its standing; `topic` chooses the picture."""

    text: str
    why: str
    source: str
    topic: str


def draw(poster: Poster, size: Size) -> str:
    """The whole SVG. Every line fits into the page by its length: a Chinese character is as wide as it is high."""
    width, height = PAGES[size]
    lines = [part for part in re.split(r"[，、]", poster.text) if part]
    longest = max(len(line) for line in lines)
    large = min(width * WIDE / longest, height * 0.115)
    small = width * 0.045
    top = height * 0.60
    picture = width * 0.52
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(poster.text, {chr(34): "&quot;"})}">',
            f'<rect width="{width:g}" height="{height:g}" fill="{_paper(poster)}"/>',
            f'<rect width="{width:g}" height="{height * 0.022:.1f}" fill="{ACCENT}"/>',
            f'<g {STROKES} transform="translate({(width - picture) / 2:.1f} {height * 0.12:.1f}) scale({picture / 100:.3f})">{inked(PICTURES[poster.topic])}</g>',
            *_text(lines, width / 2, top, large, large * 1.22, INK, 700),
            *_text(
                _wrapped(poster.why, small, width), width / 2, height * 0.86, small, small * 1.5, SOFT, 400
            ),
            *_text(
                _wrapped(poster.source, small * 0.7, width)[:1],
                width / 2,
                height * 0.965,
                small * 0.7,
                small,
                SOFT,
                400,
            ),
            "</svg>",
        ]
    )


def _paper(poster: Poster) -> str:
    return PAPER[sum(map(ord, poster.text)) % len(PAPER)]


def _text(
    lines: list[str], x: float, y: float, size: float, step: float, colour: str, weight: int
) -> list[str]:
    return [
        f'<text font-family="{FONT}" text-anchor="middle" x="{x:.1f}" y="{y + n * step:.1f}" font-size="{size:.2f}" font-weight="{weight}" fill="{colour}">{escape(line)}</text>'
        for n, line in enumerate(lines)
    ]


def _wrapped(text: str, size: float, width: float) -> list[str]:
    """Cut where the page ends; stops do not begin a line."""
    room = max(6, int(width * WIDE / size))
    lines = []
    while text:
        cut = room + 1 if len(text) > room and text[room : room + 1] in "，。、；：？！”）" else room
        lines.append(text[:cut])
        text = text[cut:]
    return lines
