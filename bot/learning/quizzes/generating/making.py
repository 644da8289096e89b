"""All generators together: drafts by topic, checked as the loader would check them, and none too much like another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from pydantic import ValidationError

from bot.content.models import TOPIC_NAMES, CaseStudy, Faq, RegulationCard
from bot.content.numerals import int_to_chinese
from bot.content.quiz_files import GENERATED, Decisions
from bot.content.quizzes import Item
from bot.learning.quizzes.generating.choices import which_rule
from bot.learning.quizzes.generating.deeds import must_not, right_or_wrong, should_do
from bot.learning.quizzes.generating.drafts import Draft, likeness
from bot.learning.quizzes.generating.figures import choose_figure, fill_figure
from bot.learning.quizzes.generating.steps import first_step, in_order
from bot.learning.quizzes.generating.turning import turning_point

SAME_STEM = 0.75
SET_SIZE = 11
NOTHING = Decisions()


QUOTA: Mapping[str, int] = {
    "gn": 14,
    "gw": 14,
    "gf": 8,
    "gb": 6,
    "gj": 13,
    "gm": 12,
    "gt": 8,
    "go": 6,
    "gs": 12,
}
"""Of each kind in a topic, at most."""


def make(
    cards: Mapping[str, RegulationCard],
    cases: Mapping[str, CaseStudy],
    faqs: Mapping[str, Faq],
    seed: int,
    read: Decisions = NOTHING,
) -> dict[str, list[Draft]]:
    """Valid drafts by topic; at most one about the same card, so many of each kind, and as a reader decided."""
    all_cards = list(cards.values())
    Random(seed).shuffle(all_cards)  # noqa: S311
    streams: list[Iterator[Draft]] = [
        turning_point(cases.values(), read.turning, seed), in_order(faqs.values(), read.ordered),
        first_step(faqs.values(), read.first, seed), choose_figure(all_cards, seed), fill_figure(all_cards, seed),
        must_not(all_cards, seed), which_rule(all_cards, seed), right_or_wrong(all_cards, seed),
        should_do(all_cards, seed),
    ]  # fmt: skip
    topics = {one.id: one.topic for kind in (cards, cases, faqs) for one in kind.values()}
    kept: dict[str, list[Draft]] = defaultdict(list)
    count: Counter[tuple[str, str]] = Counter()
    used: set[str] = set()
    for stream in streams:
        for draft in stream:
            source, kind = draft["cards"][0], draft["id"][:2]
            topic = topics[source]
            if (
                source in used
                or count[topic, kind] >= QUOTA[kind]
                or draft["id"] in read.dropped
                or not _is_sound(draft)
            ):
                continue
            if any(likeness(draft["stem"], one["stem"]) > SAME_STEM for one in kept[topic]):
                continue
            used.add(source)
            count[topic, kind] += 1
            kept[topic].append(draft)
    return dict(kept)


def sets_of(drafts: Mapping[str, list[Draft]], reviewed_on: str, seed: int) -> list[dict[str, Any]]:
    """The drafts as sets of ten or so, mixed, each with a title of its own."""
    found = []
    for topic, items in sorted(drafts.items()):
        mixed = list(items)
        Random(f"{seed}-{topic}").shuffle(mixed)  # noqa: S311
        count = max(1, round(len(mixed) / SET_SIZE))
        for number in range(count):
            title = f"{TOPIC_NAMES[topic]}自测{int_to_chinese(number + 1)}"
            found.append(
                {
                    "id": f"{GENERATED}{topic.replace('_', '-')}-{number + 1:02}", "topic": topic, "title": title,
                    "origin": "generated", "reviewed_on": reviewed_on, "items": mixed[number::count],
                }
            )  # fmt: skip
    return found


def _is_sound(draft: Draft) -> bool:
    try:
        Item.model_validate(draft)
    except ValidationError:
        return False
    return True
