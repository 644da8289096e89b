"""The table for promotion and appraisal: people's points in a period, where they come from, and what they do not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.desks.points_office import PointsOffice
from bot.desks.staff import Staff
from bot.learning.clock import day_of
from bot.learning.people.person import Person
from bot.learning.points.periods import Period
from bot.learning.points.places import Place
from bot.learning.points.sheets import Cell, as_csv, as_xlsx, notes

SOURCES: dict[str, tuple[str, ...]] = {
    "题和课": ("quiz.answered", "quiz.finished", "task.signed", "module.finished", "curriculum.certified", "speech.scored"),
    "陪练": ("practice.finished",),
    "竞赛和演练": ("contest.finished", "drill.finished"),
    "隐患": ("hazard.verified", "hazard.fixed"),
    "轮岗": ("rotation.assessed",),
    "安全天数和自查": ("day.safe", "checklist.done"),
}  # fmt: skip
HEAD = [
    "工号",
    "姓名",
    "部门",
    "班组",
    "岗位",
    "入职",
    "期间积分",
    "累计积分",
    "部门名次",
    "部门人数",
    *SOURCES,
    "更正",
]


@dataclass(frozen=True)
class Export:
    rows: list[list[Cell]]
    notes: list[str]

    def csv(self) -> bytes:
        """The notes stand below the figures, as a CSV has one sheet."""
        return as_csv([*self.rows, [], *([note] for note in self.notes)])

    def xlsx(self) -> bytes:
        return as_xlsx(self.rows, self.notes, "积分")


class PointsExport:
    def __init__(self, office: PointsOffice, staff: Staff, zone: ZoneInfo) -> None:
        self._office, self._staff, self._zone = office, staff, zone

    def of(self, span: Period, at: datetime, department: str = "") -> Export:
        """Everybody who is on the staff, of one department or all, in the order of departments and places."""
        places = self._office.places(span, department=department)
        people = {one.id: one for one in self._staff.all()}
        totals = {
            one.standing.person: one.standing.points
            for one in self._office.places(self._office.period("ever"))
        }
        sources = self._office.store.by_rule(*_days(span))
        kinds = self._office.kinds()
        rows: list[list[Cell]] = [list(HEAD)]
        for group in _by_department(places):
            within = _placed_again(group)
            rows += [
                self._row(people[one.standing.person], one, place, len(group), totals, sources, kinds)
                for one, place in within
                if one.standing.person in people
            ]
        active = sum(1 for one in places if one.standing.points > 0)
        return Export(rows, notes(len(places), active, _words(span), day_of(at, self._zone)))

    def _row(
        self,
        person: Person,
        one: Place,
        place: int,
        size: int,
        totals: dict[str, int],
        sources: dict[str, dict[str, int]],
        kinds: dict[str, str],
    ) -> list[Cell]:
        by_source = dict.fromkeys(SOURCES, 0)
        others = 0
        for rule, points in sources.get(person.id, {}).items():
            name = next((name for name, of in SOURCES.items() if kinds.get(rule) in of), "")
            if name:
                by_source[name] += points
            else:
                others += points
        return [
            person.id, person.name, person.department, person.team, person.post, person.joined.isoformat(),
            one.standing.points, totals.get(person.id, 0), place, size, *by_source.values(), others,
        ]  # fmt: skip


def _by_department(places: Sequence[Place]) -> list[list[Place]]:
    groups: dict[str, list[Place]] = {}
    for one in places:
        groups.setdefault(one.standing.department, []).append(one)
    return [groups[name] for name in sorted(groups)]


def _placed_again(group: Sequence[Place]) -> list[tuple[Place, int]]:
    """Places within a department; equal points share one."""
    placed: list[tuple[Place, int]] = []
    for index, one in enumerate(group, 1):
        same = bool(placed) and placed[-1][0].standing.points == one.standing.points
        placed.append((one, placed[-1][1] if same else index))
    return placed


def _days(span: Period) -> tuple[date, date]:
    first = date(max(span.first // 100, 1), span.first % 100 or 1, 1)
    if span.last >= 999900:
        return first, date.max
    year, month = divmod(span.last, 100)
    following = date(year + month // 12, month % 12 + 1, 1)
    return first, date.fromordinal(following.toordinal() - 1)


def _words(span: Period) -> str:
    first, last = _days(span)
    return span.name if first.year == 1 else f"{span.name}（{first} 到 {last}）"
