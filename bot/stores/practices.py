"""Keeps role-plays: which one a conversation is in, every turn of it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.stores.tables import PracticeRow, TurnRow, now


@dataclass(frozen=True)
class StoredPractice:
    """A role-play under way: its row id, the library's state as it wrote it, and when it began."""

    id: int
    practice: dict[str, Any]
    sitting: dict[str, Any] | None
    started_at: datetime


@dataclass(frozen=True)
class FinishedPractice:
    """How an earlier role-play ended."""

    overall: int
    outcome: str


class PracticeStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def active(self, conversation: str) -> StoredPractice | None:
        """The role-play that every message belongs to now; a paused one waits aside."""
        with self._sessions() as session:
            return _stored(session.scalar(_newest(conversation, paused=False)))

    def paused(self, conversation: str) -> StoredPractice | None:
        """The role-play that was paused last."""
        with self._sessions() as session:
            return _stored(session.scalar(_newest(conversation, paused=True)))

    def start(
        self,
        conversation: str,
        persona: str,
        scenario: str | None,
        practice: dict[str, Any],
        sitting: dict[str, Any] | None = None,
    ) -> int:
        """A new role-play; another one under way in this conversation ends here without a score."""
        with self._sessions.begin() as session:
            _end_active(session, conversation)
            row = PracticeRow(
                conversation=conversation,
                persona=persona,
                scenario=scenario,
                practice=practice,
                sitting=sitting,
                active=True,
            )
            session.add(row)
            session.flush()
            return row.id

    def pause(self, practice_id: int) -> None:
        with self._sessions.begin() as session:
            session.get_one(PracticeRow, practice_id).paused = True

    def resume(self, conversation: str, practice_id: int) -> None:
        """Take a paused role-play up again; another one under way ends here without a score."""
        with self._sessions.begin() as session:
            _end_active(session, conversation)
            session.get_one(PracticeRow, practice_id).paused = False

    def save(self, practice_id: int, practice: dict[str, Any]) -> None:
        """Keep a change that is no turn (a hint was given)."""
        with self._sessions.begin() as session:
            session.get_one(PracticeRow, practice_id).practice = practice

    def turn(self, practice_id: int, message_id: str) -> dict[str, Any] | None:
        """The message this turn was answered with, if it was played before."""
        with self._sessions() as session:
            return session.scalar(
                select(TurnRow.message).where(
                    TurnRow.practice_id == practice_id, TurnRow.message_id == message_id
                )
            )

    def add_turn(
        self,
        practice_id: int,
        message_id: str,
        number: int,
        overall: int,
        record: dict[str, Any],
        practice: dict[str, Any],
        message: dict[str, Any],
    ) -> None:
        """State and turn in one transaction: after a kill there are both or neither."""
        with self._sessions.begin() as session:
            session.add(
                TurnRow(
                    practice_id=practice_id, message_id=message_id, number=number,
                    overall=overall, record=record, message=message,
                )
            )  # fmt: skip
            session.get_one(PracticeRow, practice_id).practice = practice

    def replace_last_turn(self, practice_id: int, practice: dict[str, Any]) -> None:
        """Mark the newest turn that still counts as said again, and go back to the state before it."""
        with self._sessions.begin() as session:
            row = session.scalar(
                select(TurnRow)
                .where(TurnRow.practice_id == practice_id, ~TurnRow.replaced)
                .order_by(TurnRow.id.desc())
                .limit(1)
            )
            if row is not None:
                row.replaced = True
            session.get_one(PracticeRow, practice_id).practice = practice

    def finish(
        self, practice_id: int, outcome: str, overall: int | None, card: dict[str, Any] | None
    ) -> None:
        with self._sessions.begin() as session:
            row = session.get_one(PracticeRow, practice_id)
            row.active, row.ended_at = False, now()
            row.outcome, row.overall, row.card = outcome, overall, card

    def last_card(self, conversation: str) -> dict[str, Any] | None:
        """The score card of the newest finished role-play of this conversation."""
        with self._sessions() as session:
            return session.scalar(
                select(PracticeRow.card)
                .where(PracticeRow.conversation == conversation, PracticeRow.overall.is_not(None))
                .order_by(PracticeRow.id.desc())
                .limit(1)
            )

    def earlier(self, conversation: str, persona: str, limit: int = 5) -> list[FinishedPractice]:
        """The last role-plays with this customer that have a score, oldest first."""
        with self._sessions() as session:
            rows = session.execute(
                select(PracticeRow.overall, PracticeRow.outcome)
                .where(
                    PracticeRow.conversation == conversation,
                    PracticeRow.persona == persona,
                    PracticeRow.overall.is_not(None),
                )
                .order_by(PracticeRow.id.desc())
                .limit(limit)
            ).all()
            return [FinishedPractice(int(overall or 0), str(outcome)) for overall, outcome in reversed(rows)]

    def counts(self, conversation: str) -> dict[str, int]:
        """How often each scenario has been begun in this conversation."""
        with self._sessions() as session:
            rows = session.execute(
                select(PracticeRow.scenario, func.count())
                .where(PracticeRow.conversation == conversation, PracticeRow.scenario.is_not(None))
                .group_by(PracticeRow.scenario)
            )
            return {str(scenario): count for scenario, count in rows}


def _newest(conversation: str, *, paused: bool) -> Select[PracticeRow]:
    return (
        select(PracticeRow)
        .where(PracticeRow.conversation == conversation, PracticeRow.active, PracticeRow.paused.is_(paused))
        .order_by(PracticeRow.id.desc())
        .limit(1)
    )


def _end_active(session: Session, conversation: str) -> None:
    under_way = PracticeRow.active & ~PracticeRow.paused
    for old in session.scalars(
        select(PracticeRow).where(PracticeRow.conversation == conversation, under_way)
    ):
        old.active, old.ended_at = False, now()


def _stored(row: PracticeRow | None) -> StoredPractice | None:
    if row is None:
        return None
    started = row.started_at.replace(tzinfo=row.started_at.tzinfo or UTC)  # SQLite forgets the zone
    return StoredPractice(row.id, row.practice, row.sitting, started)
