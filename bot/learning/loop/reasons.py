"""Why this lesson: one plain sentence, made of what the person did and of nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.content.models import TOPIC_NAMES
from bot.learning.clock import day_of
from bot.learning.loop.lessons import Choice
from bot.learning.loop.model import PASSED, Known, Risk, Sign

SKILL_NAMES = {
    "skill:respect": "尊重人",
    "skill:empathy": "接住情绪",
    "skill:listening": "听清楚",
    "skill:accuracy": "说准",
    "skill:solution": "给办法",
    "skill:steadiness": "稳住自己",
    "skill:closing": "收好口",
}
_FAILED = {
    "quiz.answered": "有题没答对",
    "practice.finished": "那通电话没谈好",
    "drill.finished": "演练里漏了一步",
    "practice.turn": "对客户那句没说好",
}
LONG_AGO_DAYS = 10
SURE_ENOUGH = 0.32
"""Above it we have seen too little to say anything about this person."""


def reason(risk: Risk, choice: Choice, at: datetime, zone: ZoneInfo) -> str:
    """One sentence without a full stop at the end of its clauses: what was seen, then what to do and how long it takes."""
    known = risk.of(choice.subject)
    about = SKILL_NAMES.get(choice.subject) or TOPIC_NAMES.get(choice.subject, "")
    minutes = f"约 {round(choice.candidate.takes)} 分钟"
    return f"{_seen(known, about, at, zone)}，{_todo(choice)}，{minutes}。"


def _todo(choice: Choice) -> str:
    todo = {
        "quiz": "做几道题找回来",
        "case": "先看一个真事一样的案例",
        "lesson": "把这一课看完",
        "practice": "找个客户练一通",
        "drill": "推演一遍",
        "checklist": "出门前查一查",
    }[choice.candidate.kind]
    return f"课程里也快到期了，{todo}" if choice.candidate.due and choice.candidate.kind == "lesson" else todo


def _seen(known: Known, about: str, at: datetime, zone: ZoneInfo) -> str:
    failed = [sign for sign in known.signs if sign.value < PASSED and sign.kind in _FAILED]
    if failed:
        return f"{_failures(failed, about, at, zone)}"
    if known.at is None or known.uncertainty(at) > SURE_ENOUGH:
        return f"“{about}”这块还没怎么见您练过"
    days = _days_ago(known.at, at, zone)
    if days >= LONG_AGO_DAYS:
        return f"“{about}”上回答得不错，可已经 {days} 天没碰，开始忘了"
    return f"“{about}”您的岗位天天碰到，趁热再巩固一下"


def _failures(failed: list[Sign], about: str, at: datetime, zone: ZoneInfo) -> str:
    """The newest kind of failure with its number, and one of another kind beside it."""
    newest = failed[-1]
    same = [sign for sign in failed if sign.kind == newest.kind]
    other = next((sign for sign in reversed(failed) if sign.kind != newest.kind), None)
    what = _FAILED[newest.kind]
    if newest.kind == "quiz.answered" and len(same) > 1:
        what = f"有 {len(same)} 道题没答对"
    more = f"，{_when(other.at, at, zone)}{_FAILED[other.kind]}" if other else ""
    return f"{_when(newest.at, at, zone)}“{about}”{what}{more}"


def _when(then: float, at: datetime, zone: ZoneInfo) -> str:
    days = _days_ago(then, at, zone)
    names = {0: "今天", 1: "昨天", 2: "前天"}
    if days in names:
        return names[days]
    return "这一周里" if days < 7 else "上周" if days < 14 else f"{days} 天前"


def _days_ago(then: float, at: datetime, zone: ZoneInfo) -> int:
    """Days by the calendar on the wall: what was last night is yesterday's."""
    return max(0, (day_of(at, zone) - day_of(datetime.fromtimestamp(then, UTC), zone)).days)
