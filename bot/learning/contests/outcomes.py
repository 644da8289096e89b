"""What each player's answers came to in the end, after all corrections: for the result sheet and for people's records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.learning.contests.moment import question_of
from bot.learning.contests.plan import Plan
from bot.learning.contests.ranking import contestant_of, ranking
from bot.learning.contests.state import Entry, Ruling, State
from bot.learning.events import Event


@dataclass(frozen=True)
class Answered:
    """One player's answer to one question. `seconds` is None where it was said aloud. Void questions are not here."""

    player: str
    question: str
    at: datetime
    given: str
    score: float
    right: bool
    seconds: float | None


def answers(plan: Plan, state: State, log: Sequence[Entry]) -> list[Answered]:
    """In the order in which they were given."""
    void = {one.question for one in state.rulings if one.void}
    last_word = {(one.player or one.contestant, one.question): one for one in _on_answers(state)}
    found: dict[tuple[str, str], Answered] = {}
    for entry in log:
        who = entry.data.get("player", "") if entry.kind == "judged" else entry.who
        key = (who, str(entry.data.get("question", "")))
        if entry.kind == "answered":
            data = entry.data
            found[key] = Answered(
                *key, entry.at, data["given"], data["score"], data["right"], data["seconds"]
            )
        elif entry.kind == "judged" and who and key not in found and not entry.data.get("by_clock"):
            right = bool(entry.data["right"])
            found[key] = Answered(*key, entry.at, "（口答）", float(right), right, None)
    return [_corrected(one, last_word.get(key)) for key, one in found.items() if key[1] not in void]


def _on_answers(state: State) -> Iterable[Ruling]:
    return (one for one in state.rulings if not one.is_foul and one.corrected)


def _corrected(one: Answered, ruling: Ruling | None) -> Answered:
    if ruling is None or ruling.right == one.right:
        return one
    return Answered(
        one.player, one.question, one.at, one.given, float(ruling.right), ruling.right, one.seconds
    )


def events_of(contest: str, plan: Plan, state: State, log: Sequence[Entry]) -> list[Event]:
    """For the record: every graded answer, and for each player the end. Their keys make a second telling harmless."""
    given = answers(plan, state, log)
    graded = [event for one in given if (event := _graded(contest, plan, one))]
    return graded + [_finished(contest, plan, state, player, given) for player in state.players]


def _graded(contest: str, plan: Plan, one: Answered) -> Event | None:
    question = question_of(plan, one.question)
    if question is None:
        return None
    details: Mapping[str, Any] = {
        "correct": one.right,
        "seconds": one.seconds,
        "predicted": None,
        "cards": list(question.cards),
        "mode": "contest",
    }
    return Event(
        f"contest:{contest}:{one.question}:{one.player}", "quiz.answered", one.player, one.at, question.topic, question.ref,
        1.0 if one.right else min(1.0, max(0.0, one.score)), details,
    )  # fmt: skip


def _finished(contest: str, plan: Plan, state: State, player: str, given: Sequence[Answered]) -> Event:
    mine = [one.right for one in given if one.player == player]
    who = contestant_of(plan, state.players[player])
    places = ranking(plan, state)
    place = next(one for one in places if one.contestant == who)
    details = {
        "rank": place.rank,
        "players": len(state.players),
        "contestants": len(places),
        "score": place.score,
        "team": state.players[player].team,
        "title": plan.title,
        "answered": len(mine),
    }
    value = sum(mine) / len(mine) if mine else 0.0
    assert state.at is not None  # noqa: S101  a contest that ended has a log
    return Event(
        f"contest:{contest}:{player}", "contest.finished", player, state.at, "", contest, value, details
    )
