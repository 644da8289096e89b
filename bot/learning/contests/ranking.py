"""Who stands where: by points, then by overtime; those who are level share a place, and the next places stay empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.learning.contests.plan import Plan
from bot.learning.contests.state import Player, State


@dataclass(frozen=True)
class Place:
    """`people` is how many played under this name: one, or a team's members."""

    rank: int
    contestant: str
    name: str
    score: int
    people: int


def contestant_of(plan: Plan, player: Player) -> str:
    return player.team if plan.is_team else player.id


def contestants(plan: Plan, state: State) -> Mapping[str, str]:
    """Name by contestant: teams in the script's order, or players in the order in which they came."""
    if plan.is_team:
        return {team: team for team in plan.teams}
    return {one.id: one.name for one in state.players.values()}


def ranking(plan: Plan, state: State) -> list[Place]:
    """Everybody who takes part, best first; of a contest of teams the teams that have members."""
    people: dict[str, int] = {}
    for player in state.players.values():
        who = contestant_of(plan, player)
        people[who] = people.get(who, 0) + 1
    names = {who: name for who, name in contestants(plan, state).items() if who in people}
    standing = {who: (state.of(who), state.ties.get(who, 0)) for who in names}
    ordered = sorted(names, key=lambda who: (-standing[who][0], -standing[who][1]))
    places: list[Place] = []
    for number, who in enumerate(ordered, 1):
        level = places and standing[places[-1].contestant] == standing[who]
        rank = places[-1].rank if level else number
        places.append(Place(rank, who, names[who], standing[who][0], people[who]))
    return places


def level_at_the_top(plan: Plan, state: State) -> tuple[str, ...]:
    """Who shares the first place; () where one stands there alone."""
    first = [one.contestant for one in ranking(plan, state) if one.rank == 1]
    return tuple(first) if len(first) > 1 else ()
