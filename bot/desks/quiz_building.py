"""Builds the quiz desk: items from knowledge/, the tone judge for replies, citations from cards."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.content.loader import Knowledge
from bot.desks.quiz import Priorities, QuizDesk
from bot.desks.quiz_showing import Cite
from bot.desks.records import Records
from bot.learning.quizzes.grading import ReplyJudge, Verdict
from bot.messages import Citation
from bot.retrieval.answering.citing import citation
from bot.scoring import Tone
from bot.stores.database import Sessions
from bot.stores.learning.quizzes import QuizStore


def build_quizzes(
    knowledge: Knowledge,
    sessions: Sessions,
    records: Records,
    tone: Tone,
    priorities: Priorities,
    zone: ZoneInfo,
) -> QuizDesk:
    store = QuizStore(sessions)
    return QuizDesk(knowledge.quizzes, store, records, judge_of(tone), cite_of(knowledge), priorities, zone)


def judge_of(tone: Tone) -> ReplyJudge:
    """A reply is scored as `anxun score` scores it."""

    def judge(customer: str, reply: str, facts: Mapping[str, object]) -> Verdict:
        said = tone.score({"customer": customer, "reply": reply, "facts": dict(facts)})
        return Verdict(int(said["overall"]), int(said["band"]), tuple(said["redlines"]), str(said["advice"]))

    return judge


def cite_of(knowledge: Knowledge) -> Cite:
    def cite(source: str) -> Citation | None:
        found = knowledge.cards.get(source) or knowledge.cases.get(source) or knowledge.faqs.get(source)
        return citation(found) if found else None

    return cite
