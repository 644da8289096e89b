"""Whether somebody reported the same thing before. It is suggested to people and never decided for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

ALIKE = 0.5
_NUMBERS = str.maketrans("零〇一二三四五六七八九两", "001234567892")
_NOISE = re.compile(r"[^\w一-鿿]|[的了着在是有很吧呢啊]")


class Reported(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def what(self) -> str: ...
    @property
    def place(self) -> str: ...


@dataclass(frozen=True)
class Similar:
    id: int
    likeness: float


def similar(what: str, place: str, reported: Iterable[Reported], most: int = 3) -> list[Similar]:
    """Reports that sound like this one, most alike first. Places that name other numbers are other places."""
    found = [Similar(one.id, likeness(what, place, one.what, one.place)) for one in reported]
    return sorted((one for one in found if one.likeness >= ALIKE), key=lambda s: (-s.likeness, s.id))[:most]


def likeness(what: str, place: str, other_what: str, other_place: str) -> float:
    """0..1: how much of the shorter text's pairs of signs stands in the other one, the matter counted twice."""
    here, there = _pairs(place), _pairs(other_place)
    if _digits(place) != _digits(other_place):
        return 0.0
    near = _share(here, there)
    return 0.0 if near < 0.5 else (near + 2 * _share(_pairs(what), _pairs(other_what))) / 3


def _share(one: set[str], other: set[str]) -> float:
    fewer = min(len(one), len(other))
    return len(one & other) / fewer if fewer else 0.0


def _pairs(text: str) -> set[str]:
    plain = _NOISE.sub("", text.translate(_NUMBERS))
    return {plain[i : i + 2] for i in range(max(1, len(plain) - 1))} if plain else set()


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text.translate(_NUMBERS))
