"""The promises of the emotion model (DOMAIN 4.4), each with its margin, as checks on one random case.

A check draws its case from the Random it is given and fails with an AssertionError, so that hypothesis can
look for a counterexample and the mutant tests can show that every guard is watched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from bot.content.personas import Parameters
from bot.judgement import NEGATIVE_MOVES, POSITIVE_MOVES
from bot.roleplay.coefficients import Coefficients
from bot.roleplay.dynamics import StepResult, step
from bot.roleplay.state import Moves, State, first_state, raise_fact
from tests.roleplay.factory import parameters

Check = Callable[[Coefficients, Random], None]
HARD = ("threat", "insult", "leak", "false")
TINY = 1e-9


def person(r: Random, **fixed: float) -> Parameters:
    drawn: dict[str, float] = {
        "anger0": r.uniform(25, 95), "base": r.uniform(5, 25), "trust0": r.uniform(10, 60),
        "understood0": r.uniform(0, 40), "clarity0": r.uniform(0, 50), "temper": r.uniform(0.6, 1.6),
        "patience": r.randint(4, 14), "rumination": r.uniform(0, 0.9), "face": r.uniform(0.5, 1.6),
        "sigma": r.uniform(0, 0.2),
    }  # fmt: skip
    return parameters(**(drawn | fixed))


def some_moves(r: Random, names: tuple[str, ...], count: int = 4) -> dict[str, float]:
    return {name: r.random() for name in r.sample(names, count)}


def later(c: Coefficients, r: Random, p: Parameters) -> State:
    """A customer somewhere in a call."""
    state = first_state(p)
    for _ in range(r.randint(0, 5)):
        moves = Moves(some_moves(r, POSITIVE_MOVES + NEGATIVE_MOVES), repeat=r.random() * 0.3)
        state = step(p, state, moves, 0, c).state
    return state


def said(c: Coefficients, p: Parameters, state: State, seed: int = 0, **moves: float) -> StepResult:
    return step(p, state, Moves(moves, ack_first=bool(moves.get("ack"))), seed, c)


def stays_in_bounds(c: Coefficients, r: Random) -> None:
    state = later(c, r, person(r))
    assert all(0 <= getattr(state, n) <= 100 for n in ("anger", "trust", "understood", "clarity", "face"))
    assert 0 <= state.trauma <= 1


def reasons_add_up(c: Coefficients, r: Random) -> None:
    p = person(r)
    state = later(c, r, p)
    result = step(p, state, Moves(some_moves(r, POSITIVE_MOVES + NEGATIVE_MOVES, 6)), 1, c)
    assert abs(result.change - (result.state.anger - state.anger)) < 1e-6
    assert all(2 <= len(x.label) <= 6 for x in (*result.reasons, *result.adjustments))


def blow_never_calms(c: Coefficients, r: Random) -> None:
    p = person(r)
    state = later(c, r, p)
    moves = some_moves(r, POSITIVE_MOVES, 5) | {r.choice(HARD): r.uniform(0.5, 1)}
    assert step(p, state, Moves(moves, ack_first=True), 0, c).state.anger >= min(100, state.anger + 4) - TINY
    mild = person(r, temper=0.6, face=0.5)
    sweet = dict.fromkeys(POSITIVE_MOVES, 1.0) | {r.choice(HARD): 0.5}
    warm = replace(first_state(mild), anger=80.0, understood=80.0)
    assert step(mild, warm, Moves(sweet, ack_first=True), 0, c).state.anger >= warm.anger + 4 - TINY


def negative_never_helps(c: Coefficients, r: Random) -> None:
    p = person(r)
    state = later(c, r, p)
    clean = some_moves(r, POSITIVE_MOVES)
    spoilt = clean | {r.choice(NEGATIVE_MOVES): r.uniform(0.3, 1)}
    first, second = (step(p, state, Moves(m, ack_first=True), 0, c).state for m in (clean, spoilt))
    assert second.anger >= first.anger - TINY
    assert second.trust <= first.trust + TINY


def heard_before_reasons(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0, anger0=r.uniform(40, 95), understood0=r.uniform(0, 30))
    start = first_state(p)
    ack, why = {"ack": 0.9, "para": 0.6}, {"explain": 0.9}
    ack_first = said(c, p, said(c, p, start, **ack).state, **why).state.anger
    why_first = said(c, p, said(c, p, start, **why).state, **ack).state.anger
    assert why_first - ack_first >= 1.0
    both = ack | why
    in_order = step(p, start, Moves(both, ack_first=True), 0, c).state.anger
    reversed_order = step(p, start, Moves(both, ack_first=False), 0, c).state.anger
    assert reversed_order - in_order >= 0.5


def apology_wears_off(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0, anger0=80, patience=99, rumination=0.9)
    start = first_state(p)
    first = said(c, p, start, apol=0.9)
    second = said(c, p, first.state, apol=0.9)
    assert -second.change <= -0.7 * first.change + TINY
    state, changes = start, []
    for _ in range(5):
        result = step(p, state, Moves({"apol": 0.6}, stock_apology=True), 0, c)
        state = result.state
        changes.append(result.change)
    assert changes[0] < 0 <= changes[4]


def passed_over_inflames(c: Coefficients, r: Random) -> None:
    p = person(r, anger0=60, sigma=0)
    state = raise_fact(first_state(p), "oxygen", 1.0)
    kind = {"respect": 0.5, "explain": 0.5}
    answered = step(p, state, Moves(kind, answered=("oxygen",)), 0, c).state
    ignored = step(p, state, Moves(kind), 0, c).state
    assert ignored.anger > answered.anger + 1
    assert ignored.anger > 60


def thrice_ignored_escalates(c: Coefficients, r: Random) -> None:
    p = person(r, anger0=25, temper=0.6)
    state = raise_fact(first_state(p), "knee", 0.2)
    for _ in range(3):
        result = said(c, p, state, respect=1.0, ack=1.0)
        state = result.state
    assert result.outcome == "escalated"


def boiling_twice_escalates(c: Coefficients, r: Random) -> None:
    p = person(r, anger0=95, patience=14)
    once = said(c, p, first_state(p), insult=1.0)
    twice = said(c, p, once.state, insult=1.0)
    assert once.outcome == "open"
    assert twice.outcome == "escalated"


def patience_ends_call(c: Coefficients, r: Random) -> None:
    p = person(r, anger0=85, patience=4, temper=1.0, sigma=0)
    state = replace(first_state(p), turn=4, anger=r.uniform(84, 89))
    assert said(c, p, state, respect=0.2).outcome == "hung_up"
    assert said(c, p, state, plan=1.0).outcome == "open"


def no_miracle_cure(c: Coefficients, r: Random) -> None:
    p = person(r)
    state = replace(later(c, r, p), anger=95.0, understood=80.0)
    after = step(p, state, Moves(dict.fromkeys(POSITIVE_MOVES, 1.0), ack_first=True), 0, c).state
    assert state.anger - after.anger <= 31


def trust_falls_faster(c: Coefficients, r: Random) -> None:
    p = person(r)
    state = replace(first_state(p), trust=50.0)
    won = said(c, p, state, verify=1.0, plan=1.0, ack=1.0).state.trust - 50
    lost = 50 - said(c, p, state, threat=1.0).state.trust
    assert lost > won


def plan_needs_hearing(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0)
    deaf, heard = (replace(first_state(p), understood=u) for u in (15.0, 70.0))
    assert said(c, p, heard, plan=0.9).change <= said(c, p, deaf, plan=0.9).change - 1


def old_wound_hurts(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0, anger0=50, rumination=0.5)
    hurt, well = said(c, p, first_state(p), threat=0.8).state, said(c, p, first_state(p), respect=0.5).state
    hurt, well = (replace(s, anger=50.0, understood=30.0) for s in (hurt, well))
    assert said(c, p, hurt, blame=0.6).change > said(c, p, well, blame=0.6).change + 0.3


def empathy_alone_stays_open(c: Coefficients, r: Random) -> None:
    p = person(r, anger0=r.uniform(50, 90))
    state = first_state(p)
    soft = Moves({"respect": 1, "ack": 0.9, "para": 0.6, "apol": 0.8}, ack_first=True, repeat=0.2)
    for _ in range(8):
        result = step(p, state, soft, 0, c)
        state = result.state
        assert result.outcome != "resolved"
    assert state.anger < p.anger0


def barb_spoils_kindness(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0, anger0=70, patience=99)
    state = first_state(p)
    kind = said(c, p, state, ack=1.0, para=1.0).change
    barbed = said(c, p, state, ack=1.0, para=1.0, blame=0.8).change
    bare = said(c, p, state, blame=0.8).change
    assert bare - barbed < 0.75 * -kind


def fear_is_no_consent(c: Coefficients, r: Random) -> None:
    p = person(r, anger0=40, sigma=0)
    state = step(p, first_state(p), Moves({"threat": 0.8}), 0, c, fearful=True).state
    state = replace(state, anger=10.0, clarity=90.0, understood=90.0, trust=90.0)
    assert step(p, state, Moves({"plan": 1.0}), 0, c, fearful=True).outcome == "escalated"


def agreement_needs_all(c: Coefficients, r: Random) -> None:
    p = person(r, patience=14, sigma=0)
    settled = replace(first_state(p), anger=5.0, clarity=95.0, understood=95.0, trust=90.0)
    assert said(c, p, settled, respect=1.0).outcome == "resolved"
    for lacking in ({"clarity": 5.0}, {"understood": 5.0}, {"trust": 5.0}, {"anger": 60.0}):
        assert said(c, p, replace(settled, **lacking), respect=0.1).outcome == "open"
    assert said(c, p, raise_fact(settled, "oxygen", 0.2), respect=1.0).outcome == "open"


def mood_keeps_direction(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0.2)
    state = replace(later(c, r, p), anger=50.0)
    moves = Moves(some_moves(r, POSITIVE_MOVES))
    calm = [
        step(p.model_copy(update={"sigma": 0.0}), state, moves, 0, c).change,
        step(p, state, moves, r.randint(0, 10**6), c).change,
    ]
    assert calm[0] * calm[1] >= 0
    assert abs(calm[1]) <= abs(calm[0]) * 1.4 + TINY


def one_turn_heats_so_far(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0)
    state = replace(first_state(p), anger=20.0)
    worst = Moves(dict.fromkeys(NEGATIVE_MOVES, 1.0))
    assert step(p, state, worst, 0, c).state.anger - state.anger <= 35 + TINY


def fitting_plan_helps_more(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0, anger0=60)
    state = replace(first_state(p), understood=60.0)
    fits, misses = (step(p, state, Moves({"plan": 0.9}, fit=fit), 0, c).state for fit in (1.0, 0.2))
    assert fits.anger < misses.anger - 1
    assert fits.clarity > misses.clarity + 5


def attack_stops_settling(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0, anger0=80, rumination=0.0, base=5, temper=0.6, face=0.5)
    moves = {"ack": 1.0, "para": 1.0, "respect": 1.0, "jargon": 0.5}
    assert "慢慢平复" not in {x.label for x in said(c, p, first_state(p), **moves).reasons}


def impatience_grows(c: Coefficients, r: Random) -> None:
    p = person(r, sigma=0, anger0=60, patience=4, clarity0=10)
    early, late = (said(c, p, replace(first_state(p), turn=turn), respect=0.5).change for turn in (0, 8))
    assert late > early + 1


def same_seed_same_path(c: Coefficients, r: Random) -> None:
    p, seed = person(r), r.randint(0, 10**9)
    turns = [Moves(some_moves(r, POSITIVE_MOVES + NEGATIVE_MOVES)) for _ in range(4)]
    paths = []
    for _ in range(2):
        state = first_state(p)
        for moves in turns:
            state = step(p, state, moves, seed, c).state
        paths.append(state)
    assert paths[0] == paths[1]


PROPERTIES: tuple[Check, ...] = (
    stays_in_bounds, reasons_add_up, blow_never_calms, negative_never_helps, heard_before_reasons,
    apology_wears_off, passed_over_inflames, thrice_ignored_escalates, boiling_twice_escalates,
    patience_ends_call, no_miracle_cure, trust_falls_faster, plan_needs_hearing, old_wound_hurts,
    empathy_alone_stays_open, barb_spoils_kindness, fear_is_no_consent, same_seed_same_path,
    agreement_needs_all, mood_keeps_direction, one_turn_heats_so_far, fitting_plan_helps_more,
    attack_stops_settling, impatience_grows,
)  # fmt: skip
