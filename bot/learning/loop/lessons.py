"""The next best lesson: of everything that could be done now, what leaves most knowledge where this person needs it.

A candidate's worth is the knowledge it is expected to add and keep for a month, weighted by how often the post meets
its topic, for each minute it takes. A little is added for what we are unsure of, so that a topic nobody has shown
anything of is looked at too (an upper confidence bound, as in contextual bandits).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.learning.loop.model import DAY_S, TOPICS, Known, Risk, retention
from bot.learning.loop.weights import SKILLS, STABILITY_GROWTH, TEACHES

Kind = Literal["quiz", "case", "lesson", "practice", "drill", "checklist"]
HORIZON_DAYS = 30.0
SAME_DAY = 0.5
CURIOSITY = 0.25
"""How much of what we are unsure of counts as if it were lacking."""
UNEASE = 0.3
"""How much more a topic counts for somebody who gives it no attention at all: knowing is not yet minding."""
MASSED = 0.5
"""What a second lesson on the same subject on the same day is worth of the first: spacing teaches, cramming does not."""
TIRED_DAYS = 3.0
"""The same lesson again within three days is worth little: half a day later, a sixth of what it was."""
SPEAKING = 2.5
"""To who meets debtors, speaking well counts as much as two and a half topics: conflicts begin with a sentence. It is
shared among the seven skills, and weighs as the topic of arrears does in the post."""
DUE = 1.5
"""What a course or a fading memory asks for today is worth half as much again."""
ASKED_WEIGHT = 0.5
"""A team that asks what nobody could answer needs its topics half as much again, at most."""


@dataclass(frozen=True)
class Candidate:
    """Something one can do now. `words` are what one says to begin it; `subjects` topics or skills it is about.

    `due` says that a course or the memory of a quiz asks for it by now.
    """

    id: str
    kind: Kind
    title: str
    words: str
    subjects: tuple[str, ...]
    minutes: float = 0.0
    due: bool = False
    last_at: datetime | None = None

    @property
    def takes(self) -> float:
        return self.minutes or TEACHES[self.kind].minutes


@dataclass(frozen=True)
class Choice:
    """`gain` is expected knowledge kept for a month, weighted by exposure; `subject` is what it was chosen for."""

    candidate: Candidate
    gain: float
    subject: str


def choose(
    risk: Risk,
    candidates: Iterable[Candidate],
    exposure: Mapping[str, float],
    at: datetime,
    minutes: float,
    limit: int = 3,
) -> list[Choice]:
    """The best that fit into `minutes`, best first; what is equally good comes in the order of ids."""
    gains = _Gains(risk, at)
    valued = [_value(one, gains, exposure, at) for one in candidates if one.takes <= minutes]
    ranked = sorted(valued, key=lambda one: (-round(one.gain / one.candidate.takes, 9), one.candidate.id))
    return _varied(ranked, limit)


class _Gains:
    """Of one person at one time: hundreds of candidates share a few subjects and kinds."""

    def __init__(self, risk: Risk, at: datetime) -> None:
        self._risk, self._at = risk, at
        self._known: dict[tuple[str, Kind], float] = {}

    def of(self, subject: str, kind: Kind) -> float:
        key = (subject, kind)
        if key not in self._known:
            self._known[key] = gain_of(self._risk.of(subject), kind, self._at)
        return self._known[key]


def _value(candidate: Candidate, gains: _Gains, exposure: Mapping[str, float], at: datetime) -> Choice:
    """All that a lesson is expected to add, and the subject it adds most to."""
    skill = exposure.get("fee_collection", 1.0) * SPEAKING / len(SKILLS)
    worths = [
        (exposure.get(subject, skill) * gains.of(subject, candidate.kind), subject)
        for subject in candidate.subjects
    ]
    total = sum(worth for worth, _ in worths)
    _, subject = max(worths, default=(0.0, ""))
    return Choice(candidate, total * _fresh(candidate, at) * (DUE if candidate.due else 1.0), subject)


def gain_of(known: Known, kind: Kind, at: datetime) -> float:
    """What one lesson of this kind is expected to add to what is still known in a month."""
    now = known.knowledge(at)
    days = 0.0 if known.at is None else max(0.0, at.timestamp() - known.at) / DAY_S
    without = known.mean * retention(days + HORIZON_DAYS, known.stability)
    lacking = min(1.0, 1 - now + CURIOSITY * known.uncertainty(at))
    massed = MASSED if known.at is not None and days < SAME_DAY else 1.0
    taught = min(1.0, now + TEACHES[kind].closes * massed * lacking)
    spacing = min(1.0, days / known.stability)
    slower = known.stability * (1 + (STABILITY_GROWTH - 1) * spacing)
    kept = taught * retention(HORIZON_DAYS, slower)
    return max(0.0, kept - without) * (1 + UNEASE * (1 - known.awareness(at)))


def priorities(risk: Risk, exposure: Mapping[str, float], at: datetime) -> dict[str, float]:
    """How much each topic should be asked about, summing to one: where a question would add most."""
    worth = {
        topic: exposure.get(topic, 1.0) * (0.02 + gain_of(risk.of(topic), "quiz", at)) for topic in TOPICS
    }
    total = sum(worth.values())
    return {topic: one / total for topic, one in worth.items()}


def asked_more(exposure: Mapping[str, float], unanswered: Mapping[str, float]) -> dict[str, float]:
    """Exposure where a team's questions go unanswered: shares 0..1 by topic."""
    return {
        topic: weight * (1 + ASKED_WEIGHT * unanswered.get(topic, 0.0)) for topic, weight in exposure.items()
    }


def _fresh(candidate: Candidate, at: datetime) -> float:
    if candidate.last_at is None:
        return 1.0
    return min(1.0, max(timedelta(0), at - candidate.last_at) / timedelta(days=TIRED_DAYS))


def _varied(ranked: Sequence[Choice], limit: int) -> list[Choice]:
    """The best of each kind first, then the rest: three choices are three different things to do."""
    first: list[Choice] = []
    for choice in ranked:
        if choice.candidate.kind not in {one.candidate.kind for one in first}:
            first.append(choice)
    rest = [choice for choice in ranked if choice not in first]
    return [*first, *rest][:limit]
