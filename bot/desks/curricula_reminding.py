"""The courses' part of the daily round: who is enrolled, who is reminded of what, and whose signature is waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from bot.content.curricula import StepKind
from bot.content.loader import Knowledge
from bot.desks.candidates import Due as DueLessons
from bot.desks.curricula import Curricula
from bot.desks.curricula_showing import GO_ON, reminder
from bot.desks.curricula_signing import Signing
from bot.desks.notices import Notices
from bot.desks.staff import Staff
from bot.learning.curricula.progress import Progress
from bot.learning.curricula.reminders import Due, Expiry, due_now, expiring_now, polite_time
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
        """One message a person for everything that is new to say; how many went out.

        Remembered after it was sent: who is cut off in between is told again rather than not at all.
        """
        today = self._curricula.today(at)
        names = {one.id: one.name for one in self._staff.all()}
        to_say = {person: said for person, said in self._to_say(today) if person in names}
        keys = {
            person: [*(one.key for one in due), *(one.key for one in ending)]
            for person, (due, ending) in to_say.items()
        }
        known = self._store.reminded([key for one in keys.values() for key in one])
        fresh = sorted(person for person, one in keys.items() if not known.issuperset(one))
        sent = 0
        for person in fresh:
            message = reminder(names[person], *to_say[person])
            key = f"course:{person}:{today}"
            sent += self._notices.send(person, message, key, polite_time(at, self._curricula.zone))
        self._store.remember_reminders([key for person in fresh for key in keys[person]], at)
        return sent

    def _to_say(self, today: date) -> Iterator[tuple[str, tuple[list[Due], list[Expiry]]]]:
        """Of each person what is due, and which certificates end that are not being renewed."""
        held = self._curricula.all_certificates(today - STILL_SPOKEN_OF)
        for person, under_way in self._curricula.all_active():
            busy = {progress.curriculum.id for progress in under_way}
            due = [one for progress in under_way for one in due_now(progress, today)]
            ending = expiring_now(held.pop(person, ()), today)
            yield person, (due, [one for one in ending if one.certificate.curriculum not in busy])
        for person, certificates in held.items():
            yield person, ([], expiring_now(certificates, today))


def due_lessons(curricula: Curricula, knowledge: Knowledge, most: int = 2) -> DueLessons:
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
