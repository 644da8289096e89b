"""Makes the block of an answer out of the item chosen for it: words, clauses, what to do, what to ask next.

`bot.retrieval.answering.answer` decides that there is an answer; nothing here searches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.messages import AnswerBlock
from bot.retrieval.answering.citing import citation
from bot.retrieval.answering.figures import grounded, text_of
from bot.retrieval.answering.premise import contradicts, speaks_to
from bot.retrieval.answering.wording import (
    CAUTION,
    MAX_CHARS,
    Overlap,
    answer_text,
    body_of,
    fitting_sentences,
    refusal_text,
)
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.lexicon import Lexicon
from bot.retrieval.places import out_of_place
from bot.retrieval.retriever import Hit, Item
from bot.retrieval.tokens import Tokens

MOST_CITED = 3
MOST_RELATED = 3
IN_FORCE = "现行的说法："
_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
LEAST_ROOM = 50
"""Characters that the words of a clause keep, however much is said before them; with less they are left out."""
NEAR = 0.08
"""A further card is cited when its chance of being the right one is at least this share of the first's."""
AS_NEAR = 0.5
"""Items this near to the first are taken as equally near: the one that settles a presumed amount may go first."""
NATION = 0.05
"""The nation's law goes before the rule of a place nobody named when its chance is at least this share of it."""


