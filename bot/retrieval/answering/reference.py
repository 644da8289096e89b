"""Exact references to a clause: 治安法第五十条, 条例39条, 民法典654条. Looked for before any search."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.content.models import RegulationCard
from bot.content.numerals import chinese_to_int
from bot.retrieval.answering.extents import LAST_ARTICLE
from bot.retrieval.answering.former import formers_of

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
_QUOTED = re.compile("《([^》]{2,40})》")
_LAW_LIKE = re.compile(r"(?:法典|法|条例|规则|办法|规定|规程|解释|细则)$")


@dataclass(frozen=True)
class Reference:
    """A clause somebody named: the law's short name and the article as cards write it, or 0, which no law has."""

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
        self._last: dict[str, int] = {}
        laws: set[str] = set()
        for card in cards:
            laws.add(card.law)
            for article in card.articles:
                self._cards.setdefault(Reference(card.law, article), []).append(card.id)
            for former in formers_of(card.formerly):
                self._formerly.setdefault(Reference(card.law, former.old), []).append(card.id)
            if last := LAST_ARTICLE.get((card.law, str(card.law_version))):
                self._last[card.law] = last
        self._laws = frozenset(laws)
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

    def lookup(self, reference: Reference, old: bool = False) -> Found:
        """The cards of this clause, possibly none; an old number leads to the card that holds it now. With `old` the
        number is taken for an old one where that leads anywhere."""
        held, formerly = (tuple(found.get(reference, ())) for found in (self._cards, self._formerly))
        if held and not (old and formerly):
            return Found(held)
        return Found(formerly, renumbered=True)

    def named_law(self, question: str) -> str | None:
        """The law the question speaks of, by its name as cards write it; None when it names none that we hold."""
        found = ((question.find(name), -len(name), law) for name, law in self._names if law in self._laws)
        places = [(place, length, law) for place, length, law in found if place >= 0]
        return min((p for p in places if -p[1] > 2), default=(0, 0, None))[2]

    def unheld_law(self, question: str) -> str | None:
        """A law named in 《》 of which we hold no card, where no other law that we hold is named."""
        names = dict(self._names)
        quoted = [q.removeprefix("中华人民共和国") for q in _QUOTED.findall(question)]
        if self.named_law(_QUOTED.sub("", question)) or any(names.get(q) in self._laws for q in quoted):
            return None
        return next((law for law in quoted if _LAW_LIKE.search(law)), None)

    def holders(self, article: int | str) -> list[str]:
        """Laws of which we hold this article, now or by an old number; those with most of their articles held first."""
        every = [*self._cards, *self._formerly]
        held = Counter(reference.law for reference in every)
        return sorted({r.law for r in every if r.article == article}, key=lambda law: (-held[law], law))

    def last_article(self, law: str) -> int | None:
        """The number of the law's last article, where we know it."""
        return self._last.get(law)

    @staticmethod
    def article_in(question: str) -> int | str | None:
        """The first article number in the question, whoever's it is."""
        return next((a for m in _ARTICLE.finditer(question) if (a := _article(m)) is not None), None)

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
    if value is None:
        return None
    return f"{value}之{match['part']}" if match["part"] else value
