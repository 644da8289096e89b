"""One step of the emotion model: a reply changes the customer, and every part of the change has a name.

The equations are DOMAIN section 4.3, in its order; the numbers are `Coefficients`. Pure functions.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from bot.content.personas import Parameters
from bot.judgement import NEGATIVE_MOVES
from bot.roleplay.coefficients import Coefficients
from bot.roleplay.state import Moves, OpenFact, State, clip

Outcome = Literal["resolved", "open", "escalated", "hung_up"]

MOVE_LABELS: dict[str, str] = {
    "threat": "威胁", "insult": "辱骂", "blame": "责怪", "rhet": "反问", "command": "命令",
    "deflect": "推诿", "cold": "冷漠", "refuse": "回绝", "jargon": "术语", "leak": "泄露隐私",
    "false": "谎称", "interrupt": "抢话",
}  # fmt: skip
HEARD, ACK_THEN_WHY, WHY_FIRST, WHY = "听懂了", "先认后解", "先解后认", "解释清楚"
SORRY, STOCK_SORRY, PLAN, OPTION = "道歉", "套话道歉", "给方案", "给选择"
RESPECT, VERIFY, CARED, SETTLING = "尊重", "动手核实", "接住要紧事", "慢慢平复"
SPOILT, REPEATING, MISSED, IMPATIENT = "好话打折", "翻来覆去", "漏应", "不耐烦"
CAPPED, MOOD, GUARD, EDGE = "一轮有限", "心情起伏", "红线不降", "已到头"


@dataclass(frozen=True)
class Reason:
    """A named part of the change in anger; below zero it calmed."""

    label: str
    value: float


@dataclass(frozen=True)
class StepResult:
    """`reasons` are the equation's own terms: they sum to the change before cap, noise, guard and edges.

    `adjustments` are those four; reasons and adjustments together sum to the real change.
    """

    state: State
    reasons: tuple[Reason, ...]
    adjustments: tuple[Reason, ...]
    outcome: Outcome

    @property
    def change(self) -> float:
        return math.fsum(r.value for r in (*self.reasons, *self.adjustments))


@dataclass(frozen=True)
class _Turn:
    """What the terms share. `hard`: the strongest red-line move; `soft`: the strongest bad one."""

    moves: Moves
    heard: float
    gate: float
    gate_before: float
    understood: float
    cared: float
    ignored: float
    hard: float
    soft: float


def step(
    parameters: Parameters, state: State, moves: Moves, seed: int, c: Coefficients, *, fearful: bool = False
) -> StepResult:
    """The customer after one reply. `seed` and the turn number alone decide the noise, in any process."""
    facts, cared, ignored = _answer_facts(state, moves, c)
    turn = _read(state, moves, cared, ignored, c)
    reasons = _named((*_calming(parameters, state, turn, c), *_heating(parameters, state, turn, c)))
    anger, adjustments = _settle(parameters, state, turn, math.fsum(r.value for r in reasons), seed, c)
    missed = max((state.most_missed, *(fact.missed for fact in facts)))
    boiling = state.boiling + 1 if anger >= c.endings.boiling else 0
    after = replace(
        state,
        anger=anger,
        trust=_trust(state, turn, c),
        understood=turn.understood,
        clarity=_clarity(state, turn, c),
        face=_face(parameters, state, turn, c),
        trauma=_trauma(state, turn, c),
        turn=state.turn + 1,
        apologies=state.apologies + (moves["apol"] > 0),
        boiling=boiling,
        most_missed=missed,
        escalated=state.escalated or boiling >= c.endings.boiling_turns or missed >= c.endings.ignored_times,
        complied=state.complied or (fearful and _complies(state, moves, c)),
        open=facts,
    )
    return StepResult(after, reasons, adjustments, outcome_of(parameters, after, moves, c))


def outcome_of(parameters: Parameters, state: State, moves: Moves, c: Coefficients) -> Outcome:
    """How the call stands after a reply. Obedience won by a threat is no agreement: a complaint follows."""
    e = c.endings
    if state.escalated:
        return "escalated"
    out_of_patience = state.turn >= parameters.patience
    if out_of_patience and state.anger > e.hang_up_anger and moves["plan"] < e.hang_up_plan:
        return "hung_up"
    agreed = (
        state.anger < e.resolved_anger
        and state.clarity >= e.resolved_clarity
        and state.understood >= e.resolved_understood
        and state.trust >= e.resolved_trust
        and not state.open
    )
    if agreed:
        return "escalated" if state.complied else "resolved"
    return "open"


def gate_of(understood: float, c: Coefficients) -> float:
    """How far reasons get through, 0..1: near 0 for someone who feels unheard."""
    return 1 / (1 + math.exp(-(understood - c.gate.middle) / c.gate.width))


def _complies(state: State, moves: Moves, c: Coefficients) -> bool:
    return moves["threat"] >= c.endings.comply_threat and state.anger < c.endings.comply_below


def _answer_facts(state: State, moves: Moves, c: Coefficients) -> tuple[tuple[OpenFact, ...], float, float]:
    """Facts still open, the severity that was cared for, and the weight of what was passed over."""
    cared = math.fsum(fact.severity for fact in state.open if fact.id in moves.answered)
    left = tuple(replace(f, missed=f.missed + 1) for f in state.open if f.id not in moves.answered)
    h = c.heating
    return left, cared, math.fsum(h.ignored * f.severity * h.ignored_growth**f.missed for f in left)


def _read(state: State, m: Moves, cared: float, ignored: float, c: Coefficients) -> _Turn:
    heard = clip(c.heard.ack * m["ack"] + c.heard.para * m["para"] + c.heard.ask * m["ask"], 0, 1)
    heard *= 1 - c.heard.repeat_discount * m.repeat
    u = c.unheard
    lost = u.interrupt * m["interrupt"] + u.deflect * m["deflect"] + u.cold * m["cold"]
    lost += u.jargon * m["jargon"] + (u.ignored if ignored > 0 else 0)
    gained = state.understood + c.heard.rise * heard * (100 - state.understood)
    understood = clip(gained * (1 - min(u.most, lost)))
    return _Turn(
        moves=m,
        heard=heard,
        gate=gate_of(understood if m.ack_first else state.understood, c),
        gate_before=gate_of(state.understood, c),
        understood=understood,
        cared=cared,
        ignored=ignored,
        hard=max(m[name] for name in c.heating.hard_moves),
        soft=max(m[name] for name in NEGATIVE_MOVES),
    )


def _calming(p: Parameters, state: State, turn: _Turn, c: Coefficients) -> list[Reason]:
    k, m = c.calming, turn.moves
    decay = k.decay * (1 - p.rumination) * max(turn.heard, k.decay_respect * m["respect"])
    may_settle = turn.soft < k.decay_stops_at and turn.ignored == 0
    way = k.way_floor + k.way_slope * turn.gate
    parts = [
        Reason(HEARD, k.heard * turn.heard * (k.heard_floor + k.heard_slope * state.anger / 100)),
        _explaining(turn, c),
        _apologising(state, turn, c),
        Reason(PLAN, k.plan * m["plan"] * m.fit * way),
        Reason(OPTION, k.option * m["option"] * way),
        Reason(RESPECT, k.respect * m["respect"]),
        Reason(VERIFY, k.verify * m["verify"]),
        Reason(CARED, k.answered * turn.cared),
        Reason(SETTLING, decay * max(0.0, state.anger - p.base) if may_settle else 0.0),
    ]
    total = math.fsum(part.value for part in parts)
    if total > 0:  # praise beside an attack is worth less; a reproach is not softened by it
        parts.append(Reason(SPOILT, -total * k.spoilt * min(1.0, turn.soft)))
    return [Reason(part.label, -part.value) for part in parts]


def _explaining(turn: _Turn, c: Coefficients) -> Reason:
    k = c.calming
    value = turn.moves["explain"] * (k.explain_gain * turn.gate - k.explain_cost * (1 - turn.gate))
    if value < 0:
        return Reason(WHY_FIRST, value)
    return Reason(ACK_THEN_WHY if turn.moves.ack_first or turn.gate_before >= 0.5 else WHY, value)


def _apologising(state: State, turn: _Turn, c: Coefficients) -> Reason:
    k, m = c.calming, turn.moves
    if m["apol"] <= 0:
        return Reason(SORRY, 0.0)
    if m.stock_apology and state.apologies >= k.apology_worn:
        return Reason(STOCK_SORRY, -k.apology_backfire)
    worth = k.apology * m["apol"] * (k.apology_stock if m.stock_apology else 1)
    worth *= k.apology_halving**state.apologies
    worth *= k.apology_floor + k.apology_slope * turn.understood / 100
    return Reason(STOCK_SORRY if m.stock_apology else SORRY, worth)


def _heating(p: Parameters, state: State, turn: _Turn, c: Coefficients) -> list[Reason]:
    h, m = c.heating, turn.moves
    sore = p.temper * (1 + h.trauma * state.trauma)
    parts = [
        Reason(MOVE_LABELS[name], sore * weight * m[name] * (p.face if name in h.face_moves else 1))
        for name, weight in h.moves.items()
    ]
    parts.append(Reason(REPEATING, sore * h.repeat * max(0.0, m.repeat - h.repeat_from)))
    parts.append(Reason(MISSED, p.temper * turn.ignored))
    waited = max(0, state.turn + 1 - p.patience) if m["plan"] < h.impatience_plan else 0
    parts.append(Reason(IMPATIENT, h.impatience * waited * (1 - state.clarity / 100)))
    return parts


def _settle(
    p: Parameters, state: State, turn: _Turn, raw: float, seed: int, c: Coefficients
) -> tuple[float, tuple[Reason, ...]]:
    """Anger after cap, noise, guard and edges, and what each of them changed."""
    b = c.bounds
    capped = clip(raw, -b.fall, b.rise)
    chance = random.Random(f"{seed}:{state.turn}")  # noqa: S311  a mood, not a secret
    noisy = capped * (1 + p.sigma * clip(chance.gauss(0, 1), -b.noise, b.noise))
    guarded = max(noisy, b.hard_rise) if turn.hard >= b.hard_from else noisy
    reached = state.anger + guarded
    anger = clip(reached)
    changes = (capped - raw, noisy - capped, guarded - noisy, anger - reached)
    return anger, _named(map(Reason, (CAPPED, MOOD, GUARD, EDGE), changes))


def _trust(state: State, turn: _Turn, c: Coefficients) -> float:
    m, gain = turn.moves, c.trust.gain
    won = gain["verify"] * m["verify"] + gain["plan"] * m["plan"] * m.fit
    won += gain["heard"] * turn.heard + gain["boundary"] * m["boundary"]
    won *= (1 - state.trust / 100) * (1 - c.calming.spoilt * min(1.0, turn.soft))
    lost = math.fsum(weight * m[name] for name, weight in c.trust.loss.items())
    return clip(state.trust + won - lost - (c.trust.ignored if turn.ignored > 0 else 0))


def _clarity(state: State, turn: _Turn, c: Coefficients) -> float:
    m, gain = turn.moves, c.clarity.gain
    won = gain["plan"] * m["plan"] * m.fit + gain["option"] * m["option"]
    won += gain["explain"] * m["explain"] * turn.gate
    return clip(state.clarity + won - math.fsum(weight * m[name] for name, weight in c.clarity.loss.items()))


def _face(p: Parameters, state: State, turn: _Turn, c: Coefficients) -> float:
    m, gain = turn.moves, c.face.gain
    won = gain["respect"] * m["respect"] + gain["option"] * m["option"]
    lost = math.fsum(weight * m[name] for name, weight in c.face.loss.items())
    return clip(state.face + won - p.face * lost)


def _trauma(state: State, turn: _Turn, c: Coefficients) -> float:
    return clip(c.trauma.keep * state.trauma + c.trauma.hard * turn.hard + c.trauma.soft * turn.soft, 0, 1)


def _named(parts: Iterable[Reason]) -> tuple[Reason, ...]:
    """Only what changed anything, the strongest first; equal ones keep the equation's order."""
    return tuple(sorted((p for p in parts if p.value != 0), key=lambda p: -abs(p.value)))
