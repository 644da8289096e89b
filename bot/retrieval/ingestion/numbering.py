"""The numbers Word writes before paragraphs by itself (第一条, 一、, 1.1): they are counted here, not in the file's text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from docx.document import Document
from docx.oxml.ns import qn
from lxml.etree import _Element

from bot.content.numerals import int_to_chinese
from bot.retrieval.ingestion.styles import Styles, value_of

_DEEPEST = 9
_SLOT = re.compile(r"%([1-9])")
_GLUED = re.compile(r"[、）)．.]$")


@dataclass(frozen=True)
class _Level:
    format: str
    text: str
    start: int


@dataclass
class _List:
    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts through one document: `label` must be asked for each paragraph, in order."""

    def __init__(self, document: Document, styles: Styles) -> None:
        self._lists = _lists_of(document)
        self._styles = styles

    def label(self, paragraph: _Element) -> str:
        """What Word shows before the paragraph, with a space where one belongs; "" for bullets and plain paragraphs."""
        place = self._place_of(paragraph)
        numbered = self._lists.get(place[0]) if place else None
        if place is None or numbered is None or place[1] not in numbered.levels:
            return ""
        depth = place[1]
        counts, levels = numbered.counts, numbered.levels
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in range(depth + 1, _DEEPEST):
            counts.pop(deeper, None)

        def shown(slot: re.Match[str]) -> str:
            level = int(slot[1]) - 1
            if level not in levels:
                return ""
            return _FORMATS.get(levels[level].format, str)(counts.setdefault(level, levels[level].start))

        if levels[depth].format in ("bullet", "none"):
            return ""
        label = _SLOT.sub(shown, levels[depth].text).strip()
        return label if not label or _GLUED.search(label) else f"{label} "

    def _place_of(self, paragraph: _Element) -> tuple[str, int] | None:
        """(list, depth), from the paragraph itself or the styles it is written in."""
        list_id, depth = "", ""
        for properties in self._styles.properties(paragraph):
            numbered = properties.find(qn("w:numPr"))
            if numbered is not None:
                list_id = list_id or value_of(numbered, "w:numId")
                depth = depth or value_of(numbered, "w:ilvl")
        return (list_id, int(depth or 0)) if list_id and list_id != "0" else None


def _lists_of(document: Document) -> dict[str, _List]:
    """Lists by `numId`. Those that share a definition go on counting together unless one starts anew."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):  # a document without any list has no such part
        return {}
    shared = {e.get(qn("w:abstractNumId")): _List(_levels(e)) for e in root.findall(qn("w:abstractNum"))}
    lists = {}
    for number in root.findall(qn("w:num")):
        base = shared.get(value_of(number, "w:abstractNumId"))
        if base is None:
            continue
        own = dict(base.levels)
        for override in number.findall(qn("w:lvlOverride")):
            level = int(override.get(qn("w:ilvl"), "0"))
            start = value_of(override, "w:startOverride")
            if start and level in own:
                own[level] = _Level(own[level].format, own[level].text, int(start))
        lists[str(number.get(qn("w:numId")))] = base if own == base.levels else _List(own)
    return lists


def _levels(abstract: _Element) -> dict[int, _Level]:
    return {
        int(e.get(qn("w:ilvl"), "0")): _Level(
            value_of(e, "w:numFmt") or "decimal", value_of(e, "w:lvlText"), int(value_of(e, "w:start") or 1)
        )
        for e in abstract.findall(qn("w:lvl"))
    }


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26)


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1) if number <= 20 else str(number)


_FORMATS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"),
        int_to_chinese,
    ),
    "lowerLetter": _letter,
    "upperLetter": lambda n: _letter(n).upper(),
    "decimalZero": lambda n: f"{n:02}",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
}
