"""Rotation in chat: 我的轮岗, 轮岗任务 … 做完, 轮岗评定 by the mentor, 轮岗报告."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from bot.desks import rotation_words as words
from bot.desks.desk import Reply, Visit
from bot.desks.rotation_office import RotationOffice
from bot.desks.staff import Staff
from bot.errors import BadInput
from bot.learning.clock import day_of
from bot.learning.people.person import Person
from bot.learning.rotation.assessment import read_marks
from bot.learning.rotation.plans import Plan, week_of
from bot.learning.rotation.tasks import this_week
from bot.messages import Message, say
from bot.stores.learning.rotation import Rotation

MINE = frozenset({"我的轮岗", "轮岗", "轮岗任务"})
_DONE = re.compile(
    r"^轮岗任务\s*(?P<number>\d{1,2})\s*[：:，,]?\s*(?:做完了?|完成了?|好了)\s*[：:，,]?\s*(?P<note>.*)$",
    re.S,
)
_ASSESS = re.compile(r"^轮岗评定\s*(?P<number>\d{1,9})?\s*号?$")
_REPORT = re.compile(r"^轮岗报告\s*(?P<number>\d{1,9})?\s*号?$")
_CANCEL = frozenset({"不评了", "算了", "取消"})
_QUESTION = ("？", "?", "吗", "呢")


class RotationDesk:
    name = "rotation"
    together: re.Pattern[str] | None = None

    def __init__(self, office: RotationOffice, staff: Staff, zone: ZoneInfo) -> None:
        self._office, self._staff, self._zone = office, staff, zone

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if text in MINE or _DONE.match(text) or _ASSESS.match(text) or _REPORT.match(text):
            return True
        if not state:
            return False
        if text in _CANCEL:
            return True
        if state.get("ask") == "marks":
            return bool(re.match(r"^[\d\s，,、]+$", text))
        return len(text) >= 6 and not text.endswith(_QUESTION)

    def receive(self, visit: Visit) -> Reply:
        if visit.person is None:
            return Reply(say("轮岗记在人名下，这个账号还没绑定。先发“绑定”加绑定码。", "notice"))
        try:
            return self._answer(visit.person, visit.said.text.strip(), visit)
        except BadInput as error:
            return Reply(say(f"{error.message}{error.remedy}", "notice"), dict(visit.state) or None)

    def _answer(self, person: Person, text: str, visit: Visit) -> Reply:
        if match := _DONE.match(text):
            return Reply(self._done(person, int(match["number"]), match["note"], visit))
        if match := _REPORT.match(text):
            return Reply(self._report(person, int(match["number"] or 0), visit))
        if match := _ASSESS.match(text):
            return self._ask(person, int(match["number"] or 0), visit)
        if visit.state and text not in MINE:
            return self._assessing(person, text, visit)
        return Reply(self._mine(person, visit))

    def _mine(self, person: Person, visit: Visit) -> Message:
        rotation = self._office.current(person, visit.at)
        if rotation is None or rotation.place not in self._office.places:
            if self._office.guests(person):
                return self._guests(person, visit)
            names = "、".join(one.department for one in self._office.places.values())
            return say(words.NONE.format(places=names), "notice")
        plan, today = _plan(rotation), day_of(visit.at, self._zone)
        rows = self._office.rows(rotation, visit.at)
        return words.mine(
            rotation, self._office.places[rotation.place], rows, this_week(rows, plan, today),
            self._name(rotation.mentor), week_of(plan, today), self._office.store.assessment(rotation.id),
        )  # fmt: skip

    def _done(self, person: Person, number: int, note: str, visit: Visit) -> Message:
        rotation = self._office.current(person, visit.at)
        rows = self._office.rows(rotation, visit.at) if rotation else []
        if rotation is None or not 1 <= number <= len(rows):
            raise BadInput(f"没有第 {number} 项任务。", "发“我的轮岗”看看编号。")
        was_new = self._office.finish(rotation, rows[number - 1].task.id, note, person, visit.at)
        left = sum(not one.done for one in self._office.rows(rotation, visit.at))
        return words.finished(number, rows[number - 1], left, was_new)

    def _report(self, person: Person, number: int, visit: Visit) -> Message:
        own = self._office.current(person, visit.at)
        rotation = self._office.get(number) if number else own
        if rotation is None or not self._office.may_see(rotation, person):
            raise BadInput("没有可看的轮岗报告。", "报告给本人、带教人、培训师和主管看；编号在“我的轮岗”里。")
        told = self._office.report(rotation.id, visit.at)
        return words.report(told, self._name(rotation.person), self._name(rotation.mentor))

    def _guests(self, person: Person, _visit: Visit) -> Message:
        guests = self._office.guests(person)
        names = {one.person: self._name(one.person) for one in guests}
        waiting = {one.id for one in guests if self._office.store.assessment(one.id) is None}
        return words.to_assess(guests, names, waiting)

    def _ask(self, person: Person, number: int, visit: Visit) -> Reply:
        """The criteria; the one guest who waits when no number is said."""
        guests = self._office.guests(person)
        waiting = [one for one in guests if self._office.store.assessment(one.id) is None]
        if not number and len(waiting) != 1:
            return Reply(self._guests(person, visit))
        rotation = self._office.get(number) if number else waiting[0]
        if rotation.mentor != person.id:
            raise BadInput("评定由带教人来写。", "请带教人在聊天里发“轮岗评定”。")
        if self._office.store.assessment(rotation.id):
            raise BadInput("已经评定过了，不改写。", f"看报告：轮岗报告 {rotation.id}。")
        rows = self._office.rows(rotation, visit.at)
        place = self._office.places[rotation.place]
        done = sum(one.done for one in rows)
        asked = words.ask_marks(rotation, place, self._name(rotation.person), done, len(rows))
        return Reply(asked, {"ask": "marks", "rotation": rotation.id})

    def _assessing(self, person: Person, text: str, visit: Visit) -> Reply:
        """Marks, then words; both kept together when both are there."""
        if text in _CANCEL:
            return Reply(say("好，先不评。想评的时候发“轮岗评定”。"))
        rotation = self._office.get(int(visit.state["rotation"]))
        place = self._office.places[rotation.place]
        if visit.state["ask"] == "marks":
            marks = read_marks(text, [one.id for one in place.criteria])
            return Reply(words.ask_words(marks, place), dict(visit.state) | {"ask": "words", "marks": marks})
        self._office.assess(rotation.id, person, visit.state["marks"], text, visit.at)
        told = self._office.report(rotation.id, visit.at)
        return Reply(words.report(told, self._name(rotation.person), self._name(rotation.mentor)))

    def _name(self, number: str) -> str:
        person = self._staff.get(number)
        return person.name if person else number


def _plan(one: Rotation) -> Plan:
    return Plan(one.person, one.place, one.mentor, one.first, one.last, one.goals, one.id)
