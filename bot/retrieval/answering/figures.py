"""Keeps a number out of an answer that none of its sources states: the last look before an answer goes out.

`bot.retrieval.answering.composing` calls it with the text of everything the answer cites.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.content.numerals import claimed_numbers_in, numbers_in
from bot.retrieval.ingestion.pieces import Piece

_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?\n?|\n")
_FRAME = re.compile("^不是。|（以本公司、当地现行文件为准）")
"""What says something about an answer and is no answer by itself."""


def grounded(text: str, sources: Iterable[str]) -> str:
    """The sentences of `text` whose every number stands in `sources`; empty when only the frame around them is left.

    三十日, 30天 and 百分之三十 state the same number.
    """
    if not claimed_numbers_in(text):
        return text
    held: set[str] = set().union(*(numbers_in(source) for source in sources))
    kept = "".join(s for s in _SENTENCE.findall(text) if claimed_numbers_in(s) <= held)
    return kept if _FRAME.sub("", kept).strip() else ""


def text_of(item: RegulationCard | CaseStudy | Faq | Piece) -> list[str]:
    """Everything an item says to its reader, for a card also where and when it is law."""
    if isinstance(item, Piece):
        return [item.title, item.text]
    if isinstance(item, Faq):
        return [item.question, item.answer, *item.steps]
    if isinstance(item, CaseStudy):
        moments = [line for m in item.timeline for line in (m.when, m.what)]
        return [item.title, item.happened, item.root_cause, item.should_have, item.manager_changes, *moments]
    days = [day.isoformat() for day in (item.law_version, item.effective_from) if day]
    spoken = [
        f"{day.year}年{day.month}月{day.day}日" for day in (item.law_version, item.effective_from) if day
    ]
    where = [item.title, item.law, *map(str, item.articles), item.formerly, *days, *spoken]
    return [item.summary, item.quote, *item.do, *item.dont, *where]
