"""Exact references to a clause: 治安法第五十条, 条例39条, 民法典654条. Looked for before any search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.content.models import RegulationCard
from bot.content.numerals import chinese_to_int

ABBREVIATIONS = {
    "治安法": "治安管理处罚法", "治安处罚法": "治安管理处罚法", "治安管理法": "治安管理处罚法",
    "个保法": "个人信息保护法", "个信法": "个人信息保护法", "消法": "消费者权益保护法", "消保法": "消费者权益保护法",
    "安法": "安全生产法", "安生法": "安全生产法", "安全法": "安全生产法", "网安法": "网络安全法", "数安法": "数据安全法",
    "反诈法": "反电信网络诈骗法", "营业规则": "供电营业规则", "供电规则": "供电营业规则",
    "供用电条例": "电力供应与使用条例", "用电条例": "电力供应与使用条例", "供电条例": "电力供应与使用条例",
    "电力条例": "电力供应与使用条例", "条例": "电力供应与使用条例", "设施保护条例": "电力设施保护条例",
    "道交法": "道路交通安全法", "交通法": "道路交通安全法", "交规": "道路交通安全法",
    "无障碍法": "无障碍环境建设法", "老年法": "老年人权益保障法", "工伤条例": "工伤保险条例",
}  # fmt: skip
_SHORT_ALONE = {"条例", "安法", "安全法", "供电条例", "供电规则", "营业规则"}
"""Names that are also the end of other laws' names: believed only where nothing but a small word stands before."""

_NUMBER = r"(?P<number>\d{1,4}|[零〇一二三四五六七八九十百千两]{1,9})"
_ARTICLE = re.compile(rf"第?\s*{_NUMBER}\s*条(?!例|件|款)(?:之(?P<part>[一二三四五六七八九十]))?")
_LAW_BEFORE = re.compile(
    r"(?:《(?P<quoted>[^》]{2,40})》|(?P<bare>[一-鿿]{1,20}))[（(]?[^（()）一-鿿]{0,12}[)）]?\s*的?$"
)
_SMALL_WORDS = re.compile(
    r"^.*(?:请问|按照|根据|依据|违反|问|按|照|据|看|查|讲|说|和|是|在|的|那|这|个|有|了|到|用|引|背|中华人民共和国)"
)
_LAW_LIKE = re.compile(r"(?:法典|法|条例|规则|办法|规定|规程|解释|细则)$")


@dataclass(frozen=True)
class Reference:
    """A clause somebody named: the law's short name and the article as cards write it."""

    law: str
    article: int | str


@dataclass(frozen=True)
class Found:
    """Cards that hold a named clause. `renumbered` is the article of the card when the number asked for is an old one."""

    cards: tuple[str, ...] = ()
    renumbered: bool = False


class References:
    """Knows the laws of all cards, their abbreviations, and which card holds which clause, now or formerly."""

    def __init__(self, cards: Iterable[RegulationCard]) -> None:
        self._cards: dict[Reference, list[str]] = {}
        self._formerly: dict[Reference, list[str]] = {}
        laws: set[str] = set()
        for card in cards:
            laws.add(card.law)
            articles = card.article if isinstance(card.article, tuple) else (card.article,)
            for article in articles:
                if article is not None:
                    self._cards.setdefault(Reference(card.law, article), []).append(card.id)
            for match in _ARTICLE.finditer(card.formerly):
                if (old := _article(match)) is not None:
                    self._formerly.setdefault(Reference(card.law, old), []).append(card.id)
        names = {law: law for law in laws} | ABBREVIATIONS
        self._names = sorted(names.items(), key=lambda pair: -len(pair[0]))

    def find(self, question: str) -> Reference | None:
        """The first clause the question names together with its law; None when either is missing."""
        for match in _ARTICLE.finditer(question):
            article = _article(match)
            law = self._law(question[: match.start()].rstrip())
            if article is not None and law:
                return Reference(law, article)
        return None

    def lookup(self, reference: Reference) -> Found:
        """The cards of this clause, possibly none; an old number leads to the card that holds it now."""
        if held := self._cards.get(reference):
            return Found(tuple(held))
        return Found(tuple(self._formerly.get(reference, ())), renumbered=True)

    def _law(self, before: str) -> str | None:
        match = _LAW_BEFORE.search(before)
        if not match:
            return None
        text = (match["quoted"] or match["bare"]).removeprefix("中华人民共和国")
        for name, law in self._names:
            if text.endswith(name) and (name not in _SHORT_ALONE or _stands_alone(text[: -len(name)])):
                return law
        unknown = text if match["quoted"] else _SMALL_WORDS.sub("", text)
        return unknown if len(unknown) >= 2 and _LAW_LIKE.search(unknown) else None


def _stands_alone(before: str) -> bool:
    return not _SMALL_WORDS.sub("", before)


def _article(match: re.Match[str]) -> int | str | None:
    number = match["number"]
    value = int(number) if number.isdigit() else chinese_to_int(number)
    if not value:
        return None
    return f"{value}之{match['part']}" if match["part"] else value
