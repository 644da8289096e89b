"""Keeps who is in which course, certificates, who was reminded of what, and in which post people were seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Integer, String, Text, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base

_FEW = 500
"""More people than that are not named one by one in a query."""


class EnrolmentRow(Base):
    """One person in one course; each renewal is a row of its own."""

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("person", "curriculum", "round", name="uq_enrolment_round"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    person: Mapped[str] = mapped_column(String(40))
    curriculum: Mapped[str] = mapped_column(String(64))
    round: Mapped[int] = mapped_column(Integer)
    began: Mapped[date] = mapped_column(Date)
    began_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    renewal: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class CertificateRow(Base):
    """A certificate; one for each enrolment."""

    __tablename__ = "certificates"

    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(40))
    curriculum: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(60))
    issued: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    enrolment: Mapped[int] = mapped_column(Integer, unique=True)
    revoked: Mapped[date | None] = mapped_column(Date)
    revoked_why: Mapped[str] = mapped_column(Text, default="")


class RemindedRow(Base):
    """What somebody was reminded of already."""

    __tablename__ = "reminded"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PostRow(Base):
    """The post in which a person was seen last, and the one before it: courses for a change of post begin with it."""

    __tablename__ = "posts_seen"

    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    post: Mapped[str] = mapped_column(String(40))
    before: Mapped[str] = mapped_column(String(40), default="")
    since: Mapped[date] = mapped_column(Date)


@dataclass(frozen=True)
class StoredEnrolment:
    id: int
    person: str
    curriculum: str
    began: date
    began_at: datetime
    round: int
    renewal: bool
    active: bool


@dataclass(frozen=True)
class StoredCertificate:
    number: str
    person: str
    name: str
    curriculum: str
    title: str
    issued: date
    until: date
    enrolment: int
    revoked: date | None = None
    revoked_why: str = ""


class CurriculaStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def enrol(
        self,
        person: str,
        curriculum: str,
        began: date,
        at: datetime,
        round_: int = 1,
        *,
        renewal: bool = False,
    ) -> bool:
        """`began` is the local day of `at`. False when they are in this round already."""
        return self.enrol_all([(person, curriculum)], began, at, round_, renewal=renewal) == 1

    def enrol_all(
        self,
        pairs: Iterable[tuple[str, str]],
        began: date,
        at: datetime,
        round_: int = 1,
        *,
        renewal: bool = False,
    ) -> int:
        """(person, course) of many at once; how many were not in this round before."""
        same = {"began": began, "began_at": at, "round": round_, "renewal": renewal, "active": True}
        rows = [{"person": person, "curriculum": curriculum, **same} for person, curriculum in pairs]
        return self._add_new(EnrolmentRow, rows, ("person", "curriculum", "round"))

    def enrolments(self, people: Collection[str], *, active_only: bool = False) -> list[StoredEnrolment]:
        """In the order in which they began."""
        query = select(EnrolmentRow).where(EnrolmentRow.person.in_(people))
        if active_only:
            query = query.where(EnrolmentRow.active)
        return self._enrolments(query.order_by(EnrolmentRow.began, EnrolmentRow.id))

    def all_active(self) -> list[StoredEnrolment]:
        return self._enrolments(select(EnrolmentRow).where(EnrolmentRow.active).order_by(EnrolmentRow.person))

    def withdraw(self, enrolment: int) -> None:
        with self._sessions.begin() as session:
            session.execute(update(EnrolmentRow).where(EnrolmentRow.id == enrolment).values(active=False))

    def certify(self, certificate: StoredCertificate) -> bool:
        """Issues it and closes the enrolment, together; False when that enrolment has one."""
        values = {name: getattr(certificate, name) for name in _CERTIFICATE}
        with self._sessions.begin() as session:
            insert = _insert(session, CertificateRow).values(**values)
            added = session.execute(insert.on_conflict_do_nothing().returning(CertificateRow.number)).first()
            session.execute(
                update(EnrolmentRow).where(EnrolmentRow.id == certificate.enrolment).values(active=False)
            )
            return added is not None

    def certificate(self, number: str) -> StoredCertificate | None:
        with self._sessions() as session:
            row = session.get(CertificateRow, number)
            return _certificate(row) if row else None

    def certificates(self, people: Collection[str]) -> list[StoredCertificate]:
        """Oldest first."""
        query = select(CertificateRow).where(CertificateRow.person.in_(people))
        with self._sessions() as session:
            rows = session.scalars(query.order_by(CertificateRow.issued, CertificateRow.number))
            return [_certificate(row) for row in rows]

    def all_certificates(self, since: date) -> list[StoredCertificate]:
        """Those that end on that day or later, of everybody."""
        with self._sessions() as session:
            rows = session.scalars(select(CertificateRow).where(CertificateRow.until >= since))
            return [_certificate(row) for row in rows]

    def revoke(self, number: str, why: str, day: date) -> bool:
        """False for a number that is unknown or revoked already."""
        with self._sessions.begin() as session:
            changed = session.execute(
                update(CertificateRow)
                .where(CertificateRow.number == number, CertificateRow.revoked.is_(None))
                .values(revoked=day, revoked_why=why)
                .returning(CertificateRow.number)
            )
            return changed.first() is not None

    def reminded(self, keys: Collection[str]) -> set[str]:
        """Which of them somebody was reminded of before."""
        found: set[str] = set()
        listed = list(keys)
        with self._sessions() as session:
            for start in range(0, len(listed), _FEW):
                some = listed[start : start + _FEW]
                found |= set(session.scalars(select(RemindedRow.key).where(RemindedRow.key.in_(some))))
        return found

    def remember_reminders(self, keys: Iterable[str], at: datetime) -> int:
        """How many of them nobody was reminded of before."""
        return self._add_new(RemindedRow, [{"key": key, "at": at} for key in dict.fromkeys(keys)], ("key",))

    def see_posts(self, posts: Iterable[tuple[str, str]], day: date) -> dict[str, str]:
        """Notes who is in which post today; of each person the post they held before this one, "" for none."""
        before: dict[str, str] = {}
        wanted = dict(posts)
        with self._sessions.begin() as session:
            query = select(PostRow)
            if len(wanted) <= _FEW:
                query = query.where(PostRow.person.in_(wanted))
            known = {row.person: row for row in session.scalars(query)}
            for person, post in wanted.items():
                row = known.get(person)
                if row is None:
                    session.add(PostRow(person=person, post=post, before="", since=day))
                elif row.post != post:
                    row.before, row.post, row.since = row.post, post, day
                before[person] = row.before if row else ""
        return before

    def _add_new(self, table: type[Base], rows: list[dict[str, Any]], unique: tuple[str, ...]) -> int:
        """All in one transaction, in statements that every database takes."""
        added = 0
        with self._sessions.begin() as session:
            for start in range(0, len(rows), _FEW):
                insert = _insert(session, table).values(rows[start : start + _FEW])
                new = insert.on_conflict_do_nothing(index_elements=unique).returning(
                    getattr(table, unique[0])
                )
                added += len(session.execute(new).all())
        return added

    def _enrolments(self, query: Any) -> list[StoredEnrolment]:
        with self._sessions() as session:
            return [_enrolment(row) for row in session.scalars(query)]


_ENROLMENT = tuple(StoredEnrolment.__dataclass_fields__)
_CERTIFICATE = tuple(StoredCertificate.__dataclass_fields__)


def _insert(session: Session, table: type[Base]) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _enrolment(row: EnrolmentRow) -> StoredEnrolment:
    fields = {name: getattr(row, name) for name in _ENROLMENT}
    return StoredEnrolment(**{**fields, "began_at": utc(row.began_at)})


def _certificate(row: CertificateRow) -> StoredCertificate:
    return StoredCertificate(**{name: getattr(row, name) for name in _CERTIFICATE})
