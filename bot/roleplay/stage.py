"""Everything a role-play is played with: personas, scenarios and coefficients, looked up by the ids people type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.content.exams import Exam
from bot.content.lines import Setting
from bot.content.personas import Fact, Parameters, Persona
from bot.content.scenarios import Scenario
from bot.errors import BadInput
from bot.roleplay.coefficients import Coefficients
from bot.roleplay.state import harden

MAX_TURNS = 20


@dataclass(frozen=True)
class Stage:
    """`crude` off leaves out every line that swears."""

    personas: Mapping[str, Persona]
    scenarios: Mapping[str, Scenario]
    coefficients: Coefficients
    crude: bool = True
    exams: Mapping[str, Exam] = field(default_factory=dict)

    def persona(self, key: str) -> Persona:
        """By id, by its number (p01, P01) or by name; raises BadInput that lists whom there is."""
        wanted = key.strip()
        for persona in self.personas.values():
            number = persona.id.split("-")[0]
            if wanted.lower() in (persona.id, number) or wanted == persona.name:
                return persona
        known = "、".join(f"{p.id}（{p.name}）" for p in self.personas.values())
        raise BadInput(f"没有叫“{wanted[:40]}”的客户。", f"可选：{known}。")

    def scenario(self, key: str) -> Scenario:
        """By id; raises BadInput that lists what there is."""
        scenario = self.scenarios.get(key.strip())
        if scenario is None:
            raise BadInput(f"没有叫“{key.strip()[:40]}”的场景。", f"可选：{'、'.join(self.scenarios)}。")
        return scenario


@dataclass(frozen=True)
class Part:
    """One persona as played in one call: hardened, with the scenario's facts, setting and length."""

    persona: Persona
    parameters: Parameters
    facts: Mapping[str, Fact]
    setting: Setting
    max_turns: int


def cast(stage: Stage, persona_id: str, scenario_id: str | None, difficulty: int) -> Part:
    """The part to be played; without a scenario it is a call of at most 20 turns, by phone where that suits."""
    persona = stage.persona(persona_id)
    scenario = stage.scenario(scenario_id) if scenario_id else None
    return Part(
        persona=persona,
        parameters=harden(persona.parameters, difficulty, stage.coefficients.difficulty),
        facts={**persona.facts, **(scenario.facts if scenario else {})},
        setting=scenario.setting if scenario else persona.settings[0],
        max_turns=scenario.max_turns if scenario else MAX_TURNS,
    )
