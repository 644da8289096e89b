"""Keeps plans of rotation, the tasks that were done, and mentors' assessments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Float, ForeignKey, Integer, String, Text, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class RotationRow(Base):
    """A plan. `cancelled` says why it was called off, "" while it stands."""

    __tablename__ = "rotations"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    place: Mapped[str] = mapped_column(String(64))
    mentor: Mapped[str] = mapped_column(String(40), index=True)
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    goals: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    cancelled: Mapped[str] = mapped_column(Text)


class RotationTaskRow(Base):
    __tablename__ = "rotation_tasks"

    rotation: Mapped[int] = mapped_column(Integer, ForeignKey("rotations.id"), primary_key=True)
    task: Mapped[str] = mapped_column(String(64), primary_key=True)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RotationAssessmentRow(Base):
    __tablename__ = "rotation_assessments"

    rotation: Mapped[int] = mapped_column(Integer, ForeignKey("rotations.id"), primary_key=True)
    by: Mapped[str] = mapped_column(String(40))
    marks: Mapped[dict[str, int]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text)
    value: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class NewRotation:
    person: str
    place: str
    mentor: str
    first: date
    last: date
    goals: tuple[str, ...]
    made_by: str


@dataclass(frozen=True)
class Rotation:
    id: int
    person: str
    place: str
    mentor: str
    first: date
    last: date
    goals: tuple[str, ...]
    made_by: str
    at: datetime
    cancelled: str


@dataclass(frozen=True)
class Assessment:
    rotation: int
    by: str
    marks: dict[str, int]
    words: str
    value: float
    at: datetime


class RotationStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add(self, new: NewRotation, at: datetime, check: Callable[[Sequence[Rotation]], None]) -> Rotation:
        """Writes a plan after `check` has seen those that stand; it raises what is against it. One plan at a time:
        two managers who plan at once cannot both find room."""
        with self._sessions.begin() as session:
            _one_at_a_time(session)
            check(self._read(session, select(RotationRow).where(RotationRow.cancelled == "")))
            row = RotationRow(
                person=new.person, place=new.place, mentor=new.mentor, first=new.first, last=new.last,
                goals=list(new.goals), made_by=new.made_by, at=at, cancelled="",
            )  # fmt: skip
            session.add(row)
            session.flush()
            return _rotation(row)

    def get(self, number: int) -> Rotation | None:
        with self._sessions() as session:
            row = session.get(RotationRow, number) if 0 < number < 2**31 else None
            return _rotation(row) if row else None

    def all(self, since: date) -> list[Rotation]:
        """Plans that stand and end on that day or later, by their first day."""
        query = select(RotationRow).where(RotationRow.cancelled == "", RotationRow.last >= since)
        with self._sessions() as session:
            return self._read(session, query.order_by(RotationRow.first, RotationRow.id))

    def of(self, person: str) -> list[Rotation]:
        """As the one who goes, or as mentor; newest first."""
        query = select(RotationRow).where(
            (RotationRow.person == person) | (RotationRow.mentor == person), RotationRow.cancelled == ""
        )
        with self._sessions() as session:
            return self._read(session, query.order_by(RotationRow.first.desc(), RotationRow.id.desc()))

    def cancel(self, number: int, why: str) -> bool:
        """False for a plan that is not there, or called off already."""
        with self._sessions.begin() as session:
            changed = session.execute(
                update(RotationRow)
                .where(RotationRow.id == number, RotationRow.cancelled == "")
                .values(cancelled=why)
                .returning(RotationRow.id)
            )
            return changed.scalar() is not None

    def finish_task(self, rotation: int, task: str, note: str, at: datetime) -> bool:
        """False when it was done already; the first note stays."""
        return self._add(RotationTaskRow, rotation=rotation, task=task, note=note, at=at)

    def tasks(self, rotation: int) -> dict[str, tuple[str, datetime]]:
        """Task → (note, when) of those that are done."""
        query = select(RotationTaskRow).where(RotationTaskRow.rotation == rotation)
        with self._sessions() as session:
            return {row.task: (row.note, utc(row.at)) for row in session.scalars(query)}

    def assess(self, one: Assessment) -> bool:
        """False when it was assessed before: an assessment is not rewritten."""
        return self._add(
            RotationAssessmentRow, rotation=one.rotation, by=one.by, marks=one.marks, words=one.words, value=one.value,
            at=one.at,
        )  # fmt: skip

    def assessment(self, rotation: int) -> Assessment | None:
        with self._sessions() as session:
            row = session.get(RotationAssessmentRow, rotation)
            if row is None:
                return None
            return Assessment(row.rotation, row.by, dict(row.marks), row.words, row.value, utc(row.at))

    def _add(self, table: type[Base], **values: Any) -> bool:
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            insert = dialect.insert(table).values(**values).on_conflict_do_nothing()
            return session.scalar(insert.returning(table.rotation)) is not None  # type: ignore[attr-defined]

    @staticmethod
    def _read(session: Session, query: Any) -> list[Rotation]:
        return [_rotation(row) for row in session.scalars(query)]


def _one_at_a_time(session: Session) -> None:
    """Locks out other planners until the end of the transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE rotations IN EXCLUSIVE MODE"))
    else:
        session.execute(update(RotationRow).where(RotationRow.id < 0).values(cancelled=""))


def _rotation(row: RotationRow) -> Rotation:
    return Rotation(
        row.id, row.person, row.place, row.mentor, row.first, row.last, tuple(row.goals), row.made_by, utc(row.at),
        row.cancelled,
    )  # fmt: skip
