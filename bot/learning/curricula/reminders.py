"""What somebody is to be reminded of today, and when of the day one may do it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.learning.clock import day_of, same_time_on
from bot.learning.curricula.certificates import Certificate
from bot.learning.curricula.progress import ModuleProgress, Progress

FROM_HOUR, TO_HOUR = 8, 20
"""Local hours in which a reminder may arrive."""
DUE = (1, 0, -1, -7, -14, -28)
"""Days left until a module is due; below zero it was. Less and less often, as nagging helps nobody."""
EXPIRY = (30, 7, 0, -1)
"""Days left of a certificate, and once when it has ended."""


@dataclass(frozen=True)
class Due:
    """A module to speak of. `key` names the day it is spoken of for: a day that was missed is made up for once."""

    progress: Progress
    module: ModuleProgress
    days: int
    key: str


@dataclass(frozen=True)
class Expiry:
    certificate: Certificate
    days: int
    key: str


def due_now(progress: Progress, today: date) -> list[Due]:
    """Modules that are due soon or were and that one can do something about, the latest first."""
    found = []
    for module in progress.modules:
        days = (module.due - today).days
        stage = _reached(days, DUE)
        if stage is not None and module.open and not module.done and not module.handed_in:
            key = f"due:{progress.enrolment.id}:{module.module.id}:{stage}"
            found.append(Due(progress, module, days, key))
    return sorted(found, key=lambda one: one.days)


def expiring_now(certificates: Iterable[Certificate], today: date) -> list[Expiry]:
    """Of each course only the newest certificate counts: one that was renewed need not be spoken of."""
    newest: dict[str, Certificate] = {}
    for one in certificates:
        if one.revoked is None and (one.curriculum not in newest or one.until > newest[one.curriculum].until):
            newest[one.curriculum] = one
    found = []
    for one in newest.values():
        days = (one.until - today).days
        stage = _reached(days, EXPIRY)
        if stage is not None:
            found.append(Expiry(one, days, f"expiry:{one.number}:{stage}"))
    return found


def _reached(days: int, stages: tuple[int, ...]) -> int | None:
    """The last stage that so many days left have come to."""
    return min((stage for stage in stages if days <= stage), default=None)


def polite_time(at: datetime, zone: ZoneInfo) -> datetime:
    """`at`, or the next morning where that would be in the night; an instant in UTC."""
    day = day_of(at, zone)
    if at < same_time_on(day, FROM_HOUR, zone):
        return same_time_on(day, FROM_HOUR, zone)
    if at >= same_time_on(day, TO_HOUR, zone):
        return same_time_on(day + timedelta(days=1), FROM_HOUR, zone)
    return at


def may_renew(certificate: Certificate, today: date) -> bool:
    """From a month before it ends; a revoked one is earned again at once."""
    return certificate.revoked is not None or (certificate.until - today).days <= max(EXPIRY)
