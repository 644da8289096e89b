"""Cuts a long text into messages that fit, at the ends of sentences where there are any; nothing is lost."""

from __future__ import annotations

import re
import unicodedata

_NUMBERED = "（{}/{}）\n"
_WHOLE = re.compile(
    r"\[[^\]\n]*\]\([^)\s]*\)|\*\*[^*\n]+\*\*|<font[^>\n]*>[^<\n]*</font>|https?://[!-~]+|[0-9]+(?:\.[0-9]+)?"
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
_FENCE = re.compile(r"^```.*$", re.MULTILINE)
_CLOSE = "\n```"
_LONGEST_FENCE = 40
"""Bytes. A longer opening line is no fence that anybody wrote on purpose, and is not repeated."""
_LONGEST_CLUSTER = 32
"""Code points. One sign of more is made to harm, and is cut."""


def split(text: str, most_bytes: int) -> list[str]:
    """The text in parts of at most so many bytes; several parts are numbered （1/3）.

    Without the numbers the parts, one after the other, are the text; but a code block that goes over a cut is closed
    before and opened again after it. Needs room for a number and some words: a hundred bytes.
    """
    if len(text.encode()) <= most_bytes:
        return [text]
    digits = 1
    while True:
        room = most_bytes - len(_NUMBERED.format("9" * digits, "9" * digits).encode())
        pieces = _pieces(text, room)
        if len(str(len(pieces))) <= digits:
            return [_NUMBERED.format(number, len(pieces)) + piece for number, piece in enumerate(pieces, 1)]
        digits += 1


def _pieces(text: str, room: int) -> list[str]:
    pieces, at, fence = [], 0, ""
    while at < len(text):
        again = f"{fence}\n" if fence else ""
        left = room - len(again.encode())
        end = _cut(text, at, left)
        after = _open_fence(text[at:end], fence)
        if after and end < len(text):
            end = _cut(text, at, left - len(_CLOSE))
            after = _open_fence(text[at:end], fence)
        closed = _CLOSE if after and end < len(text) else ""
        pieces.append(again + text[at:end] + closed)
        at, fence = end, after
    return pieces


def _open_fence(piece: str, fence: str) -> str:
    """The opening line of the code block in which `piece` ends, "" if in none; `fence` is the one it begins in."""
    for line in _FENCE.findall(piece):
        fence = "" if fence else line
    return fence if len(fence.encode()) <= _LONGEST_FENCE else ""


def _cut(text: str, start: int, room: int) -> int:
    """Where to cut so that what stands from `start` to there fits into `room` bytes."""
    near = text[start : start + room + 1]  # a code point is a byte at least
    fits = start + len(near.encode()[:room].decode(errors="ignore"))
    if fits >= len(text):
        return len(text)
    kept = [(m.start(), m.end()) for m in _WHOLE.finditer(text, start, fits + room) if m.start() < fits]
    for end in _ENDS:
        places = [
            m.end()
            for m in end.finditer(text, start, fits)
            if not any(a < m.end() < b for a, b in kept) and not is_joined(text, start, m.end())
        ]
        if places and places[-1] - start >= _LEAST * (fits - start):
            return places[-1]
    for first, last in kept:
        if start < first < fits < last:
            return first
    for place in range(fits, max(start, fits - _LONGEST_CLUSTER), -1):
        if not is_joined(text, start, place):
            return place
    return max(start + 1, fits)


def is_joined(text: str, start: int, at: int) -> bool:
    """Whether the signs on both sides of `at` are shown as one: an accent, a skin, a family, half a flag.

    Flags are pairs, counted from `start`, where the last cut was.
    """
    sign, before = text[at : at + 1], text[at - 1 : at]
    if not sign or not before:
        return False
    if sign in "\u200d\u20e3" or before == "\u200d" or unicodedata.category(sign)[0] == "M":
        return True
    if "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f":
        return True
    if not _is_half_flag(sign):
        return False
    first = at
    while first > start and _is_half_flag(text[first - 1]):
        first -= 1
    return (at - first) % 2 == 1


def _is_half_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"
