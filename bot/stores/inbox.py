"""Messages from chat platforms, between their arrival and their answer; shared by all app processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from bot.stores.tables import InboundRow, now

NEW, ANSWERED, FAILED = "new", "answered", "failed"


@dataclass(frozen=True)
class Arrived:
    """A message to remember. `inbound` is what is needed to answer it, as JSON."""

    channel: str
    key: str
    chat: str
    inbound: dict[str, Any]


@dataclass(frozen=True)
class Waiting:
    """A message not answered yet."""

    id: int
    chat: str
    inbound: dict[str, Any]


class InboxStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def remember(self, arrived: Sequence[Arrived]) -> list[bool]:
        """Keep the messages durably, all in one commit; for each, whether it was not seen before."""
        fresh = []
        with self._sessions.begin() as session:
            insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
            for one in arrived:
                row = {
                    "channel": one.channel, "key": one.key, "chat": one.chat, "state": NEW,
                    "inbound": one.inbound, "created_at": now(),
                }  # fmt: skip
                kept = session.execute(
                    insert(InboundRow)
                    .values(row)
                    .on_conflict_do_nothing(index_elements=["channel", "key"])
                    .returning(InboundRow.id)
                )
                fresh.append(kept.first() is not None)
        return fresh

    def next(self, chat: str) -> Waiting | None:
        """The oldest message of a chat that waits for its answer."""
        with self._sessions() as session:
            row = session.scalar(
                select(InboundRow)
                .where(InboundRow.state == NEW, InboundRow.chat == chat)
                .order_by(InboundRow.id)
                .limit(1)
            )
            return Waiting(row.id, row.chat, row.inbound) if row else None

    def chats_waiting(self, channels: Sequence[str]) -> list[str]:
        """Chats of these channels with a message that waits, the one that has waited longest first."""
        with self._sessions() as session:
            rows = session.scalars(
                select(InboundRow.chat)
                .where(InboundRow.state == NEW, InboundRow.channel.in_(channels))
                .order_by(InboundRow.id)
            )
            return list(dict.fromkeys(rows))

    def close(self, id: int, answered: bool) -> None:
        """The message is done with; what it held is wiped, that it was seen is kept."""
        with self._sessions.begin() as session:
            session.execute(
                update(InboundRow)
                .where(InboundRow.id == id)
                .values(state=ANSWERED if answered else FAILED, inbound={})
            )

    def forget(self, before: datetime) -> int:
        """Drop what was done with before a time; returns how many."""
        with self._sessions.begin() as session:
            gone = session.execute(
                delete(InboundRow)
                .where(InboundRow.state != NEW, InboundRow.created_at < before)
                .returning(InboundRow.id)
            )
            return len(gone.all())
