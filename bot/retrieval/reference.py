"""Exact references to a clause: 治安法第五十条, 条例39条, 民法典654条. Found before any search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.content.models import RegulationCard
from bot.content.numerals import chinese_to_int

ABBREVIATIONS = {
    "治安法": "治安管理处罚法", "治安处罚法": "治安管理处罚法", "个保法": "个人信息保护法", "个信法": "个人信息保护法",
    "消法": "消费者权益保护法", "消保法": "消费者权益保护法", "安法": "安全生产法", "安生法": "安全生产法", "网安法": "网络安全法",
    "数安法": "数据安全法", "反诈法": "反电信网络诈骗法", "供用电条例": "电力供应与使用条例", "用电条例": "电力供应与使用条例",
    "供电条例": "电力供应与使用条例", "电力条例": "电力供应与使用条例", "条例": "电力供应与使用条例", "营业规则": "供电营业规则",
    "道交法": "道路交通安全法", "交通法": "道路交通安全法", "无障碍法": "无障碍环境建设法", "老年人法": "老年人权益保障法",
    "设施保护条例": "电力设施保护条例", "合同法": "民法典",
}  # fmt: skip
_NUMBER = r"(?P<number>\d{1,4}|[零〇一二三四五六七八九十百千两]{1,9})"
_ARTICLE = re.compile(rf"第?\s*{_NUMBER}\s*条(?:之(?P<part>[一二三四五六七八九十]))?")


@dataclass(frozen=True)
class Reference:
    """A clause somebody named: the law's short name and the article as cards write it."""

    law: str
    article: int | str


class References:
    """Knows the laws of all cards, their abbreviations, and which card holds which clause."""

    def __init__(self, cards: Iterable[RegulationCard]) -> None:
        self._cards: dict[Reference, list[str]] = {}
        laws: set[str] = set()
        for card in cards:
            laws.add(card.law)
            articles = card.article if isinstance(card.article, tuple) else (card.article,)
            for article in articles:
                if article is not None:
                    self._cards.setdefault(Reference(card.law, article), []).append(card.id)
        names = {law: law for law in laws} | ABBREVIATIONS
        self._names = sorted(names.items(), key=lambda pair: -len(pair[0]))

    def find(self, question: str) -> Reference | None:
        """The first clause the question names with its law; None when either is missing."""
        article = _ARTICLE.search(question)
        if not article:
            return None
        number = article["number"]
        value = int(number) if number.isdigit() else chinese_to_int(number)
        if not value:
            return None
        before = question[: article.start()].rstrip("》>的 ")
        for name, law in self._names:
            if before.endswith(name) or f"《{name}》" in before:
                return Reference(law, f"{value}之{article['part']}" if article["part"] else value)
        return None

    def cards_of(self, reference: Reference) -> list[str]:
        """Ids of the cards that hold this clause, possibly none."""
        return self._cards.get(reference, [])
