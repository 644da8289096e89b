"""What authors write about one call: who, where, how hard, what is said first, and what counts as well done.

`bot.content.loader` validates the YAML of knowledge/scenarios/; `bot.roleplay` plays it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.lines import Said, Setting
from bot.content.personas import Fact, Id, Key, PersonaId, Text, Word


class Condition(BaseModel):
    """One thing that counts as well done: `what` is shown, exactly one of the others is checked after the call.

    `answered` and `revealed` name a vulnerable fact and a hidden one of the persona; `said` and `unsaid` are words of
    the trainee, any of them; `first` are words of the trainee's first reply.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Text
    outcome: Literal["resolved", "open"] | None = None
    anger_below: float | None = Field(default=None, gt=0, le=100)
    trust_above: float | None = Field(default=None, ge=0, lt=100)
    answered: Id | None = None
    revealed: Id | None = None
    said: tuple[Word, ...] | None = Field(default=None, min_length=1)
    unsaid: tuple[Word, ...] | None = Field(default=None, min_length=1)
    first: tuple[Word, ...] | None = Field(default=None, min_length=1)
    no_redlines: Literal[True] | None = None

    @model_validator(mode="after")
    def _checks_one_thing(self) -> Self:
        checks = [
            name for name in type(self).model_fields if name != "what" and getattr(self, name) is not None
        ]
        if len(checks) != 1:
            raise ValueError("每条 success 除了 what 只写一种检查（outcome、anger_below、said……）")
        return self


class Scenario(BaseModel):
    """One call. `briefing` is what a collector knows before the first word; `minutes` is the time limit in an exam."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    title: Annotated[str, StringConstraints(min_length=4, max_length=24)]
    persona: PersonaId
    setting: Setting
    difficulty: int = Field(ge=1, le=5)
    briefing: Text
    opening: Said
    goal: Text
    facts: dict[Key, Fact] = {}
    max_turns: int = Field(ge=6, le=30)
    minutes: int = Field(ge=3, le=30)
    success: tuple[Condition, ...] = Field(min_length=2)
