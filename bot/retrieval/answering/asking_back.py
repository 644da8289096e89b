"""Asks back instead of guessing: which of the things near a question was meant. `bot.retrieval.answering.answer` calls it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.messages import AnswerBlock
from bot.retrieval.answering.wording import Overlap
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.lexicon import Lexicon
from bot.retrieval.retriever import Hit, Item
from bot.retrieval.tokens import Tokens, bigrams

FEWEST, MOST = 2, 4
NEAR = 0.03
"""A candidate is offered when its chance of being the right one is at least this share of the first's."""
SAME = 0.6
"""Titles that share this much (Dice over characters and pairs) mean the same to somebody who chooses."""
SHORT = 26
TRIED = 3
MANY = 8
"""A fragment that so many items hold says nothing about which one is meant."""
FRAGMENT_WORDS = 2
PROMPT = "您想问的是哪一件？"
_PARTICLES = frozenset("的了呢吗啊呀吧嘛么")


class AskingBack:
    """Finds the choices. `answered_by` gives the ids an answer to a question would cite; empty when it has none."""

    def __init__(
        self,
        items: Mapping[str, Item],
        tokens: Tokens,
        lexicon: Lexicon,
        overlap: Callable[[str], Overlap],
        answered_by: Callable[[str], Collection[str]],
    ) -> None:
        self._items = items
        self._tokens = tokens
        self._lexicon = lexicon
        self._overlap = overlap
        self._answered_by = answered_by
        self._authored = {way for item in items.values() for way in ways_of(item)}

    def is_fragment(self, question: str) -> bool:
        """One or two bare words that many items hold, and that nobody wrote as a question: 停电, 密码."""
        text = self._tokens.repair(question)
        cut = [w for w in self._tokens.words(text) if w not in _PARTICLES]
        words = self._words(question)
        if not 1 <= len(words) <= FRAGMENT_WORDS or set(cut) != words or text in self._authored:
            return False
        return sum(words <= held for held in self._lexicon.words.of_item.values()) >= MANY

    def choices(self, question: str, hits: Sequence[Hit]) -> list[str]:
        """Two to four short authored questions, of items that mean different things, each with an answer that cites its
        item; empty when there are not two. Rules before stories; of a fragment, whatever holds its words is near."""
        overlap = self._overlap(question)
        chosen: list[Item] = []
        offered: list[str] = []
        near = [hit for hit in hits if hit.ratio >= NEAR]
        if self.is_fragment(question):
            words, held = self._words(question), self._lexicon.words.of_item
            near = [hit for hit in hits if words <= held[hit.item]]
        for hit in sorted(near, key=lambda hit: isinstance(self._items[hit.item], CaseStudy)):
            item = self._items[hit.item]
            if len(offered) == MOST:
                break
            if any(_same(item, other) for other in chosen):
                continue
            if way := self._answerable_way(item, overlap):
                chosen.append(item)
                offered.append(way)
        return offered if len(offered) >= FEWEST else []

    def _words(self, question: str) -> set[str]:
        return set(self._tokens.content_words(self._tokens.repair(question)))

    def _answerable_way(self, item: Item, overlap: Overlap) -> str | None:
        """The way its author thought of first, if it will do, or else the ways nearest to the question."""
        if not (ways := ways_of(item)):
            return None
        plainest, *others = ways
        nearest = sorted(others, key=lambda way: (-overlap(way), len(way), way))
        tried = [way for way in (plainest, *nearest) if len(way) <= SHORT][:TRIED]
        return next((way for way in tried if item.id in self._answered_by(way)), None)


def ask_back(question: str, choices: Sequence[str], probability: float, prompt: str = PROMPT) -> AnswerBlock:
    """Neither an answer nor a refusal: what was meant?"""
    return AnswerBlock(
        question=question,
        answered=False,
        answer=prompt,
        confidence=round(probability, 3),
        choices=list(choices),
    )


def ways_of(item: Item) -> tuple[str, ...]:
    """The authored ways of asking for an item."""
    if isinstance(item, Piece):
        return ()
    return (item.question, *item.questions) if isinstance(item, Faq) else item.questions


def _same(item: Item, other: Item) -> bool:
    """Whether two items answer the same: one rests on the other, both on the same cards, or their names are alike."""
    if _clauses(item) <= _clauses(other) or _clauses(other) <= _clauses(item):
        return True
    mine, theirs = (set(bigrams(_name(i))) for i in (item, other))
    return 2 * len(mine & theirs) >= SAME * (len(mine) + len(theirs))


def _clauses(item: Item) -> set[str]:
    return {item.id} if isinstance(item, RegulationCard | Piece) else set(item.cards)


def _name(item: Item) -> str:
    return item.question if isinstance(item, Faq) else item.title
