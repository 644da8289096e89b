"""What app processes share beside messages: leases, and small values that live for a while."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from bot.stores.tables import KeptRow, LeaseRow


class SharedStore:
    """Times are seconds since 1970 and handed in, so that tests need not wait."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def lease(self, name: str, holder: str, now: float, seconds: float) -> bool:
        """Whether `holder` now works at `name` alone; extends its own lease, takes one that has run out."""
        with self._sessions.begin() as session:
            row = {"name": name, "holder": holder, "until": now + seconds}
            taken = session.execute(
                _insert(session, LeaseRow)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["name"],
                    set_={"holder": holder, "until": now + seconds},
                    where=(LeaseRow.holder == holder) | (LeaseRow.until < now),
                )
                .returning(LeaseRow.name)
            )
            return taken.first() is not None

    def release(self, name: str, holder: str) -> None:
        with self._sessions.begin() as session:
            session.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder))

    def keep(self, name: str, value: dict[str, Any], until: float) -> None:
        """Write a value, over the one that was there."""
        with self._sessions.begin() as session:
            session.execute(
                _insert(session, KeptRow)
                .values(name=name, value=value, until=until)
                .on_conflict_do_update(index_elements=["name"], set_={"value": value, "until": until})
            )

    def keep_once(self, name: str, until: float, now: float) -> bool:
        """Whether nobody kept this name before: for things that may happen once."""
        with self._sessions.begin() as session:
            session.execute(delete(KeptRow).where(KeptRow.name == name, KeptRow.until < now))
            first = session.execute(
                _insert(session, KeptRow)
                .values(name=name, value={}, until=until)
                .on_conflict_do_nothing(index_elements=["name"])
                .returning(KeptRow.name)
            )
            return first.first() is not None

    def kept(self, name: str, now: float) -> dict[str, Any] | None:
        with self._sessions() as session:
            return session.scalar(select(KeptRow.value).where(KeptRow.name == name, KeptRow.until >= now))

    def forget(self, now: float) -> None:
        """Drop what has run out."""
        with self._sessions.begin() as session:
            session.execute(delete(KeptRow).where(KeptRow.until < now))
            session.execute(delete(LeaseRow).where(LeaseRow.until < now))


def _insert(session: Session, table: Any) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
