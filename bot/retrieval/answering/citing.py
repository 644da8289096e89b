"""What an answer shows of its source: law, article, short quote, and whether it is in force."""

from __future__ import annotations

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.messages import Citation, Status
from bot.retrieval.ingestion.pieces import Piece, title_of

_STATUS: dict[str, tuple[Status, str]] = {
    "verified": ("current", "现行"),
    "second_hand": ("unverified", "二手资料"),
    "company_rule": ("unverified", "公司规定"),
}
_SUPERSEDED: tuple[Status, str] = ("superseded", "已被取代")
_OURS = "安训编写"


def citation(item: RegulationCard | CaseStudy | Faq | Piece) -> Citation:
    """A card with its clause and status; cases and FAQ are ours and say so, a user's document names its place."""
    if isinstance(item, Piece):
        name = title_of(item.document)
        return Citation(
            id=item.id, kind="document", title=item.title, law=name if item.article else None, article=item.article,
            status="unverified", status_label="单位文件", source=" ".join(filter(None, (name, item.place))),
        )  # fmt: skip
    if isinstance(item, Faq):
        return Citation(
            id=item.id, kind="faq", title=item.question, status="current", status_label="问答", source=_OURS
        )
    if isinstance(item, CaseStudy):
        return Citation(
            id=item.id, kind="case", title=item.title, status="current", status_label="案例", source=_OURS
        )
    original = original_of(item)
    status, label = _SUPERSEDED if item.superseded_by else _STATUS[item.status]
    return Citation(
        id=item.id,
        kind="regulation",
        title=item.title,
        law=item.law,
        article=list(item.article) if isinstance(item.article, tuple) else item.article,
        quote=item.quote,
        quote_at=located(item.quote, original),
        status=status,
        status_label=label,
        effective=item.effective_from.isoformat() if item.effective_from else None,
        version=item.law_version.isoformat() if item.law_version else None,
        source=item.source,
    )


def original_of(card: RegulationCard) -> str:
    """The law's own words that the card holds, as its source opens with them; empty when it holds none."""
    return f"……{card.quote}……" if card.quote else ""


def located(quote: str, text: str) -> tuple[int, int] | None:
    """Where `quote` stands in `text`, in code points; None for no quote.

    Raises:
        ValueError: it does not stand there word for word. What is not exact is never shown as a quotation.
    """
    if not quote:
        return None
    start = text.find(quote)
    if start < 0:
        raise ValueError(f"not in the text: {quote!r}")
    return start, start + len(quote)
