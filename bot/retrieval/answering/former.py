"""What a card's `formerly` says: the numbers its clauses had in an older version of the law.

Authors write either 2012版：26条旧为第23条，50条旧为第42条 or 2016版第25条、第26条. Read by `bot.retrieval.answering.reference`
and `bot.retrieval.answering.versions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.content.numerals import chinese_to_int

_NUMBER = r"(\d{1,4}|[零〇一二三四五六七八九十百千两]{1,9})"
_VERSION = re.compile(r"(\d{4})年?版")
_PAIR = re.compile(rf"第?{_NUMBER}条(?:之[一二三四五六七八九十])?旧为第{_NUMBER}条")
_OLD = re.compile(rf"第{_NUMBER}条")


@dataclass(frozen=True)
class Former:
    """One clause then: the year of that version, its number there, and today's number where the author says which."""

    version: str
    old: int
    new: int | None = None


def formers_of(formerly: str) -> list[Former]:
    """Every clause that `formerly` names; empty for an empty text. The version is empty where none is written."""
    starts = list(_VERSION.finditer(formerly))
    if not starts:
        return _in_version("", formerly)
    found: list[Former] = []
    ends = [match.start() for match in starts[1:]] + [len(formerly)]
    for match, end in zip(starts, ends, strict=True):
        found += _in_version(match[1], formerly[match.end() : end])
    return found


def _in_version(version: str, text: str) -> list[Former]:
    pairs = [Former(version, _int(m[2]), _int(m[1])) for m in _PAIR.finditer(text)]
    alone = [Former(version, _int(m[1])) for m in _OLD.finditer(_PAIR.sub("", text))]
    return pairs + alone


def _int(number: str) -> int:
    return int(number) if number.isdigit() else chinese_to_int(number) or 0
