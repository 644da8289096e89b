"""Answers for what is named exactly: a clause by its number, a law we lack, how a rule was changed, what held on a day.

`bot.retrieval.answering.answer` asks here before it searches, and again with the cards a search found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.content.models import RegulationCard
from bot.messages import AnswerBlock
from bot.retrieval.answering import versions
from bot.retrieval.answering.asking_back import ask_back
from bot.retrieval.answering.composing import MOST_CITED, Composer, refuse
from bot.retrieval.answering.dates import Stretch, day_in
from bot.retrieval.answering.reference import Reference, References
from bot.retrieval.retriever import Hit

NAMED = 0.99
"""Confidence in the card of a clause that was asked for by its number."""
WHICH_LAW = "您说的是哪一部的第{}条？"
MOST_LAWS = 4


class NamedClauses:
    """Knows which card holds which clause, now and before; every method is pure."""

    def __init__(self, cards: Sequence[RegulationCard], composer: Composer) -> None:
        self._cards = {card.id: card for card in cards}
        self._references = References(cards)
        self._composer = composer

    def reference(self, asked: str, today: date) -> Reference | None:
        """The clause that is named together with its law; of a version compared, also the one law that has that number."""
        if when := day_in(asked, today):
            asked = when.without(asked)
        if found := self._references.find(asked):
            return found
        article = self._references.article_in(asked)
        if article is None or not versions.compares(asked):
            return None
        holders = [law] if (law := self._references.named_law(asked)) else self._references.holders(article)
        return Reference(holders[0], article) if len(holders) == 1 else None

    def which_law(self, asked: str) -> AnswerBlock | None:
        """Asks whose article is compared when several laws have that number, or says that none of ours has."""
        article = self._references.article_in(asked)
        if article is None or not versions.compares(asked):
            return None
        laws = self._references.holders(article)[:MOST_LAWS]
        if not laws:
            said = f"第{article}条是哪一部的？我这里没有哪部法规的第{article}条卡片。请连名字一起说，比如：电力法第32条。"
            return refuse(asked, 0.0, said)
        choices = [f"{law}第{article}条新旧有什么不同" for law in laws]
        return ask_back(asked, choices, 0.0, WHICH_LAW.format(article))

    def unheld(self, asked: str) -> AnswerBlock | None:
        """Says plainly that a law named in 《》 is not among ours."""
        law = self._references.unheld_law(asked)
        if not law:
            return None
        return refuse(asked, 0.0, f"《{law}》我这里没有收，不敢凭印象说。请查原文，或问公司法务。")

    def answer(self, asked: str, reference: Reference, hits: Sequence[Hit], today: date) -> AnswerBlock:
        """The cards of a clause, the nearest to the question first; a clear line when there are none."""
        when = day_in(asked, today)
        found = self._references.lookup(reference, old=versions.means_old_number(asked))
        if not found.cards:
            return refuse(asked, 0.0, self._missing(reference))
        order = {hit.item: rank for rank, hit in enumerate(hits)}
        named = [self._cards[ref] for ref in sorted(found.cards, key=lambda ref: order.get(ref, len(hits)))]
        if versions.compares(asked) or when:
            return self.in_time(asked, named[0], hits, NAMED, when, reference.article)
        lead = f"第{reference.article}条是旧条号，现在看下面引的这一条。" if found.renumbered else ""
        line = self._composer.line_of(named[0])
        if line[0] is not named[0]:
            lead = f"{versions.place_of(named[0])}已被取代，现在看{versions.place_of(line[0])}。"
        cited = list({c.id: c for c in (*line, *named)}.values())[:MOST_CITED]
        return self._composer.answer(asked, cited, line[0], hits, NAMED, lead)

    def in_time(
        self, asked: str, card: RegulationCard, hits: Sequence[Hit], probability: float, when: Stretch | None,
        article: int | str | None = None,
    ) -> AnswerBlock:  # fmt: skip
        """The answer to a comparison, or, when it is none, what held at the time."""
        line = self._composer.line_of(card)
        if versions.compares(asked) or not when:
            return self._composer.stated(asked, versions.compared(line, article), line, hits, probability)
        first, lead = versions.as_of(line, when, article)
        cited = [first, *(c for c in line if c is not first)][:MOST_CITED]
        return self._composer.answer(asked, cited, first, hits, probability, lead)

    def day_of(self, asked: str, today: date) -> Stretch | None:
        """The day whose version is asked for."""
        return day_in(asked, today) if versions.asks_as_of(asked) else None

    def of_named_law(self, asked: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits that are of the law the question names; all of them when it names none, or none is."""
        law = self._references.named_law(asked)
        own = [h for h in hits if (card := self._cards.get(h.item)) and card.law == law]
        return own or list(hits)

    def _missing(self, reference: Reference) -> str:
        law, article = reference.law, reference.article
        where = f"《{law}》第{article}条"
        if article == 0:
            return f"没有第0条：《{law}》的条文从第一条起。看看是不是少打了一个数字。"
        last = self._references.last_article(law)
        if last and int(str(article).partition("之")[0]) > last:
            return f"《{law}》一共{last}条，没有第{article}条。看看是不是记错了条号，或者是别的法。"
        held = sorted({c.title for c in self._cards.values() if c.law == law})[:2]
        if not held:
            return f"《{law}》我这里没有收，第{article}条不敢凭印象说。请查原文，或问公司法务。"
        return f"{where}我这里没有核对过的卡片，不敢凭印象说。这部法规我有：{'；'.join(held)}。请查原文，或问公司法务。"
