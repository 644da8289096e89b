"""Masks personal data in what is indexed and shown, and says where it is printed, so that a picture hides it too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from bot.retrieval.ingestion.blocks import Block, Box, Line
from bot.text import mask_personal_data

_Change = tuple[int, int, int, int]
"""`original[a:b]` became `masked[c:d]`."""

_NUMBER = re.compile(r"[\dXx*](?:[ -]?[\dXx*])*")


def conceal(blocks: Iterable[Block], margins: Iterable[Line]) -> tuple[list[Block], list[Box]]:
    """The blocks without personal data, and where on the pages it stood, in headers and footers as well."""
    shown, hidden = [], []
    for block in blocks:
        masked, boxes = _conceal(block)
        shown.append(masked)
        hidden += boxes
    for line in margins:
        hidden += _in_line(line)
    return shown, hidden


def _conceal(block: Block) -> tuple[Block, list[Box]]:
    text = mask_personal_data(block.text)
    if text == block.text:
        return block, []
    changes = _changes(block.text, text)
    secrets = _secrets(block.text, changes)
    if block.starts:
        boxes = [box for a, b in secrets for box in block.boxes(a, b)]
        starts = tuple(_moved(start, changes) for start in block.starts)
        return replace(block, text=text, starts=starts), boxes
    words = {block.text[a:b] for a, b in secrets}
    boxes = [box for line in block.lines for box in (*_in_line(line), *_found(words, line))]
    return replace(block, text=text, cells=tuple(map(mask_personal_data, block.cells))), boxes


def _found(words: Iterable[str], line: Line) -> list[Box]:
    """Where words that only their column's name gives away, as an account's number, are printed in a cell."""
    spots = [m.span() for word in words for m in re.finditer(re.escape(word), line.text)]
    return [line.box(a, b) for a, b in spots]


def _in_line(line: Line) -> list[Box]:
    changes = _changes(line.text, mask_personal_data(line.text))
    return [line.box(a, b) for a, b in _secrets(line.text, changes)]


def _secrets(original: str, changes: Sequence[_Change]) -> list[tuple[int, int]]:
    """The ranges of a text that were masked; a number is hidden whole, however much of it the mask shows."""
    numbers = [m.span() for m in _NUMBER.finditer(original)]
    ranges = []
    for start, end, _, _ in changes:
        touched = [n for n in numbers if n[0] < end and start < n[1]]
        ranges.append((min([start, *(a for a, _ in touched)]), max([end, *(b for _, b in touched)])))
    return ranges


def _changes(original: str, masked: str) -> list[_Change]:
    if original == masked:
        return []
    codes = SequenceMatcher(None, original, masked, autojunk=False).get_opcodes()
    return [(a, b, c, d) for tag, a, b, c, d in codes if tag != "equal"]


def _moved(position: int, changes: Sequence[_Change]) -> int:
    """Where a position of the original lies in the masked text."""
    shift = 0
    for a, b, c, d in changes:
        if position >= b:
            shift = d - b
        elif position > a:
            return min(c + position - a, d)
    return position + shift
