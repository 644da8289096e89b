"""How long the courses' part of the daily round takes for a whole company, and one page or message of it.

.venv/bin/python -m benchmarks.learning.curricula --staff 10000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.content.loader import load_knowledge
from bot.desks.curricula_building import build_courses
from bot.desks.curricula_reminding import due_lessons
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.learning.events import Event
from bot.learning.people.person import Person
from bot.stores.database import open_database
from bot.stores.learning.desks import NoticeStore
from bot.stores.learning.events import EventStore, StoredEvent
from bot.stores.learning.people import PeopleStore

ROOT = Path(__file__).resolve().parents[2]
POSTS = ("抄表员", "柜员", "催收员", "客户经理", "装表接电工", "法务专员")
NOW = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
EVENTS_EACH = 60


def seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return round(time.perf_counter() - began, 3)


def main(staff_number: int) -> dict[str, object]:
    knowledge = load_knowledge(ROOT / "knowledge")
    with tempfile.TemporaryDirectory() as folder:
        sessions = open_database(f"sqlite:///{folder}/a.db")
        staff, store = Staff(PeopleStore(sessions)), EventStore(sessions)
        records = Records(store)
        notices = Notices(NoticeStore(sessions), staff)
        courses = build_courses(knowledge, sessions, records, staff, notices, ZoneInfo("Asia/Shanghai"))
        everybody = [
            Person(
                f"{n:05}",
                f"员工{n}",
                "营销",
                POSTS[n % len(POSTS)],
                date(2026, 11, 20) if n % 10 == 0 else date(2018, 1, 1),
            )
            for n in range(staff_number)
        ]
        staff.save(everybody)
        add_events(store, everybody)

        due = due_lessons(courses.curricula, knowledge)
        numbers = [one.id for one in everybody]
        later = NOW + timedelta(days=12)
        some = Event("x", "lesson.read", numbers[0], NOW, ref="first-week/first-day/what-i-may-do", value=1.0)
        return {
            "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, SQLite",
            "staff": staff_number,
            "events_each": EVENTS_EACH,
            "enrol_all_s": seconds(lambda: courses.curricula.invite(everybody, NOW)),
            "enrol_again_s": seconds(lambda: courses.curricula.invite(everybody, NOW)),
            "daily_round_s": seconds(lambda: courses.reminding.daily(later)),
            "due_lessons_of_all_s": seconds(lambda: due(numbers, later)),
            "one_event_ms": round(1000 * seconds(lambda: records.publish(replace(some, key=f"y{time.time()}"))), 1),
            "one_overview_ms": round(1000 * seconds(lambda: courses.curricula.progress(numbers[0])), 1),
        }  # fmt: skip


def add_events(store: EventStore, everybody: list[Person]) -> None:
    topics = ("client_data", "fee_collection", "contracts", "cyber_security", "work_safety", "new_business")
    for one in everybody:
        store.add_all(
            [
                StoredEvent(
                    f"{one.id}-{n}", "quiz.answered", one.id, NOW + timedelta(hours=n), topics[n % 6], f"i{n % 40}", 0.8, {}
                )
                for n in range(EVENTS_EACH)
            ]
        )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--staff", type=int, default=10_000)
    print(json.dumps(main(parser.parse_args().staff), ensure_ascii=False, indent=2))
