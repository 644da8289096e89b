"""A safety speech (安全演讲): an outline from a case, how long it takes to say, and what colleagues' marks come to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bot.content.models import CaseStudy

PACE = 220
"""Characters a minute of an unhurried reading aloud. A start only: the page's timer shows one's own."""
MARKS = {
    "true": "事情讲得具体，像真的发生过",
    "right": "道理站得住，做法我明天就能用",
    "own": "说的是自己的话，不是念稿子",
    "heard": "听得清、跟得上，停得住",
    "time": "时间掌握得好",
}
"""What colleagues mark, each 1..5."""
BEST = 5
TRIMMED_FROM = 5
"""From five sheets on the highest and the lowest are left out, as juries do, so that no single friend or foe decides."""


@dataclass(frozen=True)
class Part:
    """`given` is what the case already says; `ask` what only the speaker can say."""

    title: str
    seconds: int
    given: str
    ask: str


@dataclass(frozen=True)
class Standing:
    """`score` 0..100, None while nobody has marked; who has the same score has the same place."""

    speaker: str
    score: float | None
    sheets: int
    place: int | None


def outline(case: CaseStudy, slogan: str, minutes: int) -> list[Part]:
    """Five parts that fill `minutes`; begins in the middle of things, as a story does."""
    total = 60 * minutes
    open_with, *rest = case.timeline
    course = "；".join(f"{one.when}，{one.what.rstrip('。')}" for one in rest)
    return [
        Part("从那一刻讲起", total * 15 // 100, f"{open_with.when}，{open_with.what}", "那天换成您，您在哪儿、手上在干什么？"),
        Part("后来怎样", total * 25 // 100, course, "挑一个最揪心的地方，慢慢讲。"),
        Part("口子开在哪儿", total * 20 // 100, case.root_cause, "这个口子，您自己开过没有？敢讲，就比什么都强。"),
        Part("当时可以怎么办", total * 25 // 100, case.should_have, "您班里现在怎么做？讲一个动作，别讲一个态度。"),
        Part("收在一句话上", total - total * 85 // 100, slogan, "明天出门前，您要多做的那一件小事是什么？"),
    ]  # fmt: skip


def seconds_to_say(text: str) -> int:
    """Punctuation is not said."""
    return round(60 * len(re.sub(r"[\W_]", "", text)) / PACE)


def total_of(marks: Mapping[str, int]) -> float:
    """0..100 of one sheet. Raises ValueError unless every mark is there and 1..5."""
    if set(marks) != set(MARKS) or not all(1 <= one <= BEST for one in marks.values()):
        raise ValueError("a sheet has all five marks, each 1 to 5")
    return 100 * sum(marks.values()) / (BEST * len(MARKS))


def standings(speakers: Sequence[str], sheets: Iterable[tuple[str, float]]) -> list[Standing]:
    """Best first, those without a sheet last. `sheets` are (speaker, total)."""
    of: dict[str, list[float]] = {one: [] for one in speakers}
    for speaker, total in sheets:
        if speaker in of:
            of[speaker].append(total)
    scores = {one: _trimmed(totals) for one, totals in of.items() if totals}
    best_first = sorted(speakers, key=lambda one: -scores.get(one, -1.0))
    return [
        Standing(
            one,
            scores.get(one),
            len(of[one]),
            1 + sum(other > scores[one] for other in scores.values()) if one in scores else None,
        )
        for one in best_first
    ]


def _trimmed(totals: Sequence[float]) -> float:
    kept = sorted(totals)[1:-1] if len(totals) >= TRIMMED_FROM else totals
    return round(fmean(kept), 1)
