"""Turns rows of a sheet into members of staff, line by line, with what is wrong in words the sheet's owner understands.

Nothing is written here: the caller saves what the plan holds, all or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date

from bot.errors import BadInput
from bot.learning.people.cells import (
    COLUMNS,
    NAMES,
    NEEDED,
    ROLES,
    RowFault,
    cell_faults,
    read_date,
    value_of,
)
from bot.learning.people.person import Person
from bot.learning.people.sheets import SheetRow

_BEYOND = re.compile(r"[（(].*?[)）]|[\s*＊:：]")
HEADER_WITHIN = 10
LEADERS = ("trainer", "manager")


@dataclass(frozen=True)
class Change:
    """Somebody who is known and is written otherwise now; `what` names the columns."""

    before: Person
    after: Person
    what: tuple[str, ...]


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do. `missing` are members of staff the sheet does not name: they stay as they are."""

    new: tuple[Person, ...] = ()
    changed: tuple[Change, ...] = ()
    same: int = 0
    faults: tuple[RowFault, ...] = ()
    missing: tuple[Person, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def people(self) -> list[Person]:
        """Who is to be saved."""
        return [*self.new, *(one.after for one in self.changed)]


@dataclass
class _Draft:
    """Those read well so far, by number, with the line they stand in; `loose` are leaders that faulty rows name."""

    people: dict[str, Person] = field(default_factory=dict)
    loose: list[tuple[int, str, str]] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)


def plan_import(
    rows: Sequence[SheetRow], known: Iterable[Person], today: date, *, skip_bad: bool = False
) -> ImportPlan:
    """Reads every row and every fault. With `skip_bad` the good rows stand, without those that lean on bad ones.

    Raises BadInput when there is no header or a column is missing: then no row can be read.
    """
    staff = {one.id: one for one in known}
    start, columns, notes = _header(rows)
    draft = _Draft()
    for row in rows[start:]:
        _read(row, columns, staff, today, draft)
    named = _numbers(rows[start:], columns)
    _check_relations(draft, staff, set() if skip_bad else named)
    if skip_bad:
        while _drop_bad(draft):
            _check_relations(draft, staff, set())
    elif any(fault.row for fault in draft.faults):
        draft.people.clear()
    _check_admins(draft, staff)
    return _plan(draft, staff, named, notes)


def _header(rows: Sequence[SheetRow]) -> tuple[int, dict[str, int], list[str]]:
    """Where the data begins, the place of each column, and notes on columns nobody needs."""
    if not rows:
        raise BadInput(
            "这份表是空的。", "第一行写表头：工号,姓名,部门,岗位,班组,入职日期,角色,师傅工号,经理工号。"
        )
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        columns, unused = _columns(row)
        if "id" in columns and "name" in columns:
            if missing := [NAMES[key] for key in NEEDED if key not in columns]:
                raise BadInput(
                    f"表头缺 {'、'.join(missing)}。",
                    "补上这一列再导；班组、角色、师傅工号、经理工号可以没有。",
                )
            return number + 1, columns, [f"没用上的列：{'、'.join(unused)}"] if unused else []
    raise BadInput("前十行里找不到表头。", "第一行写表头，至少有：工号、姓名、部门、岗位、入职日期。")


def _columns(row: SheetRow) -> tuple[dict[str, int], list[str]]:
    columns: dict[str, int] = {}
    unused = []
    for place, cell in enumerate(row.cells):
        title = _BEYOND.sub("", cell)
        key = next((key for key, names in COLUMNS.items() if title in names), None)
        if key is None:
            unused += [cell] if cell else []
        elif key in columns:
            raise BadInput(f"表头里有两列“{NAMES[key]}”。", "留一列，删掉或改名另一列。")
        else:
            columns[key] = place
    return columns, unused


def _read(
    row: SheetRow, columns: Mapping[str, int], staff: Mapping[str, Person], today: date, draft: _Draft
) -> None:
    """A column that the sheet does not have changes nothing of who is known."""
    values = {
        key: value_of(row.cells[place] if place < len(row.cells) else "") for key, place in columns.items()
    }
    faults = list(cell_faults(row.number, values, today))
    number = values["id"]
    if not faults and number in draft.lines:
        faults.append(
            RowFault(
                row.number, "工号", f"{number} 和第 {draft.lines[number]} 行重了", "留一行，删掉另一行。"
            )
        )
    draft.faults += faults
    if faults:
        draft.loose += [(row.number, key, values.get(key, "")) for key in LEADERS]
    else:
        read = _person(values)
        known = staff.get(number)
        absent = [key for key in COLUMNS if key not in columns] if known else []
        draft.people[number] = replace(read, **{key: getattr(known, key) for key in absent})
        draft.lines[number] = row.number


