"""A reply as the cues see it: one spelling per sign, clauses, sentences, quotations, offsets.

Called by every other file of `bot.tone`. Nothing here knows what a word means.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

LIMIT = 1_500
_SIGNS = str.maketrans(",?!;:\n\r…帐妳著瞭~、—()", "，？！；：。。。账你着了。，，，，")
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_TYPOS = {
    "微新": "微信", "薇信": "微信", "威信": "微信", "支付保": "支付宝", "停店": "停电", "断店": "断电",
    "电废": "电费", "投拆": "投诉", "拉匝": "拉闸", "登计": "登记", "核时": "核实", "查寻": "查询",
    "营业听": "营业厅", "马尚": "马上", "联糸": "联系", "抱欠": "抱歉", "按排": "安排", "已后": "以后", "答覆": "答复",
}  # fmt: skip
_QUOTES = re.compile(
    r"“[^“”]{0,80}”|「[^「」]{0,80}」|『[^『』]{0,80}』|‘[^‘’]{0,80}’|\"[^\"]{0,80}\"|'[^']{0,80}'"
)
_CLAUSE = re.compile(r"[^，。！？；：]+")
_SENTENCE = re.compile(r"[^。！？；]+[。！？；]*")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MARK = re.compile(r"[，。！？；：,.!?;:、]")
_POINT = re.compile(r"(?<![0-9])\.|\.(?![0-9])")
_BLANKS = " \t\u3000\u00a0"
_DICTATED = 2
MASK = "▢"


@dataclass(frozen=True)
class View:
    """`norm` is what patterns read; `origin[i]` is where its i-th character stands in the text as typed."""

    text: str
    norm: str
    origin: tuple[int, ...]
    clauses: tuple[tuple[int, int], ...]
    sentences: tuple[tuple[int, int], ...]
    quotes: tuple[tuple[int, int], ...]
    _starts: tuple[tuple[int, ...], tuple[int, ...]] = field(repr=False, default=((), ()))

    def clause(self, at: int) -> tuple[int, int]:
        """Start and end of the clause that holds position `at` of `norm`."""
        return self._span(self.clauses, self._starts[0], at)

    def sentence(self, at: int) -> tuple[int, int]:
        """Start and end of the sentence that holds position `at` of `norm`."""
        return self._span(self.sentences, self._starts[1], at)

    def offsets(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch, counted in code points of the text as typed."""
        return self.origin[start], self.origin[end - 1] + 1

    def quoted(self, start: int, end: int) -> bool:
        """Whether the stretch lies inside quotation marks."""
        return any(a < start and end < b for a, b in self.quotes)

    def masked(self, spans: Iterable[tuple[int, int]]) -> View:
        """The same text with some stretches of `norm` made unreadable; every offset stays what it was."""
        norm = self.norm
        for start, end in spans:
            norm = norm[:start] + MASK * (end - start) + norm[end:]
        return replace(self, norm=norm)

    def _span(self, spans: tuple[tuple[int, int], ...], starts: tuple[int, ...], at: int) -> tuple[int, int]:
        place = bisect_right(starts, at) - 1
        return spans[place] if place >= 0 else (0, len(self.norm))


def view(text: str) -> View:
    """The text, normalised and cut up; only its first 1,500 signs are read."""
    norm, origin = _normalise(text[:LIMIT])
    clauses = tuple(m.span() for m in _CLAUSE.finditer(norm))
    sentences = tuple(m.span() for m in _SENTENCE.finditer(norm))
    quotes = tuple(m.span() for m in _QUOTES.finditer(norm))
    starts = (tuple(a for a, _ in clauses), tuple(a for a, _ in sentences))
    return View(text, norm, origin, clauses, sentences, quotes, starts)


def _normalise(text: str) -> tuple[str, tuple[int, ...]]:
    """One spelling per sign, ending in exactly one stop, so that a forgotten one changes nothing."""
    text = _POINT.sub("。", text.translate(_NARROW))
    dictated = _dictated(text)
    kept: list[str] = []
    origin: list[int] = []
    for place, sign in enumerate(text):
        sign = sign.translate(_SIGNS)
        if sign in _BLANKS:
            if not (dictated and _breaks(text, place)):
                continue
            sign = "，"
        elif sign in "\u200b\u200c\u200d\ufeff\u2060\ufe0f*_":
            continue
        if sign == "。" and kept and kept[-1] == "。":
            continue
        kept.append(sign)
        origin.append(place)
    while kept and kept[-1] in "。，":
        kept.pop()
        origin.pop()
    if kept and kept[-1] not in "！？":
        kept.append("。")
        origin.append(origin[-1])
    norm = "".join(kept)
    for wrong, right in _TYPOS.items():
        norm = norm.replace(wrong, right)
    return norm, tuple(origin)


def _dictated(text: str) -> bool:
    """Whether blanks stand where stops should: several of them, and not one stop."""
    return not _MARK.search(text.strip(_BLANKS + "。")) and (
        sum(_breaks(text, place) for place, sign in enumerate(text) if sign in _BLANKS) >= _DICTATED
    )


def _breaks(text: str, place: int) -> bool:
    """A blank parts two clauses in dictated text, but not letters s p a c e d out."""
    before, after = text[max(0, place - 2) : place], text[place + 1 : place + 3]
    return len(_HAN.findall(before)) == 2 and len(_HAN.findall(after)) == 2


def han_count(text: str) -> int:
    """How many Chinese characters the text has."""
    return len(_HAN.findall(text))


def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring Chinese characters."""
    return frozenset(a + b for a, b in pairwise(text) if _HAN.match(a) and _HAN.match(b))


def likeness(one: str, other: str) -> float:
    """0..1, shared pairs of characters over all pairs; 0 when either has none."""
    a, b = bigrams(one), bigrams(other)
    return len(a & b) / len(a | b) if a and b else 0.0
