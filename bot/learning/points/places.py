"""Places in a ranking: equal points share a place, and the next place is counted on (1, 2, 2, 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEW = 5
"""A group smaller than this is named with a warning: one person moves its mean."""


@dataclass(frozen=True)
class Standing:
    """One person with points in a period."""

    person: str
    name: str
    department: str
    team: str
    post: str
    points: int


@dataclass(frozen=True)
class Place:
    place: int
    standing: Standing


@dataclass(frozen=True)
class Group:
    """A department, team or post: how many people, how many of them with points, the sum and the mean per head."""

    name: str
    people: int
    active: int
    points: int

    @property
    def mean(self) -> float:
        return self.points / self.people if self.people else 0.0

    @property
    def is_small(self) -> bool:
        return self.people < FEW


def placed(standings: Sequence[Standing]) -> list[Place]:
    """By points, most first; equal points in the order of numbers, at the same place."""
    ordered = sorted(standings, key=lambda one: (-one.points, one.person))
    places: list[Place] = []
    for index, one in enumerate(ordered, 1):
        same = bool(places) and places[-1].standing.points == one.points
        places.append(Place(places[-1].place if same else index, one))
    return places


def grouped(standings: Sequence[Standing], by: str) -> list[Group]:
    """`by` is department, team or post. By mean per head, so that a large group has no advantage."""
    members: dict[str, list[int]] = {}
    for one in standings:
        members.setdefault(getattr(one, by) or "（未填）", []).append(one.points)
    groups = [
        Group(name, len(points), sum(1 for each in points if each > 0), sum(points))
        for name, points in members.items()
    ]
    return sorted(groups, key=lambda group: (-group.mean, group.name))
