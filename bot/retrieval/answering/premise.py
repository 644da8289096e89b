"""Does a question take for granted what a clause contradicts: a wrong number, or leave where the clause forbids?

Used by `bot.retrieval.answering.wording`: such an answer begins with 不是, so that nobody reads it as a yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.content.numerals import chinese_to_int

_TAKES_FOR_GRANTED = re.compile(
    "吧[？?。！!]?$|吧[，,]|对吧|是吧|对不对|是不是|没错|就能|就可以|就行|就得|就停|就拉|只要|即可"
)
_NUMERAL = r"\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+"
_AMOUNT = re.compile(
    rf"(?P<before>超过|不超过|不少于|不低于|至少|提前|满|最多|不得超过|低于|不到|才|仅)?(?P<share>[百千万]分之)?"
    rf"(?P<half>半个?(?=月|年|天|小时))?(?P<number>{_NUMERAL})?\s?个?"
    r"(?P<unit>工作日|天|日|周|星期|礼拜|小时|钟头|分钟|月|年|米|元|块|倍|‰|%|％)?(?P<after>以上|以内|之内|内|以下|之前|前)?"
)
_UNITS = {"日": "天", "钟头": "小时", "块": "元", "％": "%"}
_IN_DAYS = {"周": 7, "星期": 7, "礼拜": 7}
_AT_LEAST = {"超过", "不少于", "不低于", "至少", "提前", "满", "以上"}
_AT_MOST = {"不超过", "最多", "不得超过", "低于", "以内", "之内", "内", "以下"}
_LEAVE = re.compile("可以|能|有权|允许|行|让")
_NO = re.compile("不得|不能|不准|不许|不可以|严禁|禁止|没有?[^，。；]{0,6}权|无权|不用|不要|不该")
_NEGATED = re.compile("不|没|别|莫")
_CLAUSE = re.compile("[^，。；！？：]+")


@dataclass(frozen=True)
class Amount:
    """A number with its unit; `bound` says whether the text means at least, at most or exactly that."""

    value: float
    unit: str
    bound: Literal["least", "most", "exact"]

    def admits(self, value: float) -> bool:
        if self.bound == "least":
            return value >= self.value
        return value <= self.value if self.bound == "most" else value == self.value


def amounts_in(text: str) -> list[Amount]:
    """Every number that carries a unit, however it is written: 三十日, 30天, 半个月, 千分之一, 1‰."""
    found = []
    for match in _AMOUNT.finditer(text):
        unit = {"百": "%", "千": "‰", "万": "‱"}[match["share"][0]] if match["share"] else match["unit"] or ""
        value = _value(match)
        if value is None or not unit:
            continue
        if match["half"] and unit == "月":
            value, unit = 15.0, "天"
        words = {match["before"], match["after"]}
        bound: Literal["least", "most", "exact"] = (
            "least" if words & _AT_LEAST else "most" if words & _AT_MOST else "exact"
        )
        found.append(
            Amount(value * _IN_DAYS.get(unit, 1), "天" if unit in _IN_DAYS else _UNITS.get(unit, unit), bound)
        )
    return found


def speaks_to(question: str, clause_text: str) -> bool:
    """True when `question` takes an amount for granted that `clause_text` settles, one way or the other."""
    if not _TAKES_FOR_GRANTED.search(question):
        return False
    units = {amount.unit for amount in amounts_in(clause_text)}
    return any(amount.unit in units for amount in amounts_in(question))


def contradicts(
    question: str, clause_text: str, overlap_with: Callable[[str], Callable[[str], float]]
) -> bool:
    """True when `question` asserts something that `clause_text` denies.

    `overlap_with(text)` gives a function that says how much another text has in common with `text`.
    """
    if not _TAKES_FOR_GRANTED.search(question):
        return False
    asked, ours = amounts_in(question), amounts_in(clause_text)
    comparable = [a for a in asked if any(o.unit == a.unit for o in ours)]
    if comparable:
        return not any(o.admits(a.value) for a in comparable for o in ours if o.unit == a.unit)
    return not asked and _forbids(clause_text, question, overlap_with)


def _forbids(text: str, question: str, overlap_with: Callable[[str], Callable[[str], float]]) -> bool:
    """The question presumes leave, without a negation of its own, and of what the text allows or forbids,
    the clause nearest to the act it speaks of is a prohibition."""
    leave = _LEAVE.search(question)
    if not leave or _NEGATED.search(_TAKES_FOR_GRANTED.sub("", question)):
        return False
    overlap = overlap_with(question[leave.end() :])
    clauses = [c for c in _CLAUSE.findall(text) if _NO.search(c) or _LEAVE.search(c)]
    nearest = max(clauses, key=lambda clause: (overlap(clause), bool(_NO.search(clause))), default="")
    return overlap(nearest) > 0 and bool(_NO.search(nearest))


def _value(match: re.Match[str]) -> float | None:
    if match["half"]:
        return 0.5
    number = match["number"]
    if not number:
        return None
    if number[0].isdigit():
        return float(number)
    value = chinese_to_int(number)
    return None if value is None else float(value)