class Composer:
    """Knows the items and their words; every method is pure."""

    def __init__(self, items: Mapping[str, Item], tokens: Tokens, lexicon: Lexicon) -> None:
        self._items = items
        self._cards = {name: item for name, item in items.items() if isinstance(item, RegulationCard)}
        self._tokens = tokens
        self._lexicon = lexicon

    def order(self, asked: str, hits: list[Hit]) -> list[Hit]:
        """The hits as an answer uses them: at home before elsewhere, what settles a presumed amount first."""
        return self._settling_first(asked, self._in_place(asked, hits))

    def answer(
        self,
        asked: str,
        cited: Sequence[Item],
        first: Item,
        hits: Sequence[Hit],
        probability: float,
        lead: str = "",
    ) -> AnswerBlock:
        """An answer in the words of `first`, which is among `cited`; a refusal when no sentence keeps its footing."""
        denies = not isinstance(first, CaseStudy) and contradicts(asked, body_of(first), self.overlap)
        room = max(LEAST_ROOM, MAX_CHARS - len(lead))
        text = answer_text(first, asked, self.overlap(asked), denies, room)
        return self._block(asked, text, lead, cited, [first], hits, probability)

    def stated(
        self, asked: str, text: str, line: Sequence[Item], hits: Sequence[Hit], probability: float
    ) -> AnswerBlock:
        """An answer in words found elsewhere, and as much of what the first card says as the screen still holds."""
        room = MAX_CHARS - len(text) - len(IN_FORCE)
        rest = "".join(s for s in _SENTENCE.findall(body_of(line[0])) if s.rstrip("。！？") not in text)
        body = fitting_sentences(rest, self.overlap(asked), room) if rest and room >= LEAST_ROOM else ""
        said = text + (f"{IN_FORCE}{body.rstrip('；，')}" if body and not body.endswith("…") else "")
        return self._block(asked, said, "", line[:MOST_CITED], line[:1], hits, probability)

    def joined(
        self, asked: str, parts: Sequence[tuple[str, Item]], hits: Sequence[Hit], probability: float
    ) -> AnswerBlock:
        """One answer to several parts of a question, each (its words, the item that answers it), on one screen."""
        parts = [(part, self.current(item)) for part, item in parts]
        room = MAX_CHARS // len(parts) - 1
        texts = [fitting_sentences(body_of(item), self.overlap(part), room) for part, item in parts]
        firsts = [item for _, item in parts]
        return self._block(asked, "\n".join(texts), "", self.clauses(firsts), firsts, hits, probability)

    def cited(self, first: Item, hits: Sequence[Hit]) -> list[Item]:
        """Clauses, at most three: what the first item is or rests on, then cards nearly as near. A story or an answer of
        ours comes after the clauses it rests on, a superseded clause after its successor."""
        order = {hit.item: rank for rank, hit in enumerate(hits)}
        found = self._resting_on(first, order)
        for hit in hits:
            item = self._items[hit.item]
            if isinstance(item, RegulationCard) and item not in found and hit.ratio >= NEAR * hits[0].ratio:
                found += [card for card in self.line_of(item) if card not in found]
        kept = found[:MOST_CITED]
        return kept if first in kept else [*kept, first]

    def clauses(self, firsts: Sequence[Item]) -> list[Item]:
        """What several items are or rest on, each giving its best clause before any gives its second."""
        each = [self._resting_on(item, {}) for item in firsts]
        longest = max((len(held) for held in each), default=0)
        taken = [held[n] for n in range(longest) for held in each if n < len(held)]
        kept = list({item.id: item for item in taken}.values())[:MOST_CITED]
        return [*kept, *(item for item in firsts if item not in kept)]

    def line_of(self, card: RegulationCard) -> list[RegulationCard]:
        """The card that holds now, then the cards it superseded, down to `card`."""
        line = [card]
        while (ref := line[0].superseded_by) in self._cards and self._cards[str(ref)] not in line:
            line.insert(0, self._cards[str(ref)])
        return line

    def current(self, item: Item) -> Item:
        """The card that holds now in place of a superseded one; anything else itself."""
        return self.line_of(item)[0] if isinstance(item, RegulationCard) else item

    def overlap(self, question: str) -> Overlap:
        """How much another text has in common with `question`, in idf of shared words and pairs of characters."""
        text = self._tokens.repair(question)
        synonyms = self._tokens.synonyms_in(text)
        words = {*self._tokens.content_words(text), *synonyms}
        pairs = {pair for part in (text, *synonyms) for pair in self._tokens.pairs(part)}
        idf, pair_idf = self._lexicon.words.idf, self._lexicon.pairs.idf

        def overlap(other: str) -> float:
            shared = sum(idf.get(w, 0.0) for w in words & set(self._tokens.content_words(other)))
            return shared + sum(pair_idf.get(p, 0.0) for p in pairs & set(self._tokens.pairs(other))) / 2

        return overlap

    def narrowed(self, text: str, words: str) -> str:
        """The sentences of `text` that have something in common with `words`; empty when none has, or all have."""
        overlap = self.overlap(words)
        sentences = _SENTENCE.findall(text)
        kept = [s for s in sentences if overlap(s) > 0]
        return "".join(kept) if len(kept) < len(sentences) else ""

    def title(self, item: str) -> str:
        found = self._items[item]
        return found.question if isinstance(found, Faq) else found.title

    def _block(
        self, asked: str, text: str, lead: str, cited: Sequence[Item], firsts: Sequence[Item], hits: Sequence[Hit],
        probability: float,
    ) -> AnswerBlock:  # fmt: skip
        sources = [asked, *(line for item in cited for line in text_of(item))]
        said = grounded(text, sources)
        if not said:
            return refuse(asked, probability, refusal_text(asked, [self.title(firsts[0].id)]))
        cards = [i for i in cited if isinstance(i, RegulationCard)]
        advice = next((c for c in cards if not c.superseded_by), cards[0] if cards else None)
        unverified = any(
            isinstance(i, Piece) or (isinstance(i, RegulationCard) and i.status != "verified") for i in firsts
        )
        return AnswerBlock(
            question=asked,
            answered=True,
            answer=grounded(lead, sources) + said,
            confidence=round(probability, 3),
            citations=[citation(item) for item in cited],
            do=list(advice.do) if advice else [],
            dont=list(advice.dont) if advice else [],
            related=self._related(firsts[0], hits, {i.id for i in cited}),
            caution=CAUTION if unverified else "",
        )

    def _resting_on(self, first: Item, order: Mapping[str, int]) -> list[Item]:
        if isinstance(first, RegulationCard):
            return list(self.line_of(first))
        if isinstance(first, Piece):
            return [first]
        rests_on = sorted(
            (c for c in first.cards if c in self._cards), key=lambda c: order.get(c, len(order))
        )[: MOST_CITED - 1]
        lines = (self.line_of(self._cards[ref]) for ref in rests_on)
        return list({card.id: card for line in lines for card in line}.values())

    def _in_place(self, asked: str, hits: list[Hit]) -> list[Hit]:
        """Without the rules of places that were not named, if the nation's law has something near to say."""

        def elsewhere(hit: Hit) -> bool:
            item = self._items[hit.item]
            return isinstance(item, RegulationCard) and out_of_place(item.law, asked)

        national = [h for h in hits if not elsewhere(h)]
        return national if national and national[0].ratio >= NATION * hits[0].ratio else hits

    def _settling_first(self, asked: str, hits: list[Hit]) -> list[Hit]:
        """Of items equally near, the one that settles an amount the question takes for granted comes first."""
        near = [h for h in hits if h.ratio >= AS_NEAR * hits[0].ratio]
        chosen = next((h for h in near if speaks_to(asked, body_of(self._items[h.item]))), hits[0])
        return [chosen, *(h for h in hits if h is not chosen)]

    def _related(self, first: Item, hits: Sequence[Hit], cited: set[str]) -> list[str]:
        """Two or three authored questions near this one: near items, then those of its topic; the index answers them."""
        found = [(h.ratio, self._items[h.item]) for h in hits if h.item not in cited]
        others = [(ratio, item) for ratio, item in found if not isinstance(item, Piece)]
        topic = None if isinstance(first, Piece) else first.topic
        near = [item for ratio, item in others if ratio >= NEAR]
        near += [item for ratio, item in others if ratio < NEAR and item.topic == topic]
        return [i.question if isinstance(i, Faq) else i.questions[0] for i in near[:MOST_RELATED]]


def refuse(question: str, probability: float, text: str) -> AnswerBlock:
    """What we do not know, said in `text`."""
    return AnswerBlock(question=question, answered=False, answer=text, confidence=round(probability, 3))
