"""A ledger of a million entries: how long a balance, a statement, a ranking and an award take, and whether totals agree.

    .venv/bin/python -m benchmarks.learning.ledger [--entries 1000000] [--people 10000] [--url postgresql+psycopg://…]

SQLite in a folder of its own unless a database is named. Entries go in past the store, in bulk, with totals made from
them by SQL; what is measured goes through the store. Limits: a balance 20 ms, a ranking 300 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bot.learning.points.places import Standing, grouped, placed
from bot.stores.database import open_database
from bot.stores.learning.people import PeopleStore, StaffRecord
from bot.stores.learning.points import EntryRow, NewEntry, PointsStore, Wanted

DEPARTMENTS = ("营销", "抄表", "收费", "客服", "信息", "法务", "新业务")
FIRST, DAYS, CHUNK = date(2025, 1, 1), 700, 20_000
NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
LIMITS_MS = {"balance": 20.0, "ranking": 300.0}


def fill(sessions: Any, people: int, entries: int, seed: int = 7) -> None:
    """Random entries of everybody, then the totals as the store would have kept them."""
    rng = random.Random(seed)
    PeopleStore(sessions).save(
        [
            StaffRecord(
                f"p{n:05d}",
                f"员工{n}",
                DEPARTMENTS[n % len(DEPARTMENTS)],
                "员工",
                FIRST,
                team=f"{n % 200} 班",
            )
            for n in range(people)
        ]
    )
    for start in range(0, entries, CHUNK):
        with sessions.begin() as session:
            session.execute(insert(EntryRow), [_entry(rng, n, people) for n in range(start, start + CHUNK)])
    with sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO point_totals (person, points, entries) "
                "SELECT person, SUM(points), COUNT(*) FROM point_entries GROUP BY person"
            )
        )
        month = "CAST(strftime('%Y%m', day) AS INTEGER)"
        if session.get_bind().dialect.name == "postgresql":
            month = "CAST(to_char(day, 'YYYYMM') AS INTEGER)"
        session.execute(
            text(
                "INSERT INTO point_months (month, person, points) "  # noqa: S608  our own words
                f"SELECT {month}, person, SUM(points) FROM point_entries GROUP BY 1, 2"
            )
        )


def _entry(rng: random.Random, number: int, people: int) -> dict[str, Any]:
    day = FIRST + timedelta(days=rng.randrange(DAYS))
    return {
        "key": f"bench:{number}", "person": f"p{rng.randrange(people):05d}", "points": rng.randint(1, 20),
        "reason": "每日五题答对", "rule": "daily-right", "edition": "house-2026-09", "event": f"quiz:{number}",
        "ref": f"item-{rng.randrange(600)}", "day": day, "at": NOW, "by": "", "reverses": None,
    }  # fmt: skip


def timed(what: Callable[[int], object], times: int) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    took = []
    for number in range(times):
        began = time.perf_counter()
        what(number)
        took.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": round(statistics.median(took), 2), "p95_ms": round(sorted(took)[int(times * 0.95)], 2)}


def _ranked(store: PointsStore, first: int, last: int) -> object:
    """A ranking as the page makes it: the query, places of persons, and departments."""
    rows = store.ranking(first, last)
    people = [Standing(r.person, r.name, r.department, r.team, r.post, r.points) for r in rows]
    return placed(people), grouped(people, "department")


def measure(store: PointsStore, people: int) -> dict[str, Any]:
    rng = random.Random(11)

    def someone(_number: int) -> str:
        return f"p{rng.randrange(people):05d}"

    def award(number: int) -> object:
        day = date(2026, 11, 30)
        key = f"measured:{number}"
        return store.award(
            someone(number), key, Wanted(day.replace(day=1), "item-1"), NOW,
            lambda _before: ([NewEntry(key, 1, "量一量", day, "daily-right", "house", key, "item-1")], []),
        )  # fmt: skip

    return {
        "balance": timed(lambda n: store.balance(someone(n)), 400),
        "statement of 30": timed(lambda n: store.statement(someone(n), 30), 200),
        "ranking, this month": timed(lambda _n: _ranked(store, 202611, 202611), 40),
        "ranking, this year": timed(lambda _n: _ranked(store, 202601, 202611), 40),
        "ranking, ever": timed(lambda _n: _ranked(store, 0, 999912), 40),
        "award with caps": timed(award, 200),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sessions = open_database(asked.url or f"sqlite:///{Path(folder) / 'ledger.db'}")
        began = time.perf_counter()
        fill(sessions, asked.people, asked.entries // CHUNK * CHUNK)
        filled = time.perf_counter() - began
        store = PointsStore(sessions)
        figures = measure(store, asked.people)
        differing = store.differing()
    over = [
        name
        for name, took in figures.items()
        if took["p95_ms"] > LIMITS_MS.get(name.split(",")[0], float("inf"))
    ]
    print(
        json.dumps(
            {
                "entries": asked.entries, "people": asked.people, "database": "postgresql" if asked.url else "sqlite",
                "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
                "filled_s": round(filled, 1), "figures": figures, "people_whose_totals_differ": len(differing),
                "over_limit": over,
            },
            ensure_ascii=False, indent=2,
        )
    )  # fmt: skip
    if over or differing:
        sys.exit(1)


if __name__ == "__main__":
    main()
