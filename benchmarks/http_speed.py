"""Speed and memory of a running bot, over HTTP, Rasa included.

    make run                                  # in one terminal
    .venv/bin/python -m benchmarks.http_speed # in another

Prints one JSON document with the machine named. Questions are the bot's own card questions, so nothing is cached by text.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import httpx

from bot.content.loader import load_knowledge
from bot.settings import Settings
from tests.conftest import listener

_ids = itertools.count(1)


def percentile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)


def machine() -> str:
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if "model name" in line), "?")
    return f"{model}, {os.cpu_count()} 核, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def resident_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) // 1024


async def send(client: httpx.AsyncClient, conversation: str, text: str) -> float:
    """Milliseconds from send to the whole answer; raises when the bot did not answer."""
    body = {"conversation": conversation, "text": text, "message_id": f"bench-{os.getpid()}-{next(_ids)}"}
    began = time.perf_counter()
    response = await client.post("/api/v1/converse", json=body)
    took = (time.perf_counter() - began) * 1000
    blocks = response.json()["messages"][0]["blocks"]
    if any(b["type"] == "text" and b["tone"] == "error" for b in blocks):
        raise SystemExit("机器人没有回应，测量作废。")
    return took


async def measure(url: str, questions: list[str], run: str) -> dict[str, Any]:
    asked = itertools.cycle(questions)
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        for _ in range(5):
            await send(client, f"{run}-warm", next(asked))
        # A fresh conversation each, as a visitor's first questions are.
        one = [await send(client, f"{run}-s{n // 5}", next(asked)) for n in range(60)]

        began = time.perf_counter()

        async def user(name: int) -> list[float]:
            return [await send(client, f"{run}-u{name}", next(asked)) for _ in range(10)]

        many = [ms for user_ms in await asyncio.gather(*(user(n) for n in range(16))) for ms in user_ms]
        wall = time.perf_counter() - began

        long = [await send(client, f"{run}-long", next(asked)) for _ in range(100)]
    return {
        "sequential_ms": {"p50": statistics.median(one), "p95": percentile(one, 0.95), "n": len(one)},
        "sixteen_users": {"answers_per_s": round(len(many) / wall, 1), "p95_ms": percentile(many, 0.95), "n": len(many)},
        "long_conversation_ms": {
            "turns_1_to_10": round(statistics.median(long[:10]), 1),
            "turns_91_to_100": round(statistics.median(long[-10:]), 1),
        },
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    settings = Settings.read()
    parser.add_argument("--url", default=settings.address)
    args = parser.parse_args()
    knowledge = load_knowledge(settings.knowledge)
    questions = [card.questions[-1] for card in knowledge.cards.values()]
    figures = asyncio.run(measure(args.url, questions, f"b{os.getpid()}"))
    figures["memory_mb"] = {
        "app": resident_mb(listener(int(args.url.rsplit(":", 1)[1]))),
        "rasa": resident_mb(listener(int(settings.rasa_port))),
    }
    print(json.dumps({"machine": machine(), **figures}, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
