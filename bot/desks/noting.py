"""Writes down what happens in the two doors that exist, role-play and answers, so that the next lesson knows of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from bot.desks.hall import guest
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.judgement import Judgement
from bot.learning.clock import Clock
from bot.learning.events import Event, Kind
from bot.messages import AnswerBlock, Incoming, ScoreCardBlock

PRACTISED = "fee_collection"
"""Every scenario is a call about money owed."""


class TopicOf(Protocol):
    def __call__(self, source: str) -> str:
        """The topic of a card, case or answer; "" for what has none."""
        ...


class Noting:
    """Events of role-play and questions. A guest's are kept under their account's digest."""

    def __init__(self, records: Records, staff: Staff, topic_of: TopicOf, clock: Clock) -> None:
        self._records, self._staff, self._topic_of, self._clock = records, staff, topic_of, clock

    def turn(self, said: Incoming, practice: int, judgement: Judgement) -> None:
        """One reply to a customer, as it was judged."""
        details = {
            "dimensions": dict(judgement.dimensions),
            "redlines": list(judgement.redlines),
            "band": judgement.band,
        }
        key = f"turn:{practice}:{said.message_id}"
        self._note("practice.turn", key, said, PRACTISED, str(practice), judgement.overall / 100, details)

    def call_ended(
        self, said: Incoming, practice: int, scenario: str, persona: str, card: ScoreCardBlock
    ) -> None:
        """A call with a score. `scenario` is "" for one that was met in a warm-up."""
        details = {
            "persona": persona,
            "outcome": card.outcome,
            "redlines": [one.code for one in card.redlines],
            "groups": {group.name: group.score for group in card.groups},
            "turns": card.turns,
        }
        key = f"practice:{practice}"
        self._note(
            "practice.finished", key, said, PRACTISED, scenario or persona, card.overall / 100, details
        )

    def asked(self, said: Incoming, block: AnswerBlock) -> None:
        """A question and what answered it; of one that nothing answers, only that there was one."""
        if block.answered and block.citations:
            source = block.citations[0].id
            self._note("question.asked", f"asked:{_own(said)}", said, self._topic_of(source), source, 1.0, {})
        elif not block.answered and not block.choices:
            self._note("question.unanswered", f"asked:{_own(said)}", said, "", "", 0.0, {})

    def _note(
        self,
        kind: Kind,
        key: str,
        said: Incoming,
        topic: str,
        ref: str,
        value: float,
        details: dict[str, Any],
    ) -> None:
        account = said.account or said.conversation
        person = self._staff.person_of(account)
        learner = person.id if person else guest(account)
        at: datetime = self._clock()
        self._records.publish(Event(key, kind, learner, at, topic, ref, value, details))


def _own(said: Incoming) -> str:
    """A message id is unique within its conversation only."""
    return f"{said.conversation}:{said.message_id}"
