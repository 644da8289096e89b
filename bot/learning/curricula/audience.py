"""Whether a course is meant for a person."""

from __future__ import annotations

from datetime import date

from bot.content.curricula import Audience
from bot.learning.people.person import Person

_YEAR = 365.25


def is_meant_for(audience: Audience, person: Person, today: date, came_from: str = "") -> bool:
    """Whether a person is enrolled without asking. `came_from` is the post they left for the one they have, "" for none.

    Somebody whose first day lies ahead is not enrolled yet: what is due would be late before they came.
    """
    if not audience.invited or person.left is not None or person.joined > today:
        return False
    if audience.departments and person.department not in audience.departments:
        return False
    if audience.changed_to:
        return _has_changed(audience, person.post, came_from)
    if audience.posts and person.post not in audience.posts:
        return False
    days = (today - person.joined).days
    if audience.joined_within_days is not None and days >= audience.joined_within_days:
        return False
    return audience.years_at_least is None or days >= audience.years_at_least * _YEAR


def _has_changed(audience: Audience, post: str, came_from: str) -> bool:
    if not came_from or came_from == post or post not in audience.changed_to:
        return False
    return not audience.changed_from or came_from in audience.changed_from
