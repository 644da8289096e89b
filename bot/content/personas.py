"""What authors write about customers: a Persona is a person; what that person can say is `bot.content.lines`.

`bot.content.loader` validates the YAML of knowledge/personas/; `bot.roleplay` plays it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.content.lines import HOLES, KNOWN_HOLES, SETTING_NAMES, Lines, Said, Setting, Topic

FEWEST_LINES = 300

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
PersonaId = Annotated[str, StringConstraints(pattern=r"^p\d{2}(-[a-z]+)+$", max_length=64)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]
Word = Annotated[
    str,
    BeforeValidator(lambda v: str(v) if type(v) is int else v),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=12),
]
Fact = bool | int | float | str

_NEEDED_FACTS = (
    "amount", "overdue_days", "billing_mode", "life_support", "verified_holder", "device", "address_history",
)  # fmt: skip


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

    `also` are other ways to say it; `again` is said when it was passed over, `relieved` when it was taken up.
    """

    id: Id
    severity: float = Field(gt=0, le=1)
    from_turn: int = Field(ge=0, le=10)
    says: Said
    also: tuple[Said, ...] = ()
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


class Speech(_Authored):
    """How this person talks: years of age, where from, schooling, and what is peculiar to the manner."""

    age: int = Field(ge=16, le=95)
    region: Word
    schooling: Word
    manner: Text


class Provocation(_Authored):
    """A trap that a hard customer sets.

    `claim`: a wrong claim of fact; `concession`: asks for what no collector may grant; `third_party`: asks for
    somebody else's data; `recording`: tries to record a slip for the media. `cues` are words of a good answer, `again`
    is said once when it was passed over, `held` when it was met well, `fell` when the trainee walked into it (a red
    line, or one of `fell_cues`). `truth` is what a good collector knows here, told only to the trainee.
    """

    id: Id
    kind: Literal["claim", "concession", "third_party", "recording"]
    says: tuple[Said, ...] = Field(min_length=2)
    again: tuple[Said, ...] = Field(min_length=2)
    held: tuple[Said, ...] = Field(min_length=3)
    fell: tuple[Said, ...] = Field(min_length=3)
    cues: tuple[Word, ...] = Field(min_length=4)
    fell_cues: tuple[Word, ...] = ()
    truth: Text


class Touch(_Authored):
    """Words of a trainee that hit this person's sore or soft spot, and what comes back."""

    words: tuple[Word, ...] = Field(min_length=1)
    says: tuple[Said, ...] = Field(min_length=3)


class Persona(_Authored):
    """One customer. `bot.roleplay.dynamics` moves the numbers, `bot.roleplay.voice` chooses the words."""

    id: PersonaId
    name: Word
    situation: Annotated[str, StringConstraints(min_length=2, max_length=8)]
    about: Text
    speech: Speech
    settings: tuple[Setting, ...] = Field(default=("phone", "door", "wechat"), min_length=1)
    parameters: Parameters
    needs: tuple[HiddenNeed, ...] = Field(min_length=1)
    vulnerable: tuple[Vulnerability, ...] = ()
    facts: dict[Key, Fact]
    reveals: tuple[Reveal, ...] = Field(min_length=2)
    triggers: tuple[Touch, ...] = Field(min_length=1)
    soothers: tuple[Touch, ...] = Field(min_length=1)
    provocations: tuple[Provocation, ...] = Field(min_length=4)
    power_words: tuple[Word, ...] = Field(min_length=1)
    fearful: bool = False
    accepts: tuple[Text, ...] = Field(min_length=2)
    outcomes: dict[Literal["resolved", "open", "escalated", "hung_up"], Text] = Field(min_length=4)
    lines: Lines

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if abs(sum(n.weight for n in self.needs) - 1) > 1e-6:
            raise ValueError("needs 的 weight 加起来应当是 1")
        missing = [key for key in _NEEDED_FACTS if key not in self.facts]
        if missing:
            raise ValueError(f"facts 缺少 {'、'.join(missing)}")
        absent = [SETTING_NAMES[name] for name in self.settings if name not in self.lines.hanging_up]
        if absent:
            raise ValueError(f"lines.hanging_up 缺少 {'、'.join(absent)}")
        kinds = {"claim", "concession", "third_party", "recording"} - {p.kind for p in self.provocations}
        if kinds:
            raise ValueError(f"provocations 缺少 {'、'.join(sorted(kinds))}")
        for fault in self.lines.faults(self.parameters.anger0, self.fearful):
            raise ValueError(fault)
        self._check_lines()
        return self

    def _check_lines(self) -> None:
        secrets = [word for reveal in self.reveals for word in reveal.secret]
        seen: set[str] = set()
        for line in self.spoken():
            unknown = [hole for hole in HOLES.findall(line) if hole not in KNOWN_HOLES]
            if unknown:
                raise ValueError(f"“{line}”里的 {{{unknown[0]}}} 不认识")
            leaked = [word for word in secrets if word in line]
            if leaked:
                raise ValueError(f"“{line}”提前说出了“{leaked[0]}”，它属于 reveals")
            if line in seen:
                raise ValueError(f"“{line}”写了两次")
            seen.add(line)
        if len(seen) < FEWEST_LINES:
            raise ValueError(f"一共 {len(seen)} 句话，至少要有 {FEWEST_LINES} 句")

    def spoken(self) -> Iterator[str]:
        """Every line that may be said before anything hidden is told."""
        for _, cells in self.lines.cells():
            for lines in cells.values():
                yield from lines
        for lines in self.lines.hanging_up.values():
            yield from lines
        for fact in self.vulnerable:
            yield from (fact.says, *fact.also, *fact.again, *fact.relieved)
        for touch in (*self.triggers, *self.soothers):
            yield from touch.says
        for trap in self.provocations:
            yield from (*trap.says, *trap.again, *trap.held, *trap.fell)
