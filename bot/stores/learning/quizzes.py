"""Keeps answers to quiz items, what each person remembers of each item, and the days on which the five were done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Index, Integer, String, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class QuizAnswerRow(Base):
    """One answer. `chosen` are the options' places as written; `predicted` is the recall expected before it."""

    __tablename__ = "quiz_answers"
    __table_args__ = (Index("ix_quiz_answer_item", "item"), Index("ix_quiz_answer_learner", "learner", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    learner: Mapped[str] = mapped_column(String(80))
    item: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    score: Mapped[float] = mapped_column(Float)
    right: Mapped[bool] = mapped_column(Boolean)
    chosen: Mapped[list[int]] = mapped_column(JSON)
    seconds: Mapped[float | None] = mapped_column(Float)
    predicted: Mapped[float | None] = mapped_column(Float)


class MemoryRow(Base):
    __tablename__ = "memories"
    __table_args__ = (Index("ix_memory_due", "learner", "due"),)

    learner: Mapped[str] = mapped_column(String(80), primary_key=True)
    item: Mapped[str] = mapped_column(String(64), primary_key=True)
    stability: Mapped[float] = mapped_column(Float)
    difficulty: Mapped[float] = mapped_column(Float)
    due: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_review: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reps: Mapped[int] = mapped_column(Integer)


class QuizDayRow(Base):
    __tablename__ = "quiz_days"

    learner: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)


@dataclass(frozen=True)
class StoredAnswer:
    key: str
    learner: str
    item: str
    at: datetime
    score: float
    right: bool
    chosen: Sequence[int]
    seconds: float | None
    predicted: float | None


@dataclass(frozen=True)
class StoredMemory:
    stability: float
    difficulty: float
    due: datetime
    last_review: datetime
    reps: int


_ANSWER = tuple(StoredAnswer.__dataclass_fields__)


class QuizStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def memory(self, learner: str, item: str) -> StoredMemory | None:
        with self._sessions() as session:
            row = session.get(MemoryRow, (learner, item))
            return _memory(row) if row else None

    def keep_answer(self, answer: StoredAnswer, memory: StoredMemory) -> bool:
        """Answer and memory together, or, for a key that is there already, neither: then False."""
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            values = {name: getattr(answer, name) for name in _ANSWER} | {"chosen": list(answer.chosen)}
            insert = (
                dialect.insert(QuizAnswerRow)
                .values(values)
                .on_conflict_do_nothing(index_elements=["key"])
                .returning(QuizAnswerRow.id)
            )
            if session.execute(insert).first() is None:
                return False
            session.merge(
                MemoryRow(
                    learner=answer.learner, item=answer.item, stability=memory.stability, due=memory.due,
                    difficulty=memory.difficulty, last_review=memory.last_review, reps=memory.reps,
                )
            )  # fmt: skip
            return True

    def answer(self, key: str) -> StoredAnswer | None:
        with self._sessions() as session:
            row = session.scalar(select(QuizAnswerRow).where(QuizAnswerRow.key == key))
            return _answer(row) if row else None

    def due(self, learner: str, at: datetime, limit: int) -> list[str]:
        """Items to ask again, the one overdue longest first."""
        query = (
            select(MemoryRow.item)
            .where(MemoryRow.learner == learner, MemoryRow.due <= at)
            .order_by(MemoryRow.due, MemoryRow.item)
            .limit(limit)
        )
        with self._sessions() as session:
            return list(session.scalars(query))

    def count_due(self, learner: str, at: datetime) -> int:
        query = select(func.count()).where(MemoryRow.learner == learner, MemoryRow.due <= at)
        with self._sessions() as session:
            return session.scalar(query) or 0

    def seen(self, learner: str) -> set[str]:
        with self._sessions() as session:
            return set(session.scalars(select(MemoryRow.item).where(MemoryRow.learner == learner)))

    def wrong(self, learner: str, since: datetime, limit: int) -> list[str]:
        """Items whose last answer since then was not right, the newest first."""
        newest = (
            select(QuizAnswerRow.item, func.max(QuizAnswerRow.id).label("id"))
            .where(QuizAnswerRow.learner == learner, QuizAnswerRow.at >= since)
            .group_by(QuizAnswerRow.item)
            .subquery()
        )
        query = (
            select(QuizAnswerRow.item)
            .join(newest, QuizAnswerRow.id == newest.c.id)
            .where(~QuizAnswerRow.right)
            .order_by(QuizAnswerRow.id.desc())
            .limit(limit)
        )
        with self._sessions() as session:
            return list(session.scalars(query))

    def done_on(self, learner: str, day: date) -> bool:
        """Notes that the five were done on a day; False when that was known."""
        with self._sessions.begin() as session:
            if session.get(QuizDayRow, (learner, day)) is not None:
                return False
            session.add(QuizDayRow(learner=learner, day=day))
            return True

    def days(self, learner: str, since: date) -> list[date]:
        query = select(QuizDayRow.day).where(QuizDayRow.learner == learner, QuizDayRow.day >= since)
        with self._sessions() as session:
            return list(session.scalars(query))

    def answers(self, since: datetime | None = None, item: str = "") -> list[StoredAnswer]:
        """Of everybody, oldest first: for statistics."""
        query = select(QuizAnswerRow).order_by(QuizAnswerRow.id)
        if since is not None:
            query = query.where(QuizAnswerRow.at >= since)
        if item:
            query = query.where(QuizAnswerRow.item == item)
        with self._sessions() as session:
            return [_answer(row) for row in session.scalars(query)]

    def bring_forward(self, learner: str, items: Sequence[str], at: datetime) -> None:
        """What somebody asks to see again is due now."""
        with self._sessions.begin() as session:
            session.execute(
                update(MemoryRow)
                .where(MemoryRow.learner == learner, MemoryRow.item.in_(items), MemoryRow.due > at)
                .values(due=at)
            )


def _memory(row: MemoryRow) -> StoredMemory:
    return StoredMemory(row.stability, row.difficulty, utc(row.due), utc(row.last_review), row.reps)


def _answer(row: QuizAnswerRow) -> StoredAnswer:
    values = {name: getattr(row, name) for name in _ANSWER}
    return StoredAnswer(**{**values, "at": utc(row.at)})
