"""Demonstration data: a small power company and two months of what its people did, so that every page has something to show.

`anxun demo seed` writes it through the learning system's own doors, with a clock that runs from eight weeks ago to now.
The people are invented; their numbers begin with `demo-`, so that they are told from real ones at a glance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bot.content.loader import load_knowledge
from bot.desks.building import Learning, open_learning
from bot.errors import BadInput
from bot.learning.events import Event
from bot.learning.loop.model import TOPICS
from bot.learning.loop.weights import exposure
from bot.learning.people.person import Person
from bot.settings import Settings

WEEKS = 8
DRILL_WEEK, DRILL_TEAM = 4, "收费"
DRILL = "arrears-video-viral"
SEED = 20261127
_SURNAMES = "周陈李王刘杨黄赵吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶"
_NAMES = (
    "敏",
    "立",
    "小燕",
    "国强",
    "静",
    "海波",
    "丽娟",
    "志远",
    "桂芳",
    "建军",
    "雨晴",
    "文博",
    "秀英",
    "大勇",
    "思琪",
    "永红",
)
_TEAMS = (
    ("抄表", "抄表员", 9), ("收费", "催收员", 9), ("营业厅", "柜员", 8), ("客服", "坐席", 8), ("信息", "信息运维", 6), ("法务", "法务专责", 5),
)  # fmt: skip


@dataclass(frozen=True)
class Seeded:
    """How much was written, and the code by which each of the four to play with is bound: (person, code)."""

    people: int
    events: int
    codes: list[tuple[Person, str]]


def seed_from_settings(settings: Settings) -> Seeded:
    """Into the database the settings name."""
    knowledge, learning = load_knowledge(settings.knowledge), open_learning(settings)
    return seed(learning, list(knowledge.scenarios), DRILL, learning.clock())


def seed(learning: Learning, scenarios: Sequence[str], drill: str, now: datetime) -> Seeded:
    """Everything, once, with calls of these scenarios and a drill; raises BadInput where people with other numbers are, as this would mix with their records."""
    others = [one.id for one in learning.staff.all(with_left=True) if not one.id.startswith("demo-")]
    if others:
        raise BadInput(
            f"这里已经有 {len(others)} 位真实人员，不往里面掺演示数据。", "换一个空的 ANXUN_DATA_DIR 再试。"
        )
    people = list(staff(now))
    learning.staff.save(people)
    events = 0
    for week in range(WEEKS):
        begins = now - timedelta(weeks=WEEKS - week)
        for event in sorted(week_of(people, scenarios, drill, begins, week), key=lambda one: one.at):
            events += learning.records.publish(event)
        learning.loop.snapshot(people, min(now, begins + timedelta(days=7)))
    learning.loop.plan_day(people, now)
    return Seeded(len(people), events, [(one, learning.staff.new_code(one.id, now)) for one in people[:4]])


def staff(now: datetime) -> Iterator[Person]:
    """A newcomer, their mentor, a manager and an administrator first; then teams, each led by the manager."""
    today, rng = now.date(), Random(SEED)  # noqa: S311  invented people
    mentor, manager = "demo-0002", "demo-0003"
    yield Person(
        "demo-0001", "周敏", "收费", "催收员", today - timedelta(days=1), "staff", mentor, manager, "城东班"
    )
    yield Person(
        "demo-0002",
        "刘建国",
        "收费",
        "催收员",
        today - timedelta(days=4000),
        "trainer",
        "",
        manager,
        "城东班",
    )
    yield Person("demo-0003", "陈立", "收费", "班长", today - timedelta(days=5000), "manager")
    yield Person("demo-0004", "何静", "信息", "系统管理员", today - timedelta(days=2500), "admin")
    number = 5
    for department, post, size in _TEAMS:
        for _ in range(size):
            name = rng.choice(_SURNAMES) + rng.choice(_NAMES)
            joined = today - timedelta(days=rng.randrange(40, 5000))
            team = rng.choice(("城东班", "城西班"))
            yield Person(f"demo-{number:04}", name, department, post, joined, "staff", mentor, manager, team)
            number += 1


def week_of(
    people: Sequence[Person], scenarios: Sequence[str], drill: str, begins: datetime, week: int
) -> Iterator[Event]:
    """One week of answers, calls, questions and hazards. The collectors' drill in the fifth week shows afterwards."""
    for one in people[1:]:
        rng = Random(f"{SEED}-{one.id}-{week}")  # noqa: S311
        steady = Random(f"{SEED}-{one.id}")  # noqa: S311
        level, keen = steady.uniform(0.4, 0.75), steady.uniform(0.3, 1.0)
        drilled = one.department == DRILL_TEAM and week > DRILL_WEEK
        weights = exposure(one.post, one.department, TOPICS)
        for n in range(round(8 * keen)):
            topic = rng.choices(TOPICS, [weights[topic] for topic in TOPICS])[0]
            chance = min(0.95, level + 0.02 * week + (0.12 if drilled else 0))
            at = begins + timedelta(days=rng.uniform(0, 6.9))
            yield _event(one, f"q{week}-{n}", "quiz.answered", at, topic, float(rng.random() < chance))
        if rng.random() < keen:
            lines = ["illegal_cutoff"] if rng.random() < 0.2 - 0.1 * drilled else []
            value = min(1.0, max(0.05, rng.gauss(level + 0.03 * week - 0.3 * bool(lines), 0.1)))
            at = begins + timedelta(days=rng.uniform(0, 6.9))
            yield _event(
                one,
                f"p{week}",
                "practice.finished",
                at,
                "fee_collection",
                value,
                rng.choice(scenarios),
                {"redlines": lines},
            )
        if rng.random() < 0.3 * keen:
            at = begins + timedelta(days=rng.uniform(0, 6.9))
            yield _event(one, f"a{week}", "question.asked", at, rng.choice(TOPICS), 1.0)
        if week == DRILL_WEEK and one.department == DRILL_TEAM:
            at = begins + timedelta(days=2)
            yield _event(one, "drill", "drill.finished", at, "fee_collection", rng.uniform(0.6, 0.95), drill)


def _event(
    one: Person,
    key: str,
    kind: str,
    at: datetime,
    topic: str,
    value: float,
    ref: str = "",
    details: dict[str, object] | None = None,
) -> Event:
    return Event(f"demo:{one.id}:{key}", kind, one.id, at, topic, ref, value, details or {})
