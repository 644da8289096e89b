"""Keeps each person's risk, and the lesson that was planned for them for a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Float, Integer, String, Text, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.tables import Base

_CHUNK = 500


class RiskRow(Base):
    __tablename__ = "risks"

    person: Mapped[str] = mapped_column(String(80), primary_key=True)
    risk: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RiskEventRow(Base):
    """Events that a risk holds already, so that one told again does not count again; forgotten after some days."""

    __tablename__ = "risk_events"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class LessonPlanRow(Base):
    __tablename__ = "lesson_plans"

    person: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    lesson: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)


class TeamSnapshotRow(Base):
    """What a team knew of a topic on a day, as means of at least as many people as the map shows."""

    __tablename__ = "team_snapshots"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    team: Mapped[str] = mapped_column(String(40), primary_key=True)
    topic: Mapped[str] = mapped_column(String(24), primary_key=True)
    people: Mapped[int] = mapped_column(Integer)
    seen: Mapped[int] = mapped_column(Integer)
    knowledge: Mapped[float] = mapped_column(Float)
    awareness: Mapped[float] = mapped_column(Float)


@dataclass(frozen=True)
class TeamSnapshot:
    day: date
    team: str
    topic: str
    people: int
    seen: int
    knowledge: float
    awareness: float


@dataclass(frozen=True)
class LessonPlan:
    """`lesson` is the candidate's id, `words` what one says to begin it."""

    person: str
    day: date
    lesson: str
    title: str
    words: str
    reason: str


_FIELDS = tuple(LessonPlan.__dataclass_fields__)
_SNAPSHOT = tuple(TeamSnapshot.__dataclass_fields__)


class LoopStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def risk(self, person: str) -> dict[str, Any]:
        """{} for somebody nothing is known of."""
        with self._sessions() as session:
            return session.scalar(select(RiskRow.risk).where(RiskRow.person == person)) or {}

    def risks(self, people: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Of many people, in batches; those nothing is known of with {}."""
        ids = list(people)
        for start in range(0, len(ids), _CHUNK):
            batch = ids[start : start + _CHUNK]
            with self._sessions() as session:
                query = select(RiskRow.person, RiskRow.risk).where(RiskRow.person.in_(batch))
                found: Mapping[str, dict[str, Any]] = {row.person: row.risk for row in session.execute(query)}
            yield from ((person, found.get(person, {})) for person in batch)

    def update(self, key: str, person: str, change: Any, at: datetime) -> bool:
        """`change(risk) -> risk` for an event of this key, in one transaction; False when it was counted before."""
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            first = session.execute(
                dialect.insert(RiskEventRow)
                .values(key=key, at=at)
                .on_conflict_do_nothing(index_elements=["key"])
                .returning(RiskEventRow.key)
            ).first()
            if first is None:
                return False
            row = session.scalar(select(RiskRow).where(RiskRow.person == person).with_for_update())
            if row is None:
                session.add(RiskRow(person=person, risk=change({}), updated_at=at))
            else:
                row.risk, row.updated_at = change(row.risk), at
            return True

    def forget_keys(self, before: datetime) -> None:
        """Keys of events that nobody will tell again."""
        with self._sessions.begin() as session:
            session.execute(delete(RiskEventRow).where(RiskEventRow.at < before))

    def keep_risks(self, risks: Iterable[tuple[str, dict[str, Any]]], at: datetime) -> None:
        """Over what was there: for a rebuild from all events."""
        with self._sessions.begin() as session:
            for person, risk in risks:
                session.merge(RiskRow(person=person, risk=risk, updated_at=at))

    def keep_plans(self, plans: Iterable[LessonPlan]) -> int:
        """How many; a plan of the same person and day is replaced."""
        count = 0
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            for batch in _batches(plans):
                insert = dialect.insert(LessonPlanRow).values(
                    [{name: getattr(one, name) for name in _FIELDS} for one in batch]
                )
                changed = {name: insert.excluded[name] for name in ("lesson", "title", "words", "reason")}
                session.execute(insert.on_conflict_do_update(index_elements=["person", "day"], set_=changed))
                count += len(batch)
        return count

    def keep_snapshots(self, snapshots: Iterable[TeamSnapshot]) -> None:
        """Over those of the same day."""
        with self._sessions.begin() as session:
            for one in snapshots:
                session.merge(TeamSnapshotRow(**{name: getattr(one, name) for name in _SNAPSHOT}))

    def snapshots(self, since: date) -> list[TeamSnapshot]:
        """Oldest first."""
        query = select(TeamSnapshotRow).where(TeamSnapshotRow.day >= since).order_by(TeamSnapshotRow.day)
        with self._sessions() as session:
            return [
                TeamSnapshot(**{name: getattr(row, name) for name in _SNAPSHOT})
                for row in session.scalars(query)
            ]

    def plan(self, person: str, day: date) -> LessonPlan | None:
        with self._sessions() as session:
            row = session.get(LessonPlanRow, (person, day))
            return LessonPlan(**{name: getattr(row, name) for name in _FIELDS}) if row else None


def _batches(plans: Iterable[LessonPlan]) -> Iterator[list[LessonPlan]]:
    batch: list[LessonPlan] = []
    for one in plans:
        batch.append(one)
        if len(batch) == _CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch
