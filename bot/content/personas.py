"""What authors write about customers: a Persona is a person, a Scenario is one call with that person.

`bot.content.loader` validates the YAML of knowledge/personas/ and scenarios/; `bot.roleplay` plays them.
A spoken line may begin with [电话], [上门] or [微信] when it only fits there. It may hold {amount} and
{overdue_days} (from the facts), {quote} and {time} (the trainee's own words, used only when there are any).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Setting = Literal["phone", "door", "wechat"]
SETTING_NAMES: dict[str, str] = {"phone": "电话", "door": "上门", "wechat": "微信"}
Topic = Literal["amount", "when", "notice", "who"]
LEVELS = (1, 2, 3, 4, 5)
FEWEST = 4

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
PersonaId = Annotated[str, StringConstraints(pattern=r"^p\d{2}(-[a-z]+)+$", max_length=64)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=12)]
Span = Annotated[str, StringConstraints(pattern=r"^[1-5](-[1-5])?$")]
Fact = bool | int | float | str

Band = Annotated[tuple[Said, ...], Field(min_length=FEWEST)]
Cells = dict[Span, Band]
_HOLES = re.compile(r"\{(\w*)\}")
_KNOWN_HOLES = {"amount", "overdue_days", "quote", "time"}
_LENT_HOLES = ("{quote}", "{time}")
_NEEDED_FACTS = ("amount", "overdue_days", "billing_mode", "life_support", "verified_holder")


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameters(_Authored):
    """The numbers of one temperament, in the ranges of DOMAIN 4.2; the first six lie on 0..100."""

    anger0: float = Field(ge=25, le=95)
    base: float = Field(ge=5, le=25)
    trust0: float = Field(ge=10, le=60)
    understood0: float = Field(ge=0, le=40)
    clarity0: float = Field(ge=0, le=50)
    face0: float = Field(ge=0, le=100)
    temper: float = Field(ge=0.6, le=1.6)
    patience: int = Field(ge=4, le=14)
    rumination: float = Field(ge=0, le=0.9)
    face: float = Field(ge=0.5, le=1.6)
    sigma: float = Field(ge=0, le=0.2)


class HiddenNeed(_Authored):
    """What the customer really wants; a plan fits when its words touch `cues`."""

    name: Word
    weight: float = Field(gt=0, le=1)
    cues: tuple[Word, ...] = Field(min_length=3)


class Vulnerability(_Authored):
    """A fact that must be answered once said: at turn `from_turn` (0: the opening), or when asked about.

    `again` is said when it was passed over, `relieved` when it was taken up.
    """

    id: Id
    severity: float = Field(gt=0, le=1)
    from_turn: int = Field(ge=0, le=10)
    says: Said
    again: tuple[Said, ...] = Field(min_length=3)
    relieved: tuple[Said, ...] = Field(min_length=3)
    cues: tuple[Word, ...] = Field(min_length=3)


class Reveal(_Authored):
    """A hidden fact: said only once understood (U≥35) or trusting (T≥30).

    `topic` is the question it answers best. `secret` are words that occur in no other line of the persona.
    """

    id: Id
    gate: Literal["understood", "trust"]
    topic: Topic | None = None
    says: Said
    secret: tuple[Word, ...] = Field(min_length=1)


class Touch(_Authored):
    """Words of a trainee that hit this person's sore or soft spot, and what comes back."""

    words: tuple[Word, ...] = Field(min_length=1)
    says: tuple[Said, ...] = Field(min_length=3)


class Reactions(_Authored):
    """Answers to what the trainee has just done to the customer."""

    insult: Cells
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


class Lines(_Authored):
    """Everything a persona can say: function → anger levels ("3", or "1-2" for both) → lines.

    `complying` is what a fearful customer says under a threat: obedience that ends in a complaint.
    """

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
    hanging_up: dict[Setting, Band]
    complying: Cells = {}
    reacting: Reactions

    def cells(self) -> Iterator[tuple[str, Cells]]:
        """Every function with its cells, dotted: `reacting.threat`, `answering.when`."""
        for name in ("opening", "complaint", "rejecting", "doubting", "demanding", "softening"):
            yield name, getattr(self, name)
        for name in ("revealing", "agreeing", "escalating", "complying"):
            yield name, getattr(self, name)
        for topic, cells in self.answering.items():
            yield f"answering.{topic}", cells
        for name in Reactions.model_fields:
            yield f"reacting.{name}", getattr(self.reacting, name)


# Levels at which a function must have lines of its own; elsewhere the nearest level speaks.
_REACH: dict[str, tuple[int, ...]] = {
    "opening": (3,),
    "softening": (3, 4, 5),
    "agreeing": (1, 2),
    "escalating": (4, 5),
    "complying": (1, 2, 3),
}


def levels_of(span: str) -> range:
    """The levels a key such as "2" or "4-5" covers."""
    first, _, last = span.partition("-")
    return range(int(first), int(last or first) + 1)


class Persona(_Authored):
    """One customer. `bot.roleplay.dynamics` moves the numbers, `bot.roleplay.voice` chooses the words."""

    id: PersonaId
    name: Word
    situation: Annotated[str, StringConstraints(min_length=2, max_length=8)]
    about: Text
    parameters: Parameters
    needs: tuple[HiddenNeed, ...] = Field(min_length=1)
    vulnerable: tuple[Vulnerability, ...] = ()
    facts: dict[Key, Fact]
    reveals: tuple[Reveal, ...] = Field(min_length=2)
    triggers: tuple[Touch, ...] = Field(min_length=1)
    soothers: tuple[Touch, ...] = Field(min_length=1)
    power_words: tuple[Word, ...] = Field(min_length=1)
    fearful: bool = False
    outcomes: dict[Literal["resolved", "open", "escalated", "hung_up"], Text] = Field(min_length=4)
    lines: Lines

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if abs(sum(n.weight for n in self.needs) - 1) > 1e-6:
            raise ValueError("needs 的 weight 加起来应当是 1")
        missing = [key for key in _NEEDED_FACTS if key not in self.facts]
        if missing:
            raise ValueError(f"facts 缺少 {'、'.join(missing)}")
        if set(self.lines.answering) != {"amount", "when", "notice", "who"}:
            raise ValueError("answering 要写全 amount、when、notice、who")
        if set(self.lines.hanging_up) != set(SETTING_NAMES):
            raise ValueError("hanging_up 要写全 phone、door、wechat")
        self._check_cells()
        self._check_lines()
        return self

    def _check_cells(self) -> None:
        for name, cells in self.lines.cells():
            if name == "complying" and not self.fearful:
                continue
            covered = {level for span in cells for level in levels_of(span)}
            lacking = [level for level in _REACH.get(name, LEVELS) if level not in covered]
            if lacking:
                raise ValueError(f"lines.{name} 缺少怒气 {lacking[0]} 级的话")
            for span, lines in cells.items():
                if sum(map(_fits_anywhere, lines)) < FEWEST:
                    raise ValueError(f"lines.{name} 的 {span} 至少要有 {FEWEST} 句哪里都能说的话")

    def _check_lines(self) -> None:
        secrets = [word for reveal in self.reveals for word in reveal.secret]
        for line in self.spoken():
            unknown = [hole for hole in _HOLES.findall(line) if hole not in _KNOWN_HOLES]
            if unknown:
                raise ValueError(f"“{line}”里的 {{{unknown[0]}}} 不认识")
            leaked = [word for word in secrets if word in line]
            if leaked:
                raise ValueError(f"“{line}”提前说出了“{leaked[0]}”，它属于 reveals")

    def spoken(self) -> Iterator[str]:
        """Every line that may be said before anything hidden is told."""
        for _, cells in self.lines.cells():
            for lines in cells.values():
                yield from lines
        for lines in self.lines.hanging_up.values():
            yield from lines
        for fact in self.vulnerable:
            yield from (fact.says, *fact.again, *fact.relieved)
        for touch in (*self.triggers, *self.soothers):
            yield from touch.says


def _fits_anywhere(line: str) -> bool:
    return not line.startswith("[") and not any(hole in line for hole in _LENT_HOLES)


class Scenario(_Authored):
    """One call: who, where, how hard, what is said first, and what counts as well done."""

    id: Id
    title: Annotated[str, StringConstraints(min_length=4, max_length=24)]
    persona: PersonaId
    setting: Setting
    difficulty: int = Field(ge=1, le=5)
    opening: Said
    goal: Text
    facts: dict[Key, Fact] = {}
    max_turns: int = Field(ge=6, le=30)
    success: tuple[Text, ...] = Field(min_length=2)
