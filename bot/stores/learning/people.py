"""Keeps members of staff, their one-time codes, and which chat account is whose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, DateTime, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class PersonRow(Base):
    """A member of staff as the firm's list has them. Who left stays, so that what they did still has a name."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    department: Mapped[str] = mapped_column(String(40), index=True)
    post: Mapped[str] = mapped_column(String(40))
    joined: Mapped[date] = mapped_column(Date)
    role: Mapped[str] = mapped_column(String(12))
    trainer: Mapped[str] = mapped_column(String(40), index=True)
    manager: Mapped[str] = mapped_column(String(40), index=True)
    team: Mapped[str] = mapped_column(String(40))
    left: Mapped[date | None] = mapped_column(Date)


class AccountRow(Base):
    """A chat account that belongs to a person. `address` is what its platform needs to reach them, "" in a browser."""

    __tablename__ = "accounts"

    account: Mapped[str] = mapped_column(String(80), primary_key=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(120))
    bound_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CodeRow(Base):
    """A one-time code, as its digest."""

    __tablename__ = "binding_codes"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class StaffRecord:
    """A person as stored; `bot.learning.people.person.Person` has the same fields, with the role checked."""

    id: str
    name: str
    department: str
    post: str
    joined: date
    role: str = "staff"
    trainer: str = ""
    manager: str = ""
    team: str = ""
    left: date | None = None


@dataclass(frozen=True)
class Account:
    account: str
    channel: str
    address: str


_FIELDS = tuple(StaffRecord.__dataclass_fields__)


class PeopleStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def get(self, person: str) -> StaffRecord | None:
        with self._sessions() as session:
            row = session.get(PersonRow, person)
            return _record(row) if row else None

    def all(self, *, with_left: bool = False) -> list[StaffRecord]:
        """Everybody who has not left, by id."""
        query = select(PersonRow).order_by(PersonRow.id)
        if not with_left:
            query = query.where(PersonRow.left.is_(None))
        with self._sessions() as session:
            return [_record(row) for row in session.scalars(query)]

    def led_by(self, person: str) -> list[StaffRecord]:
        """Whose trainer or manager this person is."""
        query = (
            select(PersonRow)
            .where((PersonRow.trainer == person) | (PersonRow.manager == person), PersonRow.left.is_(None))
            .order_by(PersonRow.id)
        )
        with self._sessions() as session:
            return [_record(row) for row in session.scalars(query)]

    def save(self, people: Iterable[StaffRecord]) -> None:
        """Add or replace, all or none."""
        with self._sessions.begin() as session:
            for one in people:
                session.merge(PersonRow(**{name: getattr(one, name) for name in _FIELDS}))

    def add_code(self, digest: str, person: str, until: datetime) -> None:
        """A new code for a person; codes not used yet end."""
        with self._sessions.begin() as session:
            session.execute(delete(CodeRow).where(CodeRow.person == person, CodeRow.used_at.is_(None)))
            session.add(CodeRow(digest=digest, person=person, until=until))

    def spend_code(self, digest: str, account: Account, at: datetime) -> str | None:
        """Binds the account to the code's person and returns them; None for a code that is unknown, used or too old.

        Two who spend the same code at once: one wins, as the row is changed where it is still unused.
        """
        with self._sessions.begin() as session:
            spent = session.execute(
                update(CodeRow)
                .where(CodeRow.digest == digest, CodeRow.used_at.is_(None), CodeRow.until >= at)
                .values(used_at=at)
                .returning(CodeRow.person)
            ).scalar()
            if spent is None:
                return None
            session.merge(
                AccountRow(
                    account=account.account, person=spent, channel=account.channel,
                    address=account.address, bound_at=at,
                )
            )  # fmt: skip
            return str(spent)

    def bind(self, account: Account, person: str, at: datetime) -> None:
        """Without a code: for accounts that the firm's own list names."""
        with self._sessions.begin() as session:
            session.merge(
                AccountRow(
                    account=account.account, person=person, channel=account.channel,
                    address=account.address, bound_at=at,
                )
            )  # fmt: skip

    def unbind(self, account: str) -> None:
        with self._sessions.begin() as session:
            session.execute(delete(AccountRow).where(AccountRow.account == account))

    def person_of(self, account: str) -> StaffRecord | None:
        """Whose account it is; nobody's once they have left."""
        query = (
            select(PersonRow)
            .join(AccountRow, AccountRow.person == PersonRow.id)
            .where(AccountRow.account == account, PersonRow.left.is_(None))
        )
        with self._sessions() as session:
            row = session.scalar(query)
            return _record(row) if row else None

    def accounts_of(self, person: str) -> Sequence[Account]:
        """Newest first."""
        query = select(AccountRow).where(AccountRow.person == person).order_by(AccountRow.bound_at.desc())
        with self._sessions() as session:
            return [Account(row.account, row.channel, row.address) for row in session.scalars(query)]

    def open_codes(self, person: str, at: datetime) -> list[datetime]:
        """Until when the unused codes of a person hold."""
        query = select(CodeRow.until).where(
            CodeRow.person == person, CodeRow.used_at.is_(None), CodeRow.until >= at
        )
        with self._sessions() as session:
            return [utc(until) for until in session.scalars(query)]


def _record(row: PersonRow) -> StaffRecord:
    return StaffRecord(**{name: getattr(row, name) for name in _FIELDS})
