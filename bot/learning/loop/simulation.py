"""Synthetic learners, to see whether the loop is worth its while before people's time is spent on it.

They do not follow the model's own equations: knowledge is lost exponentially at each person's own pace (the model
assumes a power of time), a lesson closes a share that differs by person, kind and topic, answers are spoilt by slips
and guesses, calls show topics and skills only dimly, and what one has learnt on one topic helps a little on another.
Every policy gets the same people, the same minutes and the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from bot.judgement import DIMENSIONS
from bot.learning.events import Event
from bot.learning.loop.lessons import Candidate, Kind, choose
from bot.learning.loop.model import NOBODY, TOPICS, Risk
from bot.learning.loop.weights import EXPOSURE, SKILLS, exposure

BEGIN = datetime(2026, 1, 5, 1, tzinfo=UTC)
POSTS = tuple(EXPOSURE)
TURNS = 5
"""Replies in a call."""
SUBJECTS = (*TOPICS, *SKILLS)


CLOSES: Mapping[Kind, float] = {
    "quiz": 0.17, "case": 0.12, "lesson": 0.2, "practice": 0.15, "drill": 0.3, "checklist": 0.03,
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """How synthetic people learn and forget. `broken` worlds defy what the model assumes; see `WORLDS`.

    `guess` and `slip` spoil answers; `transfer` is how much of a lesson reaches other topics; `half_life` is the median
    days in which half is lost; `spacing` by how much a spaced lesson lengthens it; `noise` blurs what calls show.
    """

    guess: float = 0.3
    slip: float = 0.08
    transfer: float = 0.05
    half_life: float = 25.0
    spacing: float = 1.35
    noise: float = 0.18
    closes: Mapping[Kind, float] = field(default_factory=lambda: CLOSES)
    questions: float = 0.4


WORLDS: Mapping[str, World] = {
    "usual": World(),
    "nobody forgets": World(half_life=2_000.0),
    "all forget at once": World(half_life=7.0, spacing=1.1),
    "answers say little": World(guess=0.5, slip=0.25, noise=0.4),
    "only reading teaches": World(
        closes={"quiz": 0.02, "case": 0.2, "lesson": 0.3, "practice": 0.05, "drill": 0.1, "checklist": 0.02}
    ),
}


@dataclass
class Learner:
    """The truth about one person, which no policy sees: what they know, how fast they learn and forget."""

    post: str
    quick: float
    known: dict[str, float]
    half_life: dict[str, float]
    touched: dict[str, datetime]

    def knows(self, subject: str, at: datetime) -> float:
        days = max(0.0, (at - self.touched[subject]) / timedelta(days=1))
        return self.known[subject] * math.exp2(-days / self.half_life[subject])

    def learns(self, subject: str, share: float, at: datetime, world: World) -> None:
        now = self.knows(subject, at)
        spaced = (at - self.touched[subject]) > timedelta(days=2)
        self.half_life[subject] *= world.spacing if spaced else 1.05
        self.known[subject] = min(1.0, now + (1 - now) * min(0.9, share * self.quick))
        self.touched[subject] = at


def born(rng: Random, world: World) -> Learner:
    """Somebody with strengths and gaps: what their post meets they know a little better, by no rule."""
    post = rng.choice(POSTS)
    met = exposure(post, "", TOPICS)
    level = rng.gauss(0, 0.6)
    known = {}
    for subject in SUBJECTS:
        odds = level + rng.gauss(0, 0.9) + 0.35 * (met.get(subject, 1.0) - 1)
        known[subject] = 1 / (1 + math.exp(-odds))
    half_life = {one: world.half_life * math.exp(rng.gauss(0, 0.5)) for one in SUBJECTS}
    return Learner(post, math.exp(rng.gauss(0, 0.3)), known, half_life, dict.fromkeys(SUBJECTS, BEGIN))


@dataclass
class Seen:
    """What a policy may go by: the events so far, and the risk folded from those it takes."""

    post: str
    risk: Risk = NOBODY
    last: dict[str, datetime] = field(default_factory=dict)
    right: dict[str, float] = field(default_factory=dict)
    lessons: int = 0


Policy = Callable[[Seen, datetime, Random], Candidate]


def candidates() -> list[Candidate]:
    """One of each kind on each topic, and calls, which are about the money and every skill."""
    kinds: Sequence[Kind] = ("quiz", "case", "lesson", "drill")
    about = [Candidate(f"{kind}-{topic}", kind, kind, kind, (topic,)) for topic in TOPICS for kind in kinds]
    calls = [
        Candidate(f"practice-{n}", "practice", "call", "call", ("fee_collection", *SKILLS)) for n in range(6)
    ]
    return [*about, *calls]


OFFERED = tuple(candidates())


def fixed(seen: Seen, _at: datetime, _rng: Random) -> Candidate:
    """The same course for everybody: lesson, quiz and case of one topic after the other, a call each round, again."""
    return OFFERED_IN_ORDER[seen.lessons % len(OFFERED_IN_ORDER)]


def at_random(_seen: Seen, _at: datetime, rng: Random) -> Candidate:
    return rng.choice(OFFERED)


def spaced(seen: Seen, at: datetime, _rng: Random) -> Candidate:
    """Spaced repetition without the loop: the subject that is most overdue by how well it went, quiz or call by turns."""

    def overdue(one: Candidate) -> float:
        if one.id not in seen.last:
            return math.inf
        interval = 2.0 + 20.0 * seen.right.get(one.id, 0.0) ** 2
        return (at - seen.last[one.id]) / timedelta(days=1) / interval

    return max(REVIEWED, key=lambda one: (overdue(one), one.id))


def loop(seen: Seen, at: datetime, _rng: Random) -> Candidate:
    weights = exposure(seen.post, "", TOPICS)
    offered = [replace(one, last_at=seen.last.get(one.id)) for one in OFFERED]
    return choose(seen.risk, offered, weights, at, minutes=30, limit=1)[0].candidate


OFFERED_IN_ORDER = tuple(
    one
    for topic in TOPICS
    for one in (
        *(c for c in OFFERED if c.subjects == (topic,) and c.kind in ("lesson", "quiz", "case")),
        next(c for n, c in enumerate(x for x in OFFERED if x.kind == "practice") if n == TOPICS.index(topic)),
    )
)
REVIEWED = tuple(one for one in OFFERED if one.kind in ("quiz", "practice"))
POLICIES: Mapping[str, Policy] = {"fixed": fixed, "random": at_random, "spaced": spaced, "loop": loop}

Takes = Callable[[Event], bool]
"""Which events the loop may see: for ablations."""
ABLATIONS: Mapping[str, Takes] = {
    "loop": lambda _event: True,
    "loop without calls": lambda event: not event.kind.startswith("practice."),
    "loop without questions and drills": lambda event: event.kind not in ("question.asked", "drill.finished"),
    "loop on quizzes only": lambda event: event.kind == "quiz.answered",
}


@dataclass(frozen=True)
class Outcome:
    """Of one person, some weeks after the last lesson: knowledge 0..1 weighted by what the post meets, how well they
    speak 0..1, and expected red lines in ten calls."""

    knowledge: float
    speaking: float
    red_lines: float


def live(
    seed: int, policy: str, world: World, weeks: int, minutes: float, rest_weeks: int, takes: Takes
) -> Outcome:
    """One person's months under a policy: lessons three times a week, then a pause, then the measure."""
    luck, will = Random(seed), Random(f"{seed}-{policy}")  # noqa: S311  luck, not secrets
    learner, seen = born(luck, world), None
    seen = Seen(learner.post)
    number = 0
    for week in range(weeks):
        left = minutes
        for session in range(3):
            at = BEGIN + timedelta(weeks=week, days=2 * session)
            while left > minutes * (2 - session) / 3:
                lesson = POLICIES[policy if policy in POLICIES else "loop"](seen, at, will)
                left -= lesson.takes
                for event in _taught(learner, lesson, at, Random(f"{seed}-{number}"), world, number):  # noqa: S311
                    seen.right[lesson.id] = event.value
                    if takes(event):
                        seen.risk = seen.risk.after(event)
                seen.last[lesson.id], seen.lessons, number = at, seen.lessons + 1, number + 1
                at += timedelta(minutes=lesson.takes)
        for event in _asked(learner, BEGIN + timedelta(weeks=week, days=6), luck, world, week):
            if takes(event):
                seen.risk = seen.risk.after(event)
    return measure(learner, BEGIN + timedelta(weeks=weeks + rest_weeks))


