"""The floor of the learning system over a real database, with a clock that tests move, and a desk that repeats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.desks.accounts import Accounts
from bot.desks.binding import BindingDesk
from bot.desks.building import tries_of
from bot.desks.desk import Desk, Reply, Visit
from bot.desks.hall import Hall
from bot.desks.notices import Notices
from bot.desks.noting import Noting
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.learning.people.person import Person
from bot.messages import Incoming, Message, say
from bot.stores.database import open_database
from bot.stores.learning.desks import DeskStateStore, NoticeStore
from bot.stores.learning.events import EventStore
from bot.stores.learning.people import PeopleStore
from bot.stores.shared import SharedStore

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_MORNING = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai."""


def person(number: str = "1001", name: str = "周敏", **other: Any) -> Person:
    fields: dict[str, Any] = {
        "department": "收费",
        "post": "催收员",
        "joined": date(2026, 11, 23),
        "team": "城东班",
    }
    return Person(**{**fields, **other, "id": number, "name": name})


@dataclass
class MovingClock:
    time: datetime = MONDAY_MORNING

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


class EchoDesk:
    """Opens on 回声, repeats until 停, counts what it heard; 群回声 opens it for a whole group."""

    name = "echo"
    together: re.Pattern[str] | None = re.compile("^群回声$")

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        return text in ("回声", "群回声") or (bool(state) and not text.endswith("？"))

    def receive(self, visit: Visit) -> Reply:
        heard = int(visit.state.get("heard", 0)) + 1
        over = visit.said.text == "停"
        who = visit.person.name if visit.person else "客人"
        return Reply(say(f"{who}说：{visit.said.text}（{heard}）"), None if over else {"heard": heard})


@dataclass
class Floor:
    """`tell` says something in a conversation and returns the bot's words."""

    url: str
    desks: list[Desk] = field(default_factory=lambda: [EchoDesk()])
    clock: MovingClock = field(default_factory=MovingClock)
    zone: ZoneInfo = SHANGHAI

    def __post_init__(self) -> None:
        self.sessions = open_database(self.url)
        self.shared = SharedStore(self.sessions)
        self.staff = Staff(PeopleStore(self.sessions))
        self.accounts = Accounts(self.shared, self.clock)
        self.records = Records(EventStore(self.sessions))
        self.notices = Notices(NoticeStore(self.sessions), self.staff)
        self.noting = Noting(
            self.records, self.staff, lambda source: "fee_collection" if source else "", self.clock
        )
        binding = BindingDesk(self.staff, tries_of(self.shared, self.clock))
        self.hall = Hall([binding, *self.desks], DeskStateStore(self.sessions), self.staff, self.clock)

    def message(self, text: str, conversation: str = "web-1", **other: str) -> Message:
        number = getattr(self, "_said", 0) + 1
        self._said = number
        return self.hall.receive(Incoming(conversation, text, **{"message_id": f"m{number}", **other}))

    def tell(self, text: str, conversation: str = "web-1", **other: str) -> str:
        return words_of(self.message(text, conversation, **other))

    def bind(self, one: Person, conversation: str = "web-1") -> None:
        """That person, in that conversation."""
        self.staff.save([one])
        assert "绑好了" in self.tell(f"绑定 {self.staff.new_code(one.id, self.clock())}", conversation)


def words_of(message: Message) -> str:
    """Everything a message says, in one string."""
    return "\n".join(str(text) for block in message.blocks for text in _texts(block.model_dump()))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for one in values for text in _texts(one)]


def floor(folder: Path, *desks: Desk) -> Floor:
    return Floor(f"sqlite:///{folder / 'a.db'}", [EchoDesk(), *desks])
