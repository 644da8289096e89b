"""Builds the learning system: every desk with its library and its store, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.content.awareness import WorkOrder
from bot.content.loader import Knowledge, load_knowledge
from bot.desks.accounts import Accounts
from bot.desks.awareness import AwarenessDesk
from bot.desks.binding import BindingDesk
from bot.desks.candidates import Offers
from bot.desks.contests_building import Contests, build_contests
from bot.desks.curricula_building import Courses, build_courses
from bot.desks.curricula_reminding import due_lessons
from bot.desks.daily_round import DailyRound
from bot.desks.desk import Desk
from bot.desks.drill import DrillDesk
from bot.desks.drill_room import DrillRooms
from bot.desks.hall import Hall
from bot.desks.hazards_building import Hazards, Points, build_hazards, build_points
from bot.desks.loop import LoopDesk
from bot.desks.notices import Notices
from bot.desks.noting import Noting, TopicOf
from bot.desks.quiz import QuizDesk
from bot.desks.quiz_building import build_quizzes, cite_of
from bot.desks.quiz_showing import Cite
from bot.desks.records import Records
from bot.desks.rotation_building import Rotations, build_rotation
from bot.desks.speeches import Speeches
from bot.desks.staff import Staff
from bot.learning.clock import Clock
from bot.scoring import Tone, build_tone
from bot.settings import Settings
from bot.stores.database import Sessions, open_database
from bot.stores.learning.desks import DeskStateStore, NoticeStore
from bot.stores.learning.drills import DrillStore
from bot.stores.learning.events import EventStore
from bot.stores.learning.loop import LoopStore
from bot.stores.learning.people import PeopleStore
from bot.stores.shared import SharedStore


@dataclass(frozen=True)
class Learning:
    """Everything that channels, pages and commands may ask of the learning system."""

    staff: Staff
    accounts: Accounts
    records: Records
    noting: Noting
    notices: Notices
    hall: Hall
    courses: Courses
    hazards: Hazards
    points: Points
    rotation: Rotations
    quizzes: QuizDesk
    drills: DrillRooms
    awareness: AwarenessDesk
    speeches: Speeches
    games: Mapping[str, WorkOrder]
    contests: Contests
    loop: LoopDesk
    daily: DailyRound
    cite: Cite
    titles: Mapping[str, str]
    """What people call a course, a drill, a quiz, a case: names of everything that events refer to."""
    clock: Clock
    zone: ZoneInfo


def build_learning(
    settings: Settings,
    knowledge: Knowledge,
    sessions: Sessions,
    tone: Tone,
    clock: Clock = lambda: datetime.now(UTC),
) -> Learning:
    """`clock` can be handed in, so that tests and simulations have their own time."""
    zone = ZoneInfo(settings.timezone)
    staff, records = Staff(PeopleStore(sessions)), Records(EventStore(sessions))
    notices = Notices(NoticeStore(sessions), staff)
    shared = SharedStore(sessions)
    courses = build_courses(knowledge, sessions, records, staff, notices, zone)
    tried = tries_of(shared, clock)
    hazards = build_hazards(knowledge, sessions, records, staff, notices, tried, settings.data, zone)
    points = build_points(knowledge, sessions, records, staff, notices, clock, zone)
    offers = Offers(knowledge, records, due_lessons(courses.curricula, knowledge))
    loop = LoopDesk(LoopStore(sessions), records, offers, zone)
    quizzes = build_quizzes(knowledge, sessions, records, tone, loop.priorities, zone)
    rotation = build_rotation(knowledge, sessions, records, staff, notices, zone)
    contests = build_contests(knowledge, sessions, records, clock)
    drills = DrillRooms(knowledge.drills, DrillStore(sessions), records)
    awareness = AwarenessDesk(
        knowledge.slogans, knowledge.cases, knowledge.checklists, records, zone, loop.weakest
    )
    desks: list[Desk] = [
        BindingDesk(staff, tried),
        quizzes,
        DrillDesk(drills),
        contests.desk,
        hazards.desk,
        points.desk,
        rotation.desk,
        courses.desk,
        awareness,
        loop,
    ]
    hall = Hall(desks, DeskStateStore(sessions), staff, clock)
    noting = Noting(records, staff, topics_of(knowledge), clock)
    chores = [
        ("curricula", courses.reminding.daily),
        ("hazards", hazards.office.catch_up),
        ("rotation", rotation.office.remind),
        ("contests", contests.noting.catch_up),
    ]
    daily = DailyRound(staff, records, loop, notices, shared, zone, chores)
    return Learning(
        staff=staff, accounts=Accounts(shared, clock), records=records, noting=noting, notices=notices, hall=hall,
        courses=courses, hazards=hazards, points=points, rotation=rotation, quizzes=quizzes, drills=drills, awareness=awareness, speeches=Speeches(records, staff, clock), games=knowledge.games, contests=contests, loop=loop, daily=daily, cite=cite_of(knowledge), titles=titles_of(knowledge), clock=clock, zone=zone,
    )  # fmt: skip


def open_learning(settings: Settings) -> Learning:
    """The learning system alone, for a command: without Rasa, and without the index of answers."""
    knowledge = load_knowledge(settings.knowledge)
    return build_learning(settings, knowledge, open_database(settings.database), build_tone(settings))


def titles_of(knowledge: Knowledge) -> dict[str, str]:
    kinds = (
        knowledge.curricula,
        knowledge.quizzes,
        knowledge.drills,
        knowledge.scenarios,
        knowledge.cases,
        knowledge.exams,
    )
    return {one.id: one.title for kind in kinds for one in kind.values()}


def topics_of(knowledge: Knowledge) -> TopicOf:
    """What a card, case or answer is about."""

    def topic_of(source: str) -> str:
        found = knowledge.cards.get(source) or knowledge.cases.get(source) or knowledge.faqs.get(source)
        return found.topic if found else ""

    return topic_of


def tries_of(shared: SharedStore, clock: Clock) -> Callable[[str, timedelta], int]:
    """Counts tries of an account within a window that begins with the first."""

    def tried(account: str, window: timedelta) -> int:
        now = clock().timestamp()
        name = f"tries:{account}"
        kept = shared.kept(name, now) or {"count": 0, "until": now + window.total_seconds()}
        count = int(kept["count"]) + 1
        shared.keep(name, {"count": count, "until": kept["until"]}, float(kept["until"]))
        return count

    return tried
