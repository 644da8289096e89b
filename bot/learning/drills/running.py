"""Moves a drill on: somebody joins, decides, waits; then what is due comes in, the bot plays the roles nobody plays, and
a phase that is done gives way to the next. Pure: record in, longer record out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.content.drills import PHASES, Decision, Drill
from bot.learning.drills.record import Entry, Situation, entry_at, open_decisions, situation

WAIT_MINUTES = 10
MOST_ENTRIES = 600
LONGEST_NOTE = 200


def begin(drill: Drill, at: datetime) -> list[Entry]:
    """The first phase, and what is known at once."""
    start = situation(drill, [])
    return settle(drill, [entry_at(start, at, "phase", ref=PHASES[0])], at)


def join(
    drill: Drill, record: Sequence[Entry], person: str, name: str, role: str, at: datetime
) -> list[Entry]:
    """Somebody takes a role; the one they had is free again."""
    now = situation(drill, record)
    left = [entry_at(now, at, "leave", person=person, who=name)] if now.role_of(person) else []
    return [*record, *left, entry_at(now, at, "join", person=person, who=name, role=role)]


def leave(drill: Drill, record: Sequence[Entry], person: str, name: str, at: datetime) -> list[Entry]:
    now = situation(drill, record)
    return (
        [*record, entry_at(now, at, "leave", person=person, who=name)]
        if now.role_of(person)
        else list(record)
    )


def decide(
    drill: Drill, record: Sequence[Entry], decision: str, person: str, name: str, said: str, at: datetime
) -> list[Entry]:
    """A decision that is open; it takes its time, and everything due follows."""
    now = situation(drill, record)
    chosen = next(one for one in drill.decisions if one.id == decision)
    entry = entry_at(
        now, at, "decide", minutes=chosen.minutes, person=person, who=name, role=chosen.role, ref=decision, text=_told(chosen, said)
    )  # fmt: skip
    return settle(drill, [*record, entry], at)


def wait(drill: Drill, record: Sequence[Entry], person: str, name: str, at: datetime) -> list[Entry]:
    """Ten minutes of drill time pass."""
    now = situation(drill, record)
    return settle(
        drill, [*record, entry_at(now, at, "wait", minutes=WAIT_MINUTES, person=person, who=name)], at
    )


def note(
    drill: Drill, record: Sequence[Entry], person: str, name: str, text: str, at: datetime
) -> list[Entry]:
    """Words for the record: an inject by the trainer's hand, or what somebody wants remembered."""
    now = situation(drill, record)
    return [*record, entry_at(now, at, "note", person=person, who=name, text=text[:LONGEST_NOTE])]


def end(drill: Drill, record: Sequence[Entry], at: datetime) -> list[Entry]:
    now = situation(drill, record)
    return list(record) if now.over else [*record, entry_at(now, at, "end")]


def settle(drill: Drill, record: Sequence[Entry], at: datetime) -> list[Entry]:
    """Everything that is due by now: injects, the bot's moves, the next phase; until nothing more is."""
    entries = list(record)
    while len(entries) < MOST_ENTRIES:
        now = situation(drill, entries)
        following = _due_inject(drill, now, at) or _bot_move(drill, now, at) or _next_phase(drill, now, at)
        if now.over or following is None:
            return entries
        entries.append(following)
    return entries


def _due_inject(drill: Drill, now: Situation, at: datetime) -> Entry | None:
    due = [
        one
        for one in drill.injects
        if one.phase == now.phase
        and one.id not in now.heard
        and now.minute - now.phase_began >= one.at
        and set(one.after) <= set(now.decided)
        and not set(one.unless) & set(now.decided)
    ]
    first = min(due, key=lambda one: one.at, default=None)
    return entry_at(now, at, "inject", who=first.source, ref=first.id, text=first.text) if first else None


def _bot_move(drill: Drill, now: Situation, at: datetime) -> Entry | None:
    """A role nobody plays does what its script says, mistakes included, where it still can."""
    open_now = {one.id: one for one in open_decisions(drill, now)}
    for move in drill.bot_moves:
        decision = open_now.get(move.decision)
        due = move.phase == now.phase and now.minute - now.phase_began >= move.at
        if decision and due and decision.role not in now.players and not set(move.unless) & set(now.decided):
            return entry_at(now, at, "decide", role=decision.role, ref=decision.id, text=decision.label)
    return None


def _next_phase(drill: Drill, now: Situation, at: datetime) -> Entry | None:
    plan = next((one for one in drill.phases if one.phase == now.phase), None)
    if plan is None:
        return None if now.over else entry_at(now, at, "end")
    done = bool(plan.until) and set(plan.until) <= set(now.decided) and not _expiring(drill, now)
    if done or now.minute - now.phase_began >= plan.minutes:
        return entry_at(now, at, "phase", ref=PHASES[PHASES.index(now.phase) + 1])
    return None


def _expiring(drill: Drill, now: Situation) -> bool:
    """Whether something that a check asks for could no longer be done in the next phase: then there is still time."""
    asked = {ref for check in drill.checks for ref in check.done}
    return any(one.id in asked and one.phases[-1] == now.phase for one in open_decisions(drill, now))


def _told(decision: Decision, said: str) -> str:
    """The decision by its name, and the words it was made in where they were others."""
    words = said.strip()[:LONGEST_NOTE]
    return decision.label if len(words) < 2 or words == decision.label else f"{decision.label}（“{words}”）"
