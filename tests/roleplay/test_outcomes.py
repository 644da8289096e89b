"""How calls end with the real scorer: skill is rewarded, empty politeness settles nothing, hostility loses the call.

The same scripts as `benchmarks.roleplay.outcomes`, over fewer seeds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from benchmarks.roleplay.outcomes import HERE
from bot.batching import read_scripts
from bot.roleplay.script import run
from bot.roleplay.session import Practice
from bot.scoring import build_tone
from bot.settings import Settings
from bot.tone.scorer import ToneScorer
from tests.roleplay.factory import stage

PERSONAS = sorted(stage().personas)
SEEDS = range(3)


@cache
def scorer() -> ToneScorer:
    return build_tone(Settings()).scorer


@cache
def calls(persona: str, kind: str) -> tuple[Practice, ...]:
    script = replace(read_scripts(HERE / persona)[kind], persona=persona, difficulty=3)
    return tuple(run(stage(), replace(script, seed=seed), scorer())[0] for seed in SEEDS)


@pytest.mark.parametrize("persona", PERSONAS)
def test_skill_wins_the_call(persona: str) -> None:
    """Kind and competent words settle it with everybody, without a red line."""
    assert {"resolved"} == {call.outcome for call in calls(persona, "competent")}
    assert not any(turn.judgement.redlines for call in calls(persona, "competent") for turn in call.turns)


@pytest.mark.parametrize("persona", PERSONAS)
def test_plain_words_calm(persona: str) -> None:
    """Plain dialect without polite formulas crosses no red line and leaves everybody calmer than it found them."""
    for call in calls(persona, "plain"):
        assert not any(turn.judgement.redlines for turn in call.turns)
        assert call.state.anger < call.first.anger


@pytest.mark.parametrize("persona", PERSONAS)
def test_politeness_alone_settles_nothing(persona: str) -> None:
    """Formulas without listening and without a way out never lead to an agreement."""
    assert not any(call.outcome == "resolved" for call in calls(persona, "empty"))


@pytest.mark.parametrize("persona", PERSONAS)
def test_hostility_loses_the_call(persona: str) -> None:
    """Orders, scorn and threats end in a complaint or a hung-up phone, whoever is at the other end."""
    assert all(call.outcome in ("escalated", "hung_up") for call in calls(persona, "hostile"))
