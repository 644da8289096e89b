"""The day or the stretch of days a question speaks of: 2023年的时候, 2025年3月5日, 今年1月1日以前, 去年.

Read by `bot.retrieval.answering.versions`, which asks what was in force then.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.content.numerals import chinese_to_int

_YEARS_BACK = {"今年": 0, "去年": 1, "前年": 2}
_SPOKEN = "[零〇一二三四五六七八九十]"
_DAY = re.compile(
    rf"(?:(?P<year>(?:19|20)\d\d|[一二][零〇九]{_SPOKEN}{{2}})年(?!版|修订|修正|印发)|(?P<back>今年|去年|前年))"
    rf"(?:底|初)?(?:的?(?P<month>\d{{1,2}}|{_SPOKEN}{{1,2}})月(?:份)?(?:(?P<day>\d{{1,2}}|{_SPOKEN}{{1,3}})[日号])?)?"
    r"(?P<before>以前|之前|前)?"
)


@dataclass(frozen=True)
class Stretch:
    """From the first day to the last; `said` is how the question put it. `open` means: or any day before."""

    first: date
    last: date
    said: str
    open: bool = False

    def without(self, question: str) -> str:
        """The question with the time left out: what it is about."""
        return re.sub(f"{re.escape(self.said)}(?:的?时候|那会儿?|那时候?)?", "", question, count=1)


def day_in(question: str, today: date) -> Stretch | None:
    """The first day or stretch named with its year; None when there is none, or none that the calendar knows."""
    match = _DAY.search(question)
    if not match:
        return None
    year = today.year - _YEARS_BACK[match["back"]] if match["back"] else _int(match["year"])
    try:
        stretch = _stretch(year, match["month"], match["day"], match.group())
    except ValueError:
        return None
    if not match["before"]:
        return stretch
    eve = stretch.first - timedelta(days=1)
    return Stretch(eve, eve, match.group(), open=True)


def _stretch(year: int, month: str | None, day: str | None, said: str) -> Stretch:
    if month is None:
        return Stretch(date(year, 1, 1), date(year, 12, 31), said)
    number = _int(month)
    if day is not None:
        only = date(year, number, _int(day))
        return Stretch(only, only, said)
    first = date(year, number, 1)
    return Stretch(first, first.replace(day=calendar.monthrange(year, number)[1]), said)


def _int(number: str) -> int:
    return int(number) if number.isdigit() else chinese_to_int(number) or 0
