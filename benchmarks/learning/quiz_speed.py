"""How fast the next question comes.

python -m benchmarks.learning.quiz_speed [--learners 10000]

A fresh SQLite with the shipped questions, forty of which each learner remembers somehow. Timed are 每日五题 (choosing five)
and answering one (grading, memory, event, next question). Goal: the next item within 20 ms.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bot.content.loader import load_knowledge
from bot.desks.desk import Visit
from bot.desks.quiz import QuizDesk
from bot.desks.quiz_building import cite_of
from bot.desks.records import Records
from bot.learning.quizzes.grading import Verdict
from bot.messages import Incoming
from bot.settings import ROOT
from bot.stores.database import open_database
from bot.stores.learning.events import EventStore
from bot.stores.learning.quizzes import MemoryRow, QuizStore

NOW = datetime(2026, 11, 30, 1, tzinfo=UTC)
REMEMBERED = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=10_000)
    learners = parser.parse_args().learners
    knowledge, rng = load_knowledge(ROOT / "knowledge"), Random(7)
    items = [item.id for one in knowledge.quizzes.values() for item in one.items if item.kind == "single"]
    with tempfile.TemporaryDirectory() as folder:
        sessions = open_database(f"sqlite:///{Path(folder) / 'a.db'}")
        with sessions.begin() as session:
            for learner in range(learners):
                rows = [
                    {
                        "learner": f"{learner:05}", "item": item, "stability": 5.0, "difficulty": 5.0, "reps": 2,
                        "due": NOW + timedelta(days=rng.uniform(-5, 20)), "last_review": NOW - timedelta(days=rng.uniform(1, 9)),
                    }
                    for item in rng.sample(items, REMEMBERED)
                ]  # fmt: skip
                session.execute(insert(MemoryRow), rows)
        desk = QuizDesk(
            knowledge.quizzes, QuizStore(sessions), Records(EventStore(sessions)), lambda *_: Verdict(80, 4),
            cite_of(knowledge), lambda *_: {}, ZoneInfo("Asia/Shanghai"),
        )  # fmt: skip
        print(
            f"{platform.machine()}, Python {platform.python_version()}, {len(desk.items)} items, {learners} learners, {learners * REMEMBERED} memories, SQLite"
        )
        first, following = [], []
        for n, learner in enumerate(rng.sample(range(learners), 100)):
            visit = Visit(Incoming(f"c{n}", "每日五题", "m0"), f"{learner:05}", None, NOW)
            began = time.perf_counter()
            reply = desk.receive(visit)
            first.append(1000 * (time.perf_counter() - began))
            for number in range(1, 4):
                visit = Visit(
                    Incoming(f"c{n}", "不会", f"m{number}"), f"{learner:05}", None, NOW, reply.state or {}
                )
                began = time.perf_counter()
                reply = desk.receive(visit)
                following.append(1000 * (time.perf_counter() - began))
        for name, took in (("first of five", first), ("answer and next", following)):
            print(f"{name}: p50 {median(took):.1f} ms, p95 {quantiles(took, n=20)[-1]:.1f} ms (goal 20)")


if __name__ == "__main__":
    main()
