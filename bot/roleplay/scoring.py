"""The end of a call: its score, grade, three groups, the moments that mattered and one thing for next time.

DOMAIN 5.1: 0.75 · mean weighted by anger + 0.10 · the worst turn + 0.15 · how it ended, less what hints cost, then
the red-line gates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.roleplay.advice import next_time, summarise, why_of
from bot.roleplay.coefficients import Coefficients
from bot.roleplay.dynamics import Outcome
from bot.roleplay.session import Practice, TurnRecord
from bot.roleplay.stage import Stage
from bot.roleplay.state import clip
from bot.roleplay.success import Checked, checked

FATAL = frozenset({"threat", "insult", "privacy", "private_collection", "illegal_cutoff", "deceive"})
SEVERE = frozenset({"false_promise", "obstruct_complaint"})
FATAL_CAP, SEVERE_CAP, SEVERE_TWICE_CAP = 30, 59, 40
MEAN, WORST, ENDING = 0.75, 0.10, 0.15
HINT_COST = 3
CALMED, TRUSTED, SETTLED = 0.50, 0.20, 0.30
TRUST_FULL = 50.0  # trust that earns all of its part: where a well-led call ends
GRADES = ((90, "优"), (80, "良"), (70, "合格"), (60, "待改"), (0, "不合格"))
NO_GRADE = "未评分"
_WEIGHTS = {
    "respect": 15, "empathy": 20, "listening": 15, "accuracy": 15, "solution": 20, "steadiness": 10, "closing": 5,
}  # fmt: skip
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("语气", ("respect", "empathy", "steadiness")),
    ("合规", ("accuracy",)),
    ("解决", ("listening", "solution", "closing")),
)
_MOMENTS = 3


@dataclass(frozen=True)
class Group:
    """`score` 0..100, None when nothing in this call could be judged by it."""

    name: str
    score: int | None


@dataclass(frozen=True)
class KeyMoment:
    """A reply that moved the customer most: by how much anger, the strongest cause, and why in one sentence."""

    turn: int
    reply: str
    change: float
    label: str
    why: str


@dataclass(frozen=True)
class RedlineHit:
    turn: int
    code: str


@dataclass(frozen=True)
class Point:
    """Anger after a turn, and the cause that moved it; turn 0 is before the first word."""

    turn: int
    anger: float
    label: str
    reply: str


@dataclass(frozen=True)
class Result:
    """`overall` is None when nothing was said, `grade` then 未评分."""

    outcome: Outcome
    overall: int | None
    grade: str
    groups: tuple[Group, ...]
    moments: tuple[KeyMoment, ...]
    next_time: str
    summary: str
    redlines: tuple[RedlineHit, ...]
    curve: tuple[Point, ...]
    turns: int
    conditions: tuple[Checked, ...] = ()


def finish(stage: Stage, practice: Practice) -> Result:
    """Score the call as far as it got; asking twice gives the same answer."""
    persona, turns = stage.persona(practice.persona), practice.turns
    hits = tuple(RedlineHit(turn.number, code) for turn in turns for code in turn.judgement.redlines)
    overall = _overall(practice, hits, stage.coefficients)
    return Result(
        outcome=practice.outcome,
        overall=overall,
        grade=NO_GRADE if overall is None else grade_of(overall),
        groups=tuple(Group(name, _group(turns, names, hits)) for name, names in _GROUPS),
        moments=_moments(turns),
        next_time=next_time(turns, tuple(hit.code for hit in hits), persona.name),
        summary=summarise(practice, persona),
        redlines=hits,
        curve=_curve(practice),
        turns=len(turns),
        conditions=checked(stage.scenarios.get(practice.scenario or ""), practice),
    )


def grade_of(overall: int) -> str:
    return next(grade for limit, grade in GRADES if overall >= limit)


def cap_of(codes: Sequence[str]) -> int:
    """The most a call with these red lines can reach; making up afterwards does not lift it."""
    severe = sum(code in SEVERE for code in codes)
    if any(code in FATAL for code in codes):
        return FATAL_CAP
    return 100 if not severe else SEVERE_CAP if severe == 1 else SEVERE_TWICE_CAP


def ending_score(practice: Practice, c: Coefficients) -> float:
    """0..100: how far anger fell towards agreement, how much trust there is, and whether it was settled."""
    start, end, goal = practice.first.anger, practice.state.anger, c.endings.resolved_anger
    calmed = 1.0 if end < goal else clip((start - end) / max(start - goal, 1.0), 0, 1)
    trusted = clip(practice.state.trust / TRUST_FULL, 0, 1)
    settled = 1.0 if practice.outcome == "resolved" else 0.0
    return 100 * (CALMED * calmed + TRUSTED * trusted + SETTLED * settled)


def _overall(practice: Practice, hits: Sequence[RedlineHit], c: Coefficients) -> int | None:
    turns = practice.turns
    if not turns:
        return None
    if practice.mode == "warm_up":  # one sentence is judged as a sentence, not as a call
        return turns[-1].judgement.overall
    mean = _weighted((1 + turn.before.anger / 100, turn.judgement.overall) for turn in turns)
    worst = min(turn.judgement.overall for turn in turns)
    score = (
        MEAN * (mean or 0.0) + WORST * worst + ENDING * ending_score(practice, c) - HINT_COST * practice.hints
    )
    return min(max(0, round(score)), cap_of([hit.code for hit in hits]))


def _group(turns: Sequence[TurnRecord], names: Sequence[str], hits: Sequence[RedlineHit]) -> int | None:
    score = _weighted(
        ((1 + turn.before.anger / 100) * _WEIGHTS[name], value)
        for turn in turns
        for name in names
        if (value := turn.judgement.dimensions.get(name)) is not None
    )
    if "accuracy" in names and hits:
        return min(round(score or 0.0), cap_of([hit.code for hit in hits]))
    return None if score is None else round(score)


def _weighted(pairs: Iterable[tuple[float, float]]) -> float | None:
    known = list(pairs)
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else None


def _moments(turns: Sequence[TurnRecord]) -> tuple[KeyMoment, ...]:
    moved = [turn for turn in turns if turn.reasons]
    largest = sorted(moved, key=lambda t: -abs(t.after.anger - t.before.anger))[:_MOMENTS]
    return tuple(
        KeyMoment(turn.number, turn.reply, turn.after.anger - turn.before.anger, label, why_of(label))
        for turn in sorted(largest, key=lambda t: t.number)
        for label in (main_label(turn),)
    )


def main_label(turn: TurnRecord) -> str:
    """The strongest cause that worked in the direction anger went, "" when nothing moved."""
    went = turn.after.anger - turn.before.anger
    along = [reason for reason in turn.reasons if reason.value * went > 0] or list(turn.reasons)
    return along[0].label if along else ""


def _curve(practice: Practice) -> tuple[Point, ...]:
    points = [Point(0, practice.first.anger, "", "")]
    points += [Point(t.number, t.after.anger, main_label(t), t.reply) for t in practice.turns]
    return tuple(points)
