"""`anxun people`: staff from the firm's own list, who there is, and the one-time codes that bind a chat account."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import BadInput
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.desks.staff import Staff
    from bot.learning.people.importing import ImportPlan
    from bot.learning.people.person import Person

people = typer.Typer(help="人员：导入名单、查人、发绑定码。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 文档，给程序用。")]
SHOWN = 20


@people.command("import")
def import_people(
    file: Annotated[
        Path, typer.Argument(help="CSV 或 xlsx：工号,姓名,部门,岗位,班组,入职日期,角色,师傅工号,经理工号。")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看会怎么改，什么都不写。")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="有错的行跳过，其余照导；不给就全对才导。")
    ] = False,
    as_json: Json = False,
) -> None:
    """导入人员名单。默认全对才导；名单里没有的人不会被删，只列出来。"""
    from bot.desks.building import open_learning
    from bot.learning.clock import day_of
    from bot.learning.people.importing import plan_import
    from bot.learning.people.sheets import read_rows

    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} 读不了：{error.strerror}。", "检查路径和权限。") from None
    learning = open_learning(Settings.read())
    staff = learning.staff
    today = day_of(learning.clock(), learning.zone)
    plan = plan_import(read_rows(file.name, raw), staff.all(with_left=True), today, skip_bad=skip_bad)
    writes = not dry_run and bool(plan.people)
    enrolled = 0
    if writes:
        staff.save(plan.people)
        enrolled = learning.courses.curricula.invite(staff.all(), learning.clock())
    _show_plan(plan, dry_run, enrolled, as_json)
    if plan.faults and not skip_bad:
        raise SystemExit(2)


@people.command("list")
def list_people(
    with_left: Annotated[bool, typer.Option("--with-left", help="连离开的人一起列。")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="输出 CSV，能改了再导回来。")] = False,
    as_json: Json = False,
) -> None:
    """列出人员。"""
    listed = _staff().all(with_left=with_left)
    if as_json:
        print(json.dumps([_fields(one) for one in listed], ensure_ascii=False, indent=2))
    elif as_csv:
        print(as_sheet(listed), end="")
    else:
        for one in listed:
            print("  ".join(str(value) for value in _fields(one).values() if value))
        print(f"共 {len(listed)} 人。")


@people.command("code")
def code(
    number: Annotated[str, typer.Argument(metavar="工号", help="谁的绑定码。")], as_json: Json = False
) -> None:
    """发一个绑定码：七天内有效，只能用一次，发新的旧的就作废。"""
    from bot.desks.building import open_learning

    learning = open_learning(Settings.read())
    made = learning.staff.new_code(number, learning.clock())
    shown = f"{made[:4]}-{made[4:]}"
    if as_json:
        print(json.dumps({"person": number, "code": shown}))
    else:
        print(f"{shown}\n请本人在聊天里发：绑定 {shown}（七天内有效，只能用一次，别发到群里）。")


def as_sheet(listed: list[Person]) -> str:
    """CSV with the columns of the import; no cell of it is a formula to any spreadsheet."""
    from bot.learning.people.cells import NAMES, neutral

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(NAMES.values())
    for one in listed:
        row = _fields(one)
        writer.writerow([neutral(str(row[name])) for name in NAMES.values()])
    return out.getvalue()


def _staff() -> Staff:
    from bot.desks.staff import Staff
    from bot.stores.database import open_database
    from bot.stores.learning.people import PeopleStore

    return Staff(PeopleStore(open_database(Settings.read().database)))


def _fields(one: Person) -> dict[str, Any]:
    from bot.learning.people.cells import NAMES
    from bot.learning.people.person import ROLE_NAMES

    values = {name: getattr(one, key) for key, name in NAMES.items()}
    values["角色"], values["入职日期"] = ROLE_NAMES[one.role], str(one.joined)
    return {**values, "离开日期": str(one.left)} if one.left else values


def _show_plan(plan: ImportPlan, dry_run: bool, enrolled: int, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_as_dict(plan, dry_run, enrolled), ensure_ascii=False, indent=2))
        return
    for fault in plan.faults:
        print(fault)
    for note in plan.notes:
        print(note)
    for change in plan.changed[:SHOWN]:
        print(f"改：{change.after.id} {change.after.name}（{'、'.join(change.what)}）")
    did = "会" if dry_run else "已"
    if plan.people:
        print(f"{did}新增 {len(plan.new)} 人，{did}修改 {len(plan.changed)} 人，{plan.same} 人没变。")
    elif plan.faults:
        print(f"有 {len(plan.faults)} 处要改，什么都没有写。改好再导，或者加 --skip-bad 跳过这些行。")
    else:
        print(f"{plan.same} 人都没变。")
    if enrolled:
        print(f"按岗位和年限排上了 {enrolled} 门课。")
    if plan.missing:
        names = "、".join(f"{one.name}（{one.id}）" for one in plan.missing[:SHOWN])
        more = f"等 {len(plan.missing)} 人" if len(plan.missing) > SHOWN else ""
        print(f"系统里有、表里没有：{names}{more}。他们原样留着，没有删。")


def _as_dict(plan: ImportPlan, dry_run: bool, enrolled: int) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "written": not dry_run and bool(plan.people),
        "new": [one.id for one in plan.new],
        "changed": [{"id": one.after.id, "columns": list(one.what)} for one in plan.changed],
        "same": plan.same,
        "missing": [one.id for one in plan.missing],
        "enrolled": enrolled,
        "notes": list(plan.notes),
        "faults": [
            {"row": one.row, "column": one.column, "problem": one.problem, "remedy": one.remedy}
            for one in plan.faults
        ],
    }
