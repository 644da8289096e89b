"""What a person could do next, gathered from everything that is written: quizzes, customers, cases, drills, courses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.content.loader import Knowledge
from bot.desks.records import Records
from bot.learning.loop.lessons import Candidate
from bot.learning.loop.weights import SKILLS
from bot.learning.people.person import Person

Due = Callable[[Sequence[str], datetime], Mapping[str, list[Candidate]]]
"""What courses ask of these learners by now."""
DONE = ("quiz.finished", "practice.finished", "case.read", "drill.finished")
REMEMBERED = timedelta(days=14)


class Offers:
    """The same list for everybody, with when each did what last, and what their courses ask for."""

    def __init__(self, knowledge: Knowledge, records: Records, due: Due | None = None) -> None:
        self._lessons = tuple(written(knowledge))
        self._records, self._due = records, due

    def to(self, learner: str, person: Person | None, at: datetime) -> list[Candidate]:
        events = self._records.store.of(learner, at - REMEMBERED, DONE)
        last = {(learner, one.ref): one.at for one in events}
        return self._with(learner, last, self._due([learner], at) if self._due and person else {})

    def to_all(self, learners: Sequence[str], at: datetime) -> Callable[[str], list[Candidate]]:
        """The same for many people with two questions to the database in all."""
        last = {(one.person, one.ref): one.at for one in self._records.store.since(at - REMEMBERED, DONE)}
        due = self._due(learners, at) if self._due else {}
        return lambda learner: self._with(learner, last, due)

    def _with(
        self,
        learner: str,
        last: Mapping[tuple[str, str], datetime],
        due: Mapping[str, list[Candidate]],
    ) -> list[Candidate]:
        own = [
            replace(one, last_at=last[learner, one.id]) if (learner, one.id) in last else one
            for one in self._lessons
        ]
        return [*own, *due.get(learner, ())]


def written(knowledge: Knowledge) -> Iterable[Candidate]:
    """Everything in knowledge/ that one can be sent to; ids are those that events name."""
    for quiz in knowledge.quizzes.values():
        yield Candidate(quiz.id, "quiz", f"小测：{quiz.title}", f"测验：{quiz.title}", (quiz.topic,))
    for scenario in knowledge.scenarios.values():
        title, words = f"陪练：{scenario.title}", f"练习：{scenario.title}"
        yield Candidate(scenario.id, "practice", title, words, ("fee_collection", *SKILLS))
    for drill in knowledge.drills.values():
        words = f"演练：{drill.title}"
        yield Candidate(drill.id, "drill", words, words, (drill.topic,))
    for case in knowledge.cases.values():
        yield Candidate(case.id, "case", f"案例：{case.title}", f"案例：{case.title}", (case.topic,))