def measure(learner: Learner, at: datetime) -> Outcome:
    weights = exposure(learner.post, "", TOPICS)
    knowledge = sum(weights[one] * learner.knows(one, at) for one in TOPICS) / sum(weights.values())
    speaking = sum(learner.knows(one, at) for one in SKILLS) / len(SKILLS)
    lacking = (1 - learner.knows("fee_collection", at)) * 0.6 + (1 - speaking) * 0.8
    return Outcome(knowledge, speaking, 10 * 0.25 * lacking)


def _taught(
    learner: Learner, lesson: Candidate, at: datetime, luck: Random, world: World, number: int
) -> list[Event]:
    """What the lesson shows, then what it teaches."""
    shown: list[Event] = []
    if lesson.kind == "quiz":
        (topic,) = lesson.subjects
        shown = [_answer(learner, topic, at, luck, world, f"{number}-{n}") for n in range(5)]
    elif lesson.kind == "practice":
        shown = _call(learner, at, luck, world, number)
    elif lesson.kind == "drill":
        shown = [
            _event(
                "drill.finished",
                f"{number}",
                at,
                lesson.subjects[0],
                _dimly(learner.knows(lesson.subjects[0], at), luck, world),
            )
        ]
    else:
        shown = [
            _event(
                "lesson.read" if lesson.kind == "lesson" else "case.read",
                f"{number}",
                at,
                lesson.subjects[0],
                1.0,
            )
        ]
    for subject in lesson.subjects:
        learner.learns(subject, world.closes[lesson.kind], at, world)
    for topic in TOPICS:
        if topic not in lesson.subjects:
            learner.known[topic] = min(1.0, learner.known[topic] * (1 + world.transfer * 0.1))
    return shown


