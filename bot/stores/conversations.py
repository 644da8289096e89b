"""Keeps what was said: one row a message, answered once, however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.stores.tables import ExchangeRow, UnansweredRow


class ConversationStore:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def open(self, conversation: str, message_id: str, text: str) -> dict[str, Any] | None:
        """Remember the message; return the stored answer if this message was answered before."""
        with self._sessions.begin() as session:
            row: ExchangeRow | None = session.scalar(_by_id(conversation, message_id))
            if row is None:
                session.add(ExchangeRow(conversation=conversation, message_id=message_id, text=text))
                return None
            return row.answer

    def answer(self, conversation: str, message_id: str, answer: dict[str, Any]) -> None:
        with self._sessions.begin() as session:
            row = session.scalars(_by_id(conversation, message_id)).one()
            row.answer = answer

    def history(self, conversation: str, before: int | None = None, limit: int = 50) -> Sequence[ExchangeRow]:
        """The last `limit` exchanges before row `before`, oldest first."""
        query = select(ExchangeRow).where(ExchangeRow.conversation == conversation)
        if before is not None:
            query = query.where(ExchangeRow.id < before)
        with self._sessions() as session:
            return list(reversed(session.scalars(query.order_by(ExchangeRow.id.desc()).limit(limit)).all()))

    def recent(self, conversation: str, since: datetime, limit: int) -> list[dict[str, Any]]:
        """The answers to the last `limit` messages since then, oldest first; a message still being answered has none."""
        query = (
            select(ExchangeRow)
            .where(ExchangeRow.conversation == conversation, ExchangeRow.created_at >= since)
            .order_by(ExchangeRow.id.desc())
            .limit(limit + 1)
        )
        with self._sessions() as session:
            answers = [row.answer for row in session.scalars(query) if row.answer][:limit]
        return answers[::-1]

    def count(self, conversation: str) -> int:
        with self._sessions() as session:
            return (
                session.scalar(
                    select(func.count())
                    .select_from(ExchangeRow)
                    .where(ExchangeRow.conversation == conversation)
                )
                or 0
            )

    def add_unanswered(self, question: str, confidence: float) -> None:
        with self._sessions.begin() as session:
            session.add(UnansweredRow(question=question, confidence=confidence))

    def ping(self) -> None:
        """Raises when the database does not answer."""
        with self._sessions() as session:
            session.execute(select(1))


def _by_id(conversation: str, message_id: str) -> Any:
    return select(ExchangeRow).where(
        ExchangeRow.conversation == conversation, ExchangeRow.message_id == message_id
    )
