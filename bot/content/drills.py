"""What trainers write for a drill: an incident in phases, who plays what, what comes in when, what can be decided, and
what should have been done. Terms are those of tabletop exercises: inject, phase, hot wash, after-action report.

`bot.content.loader` validates the YAML of knowledge/drills/; `bot.learning.drills` runs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.content.models import Id, Line, Topic
from bot.errors import Fault

Phase = Literal["报告", "响应", "处置", "恢复", "复盘"]
PHASES: tuple[Phase, ...] = ("报告", "响应", "处置", "恢复", "复盘")
Role = Literal["营销", "信息", "客服", "法务", "领导"]
ROLES: tuple[Role, ...] = ("营销", "信息", "客服", "法务", "领导")
Key = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z0-9]+)*$", max_length=40)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
Cue = Annotated[
    str,
    BeforeValidator(lambda v: str(v) if type(v) is int else v),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=12),
]
"""A number such as 119 is a word here."""
MOST_MINUTES = 600


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoleBrief(_Authored):
    """What one role knows at the start, and what it may do."""

    role: Role
    knows: Line
    may: Line


class Gauge(_Authored):
    """A number of the incident, 0 to `most`: how many are hurt, how hot the talk. More is worse."""

    id: Key
    name: Annotated[str, StringConstraints(min_length=2, max_length=10)]
    start: int = Field(ge=0)
    most: int = Field(default=100, ge=1)
    unit: Annotated[str, StringConstraints(max_length=4)] = ""

    @model_validator(mode="after")
    def _starts_within(self) -> Self:
        if self.start > self.most:
            raise ValueError("start 比 most 还大")
        return self


class Inject(_Authored):
    """Something that comes in: `at` minutes of drill time after its phase began, while `unless` has not been decided and
    all of `after` have. `to` are the roles that hear of it, () for everybody. `adds` moves gauges."""

    id: Key
    phase: Phase
    at: int = Field(default=0, ge=0, le=MOST_MINUTES)
    to: tuple[Role, ...] = ()
    source: Short
    text: Line
    after: tuple[Key, ...] = ()
    unless: tuple[Key, ...] = ()
    adds: Mapping[Key, int] = {}


class Decision(_Authored):
    """Something a role can do in some phases. It takes `minutes` of drill time; `then` is what comes of it.

    `cues` recognise it in free words: of each group one word must be there. `good` is None for what is neither right nor
    wrong. `needs` must have been decided before; `bars` can no longer be decided after it.
    """

    id: Key
    role: Role
    phases: tuple[Phase, ...] = Field(min_length=1)
    label: Short
    then: Line
    minutes: int = Field(default=5, ge=0, le=MOST_MINUTES)
    cues: tuple[tuple[Cue, ...], ...] = Field(min_length=1)
    good: bool | None = None
    needs: tuple[Key, ...] = ()
    bars: tuple[Key, ...] = ()
    adds: Mapping[Key, int] = {}


class BotMove(_Authored):
    """What the bot does for a role that nobody plays, `at` minutes after its phase began."""

    decision: Key
    phase: Phase
    at: int = Field(ge=0, le=MOST_MINUTES)
    unless: tuple[Key, ...] = ()


class Check(_Authored):
    """What should have been done: one of `done`, within `within` minutes of drill time where that counts; or what should
    not have been: none of `never`. `change` is what to alter where it failed."""

    id: Key
    what: Line
    role: Role
    topic: Topic
    done: tuple[Key, ...] = ()
    never: tuple[Key, ...] = ()
    within: int | None = Field(default=None, ge=1, le=24 * 60)
    weight: Literal[1, 2, 3] = 1
    cards: tuple[Id, ...] = ()
    change: Line

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.done and not self.never:
            raise ValueError("done 和 never 至少写一样")
        return self


class PhasePlan(_Authored):
    """A phase ends when everything in `until` has been decided and nothing that a check asks for would be too late
    afterwards, or after `minutes` of drill time."""

    phase: Phase
    until: tuple[Key, ...] = ()
    minutes: int = Field(ge=1, le=MOST_MINUTES)


class Drill(_Authored):
    id: Id
    title: Annotated[str, StringConstraints(min_length=4, max_length=20)]
    topic: Topic
    about: Line
    meant: Line
    roles: tuple[RoleBrief, ...] = Field(min_length=3)
    gauges: tuple[Gauge, ...] = Field(min_length=1, max_length=4)
    phases: tuple[PhasePlan, ...] = Field(min_length=4, max_length=4)
    injects: tuple[Inject, ...] = Field(min_length=8)
    decisions: tuple[Decision, ...] = Field(min_length=8)
    bot_moves: tuple[BotMove, ...] = Field(min_length=3)
    checks: tuple[Check, ...] = Field(min_length=8)
    debrief: tuple[Line, ...] = Field(min_length=3, max_length=6)
    reviewed_on: date

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if problem := next(_misfits(self), ""):
            raise ValueError(problem)
        return self


def _misfits(drill: Drill) -> Iterator[str]:
    """Why a drill cannot be played."""
    decisions = {one.id: one for one in drill.decisions}
    injects = [one.id for one in drill.injects]
    roles, gauges = {one.role for one in drill.roles}, {one.id for one in drill.gauges}
    if len(decisions) < len(drill.decisions) or len(set(injects)) < len(injects):
        yield "有两个 inject 或 decision 编号一样"
    if tuple(one.phase for one in drill.phases) != PHASES[:4]:
        yield f"phases 要按次序写 {'、'.join(PHASES[:4])}；复盘不用写"
    named = [
        *((f"injects.{one.id}", (*one.after, *one.unless)) for one in drill.injects),
        *((f"decisions.{one.id}", (*one.needs, *one.bars)) for one in drill.decisions),
        *((f"bot_moves.{one.decision}", (one.decision, *one.unless)) for one in drill.bot_moves),
        *((f"checks.{one.id}", (*one.done, *one.never)) for one in drill.checks),
        *((f"phases.{one.phase}", one.until) for one in drill.phases),
    ]
    for where, refs in named:
        yield from (f"{where} 里没有叫 {ref} 的 decision" for ref in refs if ref not in decisions)
    moved = [*((one.id, one.adds) for one in drill.injects), *((one.id, one.adds) for one in drill.decisions)]
    for owner, adds in moved:
        yield from (f"{owner} 里没有叫 {name} 的 gauge" for name in adds if name not in gauges)
    for decision in drill.decisions:
        if decision.role not in roles:
            yield f"decisions.{decision.id} 的角色 {decision.role} 没写在 roles 里"
    for check in drill.checks:
        wrong = [ref for ref in check.done if decisions[ref].good is False]
        yield from (f"checks.{check.id} 要人做 {ref}，可它 good 写的是 false" for ref in wrong)


def drill_faults(
    drills: Mapping[str, Drill], cards: Mapping[str, object], files: Mapping[str, str]
) -> Iterator[Fault]:
    """Cards that checks name and nobody has written."""
    for drill in drills.values():
        for check in drill.checks:
            for card in check.cards:
                if card not in cards:
                    yield Fault(
                        files[drill.id],
                        f"checks.{check.id}.cards",
                        f"没有卡片 {card}",
                        "改成已有的编号，或先写那张卡。",
                    )
