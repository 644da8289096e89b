"""Builds what belongs to courses: the service, signatures, the daily part, and the desk."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.content.loader import Knowledge
from bot.desks.curricula import Curricula
from bot.desks.curricula_desk import CurriculaDesk
from bot.desks.curricula_reminding import Reminding
from bot.desks.curricula_signing import Signing
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.stores.database import Sessions
from bot.stores.learning.curricula import CurriculaStore
from bot.stores.learning.evidence import EvidenceStore
from bot.stores.learning.signatures import SignatureStore


@dataclass(frozen=True)
class Courses:
    knowledge: Knowledge
    curricula: Curricula
    signing: Signing
    reminding: Reminding
    desk: CurriculaDesk


def build_courses(
    knowledge: Knowledge, sessions: Sessions, records: Records, staff: Staff, notices: Notices, zone: ZoneInfo
) -> Courses:
    store, signatures = CurriculaStore(sessions), SignatureStore(sessions)
    curricula = Curricula(
        knowledge.curricula,
        knowledge.quizzes,
        store,
        signatures,
        EvidenceStore(sessions),
        records,
        staff,
        notices,
        zone,
    )
    signing = Signing(curricula, signatures, records, staff, notices)
    return Courses(
        knowledge,
        curricula,
        signing,
        Reminding(curricula, signing, store, staff, notices),
        CurriculaDesk(curricula, signing, staff, knowledge),
    )
