"""Whether a plan can stand: nobody in two places, no mentor with too many, nobody missing at home.

problems(plan, others, staff, needs, places) -> ["周敏 2026-12-07 到 2026-12-20 已经在法务轮岗（3 号计划）。"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

MOST_DAYS = 366


@dataclass(frozen=True)
class Plan:
    """Who goes where, from the first to the last day, both counted. `place` is the id of a RotationPlace; `id` 0 is new."""

    person: str
    place: str
    mentor: str
    first: date
    last: date
    goals: tuple[str, ...]
    id: int = 0


class Member(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def post(self) -> str: ...
    @property
    def left(self) -> date | None: ...


class Need(Protocol):
    @property
    def department(self) -> str: ...
    @property
    def post(self) -> str: ...
    @property
    def at_least(self) -> int: ...


class Place(Protocol):
    @property
    def department(self) -> str: ...
    @property
    def most_per_mentor(self) -> int: ...


def problems(
    plan: Plan,
    others: Sequence[Plan],
    staff: Mapping[str, Member],
    needs: Iterable[Need],
    places: Mapping[str, Place],
) -> list[str]:
    """Every reason against a plan, in words with names and days; none when it can stand.

    `others` are the plans that stand already; one with the same id is the plan itself and does not count.
    """
    found = _unfit(plan, staff, places)
    if found:
        return found
    rest = [one for one in others if one.id != plan.id or not plan.id]
    return [*_clashes(plan, rest, staff, places), *_missing(plan, rest, staff, needs)]


def overlap(one: Plan, other: Plan) -> bool:
    return one.first <= other.last and other.first <= one.last


def _unfit(plan: Plan, staff: Mapping[str, Member], places: Mapping[str, Place]) -> list[str]:
    """What makes a plan no plan."""
    found = []
    for number, what in ((plan.person, "轮岗的人"), (plan.mentor, "带教人")):
        member = staff.get(number)
        if member is None:
            found.append(f"{what}：没有工号 {number or '（空）'} 的人。")
        elif member.left is not None and member.left <= plan.last:
            found.append(f"{what}：{member.name} {member.left} 离职。")
    if plan.place not in places:
        found.append("去处：没有这个部门的任务单，先在 knowledge/rotation/places 里写好。")
    if plan.person == plan.mentor:
        found.append("带教人不能是本人。")
    if plan.last < plan.first:
        found.append("最后一天比第一天还早。")
    elif (plan.last - plan.first).days >= MOST_DAYS:
        found.append("一次轮岗不超过一年，长的分成几段。")
    if not plan.goals:
        found.append("写一个目标：回来的时候，会了什么。")
    return found


def _clashes(
    plan: Plan, others: Sequence[Plan], staff: Mapping[str, Member], places: Mapping[str, Place]
) -> list[str]:
    """One person in two places at once; a mentor who is away, or has more guests on one day than they can look after."""
    found = []
    name, mentor = staff[plan.person].name, staff[plan.mentor].name
    near = [one for one in others if overlap(one, plan)]
    for one in near:
        where = _where(one, places)
        if one.person == plan.person:
            found.append(f"{name} {one.first} 到 {one.last} 已经在{where}轮岗（{one.id} 号计划）。")
        if one.person == plan.mentor:
            found.append(f"带教人{mentor} {one.first} 到 {one.last} 自己在{where}轮岗（{one.id} 号计划）。")
        if one.mentor == plan.person:
            guest = staff[one.person].name if one.person in staff else one.person
            found.append(f"{name} {one.first} 到 {one.last} 要带{guest}（{one.id} 号计划），走不开。")
    guests = [one for one in near if one.mentor == plan.mentor]
    most = places[plan.place].most_per_mentor
    if (busiest := _busiest(plan, guests)) and busiest[1] + 1 > most:
        found.append(f"带教人{mentor} {busiest[0]} 已经带着 {busiest[1]} 人，这里一位最多带 {most} 人。")
    return found


def _missing(
    plan: Plan, others: Sequence[Plan], staff: Mapping[str, Member], needs: Iterable[Need]
) -> list[str]:
    """Posts that would have fewer people at home than they need, on the day on which most are away."""
    goer = staff[plan.person]
    found = []
    for need in needs:
        if (need.department, need.post) != (goer.department, goer.post):
            continue
        members = {
            number
            for number, one in staff.items()
            if (one.department, one.post) == (need.department, need.post) and _stays(one, plan)
        }
        away = [
            one
            for one in others
            if one.person in members and one.person != plan.person and overlap(one, plan)
        ]
        day, gone = _busiest(plan, away) or (plan.first, 0)
        left = len(members) - gone - 1
        if left < need.at_least:
            found.append(
                f"{day} {need.department}的{need.post}只剩 {max(left, 0)} 人在岗，至少要留 {need.at_least} 人。"
            )
    return found


def _stays(member: Member, plan: Plan) -> bool:
    return member.left is None or member.left > plan.last


def _busiest(plan: Plan, others: Sequence[Plan]) -> tuple[date, int] | None:
    """The first day of the plan on which most different people of the others are away, and how many; None for none."""
    days = sorted({max(plan.first, one.first) for one in others})
    counted = [(day, len({one.person for one in others if one.first <= day <= one.last})) for day in days]
    return max(counted, key=lambda one: one[1], default=None)


def _where(plan: Plan, places: Mapping[str, Place]) -> str:
    return places[plan.place].department if plan.place in places else plan.place


def week_of(plan: Plan, day: date) -> int:
    """Which week of the plan a day is in, from 1; 0 before it begins. After the last day it stays at the last week."""
    if day < plan.first:
        return 0
    return (min(day, plan.last) - plan.first).days // 7 + 1


def weeks_in(plan: Plan) -> int:
    return (plan.last - plan.first).days // 7 + 1


def week_begins(plan: Plan, week: int) -> date:
    return plan.first + timedelta(days=7 * (week - 1))
