"""Why an answer came out as it did: each candidate with what speaks for and against it, and how sure the first made us.

Every number is taken from the objects the answer was made from. `bot.retrieval.answering.answer` calls it for `anxun ask --explain`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.retrieval.answering.judged import Decided, Way
from bot.retrieval.ranker import Ranker
from bot.retrieval.refusal import Confidence
from bot.retrieval.retriever import Hit

SHOWN = 10
WORTH_SAYING = 0.1
"""A difference below this, in log odds, decided nothing."""
MOST_REASONS = 3
NAMES = {
    "question": "像问法", "text": "像正文", "static": "静态意思", "words": "字词", "whole": "全文字词", "coverage": "问到的词它有",
    "echo": "问到的字它有", "alike": "和写好的问法重合", "cosine": "意思", "dense_rank": "意思排名", "words_rank": "字词排名",
    "lookalike": "像它不该答的", "case": "是案例", "faq": "是问答", "elsewhere": "别处的规定", "unverified": "不是法律原文",
    "chance": "在候选里的胜算", "gap": "领先第二名", "lexical": "字词对得上", "agreement": "几路检索一致", "known": "问的词认得",
    "foreign": "有它没有的外来词",
}  # fmt: skip
_LESS = {
    "question": "问法不像", "text": "正文不像", "static": "静态意思远", "words": "字词少", "whole": "全文字词少", "coverage": "问到的词它没有",
    "echo": "问到的字它没有", "alike": "和写好的问法重合少", "cosine": "意思远", "dense_rank": "意思排得后", "words_rank": "字词排得后",
    "lookalike": "像它不该答的", "case": "案例和规定之别", "faq": "问答和条款之别", "elsewhere": "是别处的规定", "unverified": "不是法律原文",
}  # fmt: skip
OUTCOMES = {"answered": "答了", "asked_back": "反问了", "declined": "没答"}
Outcome = Literal["answered", "asked_back", "declined"]


@dataclass(frozen=True)
class Reason:
    """A feature under its Chinese name, its value, and what it adds (or takes) in log odds."""

    feature: str
    name: str
    value: float
    adds: float


@dataclass(frozen=True)
class Candidate:
    """One candidate. The reasons' sum is its `score`; `lost` says why it stands behind the first, empty for the first."""

    item: str
    title: str
    chance: float
    score: float
    passage: str
    reasons: list[Reason]
    lost: str


@dataclass(frozen=True)
class Explanation:
    """The reply with what led to it. `bias` and the sum of `sure_by` give the probability's log odds; both are empty
    where no probability was needed, as for a clause named by its number."""

    question: str
    outcome: Outcome
    way: Way
    answer: str
    choices: list[str]
    probability: float
    threshold: float
    unsure: float
    bias: float
    sure_by: list[Reason]
    candidates: list[Candidate]


def explain(
    decided: Decided, ranker: Ranker, confidence: Confidence, titles: Mapping[str, str]
) -> Explanation:
    """The ten best candidates, in the order the reply used them; those it left aside come after."""
    judged, block = decided.judged, decided.block
    aside = [hit for hit in judged.hits if hit not in decided.order]
    order = [*decided.order, *aside][:SHOWN]
    first = order[0] if order else None
    measure = judged.by or confidence
    sure_by = _reasons(measure.contributions(judged.values), judged.values) if judged.values else []
    return Explanation(
        question=judged.question,
        outcome="answered" if block.answered else "asked_back" if block.choices else "declined",
        way=decided.way,
        answer=block.answer,
        choices=block.choices,
        probability=judged.probability,
        threshold=confidence.threshold,
        unsure=confidence.unsure,
        bias=measure.bias,
        sure_by=sure_by,
        candidates=[_candidate(hit, first, ranker, titles, hit in aside) for hit in order],
    )


def _candidate(
    hit: Hit, first: Hit | None, ranker: Ranker, titles: Mapping[str, str], aside: bool
) -> Candidate:
    adds = ranker.contributions(hit.features)
    return Candidate(
        item=hit.item,
        title=titles[hit.item],
        chance=hit.score,
        score=math.fsum(adds.values()),
        passage=hit.passage.text,
        reasons=_reasons(adds, hit.features),
        lost="" if first is None or hit is first else _lost(hit, first, ranker, aside),
    )


def _reasons(adds: Mapping[str, float], values: Mapping[str, float]) -> list[Reason]:
    """The strongest first, whichever way they pull."""
    order = sorted(adds, key=lambda name: -abs(adds[name]))
    return [Reason(name, NAMES[name], values[name], adds[name]) for name in order]


def _lost(hit: Hit, first: Hit, ranker: Ranker, aside: bool) -> str:
    """字词少、意思远: the largest differences from the first, or the rule that set the candidate back."""
    if aside:
        return "是没问到的地方的规定"
    if hit.score > first.score:
        return "没说到问里的那个数"
    mine, theirs = ranker.contributions(hit.features), ranker.contributions(first.features)
    behind = {name: theirs[name] - mine[name] for name in mine if theirs[name] - mine[name] > WORTH_SAYING}
    largest = sorted(behind, key=lambda name: -behind[name])[:MOST_REASONS]
    return "、".join(_LESS[name] for name in largest) or "差一点点"
