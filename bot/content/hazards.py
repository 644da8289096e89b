"""What trainers write about hazards: words by which one is recognised, and what to do before anything else.

One file of knowledge/hazards/ is one kind of danger. The advice rests on cards that exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.content.models import Id, Line, Topic
from bot.errors import Fault

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=12)]
Advice = Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=60)]


class HazardSign(BaseModel):
    """`words`: any of them in a report means this kind. `danger_now`: these words sound as if somebody could be hurt at
    once; they only suggest a severity, the reporter says it. `basis` says in one sentence why this is the advice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    topic: Topic
    title: Annotated[str, StringConstraints(min_length=2, max_length=16)]
    words: tuple[Word, ...] = Field(min_length=1)
    danger_now: tuple[Word, ...] = ()
    advice: tuple[Advice, ...] = Field(min_length=1, max_length=3)
    cards: tuple[Id, ...] = Field(min_length=1)
    basis: Line
    reviewed_on: date


def hazard_faults(
    signs: Mapping[str, HazardSign], known: Iterable[str], files: Mapping[str, str]
) -> Iterable[Fault]:
    """Advice that rests on nothing."""
    there = set(known)
    for sign in signs.values():
        for card in sign.cards:
            if card not in there:
                yield Fault(files[sign.id], "cards", f"没有卡片 {card}", "改成已有的编号，或先写那张卡。")
