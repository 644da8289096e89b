"""What authors write about an exam: fixed calls with fixed seeds, so that everybody meets the same customers.

`bot.content.loader` validates the YAML of knowledge/exams/; `bot.roleplay.sitting` runs it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.content.personas import Id, Text


class ExamCall(BaseModel):
    """One call of a paper. The same seed gives the same customer in the same mood."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: Id
    seed: int = Field(ge=0, le=9999)


class Exam(BaseModel):
    """A paper: passed when the mean of its calls reaches `pass_mark` (0..100) and no red line was crossed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    title: Annotated[str, StringConstraints(min_length=2, max_length=12)]
    about: Text
    pass_mark: int = Field(ge=50, le=95)
    calls: tuple[ExamCall, ...] = Field(min_length=2, max_length=6)
