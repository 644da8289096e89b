"""Recognises headings and the articles of a rule by how Chinese documents write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.content.numerals import chinese_to_int

_NUMERAL = r"[〇零一二三四五六七八九十百千\d]+"
_ARTICLE = re.compile(rf"第({_NUMERAL})条(?:之([一二三四五六七八九十]+))?")
_SPACED = re.compile(r"[\s：:【\[（(]|、(?!第)|$")
_REFERS = re.compile(r"的|规定|所|第|至|到|、|和|与|及|或|中|以[上下]|款")
"""What follows a reference to another article (第十条规定的情形), and hardly the number of an article of one's own."""

_PART = re.compile(rf"第{_NUMERAL}\s?(编|章|节)(?!的|规定|所)")
_PART_LEVELS = {"编": 1, "章": 2, "节": 3}
_ANNEX = re.compile(r"附\s?(?:件|录|表|则|图)\s?[一二三四五六七八九十\dA-Z]*(?:[\s：:]|$)")
_LISTED = re.compile(r"[一二三四五六七八九十]+、\S")
_BRACKETED = re.compile(r"[（(][一二三四五六七八九十]+[）)]\s?\S")
_DECIMAL = re.compile(r"\d+(?:\.\d+){1,3}\s+\S")
_ITEM = re.compile(r"(?:\d{1,2}[.、．)）]|[①-⑳●■◆•·-]\s?|问[：:]|答[：:])\S")
_SENTENCE = re.compile(r"[。；;！!？?]|[：:，,、]$")
_LONGEST_HEADING = 36
_LONGEST_ITEM = 24

ANNEX_LEVEL, LISTED_LEVEL, BRACKETED_LEVEL = 2, 4, 5


@dataclass(frozen=True)
class Article:
    """第二百五十三条之一: number 253, part 一."""

    number: int
    part: str = ""

    @property
    def label(self) -> int | str:
        """As citations have it: 39, "253之一"."""
        return f"{self.number}之{self.part}" if self.part else self.number


def article_at(text: str, last: Article | None) -> Article | None:
    """The article that a paragraph begins, or None. `last` is the article before it.

    With a space behind it 第十条 is believed; without one (scans lose it) only in its turn.
    """
    match = _ARTICLE.match(text)
    number = (
        chinese_to_int(match[1]) if match and not match[1].isdigit() else int(match[1]) if match else None
    )
    if match is None or number is None:
        return None
    rest, found = text[match.end() :], Article(number, match[2] or "")
    in_turn = _follows(found, last) and not _REFERS.match(rest)
    return found if _SPACED.match(rest) or in_turn else None


def begins_article(text: str) -> bool:
    """Whether a printed line may begin an article; the turn of its number is not known there."""
    match = _ARTICLE.match(text)
    rest = text[match.end() :] if match else ""
    return match is not None and bool(_SPACED.match(rest) or not _REFERS.match(rest))


def heading_level(text: str, in_article: bool = False) -> int | None:
    """The level of a heading, told by its words alone, or None. Inside an article only a part or an annex can begin."""
    if len(text) > _LONGEST_HEADING or "\n" in text or _SENTENCE.search(text):
        return None
    if part := _PART.match(text):
        return _PART_LEVELS[part[1]]
    if _ANNEX.match(text):
        return ANNEX_LEVEL
    if in_article or len(text) > _LONGEST_ITEM:
        return None
    if _LISTED.match(text):
        return LISTED_LEVEL
    if _BRACKETED.match(text):
        return BRACKETED_LEVEL
    decimal = _DECIMAL.match(text)
    return LISTED_LEVEL + text.split()[0].count(".") - 1 if decimal else None


def may_be_title(text: str) -> bool:
    """Whether the first words of a document can be its title: a line that is no sentence and has no number."""
    return (
        len(text) <= _LONGEST_HEADING
        and "\n" not in text
        and not _SENTENCE.search(text)
        and not begins_item(text)
    )


def begins_item(text: str) -> bool:
    """Whether a printed line begins an item of a list, a heading or an article: never the middle of a sentence."""
    return bool(
        _LISTED.match(text)
        or _BRACKETED.match(text)
        or _ITEM.match(text)
        or begins_article(text)
        or heading_level(text) is not None
    )


def _follows(article: Article, last: Article | None) -> bool:
    if last is None or article == Article(1):  # an annex may begin anew
        return article == Article(1)
    return article == Article(last.number + 1) or (article.number == last.number and bool(article.part))
