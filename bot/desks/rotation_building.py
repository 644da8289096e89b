"""Builds the desk of rotation."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.content.loader import Knowledge
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.rotation import RotationDesk
from bot.desks.rotation_office import RotationOffice
from bot.desks.staff import Staff
from bot.stores.database import Sessions
from bot.stores.learning.rotation import RotationStore


@dataclass(frozen=True)
class Rotations:
    office: RotationOffice
    desk: RotationDesk


def build_rotation(
    knowledge: Knowledge, sessions: Sessions, records: Records, staff: Staff, notices: Notices, zone: ZoneInfo
) -> Rotations:
    office = RotationOffice(
        RotationStore(sessions), staff, records, notices, knowledge.rotation, knowledge.coverage, zone
    )
    return Rotations(office, RotationDesk(office, staff, zone))