def _person(values: Mapping[str, str]) -> Person:
    joined = read_date(values["joined"])
    assert joined is not None  # noqa: S101  checked by _cell_faults
    return Person(
        id=values["id"], name=values["name"], department=values["department"], post=values["post"], joined=joined,
        role=ROLES[values.get("role", "").lower()], trainer=values.get("trainer", ""),
        manager=values.get("manager", ""), team=values.get("team", ""),
    )  # fmt: skip


def _check_relations(draft: _Draft, staff: Mapping[str, Person], named: set[str]) -> None:
    """Mentors and managers who are nobody, who have left, who are oneself, or who lead each other in a circle.

    `named` are the numbers of all rows: one that stands in a faulty row is no stranger yet.
    """
    everybody = {**staff, **draft.people}
    asked = [
        (draft.lines[number], key, str(getattr(person, key)), number)
        for number, person in draft.people.items()
        for key in LEADERS
    ]
    asked += [(row, key, leader, "") for row, key, leader in draft.loose]
    for row, key, leader, number in asked:
        if leader and (leader in everybody or leader not in named):
            draft.faults += _leader_faults(row, key, number, leader, everybody)
    for key in LEADERS:
        for circle in _circles(everybody, key):
            inside = [number for number in circle if number in draft.people]
            if inside:
                row = min(draft.lines[number] for number in inside)
                way = " → ".join([*circle, circle[0]])
                draft.faults.append(RowFault(row, NAMES[key], f"绕成了圈：{way}", "改其中一个人的这一格。"))


def _leader_faults(
    row: int, key: str, number: str, leader: str, everybody: Mapping[str, Person]
) -> Iterable[RowFault]:
    column = NAMES[key]
    if leader == number:
        yield RowFault(row, column, "写的是本人", "写带他的人的工号，没有就空着。")
    elif leader not in everybody:
        called = [one.id for one in everybody.values() if one.name == leader]
        hint = (
            f"这一列写工号；叫{leader}的是 {'、'.join(called[:3])}。"
            if called
            else "先把那个人写进表里，或者空着。"
        )
        yield RowFault(row, column, f"没有 {leader} 这个人", hint)
    elif everybody[leader].left is not None:
        yield RowFault(row, column, f"{everybody[leader].name}（{leader}）已经离开", "换一位在岗的人。")


def _circles(everybody: Mapping[str, Person], key: str) -> list[list[str]]:
    """Every circle once, beginning with its smallest number. Oneself is no circle: that is told apart."""
    found, seen = [], set[str]()
    for start in sorted(everybody):
        path: list[str] = []
        at = start
        while at in everybody and at not in seen:
            seen.add(at)
            path.append(at)
            at = str(getattr(everybody[at], key))
        if at in path and len(path) - path.index(at) > 1:
            circle = path[path.index(at) :]
            turn = circle.index(min(circle))
            found.append(circle[turn:] + circle[:turn])
    return found


def _drop_bad(draft: _Draft) -> bool:
    """Takes out the rows with faults; whether there were any to take out."""
    bad = {fault.row for fault in draft.faults}
    gone = [number for number, row in draft.lines.items() if row in bad and number in draft.people]
    for number in gone:
        del draft.people[number]
    return bool(gone)


def _check_admins(draft: _Draft, staff: Mapping[str, Person]) -> None:
    """A list that leaves nobody who may do everything locks everybody out."""
    after = {**staff, **draft.people}.values()
    had = any(one.role == "admin" and one.left is None for one in staff.values())
    if had and draft.people and not any(one.role == "admin" and one.left is None for one in after):
        draft.faults.append(RowFault(0, "角色", "导完以后一个管理员都没有了", "至少留一位的角色写“管理员”。"))
        draft.people.clear()


def _numbers(rows: Sequence[SheetRow], columns: Mapping[str, int]) -> set[str]:
    place = columns["id"]
    return {value_of(row.cells[place]) for row in rows if place < len(row.cells)}


def _plan(draft: _Draft, staff: Mapping[str, Person], named: set[str], notes: list[str]) -> ImportPlan:
    new, changed, same = [], [], 0
    for number, person in draft.people.items():
        before = staff.get(number)
        if before is None:
            new.append(person)
        elif what := _differences(before, person):
            changed.append(Change(before, person, what))
        else:
            same += 1
    missing = [one for one in staff.values() if one.id not in named and one.left is None]
    faults = sorted(set(draft.faults), key=lambda one: (one.row, one.column, one.problem))
    return ImportPlan(tuple(new), tuple(changed), same, tuple(faults), tuple(missing), tuple(notes))


def _differences(before: Person, after: Person) -> tuple[str, ...]:
    names = {**NAMES, "left": "离开日期"}
    return tuple(
        names[one.name] for one in fields(Person) if getattr(before, one.name) != getattr(after, one.name)
    )
