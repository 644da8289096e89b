"""Builds the desks of hazards and points, and lets points listen to what people do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.content.loader import Knowledge
from bot.desks.hazard_office import HazardOffice
from bot.desks.hazard_photos import HazardPhotos
from bot.desks.hazards import HazardDesk, Tried, guessed
from bot.desks.notices import Notices
from bot.desks.points import PointsDesk
from bot.desks.points_office import PointsOffice
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.learning.clock import Clock
from bot.stores.database import Sessions
from bot.stores.learning.hazards import HazardStore
from bot.stores.learning.points import PointsStore


@dataclass(frozen=True)
class Hazards:
    """`tried` counts a guess at a receipt code, and says whether it was one too many."""

    office: HazardOffice
    desk: HazardDesk
    tried: Callable[[str], bool]


@dataclass(frozen=True)
class Points:
    office: PointsOffice
    desk: PointsDesk


def build_hazards(
    knowledge: Knowledge,
    sessions: Sessions,
    records: Records,
    staff: Staff,
    notices: Notices,
    tried: Tried,
    data: Path,
    zone: ZoneInfo,
) -> Hazards:
    photos = HazardPhotos(data / "hazard-photos")
    office = HazardOffice(HazardStore(sessions), staff, records, notices, knowledge.hazards, photos)

    def question_of(card: str) -> str:
        found = knowledge.cards.get(card)
        return found.questions[0] if found else ""

    desk = HazardDesk(office, staff, question_of, tried, zone)
    return Hazards(office, desk, lambda account: guessed(tried, account))


def build_points(
    knowledge: Knowledge,
    sessions: Sessions,
    records: Records,
    staff: Staff,
    notices: Notices,
    clock: Clock,
    zone: ZoneInfo,
) -> Points:
    office = PointsOffice(PointsStore(sessions), staff, records, notices, knowledge.points, clock, zone)
    records.listen("points", office.note)
    return Points(office, PointsDesk(office))
