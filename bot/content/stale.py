"""What has to be read again: content reviewed too long ago, or resting on a law that has a newer version.

Called by `anxun content stale`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.content.lawtexts import LawTexts
from bot.content.loader import Knowledge

REVIEW_EVERY = timedelta(days=365)


@dataclass(frozen=True)
class Doubt:
    """One item, when it was last reviewed, and why it should be again."""

    kind: str
    id: str
    reviewed_on: date
    reason: str


def stale(knowledge: Knowledge, as_of: date, laws: LawTexts | None = None) -> list[Doubt]:
    """Items in doubt on the day `as_of`, cards first; cases and questions follow the cards they rest on."""
    doubts: list[Doubt] = []
    cards: dict[str, str] = {}
    for card in knowledge.cards.values():
        reason = _old(card.reviewed_on, as_of)
        version = laws.version(card.law) if laws else None
        if version and version <= as_of and (card.law_version is None or card.law_version < version):
            reason = (
                f"《{card.law}》已有 {version} 的新版本，卡片依据的是 {card.law_version or '未写明的版本'}"
            )
            cards[card.id] = f"卡片 {card.id} 依据的《{card.law}》有了新版本"
        if reason:
            doubts.append(Doubt("卡片", card.id, card.reviewed_on, reason))
    for kind, group in (("案例", knowledge.cases), ("问答", knowledge.faqs)):
        for item in group.values():
            reason = next((cards[ref] for ref in item.cards if ref in cards), "")
            if reason := reason or _old(item.reviewed_on, as_of):
                doubts.append(Doubt(kind, item.id, item.reviewed_on, reason))
    return doubts


def _old(reviewed_on: date, as_of: date) -> str:
    age = as_of - reviewed_on
    return f"上次核对在 {age.days} 天前，超过一年" if age > REVIEW_EVERY else ""
