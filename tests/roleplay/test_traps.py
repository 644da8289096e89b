"""What makes a hard customer hard: traps, cutting in, and keeping hidden things hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.content.personas import Provocation
from bot.roleplay.session import Practice, TurnRecord, play, start
from bot.roleplay.traps import AGAIN, SET, how_met
from tests.roleplay.factory import FixedScorer, WordScorer, judged, stage

PERSONAS = sorted(stage().personas)
FACTS = tuple(fact.id for persona in stage().personas.values() for fact in persona.vulnerable)
MILD = FixedScorer(judged(moves={"respect": 0.5}, answered=FACTS))
LONG = "这个事情呢，" * 20


def talked(persona: str, difficulty: int, turns: int, seed: int = 1) -> Practice:
    practice = start(stage(), persona=persona, difficulty=difficulty, seed=seed)
    practice = replace(practice, max_turns=99, first=replace(practice.first, anger=40.0, open=()))
    for _ in range(turns):
        if not practice.over:
            practice, _ = play(stage(), practice, "嗯，您接着说给我听。", MILD)
    return practice


def trapped(persona: str, kind: str) -> tuple[Practice, str]:
    """A call in which the customer has just set a trap of this kind, and the trap's id."""
    for seed in range(40):
        practice = talked(persona, 5, 0, seed)
        for _ in range(10):
            practice, record = play(stage(), practice, "嗯，您接着说给我听。", MILD)
            traps = {trap.id: trap.kind for trap in stage().personas[persona].provocations}
            if record.said.step == SET and traps[record.said.trap] == kind:
                return practice, record.said.trap
    raise AssertionError(f"{persona} never set a trap of kind {kind}")


def trap_of(persona: str, trap_id: str) -> Provocation:
    return next(trap for trap in stage().personas[persona].provocations if trap.id == trap_id)


@pytest.mark.parametrize("persona", PERSONAS)
def test_traps_wait_for_hard_calls(persona: str) -> None:
    """No trap at the middle difficulty; wrong claims from four; all kinds at five, each once."""
    kinds = {trap.id: trap.kind for trap in stage().personas[persona].provocations}

    def set_at(difficulty: int) -> list[str]:
        found: list[str] = []
        for seed in range(6):
            found += [s.trap for s in talked(persona, difficulty, 12, seed).said if s.step == SET]
        return found

    assert [] == set_at(3)
    assert {"claim"} == {kinds[trap] for trap in set_at(4)}
    assert len({kinds[trap] for trap in set_at(5)}) >= 3


def test_trap_is_set_again_once() -> None:
    """A trap that was passed over is set again, and then let go."""
    practice, trap = trapped("p08-qian-zong", "concession")
    practice, record = play(stage(), practice, "嗯，您接着说给我听。", MILD)
    _, later = play(stage(), practice, "嗯，您接着说给我听。", MILD)

    assert (trap, AGAIN) == (record.said.trap, record.said.step)
    assert "" == later.said.trap or later.said.trap != trap


def test_walking_into_a_trap_is_noticed() -> None:
    """A promise beyond authority is what the customer waited for."""
    practice, trap = trapped("p08-qian-zong", "concession")
    fell = FixedScorer(judged(redlines=("false_promise",), moves={"respect": 0.5}))

    _, record = play(stage(), practice, "行，我做主给您免了。", fell)

    assert "fell" == record.said.function
    assert record.said.templates[0] in trap_of("p08-qian-zong", trap).fell


def test_trap_met_well_is_let_go() -> None:
    """Whoever refuses and names the proper way is grumblingly let go."""
    practice, trap = trapped("p08-qian-zong", "concession")
    good = trap_of("p08-qian-zong", trap)

    _, record = play(stage(), practice, f"这个我定不了，{good.cues[0]}。", MILD)

    assert "held" == how_met(good, f"这个我定不了，{good.cues[0]}。", judged())
    assert record.said.templates[0] in good.held


def long_reply(difficulty: int) -> TurnRecord:
    practice = start(stage(), persona="p08-qian-zong", difficulty=difficulty, seed=1)
    practice = replace(practice, first=replace(practice.first, anger=75.0, open=()))
    return play(stage(), practice, f"{LONG}我给您登记分期。", WordScorer())[1]


def test_long_speech_is_interrupted() -> None:
    """An angry, hard customer cuts a lecture short, and what came after was never heard."""
    cut, whole = long_reply(5), long_reply(3)

    assert cut.heard and LONG.startswith(cut.heard)
    assert "interrupting" == cut.said.function
    assert "" == whole.heard
    assert whole.after.clarity > cut.after.clarity
