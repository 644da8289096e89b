"""Checks knowledge/ as a whole: what the loader checks, and, given the law's texts, every claim of law.

Called by `anxun content check`; returns faults and a table, prints nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content.lawtexts import LawTexts
from bot.content.loader import Knowledge, read_knowledge
from bot.content.models import TOPIC_NAMES, RegulationCard
from bot.content.numerals import arabic_numbers_in, numbers_in
from bot.content.rubric import load_rubric
from bot.errors import ContentError, Fault


@dataclass(frozen=True)
class Report:
    """`unchecked` names what could not be checked, and why. `table` has one row a topic, then the total."""

    faults: list[Fault]
    unchecked: list[str]
    table: list[dict[str, int | str]]
    personas: int
    scenarios: int


def check(folder: Path, law_texts: list[Path]) -> Report:
    """Check everything below `folder`; with `law_texts`, also laws, articles, versions, quotes and figures."""
    knowledge, faults = read_knowledge(folder)
    try:
        load_rubric(folder / "rubric")
    except ContentError as error:
        faults = [*faults, *error.faults]
    unchecked: list[str] = []
    if law_texts:
        laws = LawTexts.read(law_texts)
        for card in knowledge.cards.values():
            if card.status == "verified":
                faults.extend(_card_against_law(card, laws))
        held = sum(1 for c in knowledge.cards.values() if c.status != "verified")
        if held:
            unchecked.append(f"{held} 张二手资料或公司规定的卡片没有法条原文可对")
    else:
        unchecked.append("没有给 --law-texts，法条是否存在、版本、引文和数字未核对")
    return Report(faults, unchecked, _table(knowledge), len(knowledge.personas), len(knowledge.scenarios))


def _card_against_law(card: RegulationCard, laws: LawTexts) -> Iterator[Fault]:
    where = f"knowledge/regulations/{card.id}.yaml"
    if not laws.has(card.law):
        yield Fault(where, "law", f"法规原文里没有《{card.law}》", "核对名称，或把 status 改为 second_hand。")
        return
    version = laws.version(card.law)
    if version and card.law_version and card.law_version < version:
        yield Fault(
            where, "law_version", f"已有更新的版本 {version}", "按新版本核对条号和内容，再改 law_version。"
        )
    keys = card.article if isinstance(card.article, tuple) else (card.article,)
    texts = []
    for key in keys:
        text = laws.article(card.law, key) if key is not None else None
        if text is None:
            yield Fault(where, "article", f"《{card.law}》没有第 {key} 条", "核对条号。")
        else:
            texts.append(text)
    if not texts:
        return
    whole = "\n".join(texts)
    if card.quote and card.quote not in whole:
        yield Fault(where, "quote", f"原文里没有“{card.quote}”", "照原文摘一句，不改一个字。")
    allowed = numbers_in(whole) | numbers_in(card.law) | set(card.own_numbers)
    allowed |= {str(k) for k in keys if isinstance(k, int)}
    for key, lines in (("summary", (card.summary,)), ("do", card.do), ("dont", card.dont)):
        for line in lines:
            for number in sorted(arabic_numbers_in(line) - allowed):
                yield Fault(
                    where, key, f"数字 {number} 不在这一条的原文里", "改正，或写进 own_numbers 并说明理由。"
                )


def _table(knowledge: Knowledge) -> list[dict[str, int | str]]:
    rows: list[dict[str, int | str]] = []
    for topic, name in TOPIC_NAMES.items():
        cards = [c for c in knowledge.cards.values() if c.topic == topic]
        status = Counter(c.status for c in cards)
        cases = [c for c in knowledge.cases.values() if c.topic == topic]
        faqs = [f for f in knowledge.faqs.values() if f.topic == topic]
        rows.append(
            {
                "topic": name,
                "cards": len(cards),
                "verified": status["verified"],
                "second_hand": status["second_hand"],
                "company_rule": status["company_rule"],
                "cases": len(cases),
                "faq": len(faqs),
                "questions": sum(len(c.questions) for c in cards)
                + sum(len(c.questions) for c in cases)
                + sum(len(f.questions) for f in faqs),
            }
        )
    total: dict[str, int | str] = {"topic": "合计"}
    for key in list(rows[0])[1:]:
        total[key] = sum(int(row[key]) for row in rows)
    return [*rows, total]
