"""The ledger of points: entries are added and never changed, and running totals are kept in the same transaction.

The database refuses changes too (triggers of migration 0009). A balance is one row, a ranking a few thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.errors import BadInput
from bot.stores.learning.people import PersonRow
from bot.stores.learning.zone import utc
from bot.stores.tables import Base


class EntryRow(Base):
    """One line of the ledger. `day` is the day it counts for: a reversal stands with the day of what it takes back."""

    __tablename__ = "point_entries"
    __table_args__ = (
        Index("ix_point_person_day", "person", "day"),
        Index("ix_point_person_rule", "person", "rule", "ref"),
        Index("ix_point_event", "event"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(260), unique=True)
    person: Mapped[str] = mapped_column(String(40))
    points: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(200))
    rule: Mapped[str] = mapped_column(String(64))
    edition: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(160))
    ref: Mapped[str] = mapped_column(String(160))
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[str] = mapped_column(String(40))
    reverses: Mapped[int | None] = mapped_column(Integer, ForeignKey("point_entries.id"), unique=True)


class TotalRow(Base):
    """The sum of a person's entries."""

    __tablename__ = "point_totals"

    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    points: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(Integer)


class MonthRow(Base):
    """The sum of a person's entries that count for one month (YYYYMM)."""

    __tablename__ = "point_months"

    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    points: Mapped[int] = mapped_column(BigInteger)


class BonusRow(Base):
    """Money proposed to a manager, and what became of it."""

    __tablename__ = "bonus_proposals"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(260), unique=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    yuan: Mapped[int] = mapped_column(Integer)
    why: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(String(64))
    edition: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(12), index=True)
    decided_by: Mapped[str] = mapped_column(String(40))
    decided_why: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ObjectionRow(Base):
    """What somebody contests about an entry of theirs, or about one that is not there (`entry` is None), and the answer."""

    __tablename__ = "point_objections"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    entry: Mapped[int | None] = mapped_column(Integer, ForeignKey("point_entries.id"), unique=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(12), index=True)
    decided_by: Mapped[str] = mapped_column(String(40))
    decided_why: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class NewEntry:
    key: str
    points: int
    reason: str
    day: date
    rule: str = ""
    edition: str = ""
    event: str = ""
    ref: str = ""
    by: str = ""


@dataclass(frozen=True)
class NewBonus:
    key: str
    yuan: int
    why: str
    rule: str
    edition: str
    event: str


@dataclass(frozen=True)
class Entry:
    id: int
    key: str
    person: str
    points: int
    reason: str
    rule: str
    edition: str
    event: str
    ref: str
    day: date
    at: datetime
    by: str
    reverses: int | None


@dataclass(frozen=True)
class StoredBonus:
    id: int
    person: str
    yuan: int
    why: str
    rule: str
    edition: str
    event: str
    at: datetime
    status: str
    decided_by: str
    decided_why: str
    decided_at: datetime | None


@dataclass(frozen=True)
class Objection:
    id: int
    entry: int | None
    person: str
    why: str
    at: datetime
    status: str
    decided_by: str
    decided_why: str
    decided_at: datetime | None


@dataclass(frozen=True)
class Ranked:
    person: str
    name: str
    department: str
    team: str
    post: str
    points: int


@dataclass(frozen=True)
class Wanted:
    """Which earlier entries a decision must see: of days from `since` on, of this `ref`, and of these rules."""

    since: date
    ref: str
    rules: Collection[str] = ()


Decision = tuple[Sequence[NewEntry], Sequence[NewBonus]]
Decide = Callable[[list[Entry]], Decision]


class PointsStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def award(self, person: str, event: str, wanted: Wanted, at: datetime, decide: Decide) -> list[Entry]:
        """Lets `decide` see what was earned before and writes what it gives; nothing for an event that earned already.

        The person's row is locked first, so that two who award at once cannot both see room below a cap.
        """
        with self._sessions.begin() as session:
            _lock(session, person)
            if session.scalar(select(EntryRow.id).where(EntryRow.event == event).limit(1)):
                return []
            entries, bonuses = decide(_history(session, person, wanted))
            written = [_write(session, person, entry, at) for entry in entries]
            for bonus in bonuses:
                _propose(session, person, bonus, at)
            return [entry for entry in written if entry is not None]

    def add(self, person: str, entry: NewEntry, at: datetime) -> Entry | None:
        """One entry by hand; None when an entry of this key is there already."""
        with self._sessions.begin() as session:
            _lock(session, person)
            return _write(session, person, entry, at)

    def reverse(self, number: int, reason: str, by: str, at: datetime) -> Entry:
        """Takes an entry back by a new one; raises BadInput where there is nothing, or it is taken back already."""
        with self._sessions.begin() as session:
            row = session.get(EntryRow, number)
            if row is None:
                raise BadInput(f"没有 {number} 号这笔积分。", "编号在积分明细每行的开头。")
            _lock(session, row.person)
            if session.scalar(select(EntryRow.id).where(EntryRow.reverses == number)):
                raise BadInput(f"{number} 号已经冲回过了。", "每一笔只能冲回一次；要再改，冲回那笔冲回的。")
            new = NewEntry(
                f"reverse:{number}",
                -row.points,
                reason[:200],
                row.day,
                row.rule,
                row.edition,
                row.event,
                row.ref,
                by,
            )
            written = _write(session, row.person, new, at, number)
            if written is None:
                raise BadInput(f"{number} 号已经冲回过了。", "每一笔只能冲回一次。")
            return written

    def entry(self, number: int) -> Entry | None:
        with self._sessions() as session:
            row = session.get(EntryRow, number)
            return _entry(row) if row else None

    def balance(self, person: str) -> int:
        with self._sessions() as session:
            return int(session.scalar(select(TotalRow.points).where(TotalRow.person == person)) or 0)

    def in_months(self, person: str, first: int, last: int) -> int:
        query = select(func.sum(MonthRow.points)).where(
            MonthRow.person == person, MonthRow.month >= first, MonthRow.month <= last
        )
        with self._sessions() as session:
            return int(session.scalar(query) or 0)

    def statement(self, person: str, limit: int = 50, before: int | None = None) -> list[Entry]:
        """A person's entries, newest first; `before` is an entry's number, to read on."""
        query = select(EntryRow).where(EntryRow.person == person)
        if before is not None:
            query = query.where(EntryRow.id < before)
        with self._sessions() as session:
            return [_entry(row) for row in session.scalars(query.order_by(EntryRow.id.desc()).limit(limit))]

    def reversed_among(self, numbers: Collection[int]) -> dict[int, int]:
        """Entry → the entry that takes it back."""
        query = select(EntryRow.reverses, EntryRow.id).where(EntryRow.reverses.in_(numbers))
        with self._sessions() as session:
            return {int(old): new for old, new in session.execute(query) if old is not None}

    def ranking(self, first: int, last: int, **where: str) -> list[Ranked]:
        """Everybody on the staff with their points in these months, 0 included; people who left are not in it.

        `where` narrows to a department, team or post.
        """
        sums = (
            select(MonthRow.person, func.sum(MonthRow.points).label("points"))
            .where(MonthRow.month >= first, MonthRow.month <= last)
            .group_by(MonthRow.person)
            .subquery()
        )
        everything = first <= 0
        points = TotalRow.points if everything else sums.c.points
        joined, on = (TotalRow, TotalRow.person) if everything else (sums, sums.c.person)
        query = (
            select(
                PersonRow.id,
                PersonRow.name,
                PersonRow.department,
                PersonRow.team,
                PersonRow.post,
                func.coalesce(points, 0),
            )
            .outerjoin(joined, on == PersonRow.id)
            .where(PersonRow.left.is_(None))
        )
        for name, value in where.items():
            query = query.where(getattr(PersonRow, name) == value)
        with self._sessions() as session:
            return [Ranked(a, b, c, d, e, int(points)) for a, b, c, d, e, points in session.execute(query)]

    def bonuses(self, status: str = "", person: str = "") -> list[StoredBonus]:
        """Newest first."""
        query = select(BonusRow).order_by(BonusRow.id.desc())
        if status:
            query = query.where(BonusRow.status == status)
        if person:
            query = query.where(BonusRow.person == person)
        with self._sessions() as session:
            return [_bonus(row) for row in session.scalars(query.limit(500))]

    def decide_bonus(self, number: int, status: str, by: str, why: str, at: datetime) -> StoredBonus | None:
        """None for a proposal that is not there, or decided already."""
        with self._sessions.begin() as session:
            row = _decided(session, BonusRow, number, "proposed", status, by, why, at)
            return _bonus(row) if row else None

    def object_to(self, entry: int | None, person: str, why: str, at: datetime) -> Objection | None:
        """None when this entry was contested before: it is decided once."""
        with self._sessions.begin() as session:
            insert = _insert(session, ObjectionRow).values(
                entry=entry, person=person, why=why, at=at, status="open", decided_by="", decided_why=""
            )
            number = session.scalar(insert.on_conflict_do_nothing().returning(ObjectionRow.id))
            row = session.get(ObjectionRow, number) if number else None
            return _objection(row) if row else None

    def objection(self, number: int) -> Objection | None:
        with self._sessions() as session:
            row = session.get(ObjectionRow, number)
            return _objection(row) if row else None

    def objections(self, status: str = "", person: str = "") -> list[Objection]:
        """Oldest first: who waits longest comes first."""
        query = select(ObjectionRow).order_by(ObjectionRow.id)
        if status:
            query = query.where(ObjectionRow.status == status)
        if person:
            query = query.where(ObjectionRow.person == person)
        with self._sessions() as session:
            return [_objection(row) for row in session.scalars(query.limit(500))]

    def decide_objection(self, number: int, status: str, by: str, why: str, at: datetime) -> Objection | None:
        with self._sessions.begin() as session:
            row = _decided(session, ObjectionRow, number, "open", status, by, why, at)
            return _objection(row) if row else None

    def by_rule(self, first: date, last: date) -> dict[str, dict[str, int]]:
        """Person → rule ("" for corrections by hand) → points that count for these days."""
        query = (
            select(EntryRow.person, EntryRow.rule, func.sum(EntryRow.points))
            .where(EntryRow.day >= first, EntryRow.day <= last)
            .group_by(EntryRow.person, EntryRow.rule)
        )
        sums: dict[str, dict[str, int]] = {}
        with self._sessions() as session:
            for person, rule, points in session.execute(query):
                sums.setdefault(person, {})[rule] = int(points)
        return sums

    def differing(self) -> list[str]:
        """People whose running totals are not the sum of their entries; none, as long as nobody writes around us."""
        query = select(EntryRow.person, func.sum(EntryRow.points), func.count()).group_by(EntryRow.person)
        months = select(MonthRow.person, func.sum(MonthRow.points)).group_by(MonthRow.person)
        with self._sessions() as session:
            sums = {person: (int(points), int(count)) for person, points, count in session.execute(query)}
            by_month = {person: int(points) for person, points in session.execute(months)}
            totals = {row.person: (int(row.points), row.entries) for row in session.scalars(select(TotalRow))}
        names = sums.keys() | totals.keys() | by_month.keys()
        return sorted(
            name
            for name in names
            if sums.get(name, (0, 0)) != totals.get(name, (0, 0))
            or sums.get(name, (0, 0))[0] != by_month.get(name, 0)
        )


