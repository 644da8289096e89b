"""From the steps of an answer: what comes first, and in which order.

Whether an order is fixed no program can tell: a reader names the answers for which it is (knowledge/quizzes/_chosen.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from bot.content.models import Faq
from bot.learning.quizzes.generating.drafts import Draft, balanced, belief, chance, gist, single

LONGEST_STEP = 46
OTHERS = 3
_ONE_CASE = re.compile(r"的[，：]|^(?:要|有|没|别)[^，。]{0,14}的|还是|愿意|不肯")
"""A step that is taken in one case only has no place of its own."""


def in_order(faqs: Iterable[Faq], ordered: Mapping[str, int]) -> Iterator[Draft]:
    """The first steps, as many as have a fixed order, to be put into it."""
    for faq in faqs:
        if faq.id not in ordered:
            continue
        steps = [_brief(one) for one in faq.steps[: ordered[faq.id]]]
        yield {
            "id": f"go-{faq.id}"[:64], "kind": "order", "level": 2, "cards": [faq.id, *faq.cards[:1]],
            "stem": f"{faq.question.rstrip('？')}？下面几步，先后怎么排？", "options": [{"text": one} for one in steps],
            "explanation": gist(faq.answer),
        }  # fmt: skip


def first_step(faqs: Iterable[Faq], first: Container[str], seed: int) -> Iterator[Draft]:
    """What to do first; the wrong ones are to be done too, but later."""
    for faq in faqs:
        if faq.id not in first or not faq.steps:
            continue
        begin, later = (
            _brief(faq.steps[0]),
            [one for one in map(_brief, faq.steps[1:]) if _always(one)][:OTHERS],
        )
        if len(later) < OTHERS or not balanced([begin, *later]):
            continue
        wrong = [
            {"text": one, "misconception": belief(f"这一步也要做，可不是头一步，要先：{begin}")}
            for one in later
        ]
        stem = f"{faq.question.rstrip('？')}？头一步做什么？"
        rng = chance(f"first-{faq.id}", seed)
        yield single(
            f"gs-{faq.id}"[:64], stem, begin, wrong, gist(faq.answer), [faq.id, *faq.cards[:1]], 1, rng
        )


def _always(step: str) -> bool:
    return 4 <= len(step) <= LONGEST_STEP and not _ONE_CASE.search(step)


def _brief(step: str) -> str:
    """Its first part, where the rest is a remark on it."""
    step = step.strip().rstrip("。；，")
    head = step.split("；")[0]
    return head if len(step) > LONGEST_STEP and head.count("“") == head.count("”") else step
