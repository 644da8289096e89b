"""Rotation as chat and pages handle it: planning with checks, weekly tasks, the mentor's assessment, and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.content.rotation import Coverage, RotationPlace
from bot.desks import rotation_words as words
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.errors import BadInput
from bot.learning.clock import day_begins, day_of
from bot.learning.events import Event
from bot.learning.people.person import Person
from bot.learning.rotation.assessment import checked, value_of
from bot.learning.rotation.comparison import Compared, compared
from bot.learning.rotation.plans import Plan, problems
from bot.learning.rotation.tasks import Due, due
from bot.stores.learning.rotation import Assessment, NewRotation, Rotation, RotationStore
from bot.text import mask_personal_data

AROUND = timedelta(days=60)
"""So long before and after a rotation scores are compared."""
ASSESS_FROM = timedelta(days=7)
"""The mentor may assess from a week before the last day on."""
COMPARED = {"答题": "quiz.answered", "陪练": "practice.finished"}


@dataclass(frozen=True)
class Report:
    """Everything there is to say of one rotation."""

    rotation: Rotation
    place: RotationPlace
    rows: list[Due]
    notes: dict[str, str]
    assessment: Assessment | None
    comparison: list[Compared]
    over: bool


class RotationOffice:
    def __init__(
        self,
        store: RotationStore,
        staff: Staff,
        records: Records,
        notices: Notices,
        places: Mapping[str, RotationPlace],
        coverage: Mapping[str, Coverage],
        zone: ZoneInfo,
    ) -> None:
        self.store, self.places = store, places
        self._staff, self._records, self._notices, self._zone = staff, records, notices, zone
        self._needs = [need for one in coverage.values() for need in one.needs]

    def plan(self, new: NewRotation, by: Person, at: datetime) -> Rotation:
        """Writes a plan that can stand and tells both people; raises BadInput with everything that is against it."""
        if not by.may("trainer", "manager"):
            raise BadInput("轮岗由培训师或主管来排。", "跟主管说说您想去哪儿。")
        if new.first < day_of(at, self._zone) - timedelta(days=31):
            raise BadInput("第一天太早了。", "补登不超过一个月；更早的不用排了。")
        plan = Plan(new.person, new.place, new.mentor, new.first, new.last, new.goals)
        staff = {one.id: one for one in self._staff.all(with_left=True)}

        def check(standing: Sequence[Rotation]) -> None:
            others = [_plan(one) for one in standing]
            if found := problems(plan, others, staff, self._needs, self.places):
                raise BadInput(" ".join(found), "换个日子、换个带教人，或者先调开别的计划。")

        made = self.store.add(new, at, check)
        place = self.places[made.place]
        names = {number: one.name for number, one in staff.items()}
        self._notices.send(made.person, words.told_goer(made, place, names), f"rotation:{made.id}:goer", at)
        self._notices.send(
            made.mentor, words.told_mentor(made, place, names), f"rotation:{made.id}:mentor", at
        )
        return made

    def cancel(self, number: int, by: Person, why: str, at: datetime) -> None:
        """Calls a plan off, with a reason that both people read."""
        rotation = self.get(number)
        if not by.may("trainer", "manager"):
            raise BadInput("轮岗由培训师或主管来取消。", "跟主管说说。")
        if len(why.strip()) < 2:
            raise BadInput("还差理由。", "说一句为什么取消，两边都要看。")
        if self.store.assessment(number):
            raise BadInput("评定过的不能取消。", "它已经走完了，留着作记录。")
        if not self.store.cancel(number, mask_personal_data(why.strip())):
            raise BadInput(f"{number} 号已经取消过了。", "不用再取消。")
        for person in (rotation.person, rotation.mentor):
            self._notices.send(
                person, words.told_cancelled(rotation, why.strip()), f"rotation:{number}:off:{person}", at
            )

    def get(self, number: int) -> Rotation:
        rotation = self.store.get(number)
        if rotation is None or rotation.cancelled:
            raise BadInput(f"没有 {number} 号轮岗计划，或者取消了。", "发“我的轮岗”看看编号。")
        return rotation

    def current(self, person: Person, at: datetime) -> Rotation | None:
        """The plan that runs today, else the next one, else the last one that is over."""
        today = day_of(at, self._zone)
        own = [one for one in self.store.of(person.id) if one.person == person.id]
        running = [one for one in own if one.first <= today <= one.last]
        coming = sorted((one for one in own if one.first > today), key=lambda one: one.first)
        return next(iter([*running, *coming, *own]), None)

    def guests(self, mentor: Person) -> list[Rotation]:
        return [one for one in self.store.of(mentor.id) if one.mentor == mentor.id]

    def rows(self, rotation: Rotation, at: datetime) -> list[Due]:
        place = self.places.get(rotation.place)
        if place is None:
            return []
        done = self.store.tasks(rotation.id)
        return due(place, _plan(rotation), done, day_of(at, self._zone))

    def finish(self, rotation: Rotation, task: str, note: str, by: Person, at: datetime) -> bool:
        """The one who is away says that a task is done, and by what one sees it; False when it was done before."""
        if by.id != rotation.person:
            raise BadInput("任务由轮岗的人自己说做完。", "请他在聊天里发“我的轮岗”。")
        if day_of(at, self._zone) < rotation.first:
            raise BadInput("还没开始呢。", f"{rotation.first} 开始。")
        if all(one.task.id != task for one in self.rows(rotation, at)):
            raise BadInput("没有这个任务。", "发“我的轮岗”看看编号。")
        if len(note.strip()) < 4:
            raise BadInput("还差一句凭据。", "说说做成了什么样，例如：轮岗任务 2 做完 二十封判了，错三封。")
        return self.store.finish_task(rotation.id, task, mask_personal_data(note.strip())[:500], at)

    def assess(
        self, number: int, by: Person, marks: Mapping[str, int], said: str, at: datetime
    ) -> Assessment:
        """The mentor's marks and words, once; raises BadInput. Published as `rotation.assessed`."""
        rotation = self.get(number)
        place = self.places.get(rotation.place)
        if by.id != rotation.mentor:
            raise BadInput("评定由带教人来写。", "请带教人在聊天里发“轮岗评定”。")
        if place is None:
            raise BadInput(
                "这个部门的任务单不在了。", "请管理员把 knowledge/rotation/places 里的文件放回来。"
            )
        if day_of(at, self._zone) < rotation.last - ASSESS_FROM:
            raise BadInput("还早。", f"最后一周（{rotation.last - ASSESS_FROM} 起）再评定。")
        if len(said.strip()) < 6:
            raise BadInput("还差一句话。", "写一件他做得好的、一件还要练的，本人会看到。")
        ordered = checked(marks, [one.id for one in place.criteria])
        one = Assessment(
            number, by.id, ordered, mask_personal_data(said.strip())[:500], value_of(ordered), at
        )
        if not self.store.assess(one):
            kept = self.store.assessment(number)
            if kept is None or (kept.marks, kept.words) != (one.marks, one.words):
                raise BadInput("已经评定过了，不改写。", "有要补的话，当面说，或者请主管记在报告外。")
            one = kept
        self._publish(rotation, one)
        self._notices.send(
            rotation.person, words.told_assessed(place, one), f"rotation:{number}:assessed", at
        )
        return one

    def report(self, number: int, at: datetime) -> Report:
        rotation = self.get(number)
        place = self.places.get(rotation.place)
        if place is None:
            raise BadInput(
                "这个部门的任务单不在了。", "请管理员把 knowledge/rotation/places 里的文件放回来。"
            )
        notes = {task: note for task, (note, _) in self.store.tasks(number).items()}
        over = day_of(at, self._zone) > rotation.last
        return Report(
            rotation, place, self.rows(rotation, at), notes, self.store.assessment(number),
            self.comparison(rotation), over,
        )  # fmt: skip

    def comparison(self, rotation: Rotation) -> list[Compared]:
        """Quiz answers and role-play scores of the sixty days before, and of the sixty days after."""
        begins, ends = (
            day_begins(rotation.first, self._zone),
            day_begins(rotation.last + timedelta(days=1), self._zone),
        )
        events = self._records.store.of(rotation.person, begins - AROUND, tuple(COMPARED.values()))
        return [
            compared(
                name,
                [one.value * 100 for one in events if one.kind == kind and one.at < begins],
                [one.value * 100 for one in events if one.kind == kind and ends <= one.at < ends + AROUND],
            )
            for name, kind in COMPARED.items()
        ]

    def may_see(self, rotation: Rotation, person: Person | None) -> bool:
        return person is not None and (
            person.id in (rotation.person, rotation.mentor) or person.may("trainer", "manager")
        )

    def remind(self, at: datetime) -> None:
        """On the first day of each week, the week's tasks; in the last week, the mentor's assessment. Once each."""
        today = day_of(at, self._zone)
        for rotation in self.store.all(today):
            place = self.places.get(rotation.place)
            if place is None or rotation.first > today:
                continue
            week = (today - rotation.first).days // 7 + 1
            now = [one for one in self.rows(rotation, at) if one.week == week and not one.done]
            if now:
                self._notices.send(
                    rotation.person,
                    words.told_week(place, week, now),
                    f"rotation:{rotation.id}:week:{week}",
                    at,
                )
            if today >= rotation.last - ASSESS_FROM and self.store.assessment(rotation.id) is None:
                person = self._staff.get(rotation.person)
                name = person.name if person else rotation.person
                self._notices.send(
                    rotation.mentor, words.ask_mentor(rotation, name), f"rotation:{rotation.id}:ask", at
                )

    def _publish(self, rotation: Rotation, one: Assessment) -> None:
        details = {"place": rotation.place, "marks": dict(one.marks)}
        ref = f"rotation-{rotation.id}"
        self._records.publish(
            Event(
                f"rotation:{rotation.id}",
                "rotation.assessed",
                rotation.person,
                one.at,
                "",
                ref,
                one.value,
                details,
            )
        )


def _plan(one: Rotation) -> Plan:
    return Plan(one.person, one.place, one.mentor, one.first, one.last, one.goals, one.id)
