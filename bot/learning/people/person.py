"""A member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Role = Literal["staff", "trainer", "manager", "admin"]
ROLE_NAMES: dict[Role, str] = {"staff": "员工", "trainer": "培训师", "manager": "主管", "admin": "管理员"}


@dataclass(frozen=True)
class Person:
    """`id` is the firm's own number (工号). `trainer` and `manager` are ids of other people, "" for nobody."""

    id: str
    name: str
    department: str
    post: str
    joined: date
    role: Role = "staff"
    trainer: str = ""
    manager: str = ""
    team: str = ""
    left: date | None = None

    def may(self, *roles: Role) -> bool:
        """Whether one of these roles, or an administrator's, is theirs."""
        return self.role == "admin" or self.role in roles
