"""What an answer shows of its source: law, article, short quote, and whether it is in force."""

from __future__ import annotations

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.messages import Citation, Status

_STATUS: dict[str, tuple[Status, str]] = {
    "verified": ("current", "现行"),
    "second_hand": ("unverified", "二手资料"),
    "company_rule": ("unverified", "公司规定"),
}
_SUPERSEDED: tuple[Status, str] = ("superseded", "已被取代")
_OURS = "安训编写"


def citation(item: RegulationCard | CaseStudy | Faq) -> Citation:
    """A card with its clause and status; cases and FAQ are ours and say so."""
    if isinstance(item, Faq):
        return Citation(
            id=item.id, kind="faq", title=item.question, status="current", status_label="问答", source=_OURS
        )
    if isinstance(item, CaseStudy):
        return Citation(
            id=item.id, kind="case", title=item.title, status="current", status_label="案例", source=_OURS
        )
    status, label = _SUPERSEDED if item.superseded_by else _STATUS[item.status]
    return Citation(
        id=item.id,
        kind="regulation",
        title=item.title,
        law=item.law,
        article=list(item.article) if isinstance(item.article, tuple) else item.article,
        quote=item.quote,
        status=status,
        status_label=label,
        effective=item.effective_from.isoformat() if item.effective_from else None,
        version=item.law_version.isoformat() if item.law_version else None,
        source=item.source,
    )
