"""Cuts a long text into messages that fit, at the ends of sentences where there are any; nothing is lost."""

from __future__ import annotations

import re

_NUMBERED = "（{}/{}）\n"
_ROOM = len(_NUMBERED.format(99, 99).encode())
_WHOLE = re.compile(
    r"\[[^\]\n]*\]\([^)\s]*\)|\*\*[^*\n]+\*\*|<font[^>\n]*>[^<\n]*</font>|https?://\S+|[0-9]+(?:\.[0-9]+)?"
)
"""What is never cut in two: links, bold words, coloured words, addresses, figures."""
_ENDS = (
    re.compile(r"\n\n"),
    re.compile(r"\n"),
    re.compile(r"[。！？；!?]+[”’）)】》]*"),
    re.compile(r"[，、：,]"),
    re.compile(r"\s"),
)
_LEAST = 0.4
"""A cut earlier than this part of the room wastes a message: the next worse place is looked at."""
_JOINS = "\u200d\ufe0f\u20e3"


def split(text: str, most_bytes: int) -> list[str]:
    """The text in parts of at most so many bytes; several parts are numbered （1/3）.

    Without the numbers the parts, one after the other, are the text. Needs room for a character and a number.
    """
    if len(text.encode()) <= most_bytes:
        return [text]
    pieces, rest = [], text
    while rest:
        at = _cut(rest, most_bytes - _ROOM)
        pieces.append(rest[:at])
        rest = rest[at:]
    return [_NUMBERED.format(number, len(pieces)) + piece for number, piece in enumerate(pieces, 1)]


def _cut(text: str, room: int) -> int:
    """Where to cut so that what comes before fits into `room` bytes."""
    if len(text.encode()) <= room:
        return len(text)
    fits = len(text.encode()[:room].decode(errors="ignore"))
    kept = [(m.start(), m.end()) for m in _WHOLE.finditer(text) if m.start() < fits]
    for end in _ENDS:
        places = [m.end() for m in end.finditer(text, 0, fits) if not any(a < m.end() < b for a, b in kept)]
        if places and places[-1] >= _LEAST * fits:
            return places[-1]
    for start, stop in kept:
        if start < fits < stop and start > 0:
            return start
    while fits > 1 and (
        text[fits] in _JOINS or text[fits - 1] == "\u200d" or "\U0001f3fb" <= text[fits] <= "\U0001f3ff"
    ):
        fits -= 1
    return max(1, fits)
