"""Which rule applies to a situation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.content.models import RegulationCard
from bot.learning.quizzes.generating.drafts import (
    Draft,
    balanced,
    because,
    belief,
    chance,
    current,
    likeness,
    single,
)

NEAR, FAR = 0.5, 0.04
"""Wrong options are about something near, and yet about something else."""


def which_rule(cards: Sequence[RegulationCard], seed: int) -> Iterator[Draft]:
    """A situation, and four rules by their titles; the wrong ones are those that come nearest to it."""
    known = current(cards)
    for card in known:
        others = [
            one for one in known
            if one.topic == card.topic and one.id != card.id and one.id not in card.shares_questions_with
            and card.id not in one.shares_questions_with and FAR < likeness(one.applies_when + one.title, card.applies_when + card.title) < NEAR
            and likeness(one.applies_when, card.applies_when) < 0.3
        ]  # fmt: skip
        others.sort(key=lambda one: -likeness(one.title, card.title))
        wrong = [one for one in others if len(one.title) <= 60][:3]
        if (
            len(wrong) < 3
            or len(card.title) > 60
            or not balanced([card.title, *(one.title for one in wrong)])
        ):
            continue
        if likeness(card.title, card.applies_when) > 0.4:
            continue  # the title repeats the situation: no question at all
        yield single(
            f"gw-{card.id}"[:64], f"{card.applies_when.rstrip('。')}。先想到哪一条？", card.title,
            [{"text": one.title, "misconception": belief(f"那一条管的是另一种情形：{one.applies_when}")} for one in wrong],
            because(card), [card.id], 2, chance(f"which-{card.id}", seed),
        )  # fmt: skip
