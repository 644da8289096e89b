"""Which rule applies, and where the root of a case lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.content.models import CaseStudy, RegulationCard
from bot.learning.quizzes.generating.drafts import (
    Draft,
    balanced,
    chance,
    current,
    explained,
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
            [{"text": one.title, "misconception": f"那一条管的是另一种情形：{one.applies_when}"[:120]} for one in wrong],
            explained(card, card.title), [card.id], 2, chance(f"which-{card.id}", seed),
        )  # fmt: skip


def root_of(cases: Sequence[CaseStudy], seed: int) -> Iterator[Draft]:
    """What happened, in its moments, and four roots; the wrong ones belong to other stories of the topic."""
    for case in cases:
        if case.kind == "good_example":
            continue
        story = "；".join(f"{one.when}，{one.what}" for one in case.timeline)
        others = [
            one
            for one in cases
            if one.topic == case.topic
            and one.id != case.id
            and one.kind != "good_example"
            and likeness(one.root_cause, case.root_cause) < 0.35
        ]
        others.sort(key=lambda one: -likeness(one.happened, case.happened))
        wrong = [one for one in others if len(one.root_cause) <= 110][:3]
        if (
            len(wrong) < 3
            or len(story) > 380
            or len(case.root_cause) > 110
            or not balanced([case.root_cause, *(one.root_cause for one in wrong)])
        ):
            continue
        yield single(
            f"gr-{case.id}"[:64], f"{story}。根子在哪儿？", case.root_cause,
            [{"text": one.root_cause, "misconception": f"那是另一件事的根子：{one.title}"[:120]} for one in wrong],
            _instead(case), [case.id, *case.cards[:1]], 3, chance(f"root-{case.id}", seed),
        )  # fmt: skip


def _instead(case: CaseStudy) -> str:
    """The root, and the first thing that should have been done, where that is a sentence by itself."""
    first = case.should_have.split("。")[0]
    whole = first.count("“") == first.count("”")
    return f"{case.root_cause.rstrip('。')}。" + (f"当时可以：{first}。" if whole else "")
