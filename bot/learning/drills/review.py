"""The review at the end, in the style of an after-action report: what was meant, what happened, why, what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.content.drills import Check, Drill
from bot.learning.drills.record import BOT, Entry, situation


@dataclass(frozen=True)
class Finding:
    """One check, whether it was met, and the line of the record that shows it; "" where there is none."""

    check: Check
    met: bool
    evidence: str
    by_bot: bool = False


@dataclass(frozen=True)
class Review:
    """`score` 0..100 counts what people did; what only the bot did for a role nobody played counts for nobody."""

    drill: str
    score: int
    findings: tuple[Finding, ...]
    minutes: int
    gauges: tuple[tuple[str, int, int, str], ...]
    """(name, at the beginning, at the end, unit)"""


def review(drill: Drill, record: Sequence[Entry]) -> Review:
    now = situation(drill, record)
    findings = tuple(_finding(check, record) for check in drill.checks)
    counted = [one for one in findings if not one.by_bot] or list(findings)
    total = sum(one.check.weight for one in counted)
    met = sum(one.check.weight for one in counted if one.met)
    gauges = tuple((one.name, one.start, now.gauges[one.id], one.unit) for one in drill.gauges)
    return Review(drill.id, round(100 * met / total) if total else 0, findings, now.minute, gauges)


def _finding(check: Check, record: Sequence[Entry]) -> Finding:
    broken = next((one for one in record if one.kind == "decide" and one.ref in check.never), None)
    if broken is not None:
        return Finding(check, False, line_of(broken), broken.who == BOT)
    if not check.done:
        return Finding(check, True, "记录里没有出现过")
    done = next((one for one in record if one.kind == "decide" and one.ref in check.done), None)
    if done is None:
        return Finding(check, False, "")
    in_time = check.within is None or done.minute <= check.within
    return Finding(check, in_time, line_of(done), done.who == BOT)


def line_of(entry: Entry) -> str:
    """`00:35 信息 周敏：停掉对外接口`."""
    who = f"{entry.role} {entry.who}".strip() if entry.role else entry.who
    return f"{clock(entry.minute)} {who}{'：' + entry.text if entry.text else ''}".strip()


def clock(minute: int) -> str:
    """Drill time since the beginning, as hours and minutes."""
    return f"{minute // 60:02}:{minute % 60:02}"
