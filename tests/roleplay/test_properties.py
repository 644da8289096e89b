"""The model keeps its promises, and each guard in it is watched by one of them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.roleplay import dynamics
from bot.roleplay.coefficients import Coefficients
from tests.roleplay import properties as promise
from tests.roleplay.factory import coefficients

CASES = 80


@pytest.mark.parametrize("check", promise.PROPERTIES, ids=lambda check: check.__name__)
def test_model_keeps_promise(check: promise.Check) -> None:
    """Each property of the domain model holds with its margin for any temperament, under shipped numbers."""

    @settings(max_examples=CASES, deadline=None, derandomize=True, database=None)
    @given(st.integers(min_value=0, max_value=2**32))
    def holds(seed: int) -> None:
        check(coefficients(), Random(seed))

    holds()


class _Dice:
    """Stands in for the random module and forgets what it was seeded with."""

    def Random(self, _seed: object) -> Random:  # noqa: N802  the name that is replaced
        return Random()


def _without(part: str, **changes: object) -> Coefficients:
    whole = coefficients()
    return whole.model_copy(update={part: getattr(whole, part).model_copy(update=changes)})


def _weights(part: str, field: str, **changes: float) -> Coefficients:
    held = getattr(getattr(coefficients(), part), field)
    return _without(part, **{field: held | changes})


HARD = coefficients().heating.hard_moves
MUTANTS = {
    "no guard under a threat": (_without("bounds", hard_rise=-100), promise.blow_never_calms),
    "a bad move that soothes": (_weights("heating", "moves", deflect=-8), promise.negative_never_helps),
    "order does not matter": (_without("gate", width=1e9), promise.heard_before_reasons),
    "apologies never fade": (_without("calming", apology_halving=1), promise.apology_wears_off),
    "stock phrases never tire": (_without("calming", apology_worn=99), promise.apology_wears_off),
    "facts may be ignored": (_without("heating", ignored=0), promise.passed_over_inflames),
    "ignored for ever": (_without("endings", ignored_times=99), promise.thrice_ignored_escalates),
    "boiling for ever": (_without("endings", boiling_turns=99), promise.boiling_twice_escalates),
    "nobody hangs up": (_without("endings", hang_up_anger=200), promise.patience_ends_call),
    "cured in one turn": (_without("bounds", fall=100), promise.no_miracle_cure),
    "trust never breaks": (_weights("trust", "loss", threat=3), promise.trust_falls_faster),
    "a plan needs no ear": (_without("calming", way_floor=1, way_slope=0), promise.plan_needs_hearing),
    "no wound stays": (_without("heating", trauma=0), promise.old_wound_hurts),
    "kind words settle it": (_without("endings", resolved_clarity=0), promise.empathy_alone_stays_open),
    "barbs are free": (_without("calming", spoilt=0), promise.barb_spoils_kindness),
    "fear counts as consent": (_without("endings", comply_below=0), promise.fear_is_no_consent),
    "agreement without trust": (_without("endings", resolved_trust=0), promise.agreement_needs_all),
    "agreement without hearing": (_without("endings", resolved_understood=0), promise.agreement_needs_all),
    "agreement in anger": (_without("endings", resolved_anger=101), promise.agreement_needs_all),
    "moods without bounds": (_without("bounds", noise=50), promise.mood_keeps_direction),
    "rage without bounds": (_without("bounds", rise=1000), promise.one_turn_heats_so_far),
    "anger settles under attack": (_without("calming", decay_stops_at=1), promise.attack_stops_settling),
    "endless patience": (_without("heating", impatience=0), promise.impatience_grows),
    **{
        f"{name} is no red line": (
            _without("bounds", hard_from=0.5).model_copy(
                update={"heating": coefficients().heating.model_copy(update={"hard_moves": HARD - {name}})}
            ),
            promise.blow_never_calms,
        )
        for name in HARD
    },
}


@pytest.mark.parametrize("name", MUTANTS)
def test_missing_guard_is_caught(name: str) -> None:
    """Taking one guard out of the coefficients breaks the property that watches it."""
    mutant, check = MUTANTS[name]

    with pytest.raises(AssertionError):
        for seed in range(600):
            check(mutant, Random(seed))


CODE = {
    "states leave 0..100": ("clip", lambda value, low=0.0, high=100.0: value, promise.stays_in_bounds),
    "facts are never open": (
        "_answer_facts",
        lambda state, moves, c: ((), 0.0, 0.0),
        promise.passed_over_inflames,
    ),
    "trust is not touched": ("_trust", lambda state, turn, c: state.trust, promise.trust_falls_faster),
    "wounds heal at once": ("_trauma", lambda state, turn, c: 0.0, promise.old_wound_hurts),
    "plans fit anyhow": (
        "_clarity",
        lambda state, turn, c: min(100.0, state.clarity + 28 * turn.moves["plan"]),
        promise.fitting_plan_helps_more,
    ),
    "the mood ignores the seed": ("random", _Dice(), promise.same_seed_same_path),
}


@pytest.mark.parametrize("name", CODE)
def test_broken_equation_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking a guard out of the equations themselves breaks the property that watches it."""
    part, broken, check = CODE[name]
    monkeypatch.setattr(dynamics, part, broken)

    with pytest.raises(AssertionError):
        for seed in range(600):
            check(coefficients(), Random(seed))
