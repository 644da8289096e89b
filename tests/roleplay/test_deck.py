"""Lines are dealt like cards: ten calls seldom sound alike, and the lead-in says how angry it is."""

from __future__ import annotations

import pytest

from bot.roleplay.session import play, start
from bot.roleplay.tally import distinct
from tests.roleplay.factory import HARSH, KIND, CaringScorer, WordScorer, stage

PERSONAS = sorted(stage().personas)


@pytest.mark.parametrize("persona", PERSONAS)
def test_ten_calls_differ(persona: str) -> None:
    """Ten calls with the same replies and neighbouring seeds repeat few lines."""
    calls = []
    for seed in range(10):
        practice = start(stage(), persona=persona, seed=seed)
        for reply in (*KIND, *HARSH):
            if not practice.over:
                practice, _ = play(stage(), practice, reply, CaringScorer())
        calls.append([said.line for said in practice.said])

    assert distinct(calls) >= 0.8


@pytest.mark.parametrize("persona", PERSONAS)
def test_same_seed_deals_the_same(persona: str) -> None:
    """Nothing but seed and words decides which line is dealt."""
    lines = [
        play(stage(), start(stage(), persona=persona, seed=3), "我查一下。", WordScorer())[1].said
        for _ in range(2)
    ]

    assert lines[0] == lines[1]


def test_lead_in_tells_the_level() -> None:
    """A lead-in before a line belongs to the anger of that very moment."""
    found = 0
    for persona in PERSONAS:
        leads = stage().personas[persona].lines.connectives
        for seed in range(6):
            practice = start(stage(), persona=persona, seed=seed)
            for reply in HARSH:
                if practice.over:
                    break
                practice, record = play(stage(), practice, reply, WordScorer())
                said = record.said
                spoken = said.line.removesuffix(said.templates[0]) if said.templates else ""
                if spoken and spoken != said.line:
                    found += 1
                    assert spoken in leads[str(said.level)]  # type: ignore[index]

    assert found > len(PERSONAS)
