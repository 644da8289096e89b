"""Which tasks belong to which week of a plan, and how much of them is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bot.content.rotation import RotationPlace, WeekTask
from bot.learning.rotation.plans import Plan, week_of, weeks_in


@dataclass(frozen=True)
class Due:
    """A task with the week it belongs to. `late` when its week is over and it is not done."""

    task: WeekTask
    week: int
    title: str
    done: bool
    late: bool


def due(place: RotationPlace, plan: Plan, done: Collection[str], day: date) -> list[Due]:
    """All tasks of the plan, by week. A short plan takes the place's weeks closer together, so that none is left out."""
    now, weeks = week_of(plan, day), weeks_in(plan)
    over = day > plan.last
    rows = []
    for index, week in enumerate(place.weeks):
        own = week_for(index, len(place.weeks), weeks)
        for task in week.tasks:
            is_done = task.id in done
            rows.append(Due(task, own, week.title, is_done, not is_done and (own < now or over)))
    return rows


def week_for(index: int, written: int, weeks: int) -> int:
    """The week, from 1, in which the written week number `index` (from 0) of `written` is done in a plan of `weeks`."""
    return index + 1 if weeks >= written else index * weeks // written + 1


def this_week(rows: Sequence[Due], plan: Plan, day: date) -> list[Due]:
    """What is to do now: this week's tasks, and those that are late."""
    now = week_of(plan, day)
    return [one for one in rows if one.week == now or one.late]
