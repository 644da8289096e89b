"""Every line a customer can say: function → anger levels → lines; part of a Persona.

A line may begin with [电话], [上门] or [微信] when it only fits there. It may hold {amount} and {overdue_days}
(from the facts), and {quote}, {time} and {thing}: the trainee's own words, used only when there are any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Setting = Literal["phone", "door", "wechat"]
SETTING_NAMES: dict[str, str] = {"phone": "电话", "door": "上门", "wechat": "微信"}
Topic = Literal["amount", "when", "notice", "who", "living", "paid", "reason", "usage"]
TOPICS: tuple[Topic, ...] = ("amount", "when", "notice", "who", "living", "paid", "reason", "usage")
LEVELS = (1, 2, 3, 4, 5)
LEVEL_LIMITS = (25.0, 45.0, 65.0, 82.0)
FEWEST = 6
FEWEST_ANYWHERE = 5
"""Of the lines of a cell, so many need neither a setting nor words of the trainee."""
OPENING_REACH = 15.0  # difficulty and scenario move the first anger by about so much

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
Connective = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^.{1,11}[，！。？…]$")]
Span = Annotated[str, StringConstraints(pattern=r"^[1-5](-[1-5])?$")]
Band = Annotated[tuple[Said, ...], Field(min_length=FEWEST)]
Cells = dict[Span, Band]
Connectives = dict[
    Literal["1", "2", "3", "4", "5"], Annotated[tuple[Connective, ...], Field(min_length=FEWEST)]
]

HOLES = re.compile(r"\{(\w*)\}")
KNOWN_HOLES = frozenset({"amount", "overdue_days", "quote", "time", "thing"})
LENT_HOLES = ("{quote}", "{time}", "{thing}")


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reactions(_Authored):
    """Answers to what the trainee has just done to the customer.

    `empty`: 好的 and other words without content; `repeat`: the same again; `echo`: the customer's own line thrown
    back; `puzzled`: nothing a customer could understand (symbols, another language, orders to a machine).
    """

    insult: Cells
    blame: Cells
    threat: Cells
    command: Cells
    deflect: Cells
    cold: Cells
    jargon: Cells
    leak: Cells
    ack: Cells
    apology: Cells
    plan: Cells
    verify: Cells
    explain: Cells
    empty: Cells
    repeat: Cells
    echo: Cells
    puzzled: Cells


class Lines(_Authored):
    """Everything a persona can say: function → anger levels ("3", or "1-2" for both) → lines.

    `complying` is what a fearful customer says under a threat: obedience that ends in a complaint.
    `interrupting` cuts a long speech short. `connectives` are short lead-ins that fit before most lines of their
    level.
    """

    connectives: Connectives
    opening: Cells
    complaint: Cells
    answering: dict[Topic, Cells]
    rejecting: Cells
    doubting: Cells
    demanding: Cells
    softening: Cells
    revealing: Cells
    agreeing: Cells
    escalating: Cells
    interrupting: Cells
    hanging_up: dict[Setting, Band]
    complying: Cells = {}
    reacting: Reactions

    def cells(self) -> Iterator[tuple[str, Cells]]:
        """Every function with its cells, dotted: `reacting.threat`, `answering.when`."""
        for name in (*_PLAIN, "complying"):
            yield name, getattr(self, name)
        for topic, cells in self.answering.items():
            yield f"answering.{topic}", cells
        for name in Reactions.model_fields:
            yield f"reacting.{name}", getattr(self.reacting, name)

    def per_level(self) -> dict[int, int]:
        """How many lines each anger level may use; a line of several levels counts for each of them."""
        found = dict.fromkeys(LEVELS, 0)
        for _, cells in self.cells():
            for span, lines in cells.items():
                for level in levels_of(span):
                    found[level] += len(lines)
        return found

    def faults(self, anger: float, fearful: bool) -> Iterator[str]:
        """What is missing, in words for the author; `anger` is the first anger of the person."""
        missing = [topic for topic in TOPICS if topic not in self.answering]
        if missing:
            yield f"lines.answering 缺少 {'、'.join(missing)}"
        for name, cells in self.cells():
            if name == "complying" and not fearful:
                continue
            covered = {level for span in cells for level in levels_of(span)}
            lacking = [level for level in _reach(name, anger) if level not in covered]
            if lacking:
                yield f"lines.{name} 缺少怒气 {lacking[0]} 级的话"
            for span, lines in cells.items():
                if sum(map(fits_anywhere, lines)) < FEWEST_ANYWHERE:
                    yield f"lines.{name} 的 {span} 至少要有 {FEWEST_ANYWHERE} 句哪里都能说的话"


_PLAIN = (
    "opening", "complaint", "rejecting", "doubting", "demanding", "softening", "revealing", "agreeing",
    "escalating", "interrupting",
)  # fmt: skip
# Levels at which a function must have lines of its own; elsewhere the nearest level speaks.
_REACH: dict[str, tuple[int, ...]] = {
    "softening": (3, 4, 5),
    "agreeing": (1, 2),
    "escalating": (4, 5),
    "interrupting": (3, 4, 5),
    "complying": (1, 2, 3),
}


def level_of(anger: float) -> int:
    """1..5, cut at 25, 45, 65 and 82 as in DOMAIN 4.2; it decides only how strongly the customer speaks."""
    return 1 + sum(anger >= limit for limit in LEVEL_LIMITS)


def levels_of(span: str) -> range:
    """The levels a key such as "2" or "4-5" covers."""
    first, _, last = span.partition("-")
    return range(int(first), int(last or first) + 1)


def fits_anywhere(line: str) -> bool:
    """Whether a line needs neither a setting nor words of the trainee."""
    return not line.startswith("[") and not any(hole in line for hole in LENT_HOLES)


def _reach(name: str, anger: float) -> tuple[int, ...]:
    if name == "opening":
        return tuple(range(level_of(anger - OPENING_REACH), level_of(anger + OPENING_REACH) + 1))
    return _REACH.get(name, LEVELS)
