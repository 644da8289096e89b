"""Keeps what mentors were asked to sign, and what they answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Integer, String, Text, UniqueConstraint, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class SignatureRow(Base):
    """A task somebody asked their mentor to sign. `open` is the mentor and the code while it waits, else null.

    `task` is null once it was returned, so that it can be asked for again; a signed one stays taken.
    """

    __tablename__ = "task_signatures"
    __table_args__ = (
        UniqueConstraint("open", name="uq_signature_open"),
        UniqueConstraint("enrolment", "task", name="uq_signature_task"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    enrolment: Mapped[int] = mapped_column(Integer)
    person: Mapped[str] = mapped_column(String(40), index=True)
    ref: Mapped[str] = mapped_column(String(200))
    mentor: Mapped[str] = mapped_column(String(40), index=True)
    code: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    open: Mapped[str | None] = mapped_column(String(60))
    task: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True)
class Signature:
    """`state` is asked, signed or returned."""

    id: int
    enrolment: int
    person: str
    ref: str
    mentor: str
    code: str
    state: str
    reason: str
    asked_at: datetime
    answered_at: datetime | None


_SIGNATURE = tuple(Signature.__dataclass_fields__)


class SignatureStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def ask(self, asked: Signature) -> Signature | None:
        """Puts a task before a mentor; the request that waits already, where there is one.

        None when the code is taken (draw another). A task that was signed is not asked for again: that signature is
        returned.
        """
        if found := self._signature_of(asked.enrolment, asked.ref):
            return found
        row = SignatureRow(
            **{name: getattr(asked, name) for name in _SIGNATURE if name != "id"},
            open=f"{asked.mentor}:{asked.code}",
            task=asked.ref,
        )
        try:
            with self._sessions.begin() as session:
                session.add(row)
                session.flush()
                return _signature(row)
        except IntegrityError:
            return self._signature_of(asked.enrolment, asked.ref)

    def waiting(self, mentor: str) -> list[Signature]:
        """What waits for a mentor's signature, oldest first."""
        return self._signatures(
            select(SignatureRow)
            .where(SignatureRow.mentor == mentor, SignatureRow.state == "asked")
            .order_by(SignatureRow.asked_at, SignatureRow.id)
        )

    def handed_in(self, people: Collection[str]) -> dict[int, set[str]]:
        """What waits for a signature, by enrolment."""
        found: dict[int, set[str]] = {}
        query = select(SignatureRow.enrolment, SignatureRow.ref).where(
            SignatureRow.person.in_(people), SignatureRow.state == "asked"
        )
        with self._sessions() as session:
            for row in session.execute(query):
                found.setdefault(row.enrolment, set()).add(row.ref)
        return found

    def all_waiting(self) -> list[Signature]:
        return self._signatures(
            select(SignatureRow).where(SignatureRow.state == "asked").order_by(SignatureRow.id)
        )

    def by_id(self, signature: int) -> Signature | None:
        return next(iter(self._signatures(select(SignatureRow).where(SignatureRow.id == signature))), None)

    def signatures_of(self, person: str) -> list[Signature]:
        """What a person asked for, newest first."""
        return self._signatures(
            select(SignatureRow).where(SignatureRow.person == person).order_by(SignatureRow.id.desc())
        )

    def signature(self, mentor: str, code: str) -> Signature | None:
        """The newest request with this code that this mentor got."""
        query = select(SignatureRow).where(SignatureRow.mentor == mentor, SignatureRow.code == code)
        return next(iter(self._signatures(query.order_by(SignatureRow.id.desc()).limit(1))), None)

    def answer(self, signature: int, state: str, reason: str, at: datetime) -> bool:
        """Signs or returns it; False when somebody answered before. What was returned can be asked for again."""
        values: dict[str, Any] = {"state": state, "reason": reason, "answered_at": at, "open": None}
        if state == "returned":
            values["task"] = None
        with self._sessions.begin() as session:
            changed = session.execute(
                update(SignatureRow)
                .where(SignatureRow.id == signature, SignatureRow.state == "asked")
                .values(**values)
                .returning(SignatureRow.id)
            )
            return changed.first() is not None

    def _signature_of(self, enrolment: int, task: str) -> Signature | None:
        query = select(SignatureRow).where(SignatureRow.enrolment == enrolment, SignatureRow.task == task)
        return next(iter(self._signatures(query)), None)

    def _signatures(self, query: Any) -> list[Signature]:
        with self._sessions() as session:
            return [_signature(row) for row in session.scalars(query)]


def _signature(row: SignatureRow) -> Signature:
    fields = {name: getattr(row, name) for name in _SIGNATURE}
    answered = utc(row.answered_at) if row.answered_at else None
    return Signature(**{**fields, "asked_at": utc(row.asked_at), "answered_at": answered})
