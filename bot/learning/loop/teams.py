"""What teams know and how alert they are, topic by topic: means of many people, never of few enough to guess one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.learning.loop.model import TOPICS, Risk
from bot.learning.people.person import Person

FEWEST = 5
"""Fewer people behind a figure than these, and it is not shown: somebody could be recognised in it."""


@dataclass(frozen=True)
class Cell:
    """One team and topic: how many people, how many of them have shown anything, mean knowledge and awareness 0..1."""

    team: str
    topic: str
    people: int
    seen: int
    knowledge: float
    awareness: float

    @property
    def shown(self) -> bool:
        return self.seen >= FEWEST


def cells(people: Iterable[Person], risks: Mapping[str, Risk], at: datetime) -> list[Cell]:
    """By department, then by topic; a person of whom nothing is known counts among `people` only."""
    teams: dict[str, list[Person]] = defaultdict(list)
    for one in people:
        teams[one.department].append(one)
    return [
        _cell(team, topic, members, risks, at) for team, members in sorted(teams.items()) for topic in TOPICS
    ]


def _cell(team: str, topic: str, members: list[Person], risks: Mapping[str, Risk], at: datetime) -> Cell:
    known = [risks[one.id].of(topic) for one in members if one.id in risks]
    seen = [one for one in known if one.at is not None]
    knowledge = sum(one.knowledge(at) for one in seen) / len(seen) if seen else 0.0
    awareness = sum(one.awareness(at) for one in known) / len(known) if known else 0.0
    return Cell(team, topic, len(members), len(seen), knowledge, awareness)
