"""A desk is one thing to do in chat: what comes to it, and what goes back. The hall (hall.py) sends people to the right one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.learning.people.person import Person
from bot.messages import Incoming, Message


@dataclass(frozen=True)
class Visit:
    """One message at a desk.

    `learner` is the person's id, or `guest-…` for an account nobody has bound. `at` is aware, UTC. `state` is what this
    desk kept of this conversation, {} at first. A message may come twice after a crash: what it does is keyed by
    `said.message_id`.
    """

    said: Incoming
    learner: str
    person: Person | None
    at: datetime
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """`state` is JSON and kept for the next message; None says that nothing is under way here any more."""

    message: Message
    state: dict[str, Any] | None = None


class Desk(Protocol):
    """`together` are words that open it for a whole group chat, where they mean something there."""

    name: str
    together: re.Pattern[str] | None

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        """Whether words belong here: opening words while `state` is {}, else also what goes on with what is under way.

        Quick, and without the database: it is asked about every message.
        """
        ...

    def receive(self, visit: Visit) -> Reply: ...
