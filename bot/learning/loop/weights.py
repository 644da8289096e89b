"""The few numbers of the risk model, each with its reason. They are ours, chosen and then tried in simulation
(`python -m benchmarks.learning.loop`), not measured on people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.judgement import DIMENSIONS

PRIOR_MEAN = 0.5
"""Of somebody we have seen nothing of, one question in two is right: most of ours have two to four ways to answer."""
PRIOR_WEIGHT = 2.0
"""What we believe beforehand counts as much as two answers, so that a third answer speaks louder than we do."""
MOST_WEIGHT = 10.0
"""Ten answers are remembered at most: who has changed is seen within a fortnight."""
EVIDENCE_HALF_LIFE_DAYS = 60.0
"""After two months without a sign, half of what we were sure of is unsure again."""
FIRST_STABILITY_DAYS = 20.0
LONGEST_STABILITY_DAYS = 365.0
STABILITY_GROWTH = 1.7
"""Each success after a pause makes the next forgetting slower, the longer the pause the more (spacing effect)."""
STABILITY_LOSS = 0.6
"""A failure makes it faster again, but not as fast as at first."""
DECAY = 0.4
"""Forgetting follows a power of time (Wixted & Ebbesen 1991): fast at first, then slowly."""
AWARENESS_HALF_LIFE_DAYS = 14.0
"""A fortnight after the last drill or report, half of the alertness is gone: contests and drills wear off."""

ANSWER_WEIGHT: Mapping[str, float] = MappingProxyType(
    {
        "quiz.answered": 1.0,
        "practice.finished": 1.5,  # a whole call shows more than one question
        "drill.finished": 1.5,
    }
)
FINDING_WEIGHT = 0.8
"""What a drill found somebody had not done, on the topic of the finding."""
RED_LINE_WEIGHT = 1.0
SKILL_WEIGHT = 0.4
"""One reply says a little about each of seven ways to be good at replying."""
RED_LINE_TOPIC: Mapping[str, str] = MappingProxyType(
    {
        "privacy": "client_data",
        "illegal_cutoff": "fee_collection",
        "private_collection": "fee_collection",
        "false_promise": "contracts",
        "deceive": "fee_collection",
        "obstruct_complaint": "fee_collection",
    }
)
"""Which rule one did not know, or knew and forgot in anger. Threats and insults are a skill, not a rule."""

AWARENESS: Mapping[str, float] = MappingProxyType(
    {
        "hazard.verified": 0.6,
        "hazard.reported": 0.3,
        "drill.finished": 0.6,
        "practice.finished": 0.25,
        "contest.finished": 0.2,
        "question.asked": 0.15,
        "checklist.done": 0.15,
        "case.read": 0.12,
        "lesson.read": 0.1,
        "quiz.answered": 0.06,
        "game.played": 0.04,
    }
)
"""How much attention to its topic an act shows; acts without a topic count for all, shared among them."""

SKILLS = tuple(f"skill:{name}" for name in DIMENSIONS)

EXPOSURE: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "抄表": {"work_safety": 1.6, "client_data": 1.1, "new_business": 1.2, "fee_collection": 1.0, "contracts": 0.5, "cyber_security": 0.6},
        "催": {"fee_collection": 1.8, "client_data": 1.3, "work_safety": 1.0, "contracts": 0.9, "new_business": 0.5, "cyber_security": 0.5},
        "收费": {"fee_collection": 1.6, "client_data": 1.3, "contracts": 0.8, "cyber_security": 0.9, "new_business": 0.8, "work_safety": 0.6},
        "柜": {"client_data": 1.5, "contracts": 1.3, "fee_collection": 1.1, "new_business": 1.2, "cyber_security": 0.7, "work_safety": 0.2},
        "客服": {"client_data": 1.5, "fee_collection": 1.2, "new_business": 1.1, "contracts": 1.0, "cyber_security": 0.8, "work_safety": 0.4},
        "信息": {"cyber_security": 2.2, "client_data": 1.6, "new_business": 0.8, "contracts": 0.5, "fee_collection": 0.5, "work_safety": 0.4},
        "新业务": {"new_business": 2.0, "work_safety": 1.3, "contracts": 1.2, "client_data": 0.7, "fee_collection": 0.5, "cyber_security": 0.3},
        "法务": {"contracts": 2.2, "client_data": 1.3, "fee_collection": 1.2, "cyber_security": 0.6, "new_business": 0.5, "work_safety": 0.2},
    }
)  # fmt: skip
"""What a post meets in a day, as weights with mean one. The first key found in the post, then in the department, counts."""


@dataclass(frozen=True)
class Teaching:
    """What a kind of lesson does: `closes` is the share of what is not known that it closes, `minutes` it takes."""

    closes: float
    minutes: float


TEACHES: Mapping[str, Teaching] = MappingProxyType(
    {
        "quiz": Teaching(
            0.22, 3.0
        ),  # answering, then reading why: testing teaches more than reading (Roediger 2006)
        "case": Teaching(0.12, 3.0),
        "lesson": Teaching(0.15, 5.0),
        "practice": Teaching(0.25, 10.0),
        "drill": Teaching(0.35, 20.0),
        "checklist": Teaching(0.04, 1.0),
    }
)


def exposure(post: str, department: str, topics: tuple[str, ...]) -> dict[str, float]:
    """Weights of the topics for somebody of this post; equal where neither post nor department is known."""
    for text in (post, department):
        for word, weights in EXPOSURE.items():
            if word in text:
                return {topic: weights.get(topic, 1.0) for topic in topics}
    return dict.fromkeys(topics, 1.0)
