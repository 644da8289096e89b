"""Reads what a person says about a hazard: what, where, how urgent. What is not there stays empty and is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.learning.hazards import severity
from bot.learning.hazards.severity import Severity
from bot.text import mask_personal_data

OPENING = re.compile(
    r"^(?P<anonymous>匿名)?(?:我要|我想|要|想)?(?P<anonymous2>匿名)?(?:报告?|上报|反映|举报|发现|有)(?:了?一?[个下处条])?"
    r"(?:安全)?隐患(?:[：:，, ]\s*|\n+|$)(?P<rest>.*)$",
    re.S,
)
MOST_WORDS, MOST_PLACE = 500, 60
_PURE = "号楼|楼(?![道梯])|栋|幢|单元|层|小区|村口|村|组|路口|路|街|巷|弄|镇|乡|大道|社区|花园|广场|门口|大门"
_ROOMS = (
    "营业厅|供电所|变电站|配电房|配电室|开闭所|开关站|台区|泵房|学校|小学|中学|医院|市场|商场|超市|工地|园区|"
    "厂区|厂|车棚|停车场|食堂|仓库|库房|办公室|机房|楼道|楼梯间|地下室|大厅|柜台|窗口|厕所|会议室|宿舍|桥头|桥|河边|塘边|"
    "鱼塘|大棚|院子|档案室|值班室|自助区"
)
_THINGS = "号杆|号台变|号变压器|号箱|号柜|号机"
_DOOR = r"(?:[0-9一二三四五六七八九十百]+号(?![楼杆台变箱柜机院]))"
_SIGN = r"(?:(?![在有被把没了的扔放贴掉着给往])[\w一-鿿#＃·\-])"
"""No verb stands in a place's name."""
_NEAR = "(?:[东西南北]头|旁边?|边上|对面|后[面头]|前[面头]|里面|里|外面|外|上(?![来去])|上面|底下|下面|附近|拐角|东侧|西侧|南侧|北侧)"
_PLACE = re.compile(
    rf"^(?:我?在|就在|位于)?(?P<place>(?:{_SIGN}{{0,14}}?(?:{_THINGS}|{_DOOR}|{_PURE}|{_ROOMS}){_NEAR}?)+)"
)
_LATER_PLACE = re.compile(
    rf"(?:在|位于|地点[是：:]?|位置[是：:]?)(?P<place>(?:{_SIGN}{{0,14}}?(?:{_THINGS}|{_DOOR}|{_PURE}|{_ROOMS}){_NEAR}?)+)"
)
_VAGUE = frozenset(
    {"门口", "大门", "楼道", "楼", "层", "楼里", "路", "路边", "路上", "路口", "村", "村里", "村口", "小区", "单元", "大厅", "厂", "院子",
     "办公室", "营业厅", "供电所", "配电房", "仓库", "机房", "食堂", "柜台", "窗口", "停车场", "楼下", "楼上", "这里", "那里", "这边", "那边", "单位", "外面", "公司"}
)  # fmt: skip
_PURE_END = re.compile(rf"(?:{_DOOR}|{_PURE}|{_ROOMS}){_NEAR}?$")
_NEAR_END = re.compile(rf"{_NEAR}$")
_ONLY_URGENCY = re.compile(
    r"^(?:(?:很|特别|有点|比较|不)?(?:急|紧急)|一般|较大)[，,。；;\s]+|[，,。；;\s]+(?:(?:很|特别|有点|比较|不)?(?:急|紧急)|一般|较大)$"
)
_PUNCTUATION = " ，,。.：:；;、\n"


@dataclass(frozen=True)
class Draft:
    """A report as far as it is known. `severity` is None until the person said it."""

    what: str = ""
    place: str = ""
    severity: Severity | None = None

    @property
    def missing(self) -> str:
        """What to ask for next: what, place, severity; "" when it is all there."""
        if not self.what:
            return "what"
        return "place" if not self.place else "severity" if self.severity is None else ""


class Sign(Protocol):
    """What `bot.content.hazards.HazardSign` looks like from here."""

    @property
    def id(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def danger_now(self) -> tuple[str, ...]: ...
    @property
    def advice(self) -> tuple[str, ...]: ...


def read_report(text: str) -> Draft:
    """One line of speech as a report, masked. Only a severity that stands alone at an end is taken out of the words."""
    text = mask_personal_data(text).strip(_PUNCTUATION)[:MOST_WORDS]
    urgent = severity.said(text)
    if severity.answered(text) and len(text) <= 4:
        return Draft(severity=severity.answered(text))
    place, what = _split(_ONLY_URGENCY.sub("", text))
    return Draft(what if len(what) >= 2 else "", place, urgent)


def add(draft: Draft, text: str) -> Draft:
    """The draft with an answer to what was missing in it. What an answer says beyond the question counts as well."""
    text = mask_personal_data(text).strip(_PUNCTUATION)[:MOST_WORDS]
    named = draft.severity or severity.said(text)
    match draft.missing:
        case "what":
            read = read_report(text)
            return Draft(read.what or text, draft.place or read.place, draft.severity or read.severity)
        case "place":
            return replace(draft, place=_tidy_place(text), severity=named)
        case "severity":
            return replace(draft, severity=severity.answered(text))
        case _:
            return draft


def signs_in(text: str, signs: Iterable[Sign]) -> list[Sign]:
    """The kinds of danger a report sounds like: those that sound as if it were now, then those with most words in it."""
    counted = [(sum(word in text for word in sign.words), sign) for sign in signs]
    found = [(any(word in text for word in sign.danger_now), count, sign) for count, sign in counted if count]
    return [sign for _, _, sign in sorted(found, key=lambda one: (-one[0], -one[1], one[2].id))]


def sounds_urgent(text: str, signs: Iterable[Sign]) -> str:
    """The words for which it sounds as if somebody could be hurt now; "" for none."""
    return next((word for sign in signs for word in sign.danger_now if word in text), "")


def _split(text: str) -> tuple[str, str]:
    """(place, what). The place is cut off only where the rest still says what is the matter."""
    match = _PLACE.match(text)
    if match is None or _is_vague(match["place"]):
        later = _LATER_PLACE.search(text)
        place = later["place"] if later and not _is_vague(later["place"]) else ""
        return place[:MOST_PLACE], text
    place, rest = match["place"], text[match.end() :].strip(_PUNCTUATION).removeprefix("的")
    whole = not _PURE_END.search(place) or len(rest) < 4 or rest[0] == "了"
    return place[:MOST_PLACE], text if whole else rest


def _is_vague(place: str) -> bool:
    return place in _VAGUE or _NEAR_END.sub("", place) in _VAGUE


def _tidy_place(text: str) -> str:
    found = re.sub(r"^(?:我?在|就在|位于|地点[是：:]?)", "", text).strip(_PUNCTUATION)
    return found[:MOST_PLACE]
