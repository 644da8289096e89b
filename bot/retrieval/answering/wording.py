"""Chooses the words of an answer: the sentences that fit the question, what to do, and a refusal that helps."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.retrieval.ingestion.pieces import Piece

MAX_CHARS = 160
"""One screen of a phone."""
CAUTION = "这条不是法律原文，以本公司、当地现行文件为准。"

Overlap = Callable[[str], float]
"""How much a text has in common with the question, in idf of shared content words."""

_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
_ASKS_WHAT_TO_DO = re.compile(
    "怎么办|咋办|咋整|咋弄|怎么弄|怎么处理|怎么说|怎么回|先干|先做|做啥|做什么|干什么|找谁|跟谁|流程|步骤|该怎么|如何|第一步"
)
_SOURCE_PREFACE = re.compile(
    "据题库整理(?:的公司(?:口径|规程|规定|手册))?(?:（[^）]{2,14}）)?(?:，不是(?:国家)?法律)?[，：]?"
)
"""Where it comes from has fields of its own: second-hand and company rules are marked beside the answer."""
_SOURCE_TAIL = re.compile(
    "(?:(?<=[，。；：])|^)(?:条文未见原文，|不要对客户当作承诺，)?以(?:本公司|当地)[^。；]*为准[，。]?"
)
_WHOM = (
    (re.compile("水费|水表|自来水|燃气|煤气|天然气|暖气|供暖|供热|话费|宽带|流量|物业费|停车"), "这不归供电管，请问那一家的客服，或打 12345。"),
    (re.compile("合同|起诉|法院|官司|律师|判|赔"), "牵涉责任和官司的，先问公司法务。"),
    (re.compile("受伤|事故|触电|高空|着火|爆炸|中毒|瓦斯"), "现场的安全先停下手，问班长或安全员。"),
    (re.compile("密码|系统|账号|登录|电脑|软件"), "信息和系统的事问信息专责。"),
    (re.compile("工资|奖金|绩效|考核|请假|年假|调岗|宿舍|报销"), "单位内部的事问班长或人事。"),
    (re.compile("投诉|客户|用户|停电|电费|电价|抄表|电表|光伏|充电"), "客户的事可以请他打 95598，对监管有疑问的是 12398。"),
)  # fmt: skip


def answer_text(
    item: RegulationCard | CaseStudy | Faq | Piece,
    question: str,
    overlap: Overlap,
    denies: bool,
    room: int = MAX_CHARS,
) -> str:
    """The answer first, at most `room`: what fits of the summary, then the fitting thing to do when that is asked."""
    lead = "不是。" if denies else ""
    tail = (
        "（以本公司、当地现行文件为准）"
        if isinstance(item, RegulationCard) and item.status != "verified"
        else ""
    )
    room = room - len(lead) - len(tail)
    steps = _steps(item, question, overlap)
    body = fitting_sentences(body_of(item), overlap, room - len(steps) if steps else room)
    if steps and len(body) + len(steps) > room:
        steps = ""
    body = body if body.endswith("…") else _closed(body)
    return lead + body + steps + tail


def fitting_sentences(text: str, overlap: Overlap, room: int) -> str:
    """All of `text` when it fits, otherwise the sentences nearest to the question, in their order; never a part of one
    unless the nearest alone is too long."""
    if len(text) <= room:
        return text
    sentences = _split(text, room)
    order = sorted(range(len(sentences)), key=lambda i: (-overlap(sentences[i]), i))
    chosen: list[int] = []
    for i in order:
        if sum(len(sentences[j]) for j in chosen) + len(sentences[i]) <= room:
            chosen.append(i)
    if not chosen:
        return sentences[order[0]][: room - 1].rstrip("，、；") + "…"
    return "".join(sentences[i] for i in sorted(chosen))


def refusal_text(question: str, nearby: Sequence[str]) -> str:
    """What we do not know, what we know nearby, whom to ask."""
    known = (
        f"我这里相近的只有：{'；'.join(nearby)}。" if nearby else "我只懂供电营销这一行的规定、案例和话术。"
    )
    whom = next((line for pattern, line in _WHOM if pattern.search(question)), "")
    if not whom:
        whom = "拿不准就先问班长或专责，别凭印象答复客户。" if nearby else "换个跟工作有关的问法，我再找找。"
    return f"这个我没有查到可靠的依据，不敢乱说。{known}{whom}"


def body_of(item: RegulationCard | CaseStudy | Faq | Piece) -> str:
    """The text an answer is chosen from, without the notes on where it comes from: those have fields of their own."""
    if isinstance(item, RegulationCard):
        if item.status == "verified":
            return item.summary
        return _closed(_SOURCE_TAIL.sub("", _SOURCE_PREFACE.sub("", item.summary)))
    if isinstance(item, Faq):
        return item.answer
    if isinstance(item, Piece):
        return item.text
    return f"{_closed(item.root_cause)}当时该这么做：{item.should_have}"


def _steps(item: RegulationCard | CaseStudy | Faq | Piece, question: str, overlap: Overlap) -> str:
    """`可以这样做：…` with the nearest line of `do`, when the question asks what to do."""
    if not isinstance(item, RegulationCard) or not _ASKS_WHAT_TO_DO.search(question):
        return ""
    best = max(range(len(item.do)), key=lambda i: (overlap(item.do[i]), -i))
    return f"可以这样做：{_closed(item.do[best])}"


def _split(text: str, room: int) -> list[str]:
    """Sentences; one that is longer than `room` falls into its clauses."""
    parts: list[str] = []
    for sentence in _SENTENCE.findall(text):
        parts += re.findall("[^；]+[；]?", sentence) if len(sentence) > room else [sentence]
    return [p for p in parts if p.strip()]


def _closed(text: str) -> str:
    text = text.strip().rstrip("，；")
    return text if not text or text.rstrip("”’」）)")[-1:] in ("。", "！", "？") else text + "。"
