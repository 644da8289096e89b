"""What screens may see. The right answer is in none of this before it is shown; only the host's view has it earlier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.learning.contests.hosting import offers, part_points
from bot.learning.contests.moment import Moment, question_of
from bot.learning.contests.plan import Grader, Plan, PlannedRound, Question
from bot.learning.contests.ranking import Place, contestant_of, level_at_the_top, ranking
from bot.learning.contests.state import Player, Ruling, State

TOP = 10
FIRST_PRESSES = 5
RULINGS_SHOWN = 300
HOW: Mapping[str, str] = {
    "single": "选一个",
    "multiple": "选几个，全对才算对",
    "judgement": "对还是错",
    "order": "按先后点",
    "fill": "写答案",
    "spoken": "开口答，主持人判",
}


def public_view(
    plan: Plan, state: State, grader: Grader, places: list[Place] | None = None
) -> dict[str, Any]:
    """What everybody sees: players, the big screen, the host. Times in milliseconds since 1970, the server's."""
    places = ranking(plan, state) if places is None else places
    question, part = question_of(plan, state.question), _part(plan, state)
    return {
        "seq": state.seq,
        "step": state.step,
        "phase": state.phase,
        "paused": state.paused,
        "cause": state.cause,
        "left": state.left,
        "deadline": _ms(state.deadline),
        "title": plan.title,
        "teams": list(plan.teams),
        "round": _round(plan, state, part) if part else None,
        "question": _question(plan, state, part, question) if question and part else None,
        "turn": _name(plan, state, state.turn),
        "player": state.players[state.player].name if state.player else "",
        "answered": len(state.given),
        "staked": len(state.stakes),
        "stake": state.stakes.get(state.turn) if state.turn else None,
        "present": sum(one.present for one in state.players.values()),
        "tied": [_name(plan, state, one) for one in state.tied] if part and part.kind == "overtime" else [],
        "level": [_name(plan, state, one) for one in level_at_the_top(plan, state)],
        "presses": [[state.players[who].name, ms] for who, ms in state.presses[:FIRST_PRESSES]],
        "shown": _shown(state, question, grader) if question and state.phase == "shown" else None,
        "ranking": [_place(one) for one in places[: max(TOP, len(plan.teams))]],
        "contestants": len(places),
        "people": len(state.players),
    }


def own_view(
    plan: Plan, state: State, player: str, grader: Grader, places: Mapping[str, Place]
) -> dict[str, Any]:
    """What one player sees beside it: their points, and what they can do now."""
    me = state.players.get(player)
    if me is None:
        return {"joined": False}
    who = contestant_of(plan, me)
    given = state.given.get(player)
    place = places.get(who)
    return {
        "joined": me.present,
        "name": me.name,
        "team": me.team,
        "score": state.of(who),
        "rank": place.rank if place else 0,
        "can": _can(plan, state, me, who, grader),
        "given": given.given if given else "",
        "out": who in state.out,
        "stake": state.stakes.get(who),
        "offers": _offers(plan, state, grader) if state.phase == "staking" else [],
        "result": _result(state, player, who) if state.phase == "shown" else None,
    }


def host_view(plan: Plan, state: State, grader: Grader) -> dict[str, Any]:
    """The right answer, the rulings that can be corrected, and who is there."""
    question = question_of(plan, state.question)
    return {
        "answer": answer_of(question, grader) if question else "",
        "explanation": question.explanation if question else "",
        "offers": _offers(plan, state, grader) if state.phase == "staking" and state.turn else [],
        "rulings": [_ruling(plan, state, one) for one in reversed(state.rulings[-RULINGS_SHOWN:])],
        "players": [
            {
                "id": one.id,
                "name": one.name,
                "team": one.team,
                "present": one.present,
                "barred": one.is_barred,
            }
            for one in state.players.values()
        ],
        "overtime": plan.rounds[-1].kind == "overtime",
    }


def answer_of(question: Question, grader: Grader) -> str:
    if question.spoken:
        return question.spoken.answer
    return grader.answer(question.item, question.order) if question.item else ""


