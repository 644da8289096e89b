"""Checks knowledge/ as a whole: what the loader checks, and, given the law's texts, every claim of law.

Called by `anxun content check`; returns faults, a table and a report of likenesses, prints nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content.against_law import against_law, own_numbers, unknown_numbers
from bot.content.lawtexts import LawTexts
from bot.content.loader import Knowledge, files_of, read_knowledge
from bot.content.models import TOPIC_NAMES, Faq
from bot.content.numerals import numbers_in
from bot.content.rubric import load_rubric
from bot.content.similar import Alike, similar_cards, similar_questions
from bot.content.terms import check_terms
from bot.errors import ContentError, Fault


@dataclass(frozen=True)
class Report:
    """`unchecked` names what could not be checked, and why. `table` has one row a topic, then the total.

    `alike` and `alike_questions` are for an author to look at; they are no faults.
    """

    faults: list[Fault]
    unchecked: list[str]
    table: list[dict[str, int | str]]
    terms: dict[str, int]
    personas: int
    scenarios: int
    alike: list[Alike]
    alike_questions: list[Alike]


def check(folder: Path, law_texts: list[Path]) -> Report:
    """Check everything below `folder`; with `law_texts`, also laws, articles, versions, quotes and figures."""
    knowledge, faults = read_knowledge(folder)
    files = files_of(folder)
    try:
        load_rubric(folder / "rubric")
    except ContentError as error:
        faults = [*faults, *error.faults]
    terms, found = check_terms(folder / "terms")
    faults.extend(found)
    for faq in knowledge.faqs.values():
        faults.extend(_faq_figures(faq, knowledge, files[faq.id]))
    unchecked: list[str] = []
    if law_texts:
        laws = LawTexts.read(law_texts)
        for card in knowledge.cards.values():
            if card.status == "verified":
                faults.extend(against_law(card, laws, files[card.id]))
        held = sum(1 for c in knowledge.cards.values() if c.status != "verified")
        if held:
            unchecked.append(f"{held} 张二手资料或公司规定的卡片没有法条原文可对")
    else:
        unchecked.append("没有给 --law-texts，法条是否存在、版本、引文和数字未核对")
    return Report(
        faults,
        unchecked,
        _table(knowledge),
        terms,
        len(knowledge.personas),
        len(knowledge.scenarios),
        similar_cards(knowledge),
        similar_questions(knowledge),
    )


def _faq_figures(faq: Faq, knowledge: Knowledge, file: str) -> Iterator[Fault]:
    """A figure in an answer comes from the cards it rests on, or is declared as our own."""
    allowed = own_numbers(faq.own_numbers)
    for ref in faq.cards:
        if card := knowledge.cards.get(ref):
            allowed |= numbers_in("\n".join((card.title, card.summary, card.law, *card.do, *card.dont)))
            allowed |= {str(key) for key in card.articles}
    yield from unknown_numbers(file, allowed, answer=(faq.answer,), steps=faq.steps, where="所依据的卡片里")


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
