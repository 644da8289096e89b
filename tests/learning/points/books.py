"""A small rule book for tests, with every kind of condition and cap in it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bot.content.points import RuleBook
from bot.learning.points.awards import Earned

MONDAY = date(2026, 11, 30)


def book(rules: list[dict[str, Any]], **other: Any) -> RuleBook:
    fields: dict[str, Any] = {
        "id": "test-book", "title": "试用规则", "effective_from": "2026-01-01", "about": "公司规定，可改。",
        "reviewed_on": "2026-11-27",
    }  # fmt: skip
    return RuleBook.model_validate({**fields, **other, "rules": rules})


def rule(**other: Any) -> dict[str, Any]:
    return {"id": "right", "event": "quiz.answered", "reason": "答对了", "points": 2, **other}


def event(key: str = "quiz:1", day: date | int = 0, **other: Any) -> Earned:
    fields: dict[str, Any] = {"kind": "quiz.answered", "ref": "item-1", "value": 1.0}
    when = MONDAY + timedelta(days=day) if isinstance(day, int) else day
    return Earned(key=key, day=when, **{**fields, **other})
