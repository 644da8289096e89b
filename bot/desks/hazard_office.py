"""Hazards as chat and pages handle them: reporting, what may follow, who is told, and what is written down about people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.content.hazards import HazardSign
from bot.desks.hazard_photos import HazardPhotos
from bot.desks.hazard_words import acknowledged, assigned_to, late, told_leaders
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.errors import BadInput
from bot.learning.events import Event, Kind
from bot.learning.hazards.duplicates import similar
from bot.learning.hazards.escalation import WAITING, overdue
from bot.learning.hazards.receipts import digest
from bot.learning.hazards.severity import NAMES
from bot.learning.hazards.words import signs_in
from bot.learning.hazards.workflow import OPEN, Step, follow, may
from bot.learning.people.person import Person
from bot.stores.learning.hazards import Hazard, HazardPhoto, HazardStore, NewHazard
from bot.text import mask_personal_data

NOBODY = "guest-anonymous"
"""Whose the events of anonymous reports are."""
MOST_PHOTOS = 6
LOOKED_BACK = timedelta(days=30)
CAUGHT_UP = timedelta(days=2)

log = structlog.get_logger()


@dataclass(frozen=True)
class Report:
    """A report that is complete. `receipt` is the code of an anonymous one, "" for one with a name."""

    key: str
    what: str
    place: str
    severity: str
    learner: str
    person: Person | None
    receipt: str = ""


class HazardOffice:
    def __init__(
        self,
        store: HazardStore,
        staff: Staff,
        records: Records,
        notices: Notices,
        signs: Mapping[str, HazardSign],
        photos: HazardPhotos,
    ) -> None:
        self.store, self.photos = store, photos
        self._staff, self._records, self._notices, self._signs = staff, records, notices, signs

    def signs(self, words: str) -> list[HazardSign]:
        """Kinds of danger that the words sound like, most alike first."""
        found = signs_in(words, self._signs.values())
        return [self._signs[sign.id] for sign in found]

    def similar(self, what: str, place: str, now: datetime) -> list[Hazard]:
        """Open ones of the last month that sound like this one."""
        known = {one.id: one for one in self.store.with_status(OPEN, now - LOOKED_BACK)}
        return [known[one.id] for one in similar(what, place, known.values())]

    def report(self, report: Report, at: datetime) -> Hazard:
        """Writes it down and tells those who lead the reporter; the same key twice is one hazard."""
        hidden = bool(report.receipt)
        topic = next((sign.topic for sign in self.signs(f"{report.place}{report.what}")), "")
        hazard, is_new = self.store.add(
            NewHazard(
                key=report.key,
                what=mask_personal_data(report.what),
                place=mask_personal_data(report.place),
                severity=report.severity,
                topic=topic,
                reporter="" if hidden else report.learner,
                department="" if hidden or report.person is None else report.person.department,
                receipt=digest(report.receipt) if hidden else None,
                at=_hour(at) if hidden else at,
            )
        )
        self._note("hazard.reported", hazard, hazard.reporter or NOBODY)
        if is_new:
            if not hidden:  # the minute in a log would say who was in the chat just then
                log.info("hazard.reported", hazard=hazard.id, severity=hazard.severity)
            for leader in self._leaders(hazard):
                self._notices.send(
                    leader, told_leaders(hazard), f"hazard:{hazard.id}:new:{leader}", hazard.at
                )
        return hazard

    def act(
        self,
        number: int,
        step: Step,
        actor: Person,
        at: datetime,
        note: str = "",
        severity: str = "",
        assignee: str = "",
        same_as: int | None = None,
    ) -> Hazard:
        """Takes a step in a person's name; raises BadInput, with what can be done, where it does not fit."""
        hazard = self.get(number)
        if refused := may(step, actor.id, leads(actor), hazard.reporter, hazard.assignee):
            raise BadInput(refused, "看看这条现在的样子：发“隐患 " + str(number) + "”。")
        if step == "note" and not self.may_see(hazard, actor):
            raise BadInput(f"没有隐患 {number} 号，或者不归您看。", "发“我的隐患”看看您的。")
        status = follow(hazard.status, step)
        note = mask_personal_data(note.strip())[:500]
        if step in ("decline", "return", "reopen", "fix", "note") and len(note) < 2:
            raise BadInput("还差一句话。", "说说为什么、怎么处理的，报的人和复核的人都要看。")
        fields = self._fields(hazard, step, actor, at, severity, assignee, same_as)
        changed = self.store.change(hazard, step, actor.id, note, at, status=status, **fields)
        self._follow_up(changed, step, actor, note, at)
        return changed

    def add_words(self, number: int, words: str, who: str, at: datetime) -> None:
        """A further reporter's words, added to a hazard that is there; `who` is "" for somebody without a name."""
        hazard = self.get(number)
        self.store.change(hazard, "note", who, mask_personal_data(words)[:500], at if who else _hour(at))

    def add_photo(self, hazard: Hazard, data: bytes, kind: str, at: datetime) -> None:
        name = self.photos.keep(data)
        hidden = hazard.is_anonymous and kind == "report"
        if not self.store.add_photo(
            HazardPhoto(name, hazard.id, kind, _hour(at) if hidden else at), MOST_PHOTOS
        ):
            self.photos.drop(name)
            raise BadInput(f"这条已经有 {MOST_PHOTOS} 张照片了。", "够用了；还有话要说，写在“补充”里。")

    def get(self, number: int) -> Hazard:
        hazard = self.store.get(number)
        if hazard is None:
            raise BadInput(f"没有隐患 {number} 号。", "发“我的隐患”看看您报的和派给您的。")
        return hazard

    def may_see(self, hazard: Hazard, person: Person | None, learner: str = "") -> bool:
        """The reporter, who is to fix it, and those who lead."""
        own = learner or (person.id if person else "")
        return bool(own) and (
            own in (hazard.reporter, hazard.assignee) or (person is not None and leads(person))
        )

    def of(self, learner: str) -> list[Hazard]:
        return self.store.of(learner)

    def by_receipt(self, code: str) -> Hazard | None:
        return self.store.by_receipt(digest(code))

    def watch(self, at: datetime) -> int:
        """Tells of what waits too long, each level once; returns how many. Harmless as often as it is called."""
        told = 0
        waiting = self.store.with_status(WAITING)
        known = {one.id: one for one in waiting}
        for one in overdue(waiting, at):
            hazard = known[one.id]
            try:
                self.store.change(
                    hazard, "escalate", "", f"等了 {one.hours:.1f} 小时", at, escalated=one.level
                )
            except BadInput:
                continue  # somebody takes it up at this moment
            people = self._managers() if one.level == 2 else self._responsible(hazard)
            for leader in people:
                self._notices.send(
                    leader,
                    late(hazard, one.hours),
                    f"hazard:{one.id}:late:{one.level}:{hazard.version}:{leader}",
                    at,
                )
            told += 1
        return told

    def catch_up(self, at: datetime) -> None:
        """Publishes again what the last days' hazards mean for people, for a crash in the middle."""
        for hazard in self.store.since(at - CAUGHT_UP):
            self._note("hazard.reported", hazard, hazard.reporter or NOBODY)
            if hazard.confirmed_at and hazard.status not in ("declined", "same"):
                self._note("hazard.verified", hazard, hazard.reporter or NOBODY)
            if hazard.status == "closed" and hazard.assignee:
                self._note("hazard.fixed", hazard, hazard.assignee)

    def _fields(
        self,
        hazard: Hazard,
        step: Step,
        actor: Person,
        at: datetime,
        severity: str,
        assignee: str,
        same_as: int | None,
    ) -> dict[str, Any]:
        match step:
            case "confirm":
                return {
                    "severity": severity if severity in NAMES else hazard.severity,
                    "assignee": self._fixer(assignee),
                    "confirmed_by": actor.id,
                    "confirmed_at": at,
                    "escalated": 0,
                }
            case "assign":
                return {"assignee": self._fixer(assignee), "taken_at": None}
            case "same":
                other = self.store.get(same_as or 0)
                if other is None or other.id == hazard.id or other.status == "same":
                    raise BadInput("没说清和哪一条相同。", f"这样说：隐患 {hazard.id} 同 8。")
                return {"same_as": other.id}
            case "take":
                return {"taken_at": at}
            case "fix":
                return {"fixed_at": at, "taken_at": hazard.taken_at or at}
            case "pass":
                return {"closed_at": at}
            case "reopen":
                return {"closed_at": None, "fixed_at": None, "taken_at": None, "same_as": None, "escalated": 0,
                        "assignee": "", "confirmed_at": None, "confirmed_by": ""}  # fmt: skip
            case _:
                return {}

    def _fixer(self, number: str) -> str:
        person = self._staff.get(number.strip())
        if person is None or person.left:
            raise BadInput(
                f"没有工号 {number or '（空）'} 的人。", "写接手人的工号，例如：隐患 12 属实 派 1005。"
            )
        return person.id

    def _follow_up(self, hazard: Hazard, step: Step, actor: Person, note: str, at: datetime) -> None:
        key = f"hazard:{hazard.id}:v{hazard.version}"
        if step == "confirm":
            self._note("hazard.verified", hazard, hazard.reporter or NOBODY)
        if step == "pass":
            self._note("hazard.fixed", hazard, hazard.assignee)
        if step in ("confirm", "assign", "return"):
            self._notices.send(hazard.assignee, assigned_to(hazard, step, note), f"{key}:do", at)
        if step == "fix":
            for leader in self._leaders(hazard):
                self._notices.send(leader, told_leaders(hazard, note), f"{key}:check:{leader}", at)
        if step in ("reopen",):
            for leader in self._leaders(hazard):
                self._notices.send(leader, told_leaders(hazard, note), f"{key}:again:{leader}", at)
        if step in ("confirm", "decline", "same", "pass") and hazard.reporter and hazard.reporter != actor.id:
            self._notices.send(hazard.reporter, acknowledged(hazard, step, note), f"{key}:thanks", at)

    def _note(self, kind: Kind, hazard: Hazard, person: str) -> None:
        at = {"hazard.verified": hazard.confirmed_at, "hazard.fixed": hazard.closed_at}.get(kind) or hazard.at
        details = {"severity": hazard.severity if kind != "hazard.reported" else hazard.declared}
        self._records.publish(
            Event(
                f"hazard:{hazard.id}:{kind[7:]}",
                kind,
                person,
                at,
                hazard.topic,
                f"hazard-{hazard.id}",
                1.0,
                details,
            )
        )

    def _leaders(self, hazard: Hazard) -> list[str]:
        """Who is to look at it: the reporter's trainer and manager, else the department's, else every manager."""
        person = self._staff.get(hazard.reporter) if hazard.reporter else None
        own = [one for one in (person.manager, person.trainer) if self._works(one)] if person else []
        own = [one for one in dict.fromkeys(own) if one != hazard.reporter]
        if own:
            return own
        near = [
            one.id
            for one in self._staff.all()
            if leads(one) and hazard.department and one.department == hazard.department
        ]
        return [one for one in near if one != hazard.reporter] or self._managers()

    def _responsible(self, hazard: Hazard) -> list[str]:
        """Who should have moved: the one in charge and those who lead."""
        return list(dict.fromkeys([*filter(None, [hazard.assignee]), *self._leaders(hazard)]))

    def _managers(self) -> list[str]:
        people = self._staff.all()
        return [one.id for one in people if one.role == "manager"] or [
            one.id for one in people if one.may("trainer")
        ]

    def _works(self, number: str) -> bool:
        person = self._staff.get(number) if number else None
        return person is not None and person.left is None


def _hour(at: datetime) -> datetime:
    """The time of what somebody does without a name: no finer than the hour, or it would name them."""
    return at.replace(minute=0, second=0, microsecond=0)


def leads(person: Person) -> bool:
    return person.may("trainer", "manager")


def report_key(parts: Iterable[str]) -> str:
    """A report's key out of what is the same when it comes again."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:64]
