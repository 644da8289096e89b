"""Keeps what people did: rows are added, and never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import JSON, DateTime, Float, Index, Integer, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base

_CHUNK = 500


class EventRow(Base):
    __tablename__ = "learning_events"
    __table_args__ = (
        Index("ix_event_person", "person", "at"),
        Index("ix_event_kind", "kind", "at"),
        Index("ix_event_at", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    person: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    topic: Mapped[str] = mapped_column(String(24))
    ref: Mapped[str] = mapped_column(String(160))
    value: Mapped[float] = mapped_column(Float)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class Noted(Protocol):
    """What `bot.learning.events.Event` looks like from here."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def topic(self) -> str: ...
    @property
    def ref(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class StoredEvent:
    key: str
    kind: str
    person: str
    at: datetime
    topic: str = ""
    ref: str = ""
    value: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)


_FIELDS = tuple(StoredEvent.__dataclass_fields__)


class EventStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add(self, event: Noted) -> bool:
        """False when an event of this key is there already."""
        return self.add_all([event]) == 1

    def add_all(self, events: Iterable[Noted]) -> int:
        """How many of them were new; all or none are written."""
        rows = [
            {name: getattr(event, name) for name in _FIELDS} | {"details": dict(event.details)}
            for event in events
        ]
        added = 0
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            for start in range(0, len(rows), _CHUNK):
                insert = (
                    dialect.insert(EventRow)
                    .values(rows[start : start + _CHUNK])
                    .on_conflict_do_nothing(index_elements=["key"])
                    .returning(EventRow.id)
                )
                added += len(session.execute(insert).all())
        return added

    def of(
        self, person: str, since: datetime | None = None, kinds: Collection[str] = ()
    ) -> list[StoredEvent]:
        """What one person did, oldest first."""
        query = select(EventRow).where(EventRow.person == person)
        if since is not None:
            query = query.where(EventRow.at >= since)
        if kinds:
            query = query.where(EventRow.kind.in_(kinds))
        return self._read(query.order_by(EventRow.at, EventRow.id))

    def since(
        self, at: datetime, kinds: Collection[str] = (), until: datetime | None = None
    ) -> list[StoredEvent]:
        """What everybody did from `at` on (and before `until`), oldest first."""
        query = select(EventRow).where(EventRow.at >= at)
        if kinds:
            query = query.where(EventRow.kind.in_(kinds))
        if until is not None:
            query = query.where(EventRow.at < until)
        return self._read(query.order_by(EventRow.at, EventRow.id))

    def after(self, row: int, limit: int = 1000) -> list[tuple[int, StoredEvent]]:
        """Events in the order in which they were written, after row id `row`, with their row ids."""
        query = select(EventRow).where(EventRow.id > row).order_by(EventRow.id).limit(limit)
        with self._sessions() as session:
            return [(one.id, _event(one)) for one in session.scalars(query)]

    def _read(self, query: Any) -> list[StoredEvent]:
        with self._sessions() as session:
            return [_event(row) for row in session.scalars(query)]


def _event(row: EventRow) -> StoredEvent:
    return StoredEvent(row.key, row.kind, row.person, utc(row.at), row.topic, row.ref, row.value, row.details)
