"""Holds one card against the law's own text: law, article, version, day in force, quote and every figure.

Called by `bot.content.check` when it is given the texts.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.content.lawtexts import LawTexts
from bot.content.models import RegulationCard
from bot.content.numerals import claimed_numbers_in, numbers_in
from bot.errors import Fault

HOTLINES = frozenset(
    ("110", "119", "120", "122", "12315", "12345", "12348", "12388", "12393", "12398", "95598")
)
"""Public telephone numbers are names, not figures of a clause."""


def against_law(card: RegulationCard, laws: LawTexts, file: str) -> Iterator[Fault]:
    """Every fault of a verified card; `file` is the name shown in them."""
    if not laws.has(card.law):
        yield Fault(file, "law", f"法规原文里没有《{card.law}》", "核对名称，或把 status 改为 second_hand。")
        return
    yield from _dates(card, laws, file)
    texts = []
    for key in card.articles:
        text = laws.article(card.law, key)
        if text is None:
            yield Fault(file, "article", f"《{card.law}》没有第 {key} 条", "核对条号。")
        else:
            texts.append(text)
    if not texts:
        return
    whole = "\n".join(texts)
    if card.quote and card.quote not in whole:
        yield Fault(file, "quote", f"原文里没有“{card.quote}”", "照原文摘一句，不改一个字。")
    allowed = numbers_in(whole) | numbers_in(card.law) | own_numbers(card.own_numbers)
    allowed |= {str(key) for key in card.articles}
    yield from unknown_numbers(
        file, allowed, summary=(card.summary,), do=card.do, dont=card.dont, where="这一条的原文里"
    )


def own_numbers(declared: dict[str, str]) -> set[str]:
    """The figures an author declared as our own, however they were written (`15`, `十五`, `1万`)."""
    return set().union(*(numbers_in(key) for key in declared)) if declared else set()


def unknown_numbers(file: str, allowed: set[str], where: str, **lines: tuple[str, ...]) -> Iterator[Fault]:
    """A fault for each figure that our wording states and `allowed` does not hold."""
    allowed = allowed | HOTLINES
    for key, texts in lines.items():
        for number in sorted({n for text in texts for n in claimed_numbers_in(text)} - allowed):
            yield Fault(file, key, f"数字 {number} 不在{where}", "改正，或写进 own_numbers 并说明理由。")


def _dates(card: RegulationCard, laws: LawTexts, file: str) -> Iterator[Fault]:
    version, effective = laws.version(card.law), laws.effective(card.law)
    if version and not card.law_version:
        yield Fault(file, "law_version", "没有写版本日期", f"核对后写 {version}。")
    elif version and card.law_version and card.law_version < version:
        yield Fault(
            file, "law_version", f"已有更新的版本 {version}", "按新版本核对条号和内容，再改 law_version。"
        )
    elif version and card.law_version and card.law_version > version:
        yield Fault(file, "law_version", f"原文的版本是 {version}", "改成原文的日期。")
    if effective and card.effective_from != effective:
        yield Fault(file, "effective_from", f"原文写明 {effective} 起施行", f"写 {effective}。")
