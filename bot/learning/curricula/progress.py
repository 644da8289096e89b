"""How far somebody is in a course: which steps are done, which modules are open, what is next and what is late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.content.curricula import Curriculum, Module, Step
from bot.learning.curricula.enrolment import Enrolment
from bot.learning.curricula.evidence import COUNTED, Evidence, Seen
from bot.learning.events import Event

RENEWED: frozenset[str] = frozenset({"quiz", "practice", "drill"})
"""What is done again to renew a certificate: what one knows and can do. Lessons may be read again, but need not."""


@dataclass(frozen=True)
class StepProgress:
    step: Step
    ref: str
    seen: Seen
    asked: bool
    """False in a renewal for what need not be done again."""
    handed_in: bool = False
    """Done as far as the learner goes: the mentor has not signed yet."""

    @property
    def done(self) -> bool:
        return self.seen.done or not self.asked


@dataclass(frozen=True)
class ModuleProgress:
    """`open` when all that comes before it is done, or handed in. Without a step that is asked for it is done."""

    module: Module
    steps: tuple[StepProgress, ...]
    due: date
    open: bool

    @property
    def done(self) -> bool:
        return all(one.done for one in self.steps)

    @property
    def begun(self) -> bool:
        return any(one.seen.have for one in self.steps)

    @property
    def handed_in(self) -> bool:
        """Whether nothing is left to do for the learner."""
        return all(one.done or one.handed_in for one in self.steps)

    @property
    def asked(self) -> bool:
        return any(one.asked for one in self.steps)

    @property
    def done_at(self) -> datetime | None:
        """When the last step was; None when it is not done, or nothing was asked for."""
        times = [one.seen.at for one in self.steps if one.asked and one.seen.at]
        return max(times) if self.done and times else None

    def is_late(self, today: date) -> bool:
        return not self.done and today > self.due


@dataclass(frozen=True)
class Progress:
    curriculum: Curriculum
    enrolment: Enrolment
    modules: tuple[ModuleProgress, ...]

    @property
    def total(self) -> int:
        return sum(one.asked for one in self.modules)

    @property
    def done(self) -> int:
        return sum(one.done and one.asked for one in self.modules)

    @property
    def finished(self) -> bool:
        return all(one.done for one in self.modules) and self.total > 0

    def next_module(self) -> ModuleProgress | None:
        """The open one that is due first, of several one that was begun; one where all is handed in comes last."""
        waiting = [one for one in self.modules if one.open and not one.done]
        return min(waiting, key=lambda one: (one.handed_in, one.due, not one.begun), default=None)

    def next_step(self) -> StepProgress | None:
        """What one can do now; where all that is left waits for a signature, that."""
        module = self.next_module()
        left = [one for one in module.steps if not one.done] if module else []
        return min(left, key=lambda one: one.handed_in, default=None)

    def late(self, today: date) -> list[ModuleProgress]:
        return [one for one in self.modules if one.is_late(today)]

    def find(self, ref: str) -> tuple[ModuleProgress, StepProgress] | None:
        return next(((m, s) for m in self.modules for s in m.steps if s.ref == ref), None)


def progress_of(
    curriculum: Curriculum,
    enrolment: Enrolment,
    events: Collection[Event],
    zone: ZoneInfo,
    levels: Mapping[str, int] | None = None,
    handed_in: Collection[str] = (),
) -> Progress:
    """From all of a person's events; those of before the enrolment and of other kinds are passed over.

    `levels` are the levels of quiz items, `handed_in` the refs of tasks that wait for a signature: they open what comes
    after them, so that nobody waits for a mentor who is away. The same events give the same progress in any order, told once or twice.
    """
    since = enrolment.counts_from(zone)
    counted = [one for one in events if one.kind in COUNTED and one.at >= since]
    steps = [
        (ref_of(curriculum, module, step), step) for module in curriculum.modules for step in module.steps
    ]
    evidence = Evidence(counted, steps, levels or {})
    seen = [
        (module, _steps(curriculum, module, enrolment, evidence, handed_in)) for module in curriculum.modules
    ]
    done = {module.id for module, steps in seen if all(one.done or one.handed_in for one in steps)}
    return Progress(
        curriculum,
        enrolment,
        tuple(
            ModuleProgress(module, steps, _due(enrolment, module), done.issuperset(module.after))
            for module, steps in seen
        ),
    )


def ref_of(curriculum: Curriculum, module: Module, step: Step) -> str:
    """The name of a step everywhere: in events, requests for a signature, addresses."""
    return f"{curriculum.id}/{module.id}/{step.id}"


def _steps(
    curriculum: Curriculum,
    module: Module,
    enrolment: Enrolment,
    evidence: Evidence,
    handed_in: Collection[str],
) -> tuple[StepProgress, ...]:
    found = []
    for step in module.steps:
        ref = ref_of(curriculum, module, step)
        asked = not enrolment.renewal or step.kind in RENEWED
        found.append(StepProgress(step, ref, evidence.of(step, ref), asked, ref in handed_in))
    return tuple(found)


def _due(enrolment: Enrolment, module: Module) -> date:
    return enrolment.began + timedelta(days=module.due_days)
