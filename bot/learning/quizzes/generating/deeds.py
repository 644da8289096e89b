"""From what a card says to do and not to do: which must not be done, which should be, and is this right or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from bot.content.models import RegulationCard
from bot.learning.quizzes.generating.drafts import (
    Draft,
    as_deed,
    balanced,
    because,
    belief,
    chance,
    closed,
    current,
    likeness,
    short,
    single,
)

TOO_ALIKE = 0.45
WRONG = 3
PAIR = 2


def must_not(cards: Iterable[RegulationCard], seed: int) -> Iterator[Draft]:
    """One thing that must not be done among three that should be."""
    for card in current(cards):
        rng = chance(f"deed-{card.id}", seed)
        deeds = [(one, deed) for one in card.dont if (deed := short(as_deed(one)))]
        goods = [one for one in map(short, card.do) if one]
        if not deeds or len(goods) < WRONG:
            continue
        dont, deed = rng.choice(deeds)
        rng.shuffle(goods)
        goods = [one for one in goods if likeness(one, deed) < TOO_ALIKE][:WRONG]
        if len(goods) < WRONG or not balanced([deed, *goods]):
            continue
        wrong = [
            {"text": one, "misconception": belief(f"以为这样做不妥，其实正该这么做：{card.title}")}
            for one in goods
        ]
        stem = f"{card.applies_when.rstrip('。')}。下面哪一样做不得？"
        yield single(f"gn-{card.id}"[:64], stem, deed, wrong, because(card, dont), [card.id], 1, rng)


def should_do(cards: Iterable[RegulationCard], seed: int) -> Iterator[Draft]:
    """Two things that should be done beside two that must not: all the right ones are to be found."""
    for card in current(cards):
        rng = chance(f"should-{card.id}", seed)
        deeds = [(one, deed) for one in card.dont if (deed := short(as_deed(one)))]
        goods = [one for one in map(short, card.do) if one]
        if len(deeds) < PAIR or len(goods) < PAIR:
            continue
        good, bad = rng.sample(goods, PAIR), rng.sample(deeds, PAIR)
        texts = [*good, *(deed for _, deed in bad)]
        if not balanced(texts) or any(likeness(*pair) > TOO_ALIKE for pair in combinations(texts, 2)):
            continue
        options = [{"text": one, "correct": True} for one in good]
        options += [
            {"text": deed, "misconception": belief(f"以为这么做不要紧，可{card.title}")} for _, deed in bad
        ]
        rng.shuffle(options)
        yield {
            "id": f"gm-{card.id}"[:64], "kind": "multiple", "level": 2, "cards": [card.id],
            "stem": f"{card.applies_when.rstrip('。')}。下面哪几样该做？", "options": options,
            "explanation": because(card, "；".join(dont.rstrip("。") for dont, _ in bad)),
        }  # fmt: skip


def right_or_wrong(cards: Iterable[RegulationCard], seed: int) -> Iterator[Draft]:
    """A colleague does something: half of them do what the card says, half what it says not to."""
    for number, card in enumerate(current(cards)):
        rng = chance(f"judge-{card.id}", seed)
        truth = number % 2 == 0
        said = (
            [(one, short(one)) for one in card.do]
            if truth
            else [(one, short(as_deed(one))) for one in card.dont]
        )
        said = [(one, deed) for one, deed in said if deed]
        if not said:
            continue
        whole, deed = rng.choice(said)
        yield {
            "id": f"gj-{card.id}"[:64], "kind": "judgement", "level": 1, "cards": [card.id],
            "stem": f"{card.applies_when.rstrip('。')}。同事这样做：{closed(deed)}对还是错？",
            "truth": truth,
            "misconception": belief(f"以为用不着，其实{card.title}" if truth else f"以为这样不要紧，可{card.title}"),
            "explanation": because(card, "就该这样" if truth else whole),
        }  # fmt: skip
