"""Builds contests: the floor on which they are played, the desk in chat, and what writes them into people's records."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content.loader import Knowledge
from bot.desks.contest_floor import ContestFloor
from bot.desks.contest_grading import QuizGrader
from bot.desks.contest_noting import ContestNoting
from bot.desks.contests import ContestDesk
from bot.desks.records import Records
from bot.learning.clock import Clock
from bot.stores.database import Sessions
from bot.stores.learning.contests import ContestStore


@dataclass(frozen=True)
class Contests:
    floor: ContestFloor
    desk: ContestDesk
    noting: ContestNoting


def build_contests(knowledge: Knowledge, sessions: Sessions, records: Records, clock: Clock) -> Contests:
    noting = ContestNoting(records)
    topics = {one.id: one.topic for one in knowledge.cards.values()}
    floor = ContestFloor(
        ContestStore(sessions),
        knowledge.contests,
        knowledge.quizzes,
        topics,
        QuizGrader(),
        clock,
        noting.begin,
    )
    noting.floor = floor
    return Contests(floor, ContestDesk(floor), noting)
