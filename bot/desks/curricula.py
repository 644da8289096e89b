"""Courses as everybody else asks for them: who is enrolled, how far they are, what was read, who holds a certificate.

Chat (curricula_desk.py), pages and the daily round call it; it hears of every event and issues what has been earned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.content.curricula import Curriculum, Step
from bot.content.quizzes import QuizSet
from bot.desks.curricula_showing import certificate_earned
from bot.desks.notices import Notices
from bot.desks.records import Records, as_event
from bot.desks.staff import Staff
from bot.learning.clock import day_of
from bot.learning.curricula.audience import is_meant_for
from bot.learning.curricula.certificates import Certificate, holds_until, number_of
from bot.learning.curricula.enrolment import Enrolment
from bot.learning.curricula.evidence import COUNTED
from bot.learning.curricula.progress import ModuleProgress, Progress, StepProgress, progress_of
from bot.learning.curricula.reminders import may_renew, polite_time
from bot.learning.events import Event, Kind
from bot.learning.people.codes import new_code
from bot.learning.people.person import Person
from bot.stores.learning.curricula import CurriculaStore, StoredCertificate, StoredEnrolment
from bot.stores.learning.events import StoredEvent
from bot.stores.learning.evidence import EvidenceStore
from bot.stores.learning.signatures import SignatureStore

READ: dict[str, Kind] = {"lesson": "lesson.read", "reading": "lesson.read", "case": "case.read"}
"""Steps that are done by reading to the end."""
MADE_UP_FOR = timedelta(days=3)
TOGETHER = 300
"""People whose events are read in one go."""


class Curricula:
    def __init__(
        self,
        courses: Mapping[str, Curriculum],
        quizzes: Mapping[str, QuizSet],
        store: CurriculaStore,
        signatures: SignatureStore,
        evidence: EvidenceStore,
        records: Records,
        staff: Staff,
        notices: Notices,
        zone: ZoneInfo,
    ) -> None:
        self.courses, self._quizzes = courses, quizzes
        self._levels = {item.id: item.level for quiz in quizzes.values() for item in quiz.items}
        self._store, self._signatures, self._evidence = store, signatures, evidence
        self._records, self._staff, self._notices = records, staff, notices
        self.zone = zone
        records.listen("curricula", self.note)

    def today(self, at: datetime) -> date:
        return day_of(at, self.zone)

    def named(self, title: str) -> Curriculum | None:
        return next((one for one in self.courses.values() if one.title == title), None)

    def invite(self, people: Sequence[Person], at: datetime) -> int:
        """Enrols everybody in what is meant for them and was not begun before; how many enrolments that made."""
        today = self.today(at)
        before = self._store.see_posts([(one.id, one.post) for one in people], today)
        known = {(one.person, one.curriculum) for one in self._store.enrolments([p.id for p in people])}
        new = [
            (person.id, course.id)
            for person in people
            for course in self.courses.values()
            if (person.id, course.id) not in known
            and is_meant_for(course.audience, person, today, before.get(person.id, ""))
        ]
        return self._store.enrol_all(new, today, at) if new else 0

    def sign_up(self, person: str, course: str, at: datetime) -> bool:
        """Begins a course, or renews its certificate once that may be done; False when neither is possible now."""
        rounds = [one for one in self._store.enrolments([person]) if one.curriculum == course]
        if any(one.active for one in rounds):
            return False
        if not rounds:
            return self._store.enrol(person, course, self.today(at), at)
        held = [one for one in self.certificates(person) if one.curriculum == course]
        if held and not may_renew(held[-1], self.today(at)):
            return False
        round_ = max(one.round for one in rounds) + 1
        renewal = bool(held) and held[-1].revoked is None
        return self._store.enrol(person, course, self.today(at), at, round_, renewal=renewal)

    def renewable(self, held: Certificate, at: datetime) -> bool:
        """Whether the newest certificate of a course may be earned again by now."""
        return may_renew(held, self.today(at))

    def progress(self, person: str) -> list[Progress]:
        """Of every course a person is in, the one that is due first in front."""
        return self.progress_of([person]).get(person, [])

    def progress_of(self, people: Sequence[str]) -> dict[str, list[Progress]]:
        """Of those who are in a course; some hundreds of people in one question to the database."""
        found: dict[str, list[Progress]] = {}
        for start in range(0, len(people), TOGETHER):
            some = people[start : start + TOGETHER]
            found |= self._progress(_by_person(self._store.enrolments(some, active_only=True)))
        return found

    def next_of(self, person: str) -> tuple[Progress, StepProgress] | None:
        """What to do now: the step that is due first, over all courses; one that waits for a signature comes last."""
        steps = [(one, step) for one in self.progress(person) if (step := one.next_step())]
        return min(steps, key=lambda pair: pair[1].handed_in, default=None)

    def read(self, person: str, progress: Progress, one: StepProgress, at: datetime) -> bool:
        """Notes that a lesson, a reading or a case was read to its end; False when it was before."""
        kind = READ[one.step.kind]
        ref = str(one.step.case) if kind == "case.read" else one.ref
        key = f"{kind}:{progress.enrolment.id}:{one.ref}"[:160]
        return self._records.publish(
            Event(
                key, kind, person, at, ref=ref, value=1.0, details={"step": one.ref, "title": one.step.title}
            )
        )

    def quiz_words(self, person: str, progress: Progress, step: Step) -> list[str]:
        """What one says to be asked what a step asks for, newest sets first that were not finished in this course."""
        since = progress.enrolment.counts_from(self.zone)
        finished = {one.ref for one in self._records.store.of(person, since, ("quiz.finished",))}
        if step.set:
            return [f"测验：{self._quizzes[step.set].title}"] if step.set in self._quizzes else []
        fitting = [
            quiz
            for quiz in self._quizzes.values()
            if quiz.topic == step.topic and any(item.level >= step.level for item in quiz.items)
        ]
        fresh = [quiz for quiz in fitting if quiz.id not in finished]
        return [f"测验：{quiz.title}" for quiz in (fresh or fitting)[:3]]

    def note(self, event: Event) -> None:
        """Follows what people do: finished modules are told, and a finished course gives its certificate. Once each."""
        if event.kind not in COUNTED or event.person.startswith("guest-"):
            return
        for progress in self.progress(event.person):
            for module in progress.modules:
                if module.done and any(_touches(event, one) for one in module.steps if one.asked):
                    self._tell_module(progress, module)
            if progress.finished:
                self._certify(progress)

    def certificates(self, person: str) -> list[Certificate]:
        return [_certificate(one) for one in self._store.certificates([person])]

    def certificates_of(self, people: Sequence[str]) -> dict[str, list[Certificate]]:
        found: dict[str, list[Certificate]] = defaultdict(list)
        for one in self._store.certificates(people):
            found[one.person].append(_certificate(one))
        return found

    def certificate(self, number: str) -> Certificate | None:
        found = self._store.certificate(number)
        return _certificate(found) if found else None

    def revoke(self, number: str, why: str, at: datetime) -> bool:
        """False for a number that is unknown or revoked already."""
        return self._store.revoke(number, why, self.today(at))

    def make_up(self, at: datetime) -> None:
        """Tells of certificates of the last days again, for a process that died before it told of them."""
        today = self.today(at)
        for one in self._store.all_certificates(today):
            if one.issued >= today - MADE_UP_FOR and one.revoked is None:
                self._tell_certificate(_certificate(one), at)

    def all_active(self) -> Iterable[tuple[str, list[Progress]]]:
        """Everybody who is in a course, some hundreds at a time."""
        active = list(_by_person(self._store.all_active()).items())
        for start in range(0, len(active), TOGETHER):
            yield from self._progress(dict(active[start : start + TOGETHER])).items()

    def all_certificates(self, since: date) -> dict[str, list[Certificate]]:
        """Of everybody, those that hold until that day or longer."""
        found: dict[str, list[Certificate]] = defaultdict(list)
        for one in self._store.all_certificates(since):
            found[one.person].append(_certificate(one))
        return found

    def _progress(self, enrolments: Mapping[str, Sequence[StoredEnrolment]]) -> dict[str, list[Progress]]:
        known = {
            person: mine
            for person, rows in enrolments.items()
            if (mine := [_enrolment(one) for one in rows if one.curriculum in self.courses])
        }
        if not known:
            return {}
        since = min(one.counts_from(self.zone) for mine in known.values() for one in mine)
        events = self._evidence.of_many(known, since, COUNTED)
        handed_in = self._signatures.handed_in(known)
        return {
            person: sorted(
                (self._one(one, events.get(person, ()), handed_in) for one in mine), key=_due_first
            )
            for person, mine in known.items()
        }

    def _one(
        self, enrolment: Enrolment, events: Iterable[StoredEvent], handed_in: Mapping[int, set[str]]
    ) -> Progress:
        told = [as_event(one) for one in events]
        waiting = handed_in.get(enrolment.id, ())
        return progress_of(
            self.courses[enrolment.curriculum], enrolment, told, self.zone, self._levels, waiting
        )

    def _tell_module(self, progress: Progress, module: ModuleProgress) -> None:
        if at := module.done_at:
            ref = f"{progress.curriculum.id}/{module.module.id}"
            key = f"module:{progress.enrolment.id}:{module.module.id}"
            person = progress.enrolment.person
            self._records.publish(Event(key, "module.finished", person, at, ref=ref, value=1.0))

    def _certify(self, progress: Progress) -> None:
        """On the day the last step was done; a number that is taken is drawn again."""
        person = self._staff.get(progress.enrolment.person)
        at = max((one.done_at for one in progress.modules if one.done_at), default=None)
        if person is None or at is None:
            return
        issued = self.today(at)
        certificate = Certificate(
            number_of(issued, new_code()), person.id, person.name, progress.curriculum.id, progress.curriculum.title,
            issued, holds_until(issued, progress.curriculum.valid_months), progress.enrolment.id,
        )  # fmt: skip
        if self._store.certify(StoredCertificate(**asdict(certificate))):
            self._tell_certificate(certificate, at)

    def _tell_certificate(self, one: Certificate, at: datetime) -> None:
        self._records.publish(
            Event(
                f"certified:{one.enrolment}", "curriculum.certified", one.person, at, ref=one.curriculum, value=1.0,
                details={"number": one.number, "title": one.title},
            )
        )  # fmt: skip
        due = polite_time(at, self.zone)
        self._notices.send(one.person, certificate_earned(one), f"certified:{one.enrolment}", due)


def _touches(event: Event, one: StepProgress) -> bool:
    step = one.step
    if event.kind == "quiz.answered":
        return step.kind == "quiz" and step.topic == event.topic
    return event.ref in (one.ref, step.case, step.scenario, step.set, step.drill)


def _by_person(enrolments: Iterable[StoredEnrolment]) -> dict[str, list[StoredEnrolment]]:
    found: dict[str, list[StoredEnrolment]] = defaultdict(list)
    for one in enrolments:
        found[one.person].append(one)
    return found


def _due_first(progress: Progress) -> tuple[date, bool, int]:
    """Of two that are due on the same day the one that was begun."""
    module = progress.next_module()
    if module is None:
        return date.max, True, progress.enrolment.id
    return module.due, not module.begun, progress.enrolment.id


def _enrolment(one: StoredEnrolment) -> Enrolment:
    return Enrolment(**asdict(one))


def _certificate(one: StoredCertificate) -> Certificate:
    return Certificate(**asdict(one))
