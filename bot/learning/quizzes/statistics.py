"""How a question has fared: how many know it, whether it tells those who know from those who do not, and what misleads.

Classical test theory: facility is the mean score, discrimination the correlation of the item with the score on all
other items (point-biserial with the rest). First answers only, as later ones are memory at work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, median
from typing import Protocol

from bot.content.quizzes import Item

FEWEST_ANSWERS = 20
"""Before that many first answers a question is not judged."""
FEWEST_OTHERS = 5
"""Answers to other questions that somebody must have given to say anything about what they know."""
TOO_EASY, TOO_HARD = 0.95, 0.25
WEAK = 0.1
SELDOM = 0.03
SLOW_S = 120.0


class Answered(Protocol):
    @property
    def learner(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def chosen(self) -> Sequence[int]: ...
    @property
    def seconds(self) -> float | None: ...


@dataclass(frozen=True)
class ItemStatistics:
    """`facility` 0..1; `discrimination` −1..1, None without enough people; `seconds` the median; `chosen` how often each
    option was, by its place as written; `flags` are sentences for the author."""

    item: str
    answers: int
    facility: float
    discrimination: float | None
    seconds: float | None
    chosen: Mapping[int, int]
    flags: tuple[str, ...]


def item_statistics(answers: Iterable[Answered], items: Mapping[str, Item]) -> list[ItemStatistics]:
    """Of every item that was answered, those with flags first, then by how many answered."""
    firsts: dict[tuple[str, str], Answered] = {}
    for one in answers:
        firsts.setdefault((one.learner, one.item), one)
    by_learner: dict[str, list[Answered]] = defaultdict(list)
    by_item: dict[str, list[Answered]] = defaultdict(list)
    for one in firsts.values():
        by_learner[one.learner].append(one)
        by_item[one.item].append(one)
    totals = {learner: (sum(one.score for one in given), len(given)) for learner, given in by_learner.items()}
    found = [_of(items[name], given, totals) for name, given in by_item.items() if name in items]
    return sorted(found, key=lambda one: (not one.flags, -one.answers, one.item))


def _of(item: Item, answers: Sequence[Answered], totals: Mapping[str, tuple[float, int]]) -> ItemStatistics:
    facility = sum(one.score for one in answers) / len(answers)
    discrimination = _discrimination(answers, totals)
    times = [one.seconds for one in answers if one.seconds is not None]
    chosen = Counter(place for one in answers for place in one.chosen)
    seconds = median(times) if times else None
    flags = _flags(item, len(answers), facility, discrimination, seconds, chosen)
    return ItemStatistics(
        item.id, len(answers), facility, discrimination, seconds, dict(chosen), tuple(flags)
    )


def _discrimination(answers: Sequence[Answered], totals: Mapping[str, tuple[float, int]]) -> float | None:
    pairs = [
        (one.score, (totals[one.learner][0] - one.score) / (totals[one.learner][1] - 1))
        for one in answers
        if totals[one.learner][1] > FEWEST_OTHERS
    ]
    if len(pairs) < FEWEST_ANSWERS:
        return None
    try:
        return correlation([score for score, _ in pairs], [rest for _, rest in pairs])
    except StatisticsError:  # everybody gave the same answer
        return None


def _flags(
    item: Item,
    answers: int,
    facility: float,
    discrimination: float | None,
    seconds: float | None,
    chosen: Mapping[int, int],
) -> list[str]:
    if answers < FEWEST_ANSWERS:
        return []
    flags = []
    if facility > TOO_EASY:
        flags.append(f"太容易：{facility:.0%} 的人一次就对，换个更像真的错选项。")
    if facility < TOO_HARD:
        flags.append(f"太难，或者题干有歧义：只有 {facility:.0%} 得分，对着卡片再读一遍。")
    if discrimination is not None and discrimination < 0:
        flags.append("越懂的人越答错，多半是答案或题干写反了。")
    elif discrimination is not None and discrimination < WEAK:
        flags.append("分不出谁懂谁不懂，想想是不是靠猜、靠看长短就能对。")
    if seconds is not None and seconds > SLOW_S:
        flags.append(f"一般要想 {seconds:.0f} 秒，题干能不能短一些。")
    return [*flags, *_option_flags(item, answers, chosen)]


def _option_flags(item: Item, answers: int, chosen: Mapping[int, int]) -> list[str]:
    if item.kind not in ("single", "hotspot"):
        return []
    right = next(place for place, option in enumerate(item.options) if option.correct)
    flags = []
    for place, option in enumerate(item.options):
        if place != right and chosen.get(place, 0) < SELDOM * answers:
            flags.append(f"“{option.text}”几乎没人选，骗不了人，换一个真有人这么想的。")
        if place != right and chosen.get(place, 0) > chosen.get(right, 0):
            flags.append(f"选“{option.text}”的比选对的还多：要么这个误会很普遍，值得专门讲，要么题有毛病。")
    return flags
