"""Points in chat: 我的积分, 积分明细, 积分排名, 积分规则, 申诉; and what trainers and managers decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.desks import points_words as words
from bot.desks.desk import Reply, Visit
from bot.desks.points_office import PointsOffice
from bot.errors import BadInput
from bot.learning.people.person import Person
from bot.messages import Message, say

MINE = frozenset({"我的积分", "积分", "查积分", "我有多少积分"})
DETAILS = frozenset({"积分明细", "我的积分明细", "积分记录"})
RULES = frozenset({"积分规则", "怎么得分", "怎么得积分", "积分怎么算"})
RANKING = re.compile(r"^积分(?:排名|排行榜?|榜)\s*(?P<span>本月|上月|本季度|今年|累计)?$")
TODO = frozenset({"申诉待办", "待裁定"})
BONUSES = frozenset({"奖金建议", "奖金待批"})
_OBJECT = re.compile(
    r"^申诉\s*(?:[#＃]?\s*(?P<number>\d{1,9})\s*号?|(?P<missing>漏记|没记))?[\s，,：:]*(?P<why>.*)$", re.S
)
_DECIDE = re.compile(
    r"^裁定\s*(?P<number>\d{1,9})\s*号?[\s，,：:]*(?:(?P<no>不成立)|(?P<back>冲回)|补\s*(?P<points>\d{1,4})\s*分?)[\s，,：:]*(?P<why>.*)$",
    re.S,
)
_BONUS = re.compile(
    r"^奖金\s*(?P<number>\d{1,9})\s*号?[\s，,：:]*(?P<no>不)?同意[\s，,：:]*(?P<why>.*)$", re.S
)
_SPANS = {"本月": "month", "上月": "last", "本季度": "quarter", "今年": "year", "累计": "ever"}
SHOWN = 10


class PointsDesk:
    name = "points"
    together: re.Pattern[str] | None = None

    def __init__(self, office: PointsOffice) -> None:
        self._office = office

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if text in MINE | DETAILS | RULES | TODO | BONUSES or RANKING.match(text):
            return True
        if _DECIDE.match(text) or _BONUS.match(text):
            return True
        objects = _OBJECT.match(text)
        return bool(objects and (objects["number"] or objects["missing"] or text == "申诉"))

    def receive(self, visit: Visit) -> Reply:
        text = visit.said.text.strip()
        if text in RULES:
            return Reply(words.rules(self._office.book()))
        if visit.person is None:
            return Reply(say(words.UNBOUND, "notice"))
        try:
            return Reply(self._answer(visit.person, text, visit))
        except BadInput as error:
            return Reply(say(f"{error.message}{error.remedy}", "notice"))

    def _answer(self, person: Person, text: str, visit: Visit) -> Message:
        if text in DETAILS:
            return words.statement(*self._entries(person, SHOWN))
        if match := RANKING.match(text):
            return self._ranking(person, match["span"] or "本月")
        if text in TODO:
            return words.objections(self._to_decide(person), self._names(person))
        if text in BONUSES:
            return words.bonuses(self._to_approve(person), self._names(person))
        if match := _DECIDE.match(text):
            return self._decide(person, match, visit)
        if match := _BONUS.match(text):
            decided = self._office.decide_bonus(
                int(match["number"]), person, not match["no"], match["why"], visit.at
            )
            return say(f"{decided.id} 号记下了：{words.STATUS[decided.status]}。本人会收到消息。")
        if (match := _OBJECT.match(text)) and text not in MINE:
            return self._object(person, match, visit)
        entries, taken_back = self._entries(person, 5)
        return words.mine(self._office.own(person), entries, taken_back, person.department)

    def _entries(self, person: Person, limit: int) -> tuple[list[Any], dict[int, int]]:
        entries = self._office.store.statement(person.id, limit)
        return entries, self._office.store.reversed_among([one.id for one in entries])

    def _ranking(self, person: Person, span: str) -> Message:
        period = self._office.period(_SPANS[span])
        places = self._office.places(period, department=person.department)
        return words.ranking(f"{person.department}{span}积分", places, person.id)

    def _object(self, person: Person, match: re.Match[str], visit: Visit) -> Message:
        if not match["number"] and not match["missing"]:
            raise BadInput(
                "要申诉哪一笔？",
                "发“积分明细”看编号，再发：申诉 编号 为什么。该记没记的，发：申诉 漏记 哪天做了什么。",
            )
        number = int(match["number"]) if match["number"] else None
        return words.objected(self._office.object_to(number, person, match["why"], visit.at))

    def _decide(self, person: Person, match: re.Match[str], visit: Visit) -> Message:
        outcome = "rejected" if match["no"] else "reversed" if match["back"] else "corrected"
        points = int(match["points"] or 0)
        decided = self._office.decide(int(match["number"]), person, outcome, match["why"], visit.at, points)
        return say(f"申诉 {decided.id} 号裁定了：{words.STATUS[decided.status]}。本人会收到您的理由。")

    def _to_decide(self, person: Person) -> list[Any]:
        led = {one.id for one in self._office.leads(person)}
        return [one for one in self._office.store.objections("open") if one.person in led]

    def _to_approve(self, person: Person) -> list[Any]:
        led = {one.id for one in self._office.leads(person)} if person.may("manager") else set()
        return [one for one in self._office.store.bonuses("proposed") if one.person in led]

    def _names(self, person: Person) -> dict[str, str]:
        return {one.id: one.name for one in self._office.leads(person)}
