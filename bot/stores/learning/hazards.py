"""Keeps hazards, every step of what became of them, and the names of their photos. Of anonymous ones no person at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Integer, String, Text, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.errors import BadInput
from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class HazardRow(Base):
    """`reporter` is "" for an anonymous one, whose `receipt` is the digest of a code. `version` guards against two who
    change it at once. `declared` is the severity as reported, `severity` as it was confirmed."""

    __tablename__ = "hazards"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    what: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(80))
    severity: Mapped[str] = mapped_column(String(8))
    declared: Mapped[str] = mapped_column(String(8))
    topic: Mapped[str] = mapped_column(String(24))
    reporter: Mapped[str] = mapped_column(String(80), index=True)
    department: Mapped[str] = mapped_column(String(40))
    receipt: Mapped[str | None] = mapped_column(String(64), unique=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    status: Mapped[str] = mapped_column(String(10), index=True)
    confirmed_by: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    assignee: Mapped[str] = mapped_column(String(40), index=True)
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fixed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    same_as: Mapped[int | None] = mapped_column(Integer, ForeignKey("hazards.id"))
    escalated: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)


class HazardStepRow(Base):
    """What happened to a hazard, in the order in which it did; rows are added only. `who` is "" for the reporter of an
    anonymous one, and for the clock."""

    __tablename__ = "hazard_steps"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    hazard: Mapped[int] = mapped_column(Integer, ForeignKey("hazards.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)


class HazardPhotoRow(Base):
    """A photo's file name below the data folder."""

    __tablename__ = "hazard_photos"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    hazard: Mapped[int] = mapped_column(Integer, ForeignKey("hazards.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class NewHazard:
    key: str
    what: str
    place: str
    severity: str
    topic: str
    reporter: str
    department: str
    receipt: str | None
    at: datetime


@dataclass(frozen=True)
class Hazard:
    id: int
    what: str
    place: str
    severity: str
    declared: str
    topic: str
    reporter: str
    department: str
    at: datetime
    status: str
    confirmed_by: str
    confirmed_at: datetime | None
    assignee: str
    taken_at: datetime | None
    fixed_at: datetime | None
    closed_at: datetime | None
    same_as: int | None
    escalated: int
    version: int

    @property
    def is_anonymous(self) -> bool:
        return not self.reporter

    @property
    def waits_since(self) -> datetime:
        """From when on the next person is waited for."""
        return self.confirmed_at if self.status == "assigned" and self.confirmed_at else self.at


@dataclass(frozen=True)
class HazardStep:
    at: datetime
    who: str
    step: str
    note: str


@dataclass(frozen=True)
class HazardPhoto:
    name: str
    hazard: int
    kind: str
    at: datetime


_TIMES = ("at", "confirmed_at", "taken_at", "fixed_at", "closed_at")
_HAZARD = tuple(Hazard.__dataclass_fields__)


class HazardStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add(self, new: NewHazard) -> tuple[Hazard, bool]:
        """The hazard, and whether it is new: a report that comes twice is one hazard."""
        values = {name: getattr(new, name) for name in NewHazard.__dataclass_fields__} | {
            "declared": new.severity, "status": "reported", "confirmed_by": "", "assignee": "", "escalated": 0,
            "version": 1,
        }  # fmt: skip
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            insert = dialect.insert(HazardRow).values(**values).on_conflict_do_nothing(index_elements=["key"])
            number = session.scalar(insert.returning(HazardRow.id))
            if number is not None:
                session.add(HazardStepRow(hazard=number, at=new.at, who=new.reporter, step="report", note=""))
            row = session.scalar(select(HazardRow).where(HazardRow.key == new.key))
            assert row is not None  # noqa: S101  it was written, or was there
            return _hazard(row), number is not None

    def get(self, number: int) -> Hazard | None:
        with self._sessions() as session:
            row = session.get(HazardRow, number) if 0 < number < 2**31 else None
            return _hazard(row) if row else None

    def by_receipt(self, digest: str) -> Hazard | None:
        with self._sessions() as session:
            row = session.scalar(select(HazardRow).where(HazardRow.receipt == digest))
            return _hazard(row) if row else None

    def change(self, seen: Hazard, step: str, who: str, note: str, at: datetime, **fields: Any) -> Hazard:
        """Takes a step from the state that was seen; raises BadInput when somebody else was faster."""
        with self._sessions.begin() as session:
            changed = session.execute(
                update(HazardRow)
                .where(HazardRow.id == seen.id, HazardRow.version == seen.version)
                .values(version=seen.version + 1, **fields)
                .returning(HazardRow.id)
            ).scalar()
            if changed is None:
                raise BadInput("这条隐患刚刚被别人改过。", "再看一眼现在的样子，然后再改。")
            session.add(HazardStepRow(hazard=seen.id, at=at, who=who, step=step, note=note))
            session.flush()
            row = session.get(HazardRow, seen.id)
            assert row is not None  # noqa: S101  it was changed just now
            return _hazard(row)

    def steps(self, number: int) -> list[HazardStep]:
        """Oldest first."""
        query = select(HazardStepRow).where(HazardStepRow.hazard == number).order_by(HazardStepRow.id)
        with self._sessions() as session:
            return [HazardStep(utc(row.at), row.who, row.step, row.note) for row in session.scalars(query)]

    def of(self, person: str) -> list[Hazard]:
        """What a person reported, or is to fix; newest first."""
        query = select(HazardRow).where(or_(HazardRow.reporter == person, HazardRow.assignee == person))
        return self._read(query.order_by(HazardRow.id.desc()).limit(200))

    def with_status(self, statuses: Collection[str], since: datetime | None = None) -> list[Hazard]:
        """Oldest first."""
        query = select(HazardRow).where(HazardRow.status.in_(statuses))
        if since is not None:
            query = query.where(HazardRow.at >= since)
        return self._read(query.order_by(HazardRow.id))

    def since(self, at: datetime) -> list[Hazard]:
        return self._read(select(HazardRow).where(HazardRow.at >= at).order_by(HazardRow.id))

    def add_photo(self, photo: HazardPhoto, most: int) -> bool:
        """False when the hazard has as many photos as it may."""
        with self._sessions.begin() as session:
            query = select(HazardPhotoRow.name).where(HazardPhotoRow.hazard == photo.hazard)
            if len(session.scalars(query).all()) >= most:
                return False
            session.add(HazardPhotoRow(name=photo.name, hazard=photo.hazard, kind=photo.kind, at=photo.at))
            return True

    def photos(self, number: int) -> list[HazardPhoto]:
        query = select(HazardPhotoRow).where(HazardPhotoRow.hazard == number).order_by(HazardPhotoRow.at)
        with self._sessions() as session:
            return [_photo(row) for row in session.scalars(query)]

    def photo(self, name: str) -> HazardPhoto | None:
        with self._sessions() as session:
            row = session.get(HazardPhotoRow, name)
            return _photo(row) if row else None

    def _read(self, query: Any) -> list[Hazard]:
        with self._sessions() as session:
            return [_hazard(row) for row in session.scalars(query)]


def _hazard(row: HazardRow) -> Hazard:
    values = {name: getattr(row, name) for name in _HAZARD}
    for name in _TIMES:
        values[name] = utc(values[name]) if values[name] else None
    return Hazard(**values)


def _photo(row: HazardPhotoRow) -> HazardPhoto:
    return HazardPhoto(row.name, row.hazard, row.kind, utc(row.at))
