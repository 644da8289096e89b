"""Four ways to talk to every customer, at one difficulty over many seeds: do the calls end as they should?

    .venv/bin/python -m benchmarks.roleplay.outcomes [--scripts DIR] [--difficulty 3] [--seeds 20] [--json]

DIR has one folder a persona with competent.yaml, plain.yaml, empty.yaml and hostile.yaml.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.batching import Job, play_all, read_scripts
from bot.rehearsing import build_stage
from bot.roleplay.tally import Played, Tally, distinct, tally
from bot.settings import Settings

KINDS = ("competent", "plain", "empty", "hostile")
HERE = Path(__file__).parent / "scripts"
TEN = 10


def play(folder: Path, difficulty: int, seeds: int) -> dict[str, dict[str, list[Played]]]:
    """persona → kind → the calls, over all personas that ship."""
    settings = Settings.read()
    stage = build_stage(settings)
    jobs = []
    for persona in stage.personas:
        for kind, script in read_scripts(folder / persona).items():
            part = replace(script, persona=persona, difficulty=difficulty)
            jobs += [Job(f"{persona}/{kind}", replace(part, seed=seed)) for seed in range(seeds)]
    calls = play_all(settings, jobs, lambda _done, _total: None)
    found: dict[str, dict[str, list[Played]]] = {p: {} for p in stage.personas}
    for call in calls:
        found[call.persona].setdefault(call.script.split("/")[1], []).append(call)
    return found


def row(persona: str, by_kind: dict[str, list[Played]]) -> dict[str, Any]:
    """One line of the table: shares in percent, median end anger of each kind, and how seldom lines come again."""
    counted: dict[str, Tally] = {kind: tally(by_kind[kind]) for kind in KINDS}
    anger = [counted[kind].anger for kind in KINDS]
    lost = counted["hostile"].share("escalated", "hung_up")
    return {
        "persona": persona,
        "competent": round(100 * counted["competent"].share("resolved")),
        "plain": round(100 * counted["plain"].share("resolved")),
        "empty": round(100 * counted["empty"].share("resolved")),
        "hostile": round(100 * lost),
        "anger": [round(value) for value in anger],
        "ordered": all(low < high for low, high in pairwise(anger)),
        "within": round(100 * min(distinct([call.lines]) for calls in by_kind.values() for call in calls)),
        "across": round(100 * min(_ten(calls) for calls in by_kind.values())),
    }


def _ten(calls: Sequence[Played]) -> float:
    """Ten calls with neighbouring seeds: how many of all their lines are different."""
    return distinct([call.lines for call in calls[:TEN]])


def kept(one: dict[str, Any]) -> bool:
    """Whether a customer does what the issue asks: order, agreement, none for empty words, no peace for hostility."""
    ends = one["competent"] >= 80 and one["plain"] >= 70 and one["empty"] == 0 and one["hostile"] >= 90
    return bool(ends and one["ordered"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scripts", type=Path, default=HERE)
    parser.add_argument("--difficulty", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = [row(p, kinds) for p, kinds in play(given.scripts, given.difficulty, given.seeds).items()]
    if given.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(
        "客户",
        "会说 谈成",
        "大白话 谈成",
        "客气空话 谈成",
        "凶 闹大或挂断",
        "结束怒气",
        "次序",
        "一通不重",
        "十通不重",
        "",
    )
    for one in rows:
        table.add_row(
            one["persona"],
            *(f"{one[kind]}%" for kind in KINDS),
            " < ".join(map(str, one["anger"])),
            "对" if one["ordered"] else "错",
            f"{one['within']}%",
            f"{one['across']}%",
            "" if kept(one) else "没做到",
        )
    console = Console()
    console.print(table)
    console.print(f"{sum(map(kept, rows))} / {len(rows)} 位客户都做到了。")


if __name__ == "__main__":
    main()
