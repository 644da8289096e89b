"""What an answer earns or costs, and what follows: the floor opens again, or the answer is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.content.contests import STAKES
from bot.learning.contests.moment import Moment
from bot.learning.contests.plan import PlannedRound
from bot.learning.contests.state import Given

LEAST_STAKE = min(STAKES)


def judge(moment: Moment, right: bool, by: str, **key: str) -> None:
    """Rules on the one whose turn it is."""
    state, part = moment.state, _part(moment)
    who = state.turn
    worth = worth_of(part, state.stakes.get(who, LEAST_STAKE))
    tie = (1 if right else -1) if moment.is_overtime else 0
    player = state.player or next((one for one, given in state.given.items() if given.contestant == who), "")
    points = worth[0] if right else worth[1]
    moment.add(
        "judged", by, contestant=who, player=player, right=right, points=points, worth=list(worth), tie=tie, **key
    )  # fmt: skip
    if not right and _opens_again(moment, part):
        moment.add("opened", seconds=part.buzz_seconds)
    else:
        moment.add("shown", results={})


def worth_of(part: PlannedRound, stake: int) -> tuple[int, int]:
    """(right, wrong) in points."""
    if part.kind == "risk":
        return stake, -stake
    return (0, 0) if part.kind == "overtime" else (part.points, -part.wrong)


def _opens_again(moment: Moment, part: PlannedRound) -> bool:
    """In overtime it opens while two or more are left to decide between; in a group chat anybody may still join in."""
    left = {moment.contestant(one) for one in moment.present()}
    left = {one for one in left if moment.may_press(one)}
    if part.kind == "overtime":
        return len(left) > 1
    others = bool(left) or moment.plan.in_chat
    return part.kind == "buzzer" and part.reopens and moment.state.tries < part.tries and others


def show(moment: Moment, **key: str) -> None:
    """Closes a question that everybody answered, with what each of them gets."""
    moment.add("shown", results=dict(_results(moment)), **key)


def _results(moment: Moment) -> Iterable[tuple[str, dict[str, Any]]]:
    part, state = _part(moment), moment.state
    members: dict[str, list[Given | None]] = {}
    for player in state.players.values():
        given = state.given.get(player.id)
        if player.present or given:
            members.setdefault(moment.contestant(player), []).append(given)
    for who, all_given in members.items():
        yield who, (
            _team_result(part, all_given) if moment.plan.is_team else _own_result(moment, part, who, all_given[0])
        )  # fmt: skip


def _own_result(moment: Moment, part: PlannedRound, who: str, given: Given | None) -> dict[str, Any]:
    """Who says nothing wins and loses nothing, unless something was staked."""
    stake = moment.state.stakes.get(who)
    worth = worth_of(part, stake or LEAST_STAKE)
    right = bool(given and given.right)
    silent = given is None and (part.kind != "risk" or stake is None)
    points = 0 if silent else worth[0] if right else worth[1]
    return {"points": points, "right": right, "worth": list(worth), "answered": given is not None}


def _team_result(part: PlannedRound, all_given: list[Given | None]) -> dict[str, Any]:
    """A team gets the share of its members who were right, so that everybody counts."""
    people = len(all_given)
    rights = sum(bool(one and one.right) for one in all_given)
    wrongs = sum(bool(one and not one.right) for one in all_given)
    points = _half_up(part.points * rights, people) - _half_up(part.wrong * wrongs, people)
    worth = [part.points, -part.wrong]
    return {"points": points, "right": rights == people, "worth": worth, "rights": rights, "people": people}


def _half_up(share: int, of: int) -> int:
    return (2 * share + of) // (2 * of)


def _part(moment: Moment) -> PlannedRound:
    part = moment.part
    assert part is not None  # noqa: S101  nobody is judged before a round has begun
    return part
