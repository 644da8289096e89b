"""What happens in a drill, entry by entry. The record alone decides the state: played again, it ends the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from bot.content.drills import PHASES, Decision, Drill, Phase

Kind = Literal["join", "leave", "phase", "inject", "decide", "wait", "note", "end"]
BOT = "安训"


@dataclass(frozen=True)
class Entry:
    """One thing in the record. `minute` is drill time since the beginning, `at` the clock on the wall (ISO, UTC).

    `who` is a person's name, or the bot's; `person` their id, "" for the bot. `ref` names the inject, decision or phase.
    """

    kind: Kind
    minute: int
    at: str
    who: str = BOT
    person: str = ""
    role: str = ""
    ref: str = ""
    text: str = ""


@dataclass(frozen=True)
class Situation:
    """Where a drill stands. `players` maps a role to (person, name); `minute` is drill time; `phase_began` too."""

    phase: Phase
    minute: int
    phase_began: int
    gauges: Mapping[str, int]
    decided: tuple[str, ...]
    heard: tuple[str, ...]
    players: Mapping[str, tuple[str, str]]
    over: bool = False

    def role_of(self, person: str) -> str:
        return next((role for role, (one, _) in self.players.items() if one == person), "")


def situation(drill: Drill, record: Sequence[Entry]) -> Situation:
    """The fold of a record."""
    now = Situation(PHASES[0], 0, 0, {one.id: one.start for one in drill.gauges}, (), (), {})
    for entry in record:
        now = _after(drill, now, entry)
    return now


def _after(drill: Drill, now: Situation, entry: Entry) -> Situation:
    now = replace(now, minute=max(now.minute, entry.minute))
    if entry.kind == "join":
        return replace(now, players={**now.players, entry.role: (entry.person, entry.who)})
    if entry.kind == "leave":
        return replace(now, players={r: p for r, p in now.players.items() if p[0] != entry.person})
    if entry.kind == "phase":
        phase = next(one for one in PHASES if one == entry.ref)
        return replace(now, phase=phase, phase_began=entry.minute)
    if entry.kind == "inject":
        inject = next(one for one in drill.injects if one.id == entry.ref)
        return replace(now, heard=(*now.heard, entry.ref), gauges=_moved(drill, now.gauges, inject.adds))
    if entry.kind == "decide":
        decision = next(one for one in drill.decisions if one.id == entry.ref)
        return replace(
            now, decided=(*now.decided, entry.ref), gauges=_moved(drill, now.gauges, decision.adds)
        )
    return replace(now, over=True) if entry.kind == "end" else now


def _moved(drill: Drill, gauges: Mapping[str, int], adds: Mapping[str, int]) -> dict[str, int]:
    most = {one.id: one.most for one in drill.gauges}
    return {name: min(most[name], max(0, value + adds.get(name, 0))) for name, value in gauges.items()}


def open_decisions(drill: Drill, now: Situation, role: str = "") -> list[Decision]:
    """What can be decided now, by a role or by anybody, in the order written."""
    barred = {ref for one in drill.decisions if one.id in now.decided for ref in one.bars}
    return [
        one
        for one in drill.decisions
        if now.phase in one.phases
        and (not role or one.role == role)
        and one.id not in now.decided
        and one.id not in barred
        and set(one.needs) <= set(now.decided)
    ]


def entry_at(now: Situation, at: datetime, kind: Kind, **fields: Any) -> Entry:
    return Entry(kind, now.minute + int(fields.pop("minutes", 0)), at.isoformat(), **fields)


def to_json(record: Sequence[Entry]) -> list[dict[str, Any]]:
    return [asdict(one) for one in record]


def from_json(stored: Sequence[Mapping[str, Any]]) -> list[Entry]:
    return [Entry(**one) for one in stored]
