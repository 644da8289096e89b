"""From what a card says to do and not to do: which of these must not be done, and is this right or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.content.models import RegulationCard
from bot.learning.quizzes.generating.drafts import (
    Draft,
    as_deed,
    balanced,
    chance,
    current,
    explained,
    likeness,
    short,
    single,
)

TOO_ALIKE = 0.45
WRONG = 3
LONGEST_SUMMARY = 90


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
            {"text": one, "misconception": f"以为这样做不妥，其实正该这么做：{card.title}"[:120]}
            for one in goods
        ]
        stem = f"{card.applies_when.rstrip('。')}。下面哪一样做不得？"
        yield single(f"gn-{card.id}"[:64], stem, deed, wrong, explained(card, dont), [card.id], 1, rng)


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
        why = f"就该这样。{_first(card.summary)}" if truth else whole
        yield {
            "id": f"gj-{card.id}"[:64], "kind": "judgement", "level": 1, "cards": [card.id],
            "stem": f"{card.applies_when.rstrip('。')}。同事这样做：{_closed(deed)}对还是错？",
            "truth": truth,
            "misconception": (f"以为用不着，其实{card.title}" if truth else f"以为这样省事，可卡上写着：{whole}")[:120],
            "explanation": explained(card, why),
        }  # fmt: skip


def _closed(deed: str) -> str:
    """With one stop at its end, inside the quotation if it ends with one."""
    return deed if deed.endswith(("。", "。”", "？”", "！”")) else f"{deed}。"


def _first(summary: str) -> str:
    """As many whole sentences as fit into a breath."""
    kept = ""
    for sentence in summary.split("。"):
        if kept and len(kept) + len(sentence) > LONGEST_SUMMARY:
            break
        kept += f"{sentence}。"
    return kept.strip("。") + "。"
