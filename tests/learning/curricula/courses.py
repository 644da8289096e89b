"""A small course with a step of every kind but drills, and events that fulfil its steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.content.curricula import Curriculum, Step
from bot.learning.curricula.enrolment import Enrolment
from bot.learning.events import Event, Kind
from tests.learning.factory import MONDAY_MORNING

LESSON = {
    "id": "see",
    "kind": "lesson",
    "title": "先亮证",
    "points": ["进门先亮证，再说来意。"],
    "cites": ["fc-show-id-at-door"],
}


def raw(**other: Any) -> dict[str, Any]:
    """A course as YAML has it."""
    value: dict[str, Any] = {
        "id": "small", "title": "小课", "about": "试一试课程怎么走。", "audience": {"posts": ["柜员"]}, "valid_months": 12,
        "reviewed_on": "2026-11-27",
        "modules": [
            {"id": "door", "title": "上门", "why": "先站稳再说话。", "due_days": 1,
             "steps": [LESSON, {"id": "dog", "kind": "case", "title": "院里的狗", "case": "safety-dog-in-yard"}]},
            {"id": "talk", "title": "说话", "why": "说得清才有人听。", "due_days": 3, "after": ["door"],
             "steps": [
                 {"id": "ask", "kind": "quiz", "title": "两道题", "topic": "client_data", "number": 2},
                 {"id": "call", "kind": "practice", "title": "打一通", "scenario": "liu-daye-first-call", "pass_mark": 60}]},
            {"id": "walk", "title": "跟班", "why": "做一遍才算会。", "due_days": 5,
             "steps": [
                 {"id": "round", "kind": "task", "title": "走一圈", "checklist": ["认得路，认得人，认得电话"]},
                 {"id": "hard", "kind": "quiz", "title": "难题", "topic": "client_data", "level": 2, "number": 1}]},
        ],
    }  # fmt: skip
    return {**value, **other}


def small(**other: Any) -> Curriculum:
    return Curriculum.model_validate(raw(**other))


def enrolled(**other: Any) -> Enrolment:
    fields: dict[str, Any] = {"began": MONDAY_MORNING.date(), "began_at": MONDAY_MORNING}
    return Enrolment(**{"id": 1, "person": "1001", "curriculum": "small", **fields, **other})


def fulfils(step: Step, ref: str, person: str, at: datetime, mark: str = "") -> list[Event]:
    """Events that do a step, as the parts that publish them write them."""
    kinds: dict[str, Kind] = {"lesson": "lesson.read", "reading": "lesson.read", "case": "case.read", "task": "task.signed",
                              "practice": "practice.finished", "drill": "drill.finished"}  # fmt: skip
    if step.kind == "quiz":
        return [
            Event(
                f"{ref}{n}{person}{mark}",
                "quiz.answered",
                person,
                at,
                str(step.topic),
                f"{ref}-{n}",
                1.0,
                {"correct": True},
            )
            for n in range(step.number)
        ]
    named = step.case or step.scenario or step.drill or ref
    return [Event(f"{ref}{person}{mark}", kinds[step.kind], person, at, "", named, 0.9)]


def all_done(course: Curriculum, person: str, at: datetime, mark: str = "") -> list[Event]:
    return [
        event
        for module in course.modules
        for step in module.steps
        for event in fulfils(step, f"{course.id}/{module.id}/{step.id}", person, at, mark)
    ]


def levels(course: Curriculum) -> dict[str, int]:
    """Items of a step have the level it asks for."""
    return {
        f"{course.id}/{module.id}/{step.id}-{n}": step.level
        for module in course.modules
        for step in module.steps
        for n in range(step.number)
    }
