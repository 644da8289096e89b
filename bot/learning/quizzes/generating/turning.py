"""Where a story could still have gone another way: its own moments are the options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.content.models import CaseStudy, Moment
from bot.learning.quizzes.generating.drafts import Draft, belief, chance, single

MOST = 4


def turning_point(cases: Iterable[CaseStudy], turning: Mapping[str, str], seed: int) -> Iterator[Draft]:
    """How it ended, and the moments before: at which of them ought one first to have done otherwise? `turning` names
    that moment by its `when`: a reader of the case decides it, no measure of words does."""
    for case in cases:
        before, last = case.timeline[:-1][:MOST], case.timeline[-1]
        place = next((n for n, one in enumerate(before) if one.when == turning.get(case.id)), None)
        if place is None or len(before) < MOST - 1:
            continue
        wrong = [
            {"text": _told(one), "misconception": _believed(n < place, before[place])}
            for n, one in enumerate(before)
            if n != place
        ]
        stem = f"案例《{case.title}》，最后是这样：{last.what}。往回看，最早该在哪一步换个做法？"
        yield single(
            f"gt-{case.id}"[:64], stem, _told(before[place]), wrong, _instead(case), [case.id, *case.cards[:1]], 3,
            chance(f"turn-{case.id}", seed),
        )  # fmt: skip


def _told(moment: Moment) -> str:
    return f"{moment.when}，{moment.what}"


def _believed(was_before: bool, turning: Moment) -> str:
    if was_before:
        return belief(f"以为从那时就错了，其实那一步没错，口子开在后头：{turning.what}")
    return belief(f"看到的是后果，或者是第二个错；最早的口子在前头：{turning.what}")


def _instead(case: CaseStudy) -> str:
    """The root, and the first thing that should have been done, where that is a sentence by itself."""
    first = case.should_have.split("。")[0]
    whole = first.count("“") == first.count("”")
    return f"{case.root_cause.rstrip('。')}。" + (f"当时可以：{first}。" if whole else "")