def _answer(learner: Learner, topic: str, at: datetime, luck: Random, world: World, key: str) -> Event:
    known = learner.knows(topic, at)
    right = luck.random() < known * (1 - world.slip) + (1 - known) * world.guess
    return _event("quiz.answered", key, at, topic, float(right))


def _call(learner: Learner, at: datetime, luck: Random, world: World, number: int) -> list[Event]:
    turns = [
        {name: _dimly(learner.knows(f"skill:{name}", at), luck, world) for name in DIMENSIONS}
        for _ in range(TURNS)
    ]
    mean = sum(sum(turn.values()) for turn in turns) / (TURNS * len(DIMENSIONS))
    value = 0.6 * mean + 0.4 * _dimly(learner.knows("fee_collection", at), luck, world)
    crossed = ["illegal_cutoff"] if luck.random() < 0.25 * (1 - learner.knows("fee_collection", at)) else []
    return [
        *(_turn(f"{number}-{n}", at, one, crossed if n == 0 else []) for n, one in enumerate(turns)),
        _event("practice.finished", f"{number}", at, "fee_collection", value),
    ]


def _turn(key: str, at: datetime, speaking: Mapping[str, float], crossed: list[str]) -> Event:
    marks = {name: round(100 * one) for name, one in speaking.items()}
    turn = _event("practice.turn", key, at, "fee_collection", sum(speaking.values()) / len(speaking))
    return replace(turn, details={"dimensions": marks, "redlines": crossed})


def _asked(learner: Learner, at: datetime, luck: Random, world: World, week: int) -> list[Event]:
    """What one asks in a week: mostly what one's post meets and does not know."""
    weights = exposure(learner.post, "", TOPICS)
    return [
        _event("question.asked", f"q{week}", at, topic, 1.0)
        for topic in TOPICS
        if luck.random() < world.questions * weights[topic] * (1 - learner.knows(topic, at)) / 2
    ]


def _dimly(value: float, luck: Random, world: World) -> float:
    return min(1.0, max(0.0, value + luck.gauss(0, world.noise)))


def _event(kind: str, key: str, at: datetime, topic: str, value: float) -> Event:
    return Event(f"{kind}:{key}", kind, "x", at, topic, "", value)
