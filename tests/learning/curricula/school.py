"""A house with courses: the floor of the learning system, a learner, a mentor and a manager, each in a chat of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from bot.content.curricula import Curriculum
from bot.content.loader import Knowledge, load_knowledge
from bot.desks.binding import BindingDesk
from bot.desks.building import tries_of
from bot.desks.curricula_building import Courses, build_courses
from bot.desks.hall import Hall
from bot.learning.events import Event
from bot.stores.learning.desks import DeskStateStore
from tests.conftest import ROOT
from tests.learning.curricula.courses import all_done, levels, small
from tests.learning.factory import Floor, person, words_of

LEARNER, MENTOR, MANAGER = "web-1", "web-2", "web-3"


@cache
def written() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


@dataclass
class School:
    floor: Floor
    courses: Courses

    def tell(self, text: str, conversation: str = LEARNER, **other: str) -> str:
        return self.floor.tell(text, conversation, **other)

    def do(self, course: str, number: str = "1001", mark: str = "") -> None:
        """Everything a course asks for, done elsewhere."""
        for event in all_done(self.courses.curricula.courses[course], number, self.floor.clock(), mark):
            self.floor.records.publish(event)

    def notices(self, number: str) -> list[str]:
        return [words_of(message) for _, message in self.floor.notices.take(number, self.floor.clock())]

    def events(self, kind: str) -> list[Event]:
        return [
            one
            for one in self.floor.records.store.since(self.floor.clock().replace(year=2020))
            if one.kind == kind
        ]  # type: ignore[misc]

    def code(self) -> str:
        return self.courses.signing.waiting("2001")[0].code


def school(url: str, *courses: Curriculum, **learner: Any) -> School:
    """Zhou Min is a clerk with a mentor and a manager; without `courses` there is the small one."""
    floor = Floor(url, [])
    known = replace(written(), curricula={one.id: one for one in courses or (small(),)})
    built = build_courses(known, floor.sessions, floor.records, floor.staff, floor.notices, floor.zone)
    for one in known.curricula.values():
        built.curricula._levels.update(levels(one))
    binding = BindingDesk(floor.staff, tries_of(floor.shared, floor.clock))
    floor.hall = Hall([binding, built.desk], DeskStateStore(floor.sessions), floor.staff, floor.clock)
    floor.bind(person("3001", "王敏", post="主任", role="manager", joined=date(2005, 1, 1)), MANAGER)
    floor.bind(person("2001", "李国强", post="班长", role="trainer", joined=date(2010, 1, 1)), MENTOR)
    floor.bind(
        person("1001", "周敏", **{"post": "柜员", "trainer": "2001", "manager": "3001", **learner}), LEARNER
    )
    return School(floor, built)
