"""The courses' part of the daily round: who is enrolled, who is reminded of what, and whose signature is waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from bot.content.curricula import StepKind
from bot.content.loader import Knowledge
from bot.desks.candidates import Due
from bot.desks.curricula import Curricula
from bot.desks.curricula_showing import GO_ON, reminder
from bot.desks.curricula_signing import Signing
from bot.desks.notices import Notices
from bot.desks.staff import Staff
from bot.learning.curricula.progress import Progress
from bot.learning.curricula.reminders import due_now, expiring_now, polite_time
from bot.learning.loop.lessons import Candidate, Kind
from bot.stores.learning.curricula import CurriculaStore

STILL_SPOKEN_OF = timedelta(days=2)
"""Certificates that ended so long ago are still told of, for a round that was missed."""
_AS: Mapping[StepKind, Kind] = {
    "lesson": "lesson", "reading": "lesson", "case": "case", "quiz": "quiz", "practice": "practice",
    "task": "checklist", "drill": "drill",
}  # fmt: skip


class Reminding:
    def __init__(
        self, curricula: Curricula, signing: Signing, store: CurriculaStore, staff: Staff, notices: Notices
    ) -> None:
        self._curricula, self._signing, self._store = curricula, signing, store
        self._staff, self._notices = staff, notices

    def daily(self, at: datetime) -> None:
        """Once a day; twice does no harm."""
        self._curricula.invite(self._staff.all(), at)
        self._curricula.make_up(at)
        self._signing.remind(at)
        self.remind(at)

    def remind(self, at: datetime) -> int:
        """One message a person for everything that is new to say; how many went out."""
        today = self._curricula.today(at)
        names = {one.id: one.name for one in self._staff.all()}
        under_way = dict(self._curricula.all_active())
        held = self._curricula.all_certificates(today - STILL_SPOKEN_OF)
        sent = 0
        for person in sorted((under_way.keys() | held.keys()) & names.keys()):
            due = [one for progress in under_way.get(person, ()) for one in due_now(progress, today)]
            busy = {progress.curriculum.id for progress in under_way.get(person, ())}
            ending = [
                one
                for one in expiring_now(held.get(person, ()), today)
                if one.certificate.curriculum not in busy
            ]
            keys = [one.key for one in due] + [one.key for one in ending]
            if self._store.remember_reminders(keys, at):
                message = reminder(names[person], due, ending)
                key = f"course:{person}:{today}"
                sent += self._notices.send(person, message, key, polite_time(at, self._curricula.zone))
        return sent


def due_lessons(curricula: Curricula, knowledge: Knowledge, most: int = 2) -> Due:
    """What courses ask of learners by now, for whoever chooses the next lesson."""

    def due(learners: Sequence[str], at: datetime) -> dict[str, list[Candidate]]:
        today = curricula.today(at)
        return {
            person: list(islice(_candidates(courses, knowledge, today), most))
            for person, courses in curricula.progress_of(learners).items()
        }

    return due


def _candidates(courses: Sequence[Progress], knowledge: Knowledge, today: date) -> list[Candidate]:
    found = []
    for progress in courses:
        module, one = progress.next_module(), progress.next_step()
        if module is not None and one is not None:
            subjects = tuple(sorted(_topics(one.step.cites, one.step.case, one.step.topic, knowledge)))
            title = f"{progress.curriculum.title}：{one.step.title}"
            found.append(
                Candidate(
                    one.ref, _AS[one.step.kind], title, GO_ON, subjects, float(one.step.minutes),
                    due=module.due <= today,
                )
            )  # fmt: skip
    return found


def _topics(cites: Sequence[str], case: str | None, topic: str | None, knowledge: Knowledge) -> set[str]:
    found: set[str] = {topic} if topic else set()
    for ref in (*cites, case or ""):
        source = knowledge.cards.get(ref) or knowledge.cases.get(ref) or knowledge.faqs.get(ref)
        if source:
            found.add(source.topic)
    return found
