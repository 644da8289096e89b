"""`anxun learn`: what a timer of the machine calls once a day, and what an administrator looks at."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.settings import Settings

learn = typer.Typer(help="每天的学习安排。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 文档，给程序用。")]


@learn.command("daily")
def daily(as_json: Json = False) -> None:
    """走一遍今天该做的：排今天的课、记下各部门的情况、早上提醒。一天只做一回，谁先叫谁做。"""
    from bot.desks.building import open_learning

    learning = open_learning(Settings.read())
    done = learning.daily.run(learning.clock())
    if as_json:
        print(json.dumps({"first": done.first, "planned": done.planned, "reminded": done.reminded}))
    elif done.first:
        print(f"排了 {done.planned} 个人今天的课，提醒 {done.reminded} 个人。")
    else:
        print("今天的已经做过了。")


@learn.command("plan")
def plan(
    minutes: Annotated[int, typer.Option(min=3, max=60, help="每人今天有几分钟。")] = 10,
    as_json: Json = False,
) -> None:
    """给每个人排今天的一课（重排会换掉今天已排的）。"""
    from bot.desks.building import open_learning

    learning = open_learning(Settings.read())
    planned = learning.loop.plan_day(learning.staff.all(), learning.clock(), float(minutes))
    print(json.dumps({"planned": planned}) if as_json else f"排了 {planned} 个人今天的课。")
