"""From the figures of a card: fill the blank, or choose among figures that other cards hold for other things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bot.content.models import RegulationCard
from bot.content.numerals import int_to_chinese
from bot.learning.quizzes.generating.drafts import (
    Draft,
    belief,
    chance,
    clause,
    current,
    explained,
    likeness,
    single,
)

_FIGURE = re.compile(
    r"(?<![\d.第])(\d+(?:\.\d+)?)(个工作日|个月|小时|分钟|万元|周岁|伏|千伏|米|倍|日|天|年|元|%|‰|分|人)"
)
_WHERE = re.compile(r"[“”]|第\d+条")
SHORTEST, LONGEST = 16, 110
MOST_APART = 4.0
"""A number many times as large is no slip of memory."""
_ASIDE = re.compile(r"据题库|公司口径|见于")
_PENALTY = re.compile(r"罚|拘留|徒刑|判|处分|处.{0,12}以下|情节|违法所得")
"""What others are punished with is no figure that staff work by."""
_YEAR = re.compile(r"^(?:19|20)\d\d$")


@dataclass(frozen=True)
class Figure:
    """A number with its unit, in the sentence in which it stands alone."""

    card: RegulationCard
    number: str
    unit: str
    sentence: str


def figures_of(cards: Iterable[RegulationCard]) -> list[Figure]:
    """Figures that occur once in their card's summary, in a sentence that can be understood by itself."""
    found = []
    for card in current(cards):
        for sentence in re.split(r"[。；]", card.summary):
            sentence = sentence.strip()
            if not SHORTEST <= len(sentence) <= LONGEST or any(
                one.search(sentence) for one in (_WHERE, _ASIDE, _PENALTY)
            ):
                continue
            for match in _FIGURE.finditer(sentence):
                number, unit = match.groups()
                if _YEAR.match(number) or float(number) == 0:
                    continue
                if sentence.count(unit) > 1:
                    continue  # a range or a ladder: the other figure would rule out wrong ones
                if (
                    len(re.findall(rf"(?<!\d){re.escape(number)}(?!\d)", card.summary + card.applies_when))
                    == 1
                ):
                    found.append(Figure(card, number, unit, sentence))
    return found


def choose_figure(cards: Sequence[RegulationCard], seed: int) -> Iterator[Draft]:
    """Three other figures with the same unit, each from a card where it is right: those are mixed up."""
    figures = figures_of(cards)
    for figure in _one_a_card(figures):
        rng = chance(f"figure-{figure.card.id}", seed)
        others = _others(figure, figures, rng)
        if len(others) < 3:
            continue
        wrong = [{"text": f"{one.number}{one.unit}", "misconception": _mixed_up(one)} for one in others[:3]]
        yield single(
            f"gf-{figure.card.id}"[:64], _stem(figure), f"{figure.number}{figure.unit}", wrong,
            explained(figure.card, figure.sentence), [figure.card.id], 2, rng,
        )  # fmt: skip


def fill_figure(cards: Sequence[RegulationCard], seed: int) -> Iterator[Draft]:
    """The number to be written. Only where the unit says what kind of number is wanted."""
    figures = figures_of(cards)
    for figure in _one_a_card(figures[::-1]):
        others = _others(figure, figures, chance(f"fill-{figure.card.id}", seed))
        if not others or figure.unit in ("分", "人", "米"):
            continue
        near = others[0]
        written = [figure.number, *([int_to_chinese(int(figure.number))] if figure.number.isdigit() else [])]
        yield {
            "id": f"gb-{figure.card.id}"[:64], "kind": "fill", "level": 2, "cards": [figure.card.id],
            "stem": _stem(figure).removesuffix("____ 里该填多少？").rstrip() + "填一个数。",
            "answers": written, "unit": figure.unit,
            "misconception": _mixed_up(near),
            "explanation": explained(figure.card, figure.sentence),
        }  # fmt: skip


def _stem(figure: Figure) -> str:
    blank = re.sub(
        rf"(?<!\d){re.escape(figure.number)}{re.escape(figure.unit)}",
        f"____ {figure.unit}",
        figure.sentence,
        count=1,
    )
    return f"{figure.card.applies_when.rstrip('。')}。{clause(figure.card)}：{blank}。____ 里该填多少？"


def _mixed_up(other: Figure) -> str:
    return belief(f"和别处的{other.number}{other.unit}记混了，那是“{other.sentence}”")


def _one_a_card(figures: Iterable[Figure]) -> list[Figure]:
    kept: dict[str, Figure] = {}
    for one in figures:
        kept.setdefault(one.card.id, one)
    return list(kept.values())


def _others(figure: Figure, figures: Sequence[Figure], rng: Random) -> list[Figure]:
    """Other numbers of the same unit that could be meant: nearest in size first, of the same topic first; none twice."""
    right = float(figure.number)
    same = [
        one
        for one in figures
        if one.unit == figure.unit
        and f"{one.number}{one.unit}" not in figure.card.summary
        and 1 < max(right, float(one.number)) / min(right, float(one.number)) <= MOST_APART
    ]
    rng.shuffle(same)
    same.sort(key=lambda one: (one.card.topic != figure.card.topic, -likeness(one.sentence, figure.sentence)))
    kept: dict[str, Figure] = {}
    for one in same:
        kept.setdefault(one.number, one)
    return list(kept.values())
