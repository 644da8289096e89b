"""Figures about hazards: by place, topic and severity, and how long they took, each with the number behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Protocol

FEW = 5
"""A median of fewer says little; it is shown with its number, and in words."""


class Known(Protocol):
    @property
    def place(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def confirmed_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Line:
    """One group: how many were reported, are real, are still open, are closed, and the median hours to the end."""

    name: str
    reported: int
    real: int
    open: int
    closed: int
    median_hours: float | None

    @property
    def is_few(self) -> bool:
        return 0 < self.closed < FEW


def counted(hazards: Iterable[Known], by: Callable[[Known], str]) -> list[Line]:
    """Most reported first. Those that are the same as another one count once, as the other one."""
    groups: dict[str, list[Known]] = {}
    for one in hazards:
        if one.status != "same":
            groups.setdefault(by(one), []).append(one)
    lines = [line(name, ones) for name, ones in groups.items()]
    return sorted(lines, key=lambda one: (-one.reported, one.name))


def line(name: str, ones: Sequence[Known]) -> Line:
    states = Counter(one.status for one in ones)
    real = sum(1 for one in ones if one.confirmed_at and one.status != "declined")
    open_ = len(ones) - states["closed"] - states["declined"]
    return Line(name, len(ones), real, open_, states["closed"], hours_to_fix(ones))


def hours_to_fix(ones: Iterable[Known]) -> float | None:
    """The median from report to the passed check, of those that are closed; None for none."""
    hours = [
        (one.closed_at - one.at).total_seconds() / 3600
        for one in ones
        if one.status == "closed" and one.closed_at is not None
    ]
    return median(hours) if hours else None


def in_words(hours: float | None) -> str:
    if hours is None:
        return "—"
    return (
        f"{hours * 60:.0f} 分钟"
        if hours < 1
        else f"{hours:.1f} 小时"
        if hours < 48
        else f"{hours / 24:.1f} 天"
    )
