"""Keeps drills under way and done: the record whole, changed only by who has seen its newest version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Index, Integer, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class DrillRoomRow(Base):
    """`host` opened it; `team` is whose drill it is; `plan` holds owner and date of each change; `score` once it is over."""

    __tablename__ = "drill_rooms"
    __table_args__ = (Index("ix_drill_room_drill", "drill", "ended_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    drill: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(80))
    team: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    record: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    score: Mapped[int | None] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class Room:
    id: int
    code: str
    drill: str
    host: str
    team: str
    version: int
    record: Sequence[Mapping[str, Any]]
    plan: Mapping[str, Any]
    score: int | None
    started_at: datetime
    ended_at: datetime | None


_FIELDS = tuple(Room.__dataclass_fields__)


class DrillStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def open(
        self, code: str, drill: str, host: str, team: str, record: Sequence[Mapping[str, Any]], at: datetime
    ) -> Room:
        """Raises the database's IntegrityError for a code that is taken: draw another."""
        with self._sessions.begin() as session:
            row = DrillRoomRow(
                code=code, drill=drill, host=host, team=team, version=1, record=[dict(one) for one in record],
                plan={}, score=None, started_at=at, ended_at=None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return _room(row)

    def room(self, code: str) -> Room | None:
        with self._sessions() as session:
            row = session.scalar(select(DrillRoomRow).where(DrillRoomRow.code == code))
            return _room(row) if row else None

    def write(
        self, room: Room, record: Sequence[Mapping[str, Any]], ended_at: datetime | None, score: int | None
    ) -> bool:
        """False, and nothing changed, when somebody else has written since this version was read."""
        return self._change(room, record=[dict(one) for one in record], ended_at=ended_at, score=score)

    def write_plan(self, room: Room, plan: Mapping[str, Any]) -> bool:
        """Owner and date of each change; as above."""
        return self._change(room, plan=dict(plan))

    def done(self, drill: str = "", since: datetime | None = None) -> list[Room]:
        """Those that are over, newest first; of one drill, or of all."""
        query = select(DrillRoomRow).where(DrillRoomRow.ended_at.is_not(None))
        if drill:
            query = query.where(DrillRoomRow.drill == drill)
        if since is not None:
            query = query.where(DrillRoomRow.ended_at >= since)
        with self._sessions() as session:
            return [_room(row) for row in session.scalars(query.order_by(DrillRoomRow.ended_at.desc()))]

    def _change(self, room: Room, **values: Any) -> bool:
        with self._sessions.begin() as session:
            changed = session.execute(
                update(DrillRoomRow)
                .where(DrillRoomRow.id == room.id, DrillRoomRow.version == room.version)
                .values(version=room.version + 1, **values)
                .returning(DrillRoomRow.id)
            )
            return changed.first() is not None


def _room(row: DrillRoomRow) -> Room:
    values = {name: getattr(row, name) for name in _FIELDS}
    ended = utc(row.ended_at) if row.ended_at else None
    return Room(**{**values, "started_at": utc(row.started_at), "ended_at": ended})
