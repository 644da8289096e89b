"""Several calls that belong together: an exam paper with fixed seeds, or a warm-up of ten customers, one reply each.

A value like a Practice: it knows which call comes next and how those before it went.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from bot.content.exams import Exam
from bot.errors import BadInput
from bot.roleplay.session import Practice, start
from bot.roleplay.stage import Stage

WARM_UPS = 10
WARM_UP_SECONDS = 60


@dataclass(frozen=True)
class Call:
    """Who is called: a scenario, or a persona alone, with the seed of its mood."""

    seed: int
    scenario: str | None = None
    persona: str | None = None


@dataclass(frozen=True)
class CallResult:
    """How one call went; `clean` means that no red line was crossed, `anger` is before the first and after the last."""

    name: str
    overall: int
    outcome: str
    clean: bool
    anger: tuple[float, float] = (0.0, 0.0)
    late: bool = False


@dataclass(frozen=True)
class Sitting:
    """`pass_mark` is None in a warm-up, which nobody fails."""

    kind: Literal["exam", "warm_up"]
    title: str
    calls: tuple[Call, ...]
    pass_mark: int | None = None
    results: tuple[CallResult, ...] = ()

    @property
    def over(self) -> bool:
        return len(self.results) >= len(self.calls)

    @property
    def overall(self) -> int:
        """The mean of all calls; one that was never made counts as nothing."""
        return round(sum(result.overall for result in self.results) / len(self.calls))

    @property
    def passed(self) -> bool | None:
        if self.pass_mark is None:
            return None
        return self.over and self.overall >= self.pass_mark and all(result.clean for result in self.results)

    def with_result(self, result: CallResult) -> Sitting:
        return replace(self, results=(*self.results, result))

    def begin_next(self, stage: Stage) -> Practice:
        """The next call, not yet begun; raises BadInput when there is none left."""
        if self.over:
            raise BadInput("这一场已经做完了。", "说“考试”或“热身”再来一场。")
        call = self.calls[len(self.results)]
        return start(stage, scenario=call.scenario, persona=call.persona, seed=call.seed, mode=self.kind)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe; `from_dict` gives back an equal Sitting."""
        dumped: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return dumped

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Sitting:
        """Raises BadInput when `data` is no sitting of this version."""
        try:
            return _adapter().validate_python(data)
        except ValidationError:
            raise BadInput("这场考试的记录读不出来。", "说“考试”重新开始。") from None


def sit_exam(exam: Exam) -> Sitting:
    """The paper before its first call."""
    return Sitting("exam", exam.title, tuple(Call(c.seed, c.scenario) for c in exam.calls), exam.pass_mark)


def warm_up(stage: Stage, seed: int) -> Sitting:
    """Up to ten different customers in an order of this seed."""
    personas = list(stage.personas)
    random.Random(f"warm-up:{seed}").shuffle(personas)  # noqa: S311  an order of calls, not a secret
    return Sitting("warm_up", "热身", tuple(Call(seed, persona=name) for name in personas[:WARM_UPS]))


@cache
def _adapter() -> TypeAdapter[Sitting]:
    return TypeAdapter(Sitting)
