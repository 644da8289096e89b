"""Lines drawn for a blind reading: how angry does this sound, and who says it?

    .venv/bin/python -m benchmarks.roleplay.blind --draw 60 --seed 1   lines without labels, one JSON a row
    .venv/bin/python -m benchmarks.roleplay.blind --draw 60 --seed 1 --heard HEARD.jsonl   how a reader heard them

HEARD has rows {"n", "level"} (and may have "persona"); the lines come out of played calls, as a trainee hears them.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from bot.content.lines import LEVELS
from bot.rehearsing import build_stage
from bot.roleplay.script import Script, run
from bot.roleplay.simulation import POLICIES, WORDS, SyntheticCollector
from bot.roleplay.stage import Stage
from bot.settings import Settings

CALLS = 30
UNCLEAR = ("silence", "reacting.puzzled", "reacting.echo")


def drawn(stage: Stage, number: int, seed: int) -> list[dict[str, Any]]:
    """Lines of played calls with their levels, as many of each level as there are, in random order."""
    chance = random.Random(seed)
    heard: dict[int, list[dict[str, Any]]] = {level: [] for level in LEVELS}
    for persona in stage.personas:
        for call in range(CALLS):
            policy = POLICIES[call % len(POLICIES)]
            script = Script(
                tuple(WORDS.format(number=n) for n in range(12)), persona, seed=seed * 1000 + call
            )
            practice, _ = run(stage, script, SyntheticCollector(policy, script.seed))
            for said in practice.said[1:]:
                if said.function not in UNCLEAR and not said.revealed:
                    heard[said.level].append({"persona": persona, "level": said.level, "line": said.line})
    rows = [row for level in LEVELS for row in chance.sample(heard[level], number // len(LEVELS))]
    chance.shuffle(rows)
    return [{"n": n, **row} for n, row in enumerate(rows, 1)]


def agreement(rows: list[dict[str, Any]], path: Path) -> dict[str, Any]:
    """Exact and within one level; and how often the persona was told, where the reader named one."""
    heard = {row["n"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    apart = [abs(heard[row["n"]]["level"] - row["level"]) for row in rows if row["n"] in heard]
    told = [heard[r["n"]]["persona"] == r["persona"] for r in rows if heard.get(r["n"], {}).get("persona")]
    found: dict[str, Any] = {
        "lines": len(apart),
        "exact": round(sum(a == 0 for a in apart) / len(apart), 3),
        "within_one": round(sum(a <= 1 for a in apart) / len(apart), 3),
    }
    return found | ({"persona_told": round(sum(told) / len(told), 3)} if told else {})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draw", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--heard", type=Path)
    given = parser.parse_args()
    stage = build_stage(Settings.read())
    rows = drawn(stage, given.draw, given.seed)
    if given.heard:
        print(json.dumps(agreement(rows, given.heard), ensure_ascii=False))
        return
    for row in rows:
        print(json.dumps({"n": row["n"], "line": row["line"]}, ensure_ascii=False))


if __name__ == "__main__":
    main()
