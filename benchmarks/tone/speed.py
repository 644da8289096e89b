"""How fast the judge is: loading, one reply after the other, many at once, and the room it takes.

    taskset -c 0 .venv/bin/python -m benchmarks.tone.speed

Replies are those of tests/tone. `judged` is the whole verdict with its rewrite; `rules_only` is what role-play uses.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPLIES = Path(__file__).parents[2] / "tests" / "tone" / "replies.jsonl"


def measured() -> dict[str, Any]:
    """Milliseconds, replies a second and MB; the process should be a fresh one on one core."""
    before = _megabytes()
    began = time.perf_counter()
    from bot.judgement import TurnContext
    from bot.scoring import build_tone
    from bot.settings import Settings

    imported = time.perf_counter()
    tone = build_tone(Settings.read())
    loaded = time.perf_counter()
    rows = [json.loads(line) for line in REPLIES.read_text(encoding="utf-8").splitlines()]
    turns = [TurnContext(row["customer"], row["reply"], facts=row.get("facts", {})) for row in rows]
    tone.score(rows[0])
    return {
        "replies": len(rows),
        "import_s": round(imported - began, 2),
        "load_s": round(loaded - imported, 2),
        "judged": _timed([lambda row=row: tone.score(row) for row in rows]),
        "rules_only": _timed([lambda turn=turn: tone.scorer.judge(turn) for turn in turns]),
        "memory_mb": round(_megabytes() - before),
    }


def _timed(calls: list[Callable[[], Any]]) -> dict[str, float]:
    took = []
    for call in calls:
        began = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    return {
        "p50_ms": round(took[len(took) // 2], 2),
        "p95_ms": round(took[int(0.95 * len(took))], 2),
        "per_s": round(1000 * len(took) / sum(took)),
    }


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(measured(), indent=2))
