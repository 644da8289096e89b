"""Says what a clause was before and what was in force on a day, as far as the cards know it, and no further.

`bot.retrieval.answering.answer` calls it when a question compares versions or names a day. A `line` is the card that holds now,
followed by the cards it superseded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.content.models import RegulationCard
from bot.content.numerals import article_label
from bot.retrieval.answering.dates import Stretch
from bot.retrieval.answering.former import formers_of

_COMPARES = re.compile(
    r"新旧(?:版本?|两版|条文|规定|条例|规则)?|[新旧老]版(?:本)?(?:和|跟|与)[新旧老]版(?:本)?|修订(?:前后|以后|后|了)|"
    r"以前.{0,30}现在(?:呢|还|变|是|怎么)|(?:和|跟|比)(?:以前|原来|过去|旧版|老版)"
)
_DIFFERENCE = re.compile(
    r"(?:都)?(?:有|是)?(?:了)?(?:什么|啥|哪些|哪里|哪儿|多大|没有)?(?:不同|不一样|变化|改动|区别|差别|变动)|改了(?:什么|啥|哪些|哪里|没有)|变了(?:什么|啥|没有)"
)
_ABOUT_LAW = re.compile("条|规定|规则|条例|法|办法|口径|规程|版|政策|文件|以前.*现在")
_OLD_NUMBER = re.compile(
    "旧法|老法|旧的|老的|旧版|老版|旧条号|原来的|修订前|旧(?=[一-鿿]{1,8}法)|20[01]\\d年?版"
)
_AT_THE_TIME = re.compile(
    "哪一?条|哪个(?:版本|规定|文件)|哪一?版|当时|那时|那会|时候|签的|发生的|以前|之前|适用|还按|按[新旧老]|那年|有效|生效|算数"
)
_CHANGE = re.compile(
    "旧版|旧规|旧条号|旧法|老口径|老规[矩定则]|老的口径|原规定|原来的?(?:规定|口径)|修订[后前]|改成了|由.{1,12}改为|新法|新规|不再(?:是|用|要求)"
)
_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
UNWRITTEN = "改了什么内容，卡片上没有写，别凭印象说，请对照两版原文。"


def compares(question: str) -> bool:
    """Whether the question asks how a rule was changed, not how two things differ."""
    versions = _COMPARES.search(question)
    changed = _DIFFERENCE.search(question) or "以前" in question
    return bool(versions and changed and _ABOUT_LAW.search(question))


def without_comparison(question: str) -> str:
    """What the question is about, with the words that ask for a comparison left out."""
    return _DIFFERENCE.sub("", _COMPARES.sub(_kept_between, question)) if compares(question) else question


def asks_as_of(question: str) -> bool:
    """Whether a day in the question is there to say which version is meant."""
    return bool(_AT_THE_TIME.search(question))


def means_old_number(question: str) -> bool:
    """Whether an article number in the question is meant as one of an older version."""
    return bool(_OLD_NUMBER.search(question)) and not compares(question)


def in_force_from(card: RegulationCard) -> date | None:
    """The first day of the text the card holds; None where the card names no day."""
    return max((day for day in (card.law_version, card.effective_from) if day), default=None)


def compared(line: Sequence[RegulationCard], article: int | str | None = None) -> str:
    """Where the clause stands now, where it stood, and what changed, or that no card says so. `article`, when given,
    is the number asked for, old or new."""
    now = line[0]
    said = f"现在看{place_of(now)}{_since(now)}。"
    for old in line[1:]:
        said += f"以前是{place_of(old)}{_since(old)}，已被取代。"
    then = _then(now, article)
    if then:
        said += f"旧条号：{then}。"
    elif len(line) == 1:
        said += "以前是第几条、怎么写的，卡片上没有。"
    changes = [s for text in (now.summary, *now.dont) for s in _SENTENCE.findall(text) if _CHANGE.search(s)]
    if changes:
        change = changes[0].strip().rstrip("。，；")
        return f"{said}改了什么：{change}。"
    return said + ("" if len(line) > 1 else UNWRITTEN)


def as_of(
    line: Sequence[RegulationCard], when: Stretch, article: int | str | None = None
) -> tuple[RegulationCard, str]:
    """(the card nearest to what was in force then, what is to be said of it before its words)."""
    now = line[0]
    for card in line:
        start = in_force_from(card)
        if start and start <= when.first:
            if card is not now:
                since = in_force_from(now)
                until = f"，{spoken(since)}起" if since else ""
                return (
                    card,
                    f"{when.said}用的是{place_of(card)}，现在已被取代{until}看{place_of(now)}。当时的规定：",
                )
            earlier = "再早的要看当时的文本。" if when.open else ""
            return card, f"{when.said}用的就是现在这一版，{place_of(card)}{_since(card)}。{earlier}"
    return now, _only_present(now, when, article)


def place_of(card: RegulationCard) -> str:
    """《电力法》第三十二条; the law alone where the card has no number."""
    return f"《{card.law}》{article_label(card.article)}"


def spoken(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _only_present(now: RegulationCard, when: Stretch, article: int | str | None) -> str:
    start, place = in_force_from(now), place_of(now)
    if not start:
        return f"{place}没写从哪天起用，{when.said}是不是这样，要查当时的文件。现在的口径："
    then = _then(now, article)
    old = f"（旧条号：{then}）" if then else ""
    if start <= when.last:
        return f"{place}现在的文本从{spoken(start)}用起，{when.said}里这天以前的要查旧文本{old}。现行的是："
    if now.effective_from and when.last < now.effective_from:
        return f"{place}{spoken(start)}起才施行，{when.said}的要查旧文本{old}。现行的是："
    return f"{place}现在的文本是{spoken(start)}版，{when.said}用的文本更早，要查旧文本{old}。现行的是："


def _since(card: RegulationCard) -> str:
    if not card.law_version:
        return ""
    start = in_force_from(card)
    from_day = f"，{spoken(start)}起施行" if start and start == card.effective_from else ""
    return f"（{spoken(card.law_version)}版{from_day}）"


def _then(card: RegulationCard, article: int | str | None = None) -> str:
    """2012版第42条 …: only what belongs to `article`, when one is asked for and found."""
    formers = formers_of(card.formerly)
    meant = [f for f in formers if article in (f.old, f.new)] or formers
    places = [
        f"{f.version and f.version + '版'}第{f.old}条" + (f"（今第{f.new}条）" if f.new else "")
        for f in meant
    ]
    return "、".join(places)


def _kept_between(match: re.Match[str]) -> str:
    """Of 以前…现在呢 what lies between says what it is about."""
    found = re.match("以前(.*)现在", match.group())
    return found[1] if found else ""
