"""How fast one process answers: `python -m benchmarks.retrieval.speed` prints milliseconds at one thread.

Questions are those of benchmarks/retrieval/questions/blind.jsonl; `fresh_process_s` starts Python, imports, loads and answers once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.asking import open_models
from bot.content.loader import read_knowledge
from bot.content.terms import load_terms
from bot.retrieval.answering.answer import Answerer
from bot.settings import Settings

SET = Path(__file__).with_name("questions") / "blind.jsonl"

ONCE = """
from pathlib import Path
from benchmarks.retrieval.speed import load
load(Path({cache!r})).ask("客户欠费多久可以停电？")
"""


def load(cache: Path) -> Answerer:
    settings = Settings.read()
    knowledge, _ = read_knowledge(settings.knowledge)
    terms = load_terms(settings.knowledge / "terms")
    return Answerer(knowledge, terms, open_models(settings), cache)


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    settings = Settings.read()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        started = time.perf_counter()
        load(cache)
        first = time.perf_counter() - started
        knowledge, _ = read_knowledge(settings.knowledge)
        terms, models = load_terms(settings.knowledge / "terms"), open_models(settings)
        started = time.perf_counter()
        answerer = Answerer(knowledge, terms, models, cache)
        cached = time.perf_counter() - started
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", ONCE.format(cache=folder)], check=True)
        fresh = time.perf_counter() - started
    taken = []
    for line in SET.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)["question"]
        started = time.perf_counter()
        answerer.ask(question)
        taken.append((time.perf_counter() - started) * 1000)
    taken.sort()
    print(
        json.dumps(
            {
                "items": len(answerer.retriever.items),
                "passages": len(answerer.passages),
                "first_build_s": round(first, 1),
                "index_from_cache_s": round(cached, 2),
                "fresh_process_s": round(fresh, 2),
                "questions": len(taken),
                "ask_p50_ms": round(taken[len(taken) // 2], 1),
                "ask_p95_ms": round(taken[int(len(taken) * 0.95)], 1),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