def _part(plan: Plan, state: State) -> PlannedRound | None:
    return plan.rounds[state.round] if 0 <= state.round < len(plan.rounds) else None


def _round(plan: Plan, state: State, part: PlannedRound) -> dict[str, Any]:
    return {
        "number": state.round + 1,
        "of": len(plan.rounds),
        "kind": part.kind,
        "name": part.name,
        "title": part.title,
        "about": part.about,
        "worth": part_points(part),
        "foul": part.foul,
        "in_turn": part.in_turn,
        "seconds": part.seconds,
    }


def _question(plan: Plan, state: State, part: PlannedRound, question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "number": state.taken,
        "of": _count(plan, state, part),
        "kind": question.kind,
        "stem": question.stem,
        "options": list(question.options),
        "unit": question.item.unit if question.item else "",
        "how": HOW[question.kind],
    }


def _count(plan: Plan, state: State, part: PlannedRound) -> int:
    """How many questions the round asks."""
    if part.kind == "risk" and part.in_turn:
        return len(state.order)
    if part.in_turn:
        return len(state.order) * (len(part.questions) // len(plan.teams))
    return len(part.questions)


def _shown(state: State, question: Question, grader: Grader) -> dict[str, Any]:
    given = Counter(one.given for one in state.given.values())
    return {
        "answer": answer_of(question, grader),
        "explanation": question.explanation,
        "options": _right_options(question),
        "right": sum(one.right for one in state.given.values()),
        "answered": len(state.given),
        "given": given.most_common(6) if question.kind in ("single", "judgement", "multiple") else [],
        "void": any(one.void for one in state.rulings if one.question == question.key),
    }


def _right_options(question: Question) -> list[int]:
    """Which of the options as shown are right; [] for what has none to mark."""
    if question.item is None or question.kind not in ("single", "multiple"):
        return []
    return [n for n, place in enumerate(question.order) if question.item.options[place].correct]


def _can(plan: Plan, state: State, me: Player, who: str, grader: Grader) -> str:
    """buzz, answer, speak, stake, or wait."""
    if state.paused or not me.present:
        return "wait"
    moment = Moment(plan, state, grader, state.at) if state.at else None
    if state.phase in ("reading", "open"):
        return "buzz" if moment and moment.may_press(who) else "wait"
    if state.phase == "collecting":
        return "wait" if me.id in state.given else "answer"
    if state.phase == "answering":
        mine = me.id == state.player if state.player else who == state.turn
        question = question_of(plan, state.question)
        if not mine:
            return "late" if state.player and moment and moment.may_press(who) else "wait"
        return "speak" if question and question.item is None else "answer"
    if state.phase == "staking":
        return "stake" if who not in state.stakes and state.turn in ("", who) else "wait"
    return "wait"


def _offers(plan: Plan, state: State, grader: Grader) -> list[int]:
    return offers(Moment(plan, state, grader, state.at)) if state.at else []


def _result(state: State, player: str, who: str) -> dict[str, Any] | None:
    result = state.results.get(who)
    if result is None:
        return None
    given = state.given.get(player)
    return {
        "points": result["points"],
        "right": given.right if given else result["right"],
        "answered": bool(given),
    }


def _ruling(plan: Plan, state: State, one: Ruling) -> dict[str, Any]:
    question = question_of(plan, one.question)
    return {
        "seq": one.seq,
        "contestant": one.contestant,
        "name": _name(plan, state, one.contestant),
        "player": state.players[one.player].name if one.player in state.players else "",
        "question": one.question,
        "stem": question.stem[:40] if question else "",
        "foul": one.is_foul,
        "whole": plan.is_team and not one.player and not one.is_foul,
        "right": one.right,
        "points": one.points,
        "corrected": one.corrected,
        "void": one.void,
    }


def _name(plan: Plan, state: State, contestant: str) -> str:
    if plan.is_team or not contestant:
        return contestant
    return state.players[contestant].name if contestant in state.players else contestant


def _place(one: Place) -> dict[str, Any]:
    return {"rank": one.rank, "name": one.name, "score": one.score, "people": one.people}


def _ms(at: datetime | None) -> int | None:
    return int(at.timestamp() * 1000) if at else None
