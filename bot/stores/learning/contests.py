"""Keeps contests and their logs. A line's number and what it claims are unique, so the database decides between two
processes that both heard a first buzz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class ContestRow(Base):
    """`code` is what people type to join, free again once it is over. `conversation` is the group chat it is played in,
    "" for a page. `noted` says that its results were written into people's records."""

    __tablename__ = "contests"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    code: Mapped[str | None] = mapped_column(String(8), unique=True)
    script: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(40))
    host: Mapped[str] = mapped_column(String(80), index=True)
    conversation: Mapped[str] = mapped_column(String(80))
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)
    noted: Mapped[bool] = mapped_column(Boolean)


class ContestEntryRow(Base):
    """`claim` is what only one line may say: who has the floor at one try, a player's answer to one question."""

    __tablename__ = "contest_entries"
    __table_args__ = (UniqueConstraint("contest", "claim", name="uq_contest_claim"),)

    contest: Mapped[str] = mapped_column(String(80), ForeignKey("contests.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    who: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    claim: Mapped[str | None] = mapped_column(String(120))


class Line(Protocol):
    """What `bot.learning.contests.state.Entry` looks like from here."""

    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class StoredLine:
    seq: int
    kind: str
    who: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class ContestRecord:
    """`plan` is left out (None) in lists."""

    id: str
    code: str
    script: str
    title: str
    host: str
    conversation: str
    created_at: datetime
    ended_at: datetime | None
    noted: bool
    plan: Mapping[str, Any] | None = None


_CHUNK = 500
_LISTED = tuple(name for name in ContestRecord.__dataclass_fields__ if name != "plan")


class Overtaken(Exception):  # noqa: N818  what happened
    """Somebody else has written this line, or claimed this."""


class Turn:
    """`missed` are the lines that were written since."""

    def __init__(self, session: Session, contest: str, missed: list[StoredLine]) -> None:
        self._session, self._contest, self.missed = session, contest, missed

    def write(self, lines: Sequence[Line], claims: Sequence[str | None]) -> None:
        rows = [
            {"contest": self._contest, "seq": one.seq, "kind": one.kind, "who": one.who, "at": one.at, "data": dict(one.data), "claim": claim}
            for one, claim in zip(lines, claims, strict=True)
        ]  # fmt: skip
        for start in range(0, len(rows), _CHUNK):
            self._session.execute(insert(ContestEntryRow).values(rows[start : start + _CHUNK]))
        ended = next((one.at for one in lines if one.kind == "ended"), None)
        if ended is not None:
            self._session.execute(
                update(ContestRow).where(ContestRow.id == self._contest).values(ended_at=ended, code=None)
            )


class ContestStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def create(self, record: ContestRecord) -> bool:
        """False when its code is taken at the moment: try another."""
        try:
            with self._sessions.begin() as session:
                session.add(ContestRow(**{**record.__dict__, "plan": dict(record.plan or {})}))
        except IntegrityError:
            return False
        return True

    def get(self, contest: str) -> ContestRecord | None:
        with self._sessions() as session:
            row = session.get(ContestRow, contest)
            return _record(row, with_plan=True) if row else None

    def by_code(self, code: str) -> str | None:
        with self._sessions() as session:
            return session.scalar(select(ContestRow.id).where(ContestRow.code == code))

    def in_chat(self, conversation: str) -> str | None:
        """The contest that is on in a group chat."""
        query = select(ContestRow.id).where(
            ContestRow.conversation == conversation, ContestRow.ended_at.is_(None)
        )
        with self._sessions() as session:
            return session.scalar(query.order_by(ContestRow.created_at.desc()).limit(1))

    def listed(
        self, *, over: bool, limit: int = 20, noted: bool | None = None, before: datetime | None = None
    ) -> list[ContestRecord]:
        """Newest first, without their plans; `before` are those that began before then."""
        columns = [getattr(ContestRow, name) for name in _LISTED]
        query = select(*columns).where(
            ContestRow.ended_at.is_not(None) if over else ContestRow.ended_at.is_(None)
        )
        if noted is not None:
            query = query.where(ContestRow.noted == noted)
        if before is not None:
            query = query.where(ContestRow.created_at < before)
        with self._sessions() as session:
            return [
                _record(row) for row in session.execute(query.order_by(ContestRow.created_at.desc()).limit(limit))
            ]  # fmt: skip

    @contextmanager
    def turn(self, contest: str, after: int) -> Iterator[Turn]:
        """Alone at a contest's log: what was written after line `after`, and a way to add to it; all or none is kept.

        On PostgreSQL processes stand in line for it. Where they do not (two on one SQLite), the second one to write
        raises `Overtaken`, and reads again.
        """
        try:
            with self._sessions.begin() as session:
                if session.get_bind().dialect.name == "postgresql":
                    session.execute(select(ContestRow.id).where(ContestRow.id == contest).with_for_update())
                yield Turn(session, contest, _tail(session, contest, after))
        except IntegrityError as error:
            raise Overtaken from error

    def tail(self, contest: str, after: int = 0) -> list[StoredLine]:
        with self._sessions() as session:
            return _tail(session, contest, after)

    def head(self, contest: str) -> int:
        """The number of the last line; 0 for an empty log."""
        query = select(func.max(ContestEntryRow.seq)).where(ContestEntryRow.contest == contest)
        with self._sessions() as session:
            return session.scalar(query) or 0

    def note(self, contest: str) -> None:
        """Its results stand in people's records now."""
        with self._sessions.begin() as session:
            session.execute(update(ContestRow).where(ContestRow.id == contest).values(noted=True))


def _tail(session: Session, contest: str, after: int) -> list[StoredLine]:
    query = select(ContestEntryRow).where(ContestEntryRow.contest == contest, ContestEntryRow.seq > after)
    rows: Iterable[ContestEntryRow] = session.scalars(query.order_by(ContestEntryRow.seq))
    return [StoredLine(one.seq, one.kind, one.who, utc(one.at), one.data) for one in rows]


def _record(row: Any, *, with_plan: bool = False) -> ContestRecord:
    fields = {name: getattr(row, name) for name in _LISTED}
    fields["code"] = fields["code"] or ""
    fields["created_at"] = utc(fields["created_at"])
    fields["ended_at"] = utc(fields["ended_at"]) if fields["ended_at"] else None
    return ContestRecord(**fields, plan=row.plan if with_plan else None)
