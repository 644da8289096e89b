"""The full text of a card, case or FAQ, as a citation opens it."""

from __future__ import annotations

from typing import Any

from bot.content.loader import Knowledge
from bot.content.models import TOPIC_NAMES, CaseStudy, Faq, RegulationCard
from bot.content.numerals import article_label
from bot.retrieval.answering.citing import located, original_of

_LABELS = {"verified": "现行", "second_hand": "二手资料", "company_rule": "公司规定"}
_KINDS = {"incident": "出了事的", "near_miss": "差点出事的", "good_example": "做得好的"}


def open_source(knowledge: Knowledge, source_id: str) -> dict[str, Any] | None:
    """The document of one id, or None; `marks` are code-point ranges of the quoted clause in a section's text."""
    if card := knowledge.cards.get(source_id):
        return _card(card)
    if case := knowledge.cases.get(source_id):
        return _case(case, knowledge)
    if faq := knowledge.faqs.get(source_id):
        return _faq(faq, knowledge)
    return None


def _card(card: RegulationCard) -> dict[str, Any]:
    status = "superseded" if card.superseded_by else "current" if card.status == "verified" else "unverified"
    sections: list[dict[str, Any]] = []
    if card.quote:
        text = original_of(card)
        marks = [list(place) for place in (located(card.quote, text),) if place]
        sections.append({"heading": "原文", "text": text, "law": True, "marks": marks})
    sections += [
        _text("说的是什么", card.summary),
        _text("什么时候用得上", card.applies_when),
        {"heading": "该这么做", "items": list(card.do)},
        {"heading": "别这么做", "items": list(card.dont)},
    ]
    if card.formerly:
        sections.append(_text("旧条号", card.formerly))
    if card.status != "verified":
        sections.append(_text("提醒", "这条不是法律原文，以本公司、当地现行文件为准。"))
    return {
        "id": card.id,
        "kind": "regulation",
        "title": card.title,
        "law": card.law,
        "article_label": article_label(card.article),
        "status": status,
        "status_label": "已被取代" if card.superseded_by else _LABELS[card.status],
        "effective": card.effective_from.isoformat() if card.effective_from else None,
        "version": card.law_version.isoformat() if card.law_version else None,
        "sections": sections,
        "source": card.source,
        "reviewed_on": card.reviewed_on.isoformat(),
    }


def _case(case: CaseStudy, knowledge: Knowledge) -> dict[str, Any]:
    return _plain(
        case.id, "case", case.title, "案例", case.reviewed_on.isoformat(), TOPIC_NAMES[case.topic]
    ) | {
        "sections": [
            _text(f"经过（{_KINDS[case.kind]}）", case.happened),
            {"heading": "先后", "items": [f"{m.when}：{m.what}" for m in case.timeline]},
            _text("根子在哪", case.root_cause),
            _text("当时该怎么做", case.should_have),
            _text("管理上改什么", case.manager_changes),
            {"heading": "牵涉的条款", "items": _titles(case.cards, knowledge)},
            {"heading": "想一想", "items": list(case.discussion)},
        ]
    }


def _faq(faq: Faq, knowledge: Knowledge) -> dict[str, Any]:
    sections = [_text("怎么答", faq.answer)]
    if faq.steps:
        sections.append({"heading": "一步一步", "items": list(faq.steps)})
    sections.append({"heading": "牵涉的条款", "items": _titles(faq.cards, knowledge)})
    return _plain(
        faq.id, "faq", faq.question, "问答", faq.reviewed_on.isoformat(), TOPIC_NAMES[faq.topic]
    ) | {"sections": sections}


def _plain(source_id: str, kind: str, title: str, label: str, reviewed: str, topic: str) -> dict[str, Any]:
    return {
        "id": source_id, "kind": kind, "title": title, "law": None, "article_label": "", "status": "current",
        "status_label": label, "effective": None, "version": None, "source": f"安训编写（{topic}）", "reviewed_on": reviewed,
    }  # fmt: skip


def _text(heading: str, text: str) -> dict[str, Any]:
    return {"heading": heading, "text": text, "law": False, "marks": []}


def _titles(ids: tuple[str, ...], knowledge: Knowledge) -> list[str]:
    cards = [knowledge.cards[i] for i in ids if i in knowledge.cards]
    return [f"{c.title}（《{c.law}》{article_label(c.article)}）" for c in cards]
