"""Certificates: how long one holds, what it is worth today, and how much of a name strangers may read."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["valid", "expired", "revoked"]
STATE_NAMES: dict[State, str] = {"valid": "有效", "expired": "已过期", "revoked": "已撤销"}
_DOUBLE = frozenset({
    "欧阳", "司马", "上官", "诸葛", "司徒", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司空",
    "东方", "南宫", "西门", "端木", "百里", "呼延",
})  # fmt: skip
"""Surnames of two characters."""


@dataclass(frozen=True)
class Certificate:
    """`name` and `title` are those of the day of issue. The last day it holds is `until`."""

    number: str
    person: str
    name: str
    curriculum: str
    title: str
    issued: date
    until: date
    enrolment: int
    revoked: date | None = None
    revoked_why: str = ""

    def state(self, today: date) -> State:
        if self.revoked is not None:
            return "revoked"
        return "expired" if today > self.until else "valid"


def number_of(day: date, code: str) -> str:
    """`code` is drawn by chance, so that nobody reads other people's certificates by counting."""
    return f"AX{day:%y%m%d}-{code}"


def holds_until(issued: date, months: int) -> date:
    """The last day: the same day of the month, or the month's last where there is none."""
    year, month = divmod(issued.year * 12 + issued.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(issued.day, last))


def masked_name(name: str) -> str:
    """The surname, and a star for each further character; of a foreign name the first letter."""
    shown = 2 if name[:2] in _DOUBLE and len(name) > 2 else 1
    return name[:shown] + "＊" * max(1, len(name) - shown)
