"""How fast customers answer, and how much room open calls take.

.venv/bin/python -m benchmarks.roleplay.speed
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import tracemalloc
from pathlib import Path

from bot.batching import play_all, simulated_jobs
from bot.rehearsing import build_stage
from bot.roleplay.script import Script, run
from bot.roleplay.session import Practice, play, start
from bot.roleplay.simulation import WORDS, SyntheticCollector
from bot.roleplay.stage import Stage
from bot.scoring import build_tone
from bot.settings import Settings
from bot.stores.database import open_database
from bot.stores.practices import PracticeStore

REPLIES = (
    "您好，我是供电所的，工号0312，您慢慢说，我听着。",
    "您是说单子来得突然，对吗？换谁都着急，我先查一下记录。",
    "我查到了，这笔我登记下来，明天上午给您回话，您看行吗？",
    "您看先交一部分，还是分两次？",
)
OPEN_CALLS, TURNS = 10_000, 3


def turns(stage: Stage) -> list[float]:
    """Milliseconds of single turns, scoring excluded, over every customer."""
    took: list[float] = []
    for persona in stage.personas:
        for seed in range(4):
            practice, scorer = start(stage, persona=persona, seed=seed), SyntheticCollector("cold", seed)
            while not practice.over and len(practice.turns) < 10:
                reply = REPLIES[len(practice.turns) % len(REPLIES)]
                began = time.perf_counter()
                practice, _ = play(stage, practice, reply, scorer)
                took.append(1000 * (time.perf_counter() - began))
    return sorted(took)


def scripted(stage: Stage, settings: Settings) -> list[float]:
    """Milliseconds of ten-turn scripts with scoring."""
    scorer, took = build_tone(settings).scorer, []
    for persona in stage.personas:
        script = Script((REPLIES * 3)[:10], persona)
        began = time.perf_counter()
        run(stage, script, scorer)
        took.append(1000 * (time.perf_counter() - began))
    return took


def open_calls(stage: Stage) -> dict[str, float]:
    """MB that open calls of a few turns take: as values in memory, and as rows of a database."""
    personas = list(stage.personas)
    tracemalloc.start()
    calls: list[Practice] = []
    for number in range(OPEN_CALLS):
        practice, scorer = (
            start(stage, persona=personas[number % len(personas)], seed=number),
            SyntheticCollector("cold", number),
        )
        for turn in range(TURNS):
            if not practice.over:
                practice, _ = play(stage, practice, WORDS.format(number=turn), scorer)
        calls.append(practice)
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.db"
        store = PracticeStore(open_database(f"sqlite:///{path}"))
        for number, practice in enumerate(calls):
            store.start(f"c{number}", practice.persona, None, practice.to_dict())
        return {"memory_mb": round(memory / 2**20, 1), "database_mb": round(path.stat().st_size / 2**20, 1)}


def main() -> None:
    settings = Settings.read()
    began = time.perf_counter()
    stage = build_stage(settings)
    load = time.perf_counter() - began
    one, script = turns(stage), scripted(stage, settings)
    began = time.perf_counter()
    jobs = simulated_jobs(stage, "random", 1000, 10, 3, [])
    play_all(settings, jobs, lambda _done, _total: None)
    simulated = time.perf_counter() - began
    figures = {
        "load_s": round(load, 2),
        "turn_p50_ms": round(statistics.median(one), 2),
        "turn_p95_ms": round(one[int(0.95 * len(one))], 2),
        "script_ten_turns_ms": round(statistics.median(script), 1),
        "script_ten_turns_worst_ms": round(max(script), 1),
        "simulated_1000_calls_s": round(simulated, 1),
        **open_calls(stage),
    }
    print(json.dumps(figures, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
