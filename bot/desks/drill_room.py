"""Drills as chat and pages share them: opened, moved on by one person at a time, and reviewed once at the end."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.content.drills import Drill
from bot.desks.records import Records
from bot.errors import BadInput
from bot.learning.drills.record import Entry, Situation, from_json, situation, to_json
from bot.learning.drills.review import Review, review
from bot.learning.drills.running import begin
from bot.learning.events import Event
from bot.stores.learning.drills import DrillStore, Room

TRIES = 8
PLAYED = ("恢复", "复盘")
"""Who stops before that has looked at a drill and not played it: no score is kept, and nothing is earned."""
Move = Callable[[Drill, list[Entry]], list[Entry]]
BEST_OF = timedelta(days=90)


@dataclass(frozen=True)
class Running:
    """A room with its drill, its record, and where it stands."""

    room: Room
    drill: Drill
    record: list[Entry]
    now: Situation


class DrillRooms:
    def __init__(self, drills: Mapping[str, Drill], store: DrillStore, records: Records) -> None:
        self.drills, self._store, self._records = drills, store, records

    def named(self, title: str) -> Drill | None:
        """By its title, or by part of it where only one has that part."""
        exact = [one for one in self.drills.values() if one.title == title]
        near = [one for one in self.drills.values() if title and title in one.title]
        return exact[0] if exact else near[0] if len(near) == 1 else None

    def open(self, drill: Drill, host: str, team: str, at: datetime) -> Running:
        """A new room; its code has four digits, and is told to who is to join."""
        record = begin(drill, at)
        for _ in range(TRIES):
            code = f"{secrets.randbelow(9000) + 1000}"
            if self._store.room(code) is None:
                return self._running(self._store.open(code, drill.id, host, team, to_json(record), at))
        raise BadInput("房间号都占满了。", "过一会儿再开一场。")

    def find(self, code: str) -> Running | None:
        room = self._store.room(code)
        return self._running(room) if room and room.drill in self.drills else None

    def move(self, code: str, how: Move, at: datetime) -> tuple[Running, list[Entry]]:
        """Moves the drill on and returns what is new. Who writes at the same time is heard one after the other."""
        for _ in range(TRIES):
            running = self.find(code)
            if running is None:
                raise BadInput(f"没有 {code} 这场演练。", "核对一下四位数字，或者说“演练”另开一场。")
            if running.now.over:
                return running, []
            record = how(running.drill, list(running.record))
            now = situation(running.drill, record)
            whole = now.over and now.phase in PLAYED
            score = review(running.drill, record).score if whole else None
            if self._store.write(running.room, to_json(record), at if now.over else None, score):
                moved = replace(running, record=record, now=now)
                if whole:
                    self._publish(moved, at)
                return moved, record[len(running.record) :]
        raise BadInput("大家说得太快了，这一句没跟上。", "再说一遍。")

    def plan(self, code: str, check: str, owner: str, due: str) -> bool:
        """Who changes what by when, kept with the review."""
        for _ in range(TRIES):
            running = self.find(code)
            if running is None or check not in {one.id for one in running.drill.checks}:
                return False
            plan = {**running.room.plan, check: {"owner": owner[:20], "due": due[:10]}}
            if self._store.write_plan(running.room, plan):
                return True
        return False

    def review(self, running: Running) -> Review:
        return review(running.drill, running.record)

    def earlier(self, running: Running) -> list[Room]:
        """Runs of the same drill that were over before this one, newest first."""
        return [
            one for one in self._store.done(running.drill.id)
            if one.id != running.room.id and one.started_at <= running.room.started_at
        ][:5]  # fmt: skip

    def best(self, at: datetime) -> list[tuple[str, int, int]]:
        """(team, mean score, drills) of the last ninety days, best first; only drills that people of a team played."""
        scores: dict[str, list[int]] = {}
        for room in self._store.done(since=at - BEST_OF):
            if room.team and room.score is not None:
                scores.setdefault(room.team, []).append(room.score)
        ranked = [(team, round(sum(found) / len(found)), len(found)) for team, found in scores.items()]
        return sorted(ranked, key=lambda one: (-one[1], -one[2], one[0]))

    def _running(self, room: Room) -> Running:
        drill, record = self.drills[room.drill], from_json(room.record)
        return Running(room, drill, record, situation(drill, record))

    def _publish(self, running: Running, at: datetime) -> None:
        """One event for each person who played a role: what their role should have done, and did not."""
        found = self.review(running)
        roles = {
            entry.person: entry.role
            for entry in running.record
            if entry.kind in ("join", "decide") and entry.person
        }
        for person, role in roles.items():
            own = [one for one in found.findings if one.check.role == role]
            missed = [{"topic": one.check.topic, "what": one.check.what} for one in own if not one.met]
            value = sum(one.met for one in own) / len(own) if own else found.score / 100
            self._records.publish(
                Event(
                    f"drill:{running.room.id}:{person}", "drill.finished", person, at, running.drill.topic,
                    running.drill.id, value, {"role": role, "findings": missed, "score": found.score},
                )
            )  # fmt: skip