def _insert(session: Session, table: type[Base]) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _lock(session: Session, person: str) -> None:
    """The first write of the transaction: on PostgreSQL it locks the person's row, on SQLite the file."""
    insert = _insert(session, TotalRow).values(person=person, points=0, entries=0)
    session.execute(
        insert.on_conflict_do_update(index_elements=["person"], set_={"entries": TotalRow.entries})
    )


def _history(session: Session, person: str, wanted: Wanted) -> list[Entry]:
    near = EntryRow.day >= wanted.since
    same = EntryRow.ref == wanted.ref if wanted.ref else near
    ever = EntryRow.rule.in_(wanted.rules) if wanted.rules else near
    query = select(EntryRow).where(EntryRow.person == person, or_(near, same, ever))
    return [_entry(row) for row in session.scalars(query)]


def _write(
    session: Session, person: str, new: NewEntry, at: datetime, reverses: int | None = None
) -> Entry | None:
    """Adds an entry and its points to the totals; None, and nothing is added, when the key is known."""
    if new.points == 0:
        return None
    values: dict[str, Any] = {
        "key": new.key, "person": person, "points": new.points, "reason": new.reason[:200], "rule": new.rule,
        "edition": new.edition, "event": new.event, "ref": new.ref, "day": new.day, "at": at, "by": new.by,
        "reverses": reverses,
    }  # fmt: skip
    insert = _insert(session, EntryRow).values(**values).on_conflict_do_nothing(index_elements=["key"])
    number = session.scalar(insert.returning(EntryRow.id))
    if number is None:
        return None
    session.execute(
        update(TotalRow)
        .where(TotalRow.person == person)
        .values(points=TotalRow.points + new.points, entries=TotalRow.entries + 1)
    )
    month = _insert(session, MonthRow).values(
        month=new.day.year * 100 + new.day.month, person=person, points=new.points
    )
    session.execute(
        month.on_conflict_do_update(
            index_elements=["month", "person"], set_={"points": MonthRow.points + new.points}
        )
    )
    return Entry(id=number, **values)


def _propose(session: Session, person: str, new: NewBonus, at: datetime) -> None:
    insert = _insert(session, BonusRow).values(
        key=new.key, person=person, yuan=new.yuan, why=new.why, rule=new.rule, edition=new.edition, event=new.event,
        at=at, status="proposed", decided_by="", decided_why="",
    )  # fmt: skip
    session.execute(insert.on_conflict_do_nothing(index_elements=["key"]))


def _decided(
    session: Session, table: Any, number: int, while_: str, status: str, by: str, why: str, at: datetime
) -> Any:
    """The row once it is decided by us; two who decide at once: one does."""
    changed = session.execute(
        update(table)
        .where(table.id == number, table.status == while_)
        .values(status=status, decided_by=by, decided_why=why, decided_at=at)
        .returning(table.id)
    ).scalar()
    return session.get(table, number) if changed else None


_ENTRY = tuple(Entry.__dataclass_fields__)


def _entry(row: EntryRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in _ENTRY} | {"at": utc(row.at)})


def _told(kind: Any, row: Any) -> Any:
    values = {name: getattr(row, name) for name in kind.__dataclass_fields__}
    decided = row.decided_at
    return kind(**values | {"at": utc(row.at), "decided_at": utc(decided) if decided else None})


def _bonus(row: BonusRow) -> StoredBonus:
    told: StoredBonus = _told(StoredBonus, row)
    return told


def _objection(row: ObjectionRow) -> Objection:
    told: Objection = _told(Objection, row)
    return told
