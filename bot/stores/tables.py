"""The tables: what outlives a process. Everything a person typed is masked before it gets here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    pass


class ExchangeRow(Base):
    """One message of a person and the bot's answer. `answer` is null while it is being made, or when making it failed."""

    __tablename__ = "exchanges"
    __table_args__ = (
        UniqueConstraint("conversation", "message_id", name="uq_exchange_message"),
        Index("ix_exchange_conversation", "conversation", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(String(80))
    message_id: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class PracticeRow(Base):
    """One role-play. `practice` is the whole state of the library, enough to go on after a kill.

    A paused one is active, and waits aside until it is taken up again. `sitting` is the exam or warm-up it belongs to.
    """

    __tablename__ = "practices"
    __table_args__ = (Index("ix_practice_conversation", "conversation", "active"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(String(80))
    persona: Mapped[str] = mapped_column(String(64))
    scenario: Mapped[str | None] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    practice: Mapped[dict[str, Any]] = mapped_column(JSON)
    paused: Mapped[bool] = mapped_column(Boolean, default=False)
    sitting: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    outcome: Mapped[str | None] = mapped_column(String(16))
    overall: Mapped[int | None] = mapped_column(Integer)
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class TurnRow(Base):
    """One turn as it was judged and answered; a turn said again keeps its first try with `replaced` set."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("practice_id", "message_id", name="uq_turn_message"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    message_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(Integer)
    overall: Mapped[int] = mapped_column(Integer)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    replaced: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class UnansweredRow(Base):
    """A question nothing in knowledge/ answers, for its authors; who asked is not kept."""

    __tablename__ = "unanswered"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    question: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class InboundRow(Base):
    """A message as a chat platform delivered it: both the queue and the memory of what was seen before.

    `chat` is the channel and the chat in which order is kept. `reply_to` and `text` are emptied once it is answered;
    the row stays a day, so that a message sent again is known.
    """

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("channel", "key", name="uq_inbound_key"),
        Index("ix_inbound_waiting", "state", "chat", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(200))
    chat: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(8), default="new")
    inbound: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class LeaseRow(Base):
    """Who works at something alone, and until when: one chat, one token. Seconds since 1970."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    holder: Mapped[str] = mapped_column(String(40))
    until: Mapped[float] = mapped_column(Float)


class KeptRow(Base):
    """Small values that app processes share for a while: access tokens, streams, words behind buttons, spent links."""

    __tablename__ = "kept"
    __table_args__ = (Index("ix_kept_until", "until"),)

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    until: Mapped[float] = mapped_column(Float)
