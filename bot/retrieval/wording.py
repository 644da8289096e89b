"""Chooses the words of an answer: the sentences that fit the question, a false premise put right, a refusal that helps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.content.numerals import numbers_in

MAX_CHARS = 160
_SENTENCE = re.compile(r"[^。；！？]+[。；！？]?")
_CONFIRMS = re.compile(r"(吧|对吧|是吧|对不对|是不是|行吗|可以吗|能吗|就能|就可以|就行|就得|只要|没错|好了)")
_AMOUNT = re.compile(
    r"(?P<number>\d+(?:\.\d+)?|[零一二两三四五六七八九十百千]+)\s*(?P<unit>个工作日|工作日|天|日|小时|分钟|个月|月|年|米|元|倍|‰|%)"
)
_SAME_UNIT = {"日": "天", "工作日": "个工作日", "月": "个月"}
_WHOM = (
    (
        re.compile("投诉|客户|用户|停电|电费|抄表|表|光伏|充电"),
        "客户的事可以请他打 95598，对监管有疑问的是 12398。",
    ),
    (re.compile("合同|起诉|法院|赔|责任|律师"), "牵涉责任和官司的，先问公司法务。"),
    (re.compile("安全|受伤|事故|触电|高空|着火"), "现场的安全先停下手，问班长或安全员。"),
    (re.compile("信息|泄露|密码|系统|账号"), "信息和系统的事问信息专责。"),
)


def best_sentences(text: str, overlap: Sequence[float]) -> str:
    """The leading sentence and those with the most `overlap` (one value a sentence), in order, within MAX_CHARS."""
    sentences = split_sentences(text)
    if sum(map(len, sentences)) <= MAX_CHARS:
        return text
    order = sorted(range(len(sentences)), key=lambda i: (-overlap[i], i))
    chosen: list[int] = []
    for i in order:
        if not chosen or sum(len(sentences[j]) for j in chosen) + len(sentences[i]) <= MAX_CHARS:
            chosen.append(i)
    return "".join(sentences[i] for i in sorted(chosen))


def split_sentences(text: str) -> list[str]:
    return [s for s in _SENTENCE.findall(text) if s.strip()]


def false_premise(question: str, card: RegulationCard) -> bool:
    """True when the question takes for granted a number that this card's number, of the same unit, contradicts."""
    if not _CONFIRMS.search(question):
        return False
    ours: dict[str, set[str]] = {}
    for number, unit in _amounts(card.summary):
        ours.setdefault(unit, set()).add(number)
    theirs = _amounts(question)
    return any(unit in ours and number not in ours[unit] for number, unit in theirs) and not any(
        number in ours.get(unit, set()) for number, unit in theirs
    )


def _amounts(text: str) -> list[tuple[str, str]]:
    found = []
    for match in _AMOUNT.finditer(text):
        unit = _SAME_UNIT.get(match["unit"], match["unit"])
        found += [(number, unit) for number in numbers_in(match["number"])]
    return found


def refusal_text(question: str, nearby: Sequence[str]) -> str:
    """What we do not know, what we know nearby, whom to ask."""
    known = (
        f"我这里相近的只有：{'；'.join(nearby)}。" if nearby else "我只懂供电营销这一行的规定、案例和话术。"
    )
    whom = next((line for pattern, line in _WHOM if nearby and pattern.search(question)), "")
    return f"这个我没有查到可靠的依据，不敢乱说。{known}{whom or ('拿不准就先问班长或专责，别凭印象答复客户。' if nearby else '换个跟工作有关的问法，我再找找。')}"


def body_of(item: RegulationCard | CaseStudy | Faq) -> str:
    """The text an answer is chosen from."""
    if isinstance(item, RegulationCard):
        return item.summary
    if isinstance(item, Faq):
        return item.answer
    return (
        f"{item.root_cause}{'' if item.root_cause.endswith('。') else '。'}当时该这么做：{item.should_have}"
    )
