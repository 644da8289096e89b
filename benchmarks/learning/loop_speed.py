"""How fast the next lesson comes, and the day of ten thousand staff.

python -m benchmarks.learning.loop_speed [--staff 10000]

A fresh SQLite with the shipped content: every member of staff has answered twenty questions on all topics and played
two calls within the last fortnight. Goals: the next lesson within 20 ms, everybody's plan within 60 s.
"""

from __future__ import annotations

import argparse
import platform
import resource
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from bot.content.loader import load_knowledge
from bot.desks.candidates import Offers
from bot.desks.desk import Visit
from bot.desks.loop import LoopDesk
from bot.desks.records import Records
from bot.learning.events import Event
from bot.learning.loop.model import TOPICS, fold
from bot.learning.loop.weights import EXPOSURE
from bot.learning.people.person import Person
from bot.messages import Incoming
from bot.settings import ROOT, Settings
from bot.stores.database import open_database
from bot.stores.learning.events import EventStore
from bot.stores.learning.loop import LoopStore

NOW = datetime(2026, 11, 30, 1, tzinfo=UTC)


def history(who: str, scenarios: list[str], rng: Random) -> list[Event]:
    events = [
        Event(f"{who}-{n}", "quiz.answered", who, NOW - timedelta(days=rng.uniform(1, 14)), rng.choice(TOPICS), "x", float(rng.random() < 0.6))
        for n in range(20)
    ]  # fmt: skip
    events += [
        Event(f"{who}-p{n}", "practice.finished", who, NOW - timedelta(days=rng.uniform(1, 14)), "fee_collection", rng.choice(scenarios), rng.random())
        for n in range(2)
    ]  # fmt: skip
    return events


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--staff", type=int, default=10_000)
    count = parser.parse_args().staff
    knowledge, rng = load_knowledge(ROOT / "knowledge"), Random(7)
    people = [
        Person(f"{n:05d}", "某", rng.choice(list(EXPOSURE)), "员", date(2020, 1, 1)) for n in range(count)
    ]
    with tempfile.TemporaryDirectory() as folder:
        sessions = open_database(f"sqlite:///{Path(folder) / 'a.db'}")
        store, records = LoopStore(sessions), Records(EventStore(sessions))
        desk = LoopDesk(store, records, Offers(knowledge, records), ZoneInfo(Settings().timezone))
        scenarios, risks = list(knowledge.scenarios), []
        for one in people:
            events = history(one.id, scenarios, rng)
            records.store.add_all(events)
            risks.append((one.id, fold(events).to_dict()))
        store.keep_risks(risks, NOW)
        print(
            f"{platform.machine()}, Python {platform.python_version()}, {count} staff, {22 * count} events, SQLite"
        )
        took = []
        for n, one in enumerate(rng.sample(people, 200)):
            visit = Visit(Incoming("c", "学什么", f"m{n}"), one.id, one, NOW)
            began = time.perf_counter()
            desk.receive(visit)
            took.append(1000 * (time.perf_counter() - began))
        print(f"next lesson: p50 {median(took):.1f} ms, p95 {quantiles(took, n=20)[-1]:.1f} ms (goal 20)")
        began = time.perf_counter()
        planned = desk.plan_day(people, NOW)
        print(f"daily plan: {planned} people in {time.perf_counter() - began:.1f} s (goal 60)")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
