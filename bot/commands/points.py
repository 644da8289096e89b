"""`anxun points`: confirm safe days, export for appraisal, check the ledger, tell of hazards that wait."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.errors import BadInput, NotReady
from bot.settings import Settings

points = typer.Typer(help="积分：确认安全天数、导出、核对台账。", no_args_is_help=True)
out = Console(highlight=False)
Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 文档，给程序用。")]


@points.command("safe-days")
def safe_days(
    month: Annotated[str, typer.Argument(help="哪个月，如 2026-10；要过完了才能确认。")],
    days: Annotated[int, typer.Option(help="实际出勤、没出事的天数。")],
    by: Annotated[str, typer.Option(help="确认人的工号，要是主管或管理员。")],
    people: Annotated[str, typer.Option(help="给哪些人，工号，逗号隔开；不写就是他带的所有人。")] = "",
    except_: Annotated[str, typer.Option("--except", help="除了这些人，工号，逗号隔开。")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="真的记；不写只看会记给谁。")] = False,
    as_json: Json = False,
) -> None:
    """主管确认一个月的安全天数。不会自动记，不加 --yes 只列出来看。"""
    from bot.desks.building import open_learning

    learning = open_learning(Settings.read())
    leader = learning.staff.get(by)
    if leader is None or leader.left:
        raise BadInput(f"没有工号 {by} 的人。", "写主管的工号，例如 --by 8001。")
    left_out = set(_numbers(except_))
    named = _numbers(people) or [one.id for one in learning.points.office.leads(leader)]
    wanted = [number for number in named if number not in left_out]
    if not wanted:
        raise BadInput("没有要确认的人。", "用 --people 写工号；或者先在人员表里写好谁归谁带。")
    office, now = learning.points.office, learning.clock()
    office.check_safe(leader, _month(month), days, wanted, now)
    new, known = office.confirm_safe(leader, _month(month), days, wanted, now) if yes else (wanted, [])
    if as_json:
        print(json.dumps({"month": month, "written": yes, "new": new, "known": known}, ensure_ascii=False))
        return
    out.print(f"{month}：{'记了' if yes else '会记给'} {len(new)} 人：{'、'.join(new) or '没有'}")
    if known:
        out.print(f"以前确认过、没有再记的 {len(known)} 人：{'、'.join(known)}")
    if not yes:
        out.print("还没有记。核对过了，加 --yes 再来一次。")


@points.command("export")
def export(
    to: Annotated[Path, typer.Argument(help="写到哪里，.xlsx 或 .csv。")],
    span: Annotated[str, typer.Option(help="month、last、quarter、year、ever。")] = "year",
    department: Annotated[str, typer.Option(help="只要一个部门。")] = "",
) -> None:
    """导出积分表，晋升、评优时参考；表里写明人数和这些数字不说明什么。"""
    from bot.desks.building import open_learning
    from bot.desks.points_export import PointsExport
    from bot.learning.points.periods import NAMES

    if to.suffix not in (".xlsx", ".csv"):
        raise BadInput(f"不认识 {to.suffix or '没有后缀的文件'}。", "文件名用 .xlsx 或 .csv 结尾。")
    if span not in NAMES:
        raise BadInput(f"不认识期间 {span}。", f"可用：{'、'.join(NAMES)}。")
    learning = open_learning(Settings.read())
    office = learning.points.office
    table = PointsExport(office, learning.staff, learning.zone).of(
        office.period(span), learning.clock(), department
    )
    to.write_bytes(table.xlsx() if to.suffix == ".xlsx" else table.csv())
    out.print(f"写好了：{to}，{len(table.rows) - 1} 人。")


@points.command("check")
def check(as_json: Json = False) -> None:
    """核对台账：每个人的余额是不是等于每一笔加起来。"""
    from bot.desks.building import open_learning

    differing = open_learning(Settings.read()).points.office.store.differing()
    if as_json:
        print(json.dumps({"differing": differing}, ensure_ascii=False))
    if differing:
        raise NotReady(
            f"{len(differing)} 人的余额和明细对不上：{'、'.join(differing[:5])}。",
            "有人绕过程序改了数据库；从备份核对这几个人。",
        )
    if not as_json:
        out.print("对得上。")


@points.command("hazards")
def hazards() -> None:
    """看一遍有没有等太久的隐患，超时的告诉主管。程序自己每分钟看一次；不常开的机器可以用定时任务来叫。"""
    from bot.desks.building import open_learning

    learning = open_learning(Settings.read())
    out.print(f"告诉了 {learning.hazards.office.watch(learning.clock())} 条。")


def _numbers(text: str) -> list[str]:
    return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()]


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadInput(f"月份 {text} 不对。", "写成 2026-10 这样。") from None
