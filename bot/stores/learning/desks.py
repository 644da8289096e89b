"""Keeps what is under way at each desk of a conversation, and the messages that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Index, Integer, String, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class DeskStateRow(Base):
    __tablename__ = "desk_states"

    conversation: Mapped[str] = mapped_column(String(80), primary_key=True)
    desk: Mapped[str] = mapped_column(String(24), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class NoticeRow(Base):
    """A message for a person. `sent_at` is when it left for their chat, or was shown in the widget."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notice_waiting", "person", "sent_at", "due_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    person: Mapped[str] = mapped_column(String(40))
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    tries: Mapped[int] = mapped_column(Integer, default=0)


@dataclass(frozen=True)
class Notice:
    id: int
    person: str
    message: dict[str, Any]
    due_at: datetime
    tries: int


class DeskStateStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def under_way(self, conversation: str, since: datetime) -> list[tuple[str, dict[str, Any]]]:
        """(desk, its state), the one used last first; older ones than `since` are forgotten."""
        query = (
            select(DeskStateRow)
            .where(DeskStateRow.conversation == conversation, DeskStateRow.updated_at >= since)
            .order_by(DeskStateRow.updated_at.desc())
        )
        with self._sessions() as session:
            return [(row.desk, row.state) for row in session.scalars(query)]

    def keep(self, conversation: str, desk: str, state: dict[str, Any] | None, at: datetime) -> None:
        with self._sessions.begin() as session:
            if state is None:
                session.execute(
                    delete(DeskStateRow).where(
                        DeskStateRow.conversation == conversation, DeskStateRow.desk == desk
                    )
                )
            else:
                session.merge(DeskStateRow(conversation=conversation, desk=desk, state=state, updated_at=at))


class NoticeStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add(self, key: str, person: str, message: dict[str, Any], due_at: datetime) -> bool:
        """False when a notice of this key is there already."""
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            insert = (
                dialect.insert(NoticeRow)
                .values(key=key, person=person, message=message, due_at=due_at, tries=0)
                .on_conflict_do_nothing(index_elements=["key"])
                .returning(NoticeRow.id)
            )
            return session.execute(insert).first() is not None

    def waiting(self, at: datetime, person: str = "", limit: int = 100) -> list[Notice]:
        """Due and not sent, oldest first; of one person, or of everybody."""
        query = select(NoticeRow).where(NoticeRow.sent_at.is_(None), NoticeRow.due_at <= at)
        if person:
            query = query.where(NoticeRow.person == person)
        with self._sessions() as session:
            rows: Sequence[NoticeRow] = session.scalars(
                query.order_by(NoticeRow.due_at, NoticeRow.id).limit(limit)
            ).all()
            return [Notice(row.id, row.person, row.message, utc(row.due_at), row.tries) for row in rows]

    def claim(self, notice: int, at: datetime) -> bool:
        """Whether it is ours to send: of two who try, one."""
        with self._sessions.begin() as session:
            claimed = session.execute(
                update(NoticeRow)
                .where(NoticeRow.id == notice, NoticeRow.sent_at.is_(None))
                .values(sent_at=at)
                .returning(NoticeRow.id)
            )
            return claimed.first() is not None

    def release(self, notice: int, due_at: datetime) -> None:
        """It could not be delivered: wait, and try again from `due_at` on."""
        with self._sessions.begin() as session:
            session.execute(
                update(NoticeRow)
                .where(NoticeRow.id == notice)
                .values(sent_at=None, due_at=due_at, tries=NoticeRow.tries + 1)
            )
