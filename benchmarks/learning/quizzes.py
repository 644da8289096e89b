"""Does FSRS-6 foresee what people still know, and does its schedule leave more of it, than SM-2 or fixed pauses?

python -m benchmarks.learning.quizzes [--seeds 20] [--learners 60] [--items 40]

Synthetic learners in three worlds, none of which is FSRS's own formula: in "exponential" each person and item has a
half-life that grows by a personal factor with each spaced success; in "strength" memory decays as a power of time with
a strength that adds up over repetitions and differs by item; "quick forgetters" lose things far faster than the people
whose reviews FSRS was fitted to. Slips and guesses spoil answers.
First the same reviews (at random pauses) are predicted by all three, seen forward only: log loss, calibration error
over ten bins, and the base rate for comparison. Then each schedules five reviews a day, no more and no fewer, and what is still
known is measured 60 and 120 days after the last lesson. Means over seeds with 95 % intervals of the paired differences.
"""

from __future__ import annotations

import argparse
import math
import platform
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean, stdev

from bot.learning.quizzes.memory import Memory, rate, recall, review

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WORLDS = {"exponential": 12.0, "strength": 3.0, "quick forgetters": 2.5}
"""How fast the median person forgets at first: in "exponential" a half-life of twelve days leaves nine in ten after two
days, about what public review logs show; "quick forgetters" are the same law with a fifth of that."""
GUESS, SLIP = 0.2, 0.05
DAYS, A_DAY = 120, 5
FIXED = (1, 3, 7, 14, 30, 60)


@dataclass
class Truth:
    """What one person really remembers of one item; nobody sees it."""

    world: str
    ease: float
    gain: float
    half_life: float = 0.0
    strength: float = 0.0
    last: float = -1.0

    def known(self, day: float) -> float:
        if self.last < 0:
            return 0.15
        gap = max(0.0, day - self.last)
        if self.world != "strength":
            return math.exp2(-gap / self.half_life)
        return (1 + gap / (WORLDS[self.world] * (1 + 4 * self.strength))) ** -0.7

    def study(self, day: float, right: bool) -> None:
        before = self.known(day)
        if self.world != "strength":
            if self.last < 0:
                self.half_life = WORLDS[self.world] * self.ease
            elif right:
                self.half_life *= 1 + (self.gain - 1) * (1 - before) * 2.2
            else:
                self.half_life = max(1.0, self.half_life * 0.6)
        else:
            self.strength += self.ease * (0.3 + 1.6 * (1 - before)) * (1.0 if right else 0.5) * self.gain / 2
        self.last = day


def people(seed: int, world: str, items: int) -> list[Truth]:
    luck = Random(f"{seed}-{world}")
    person = math.exp(luck.gauss(0, 0.35))
    return [
        Truth(world, person * math.exp(luck.gauss(0, 0.5)), 1.6 + luck.random() * 1.6) for _ in range(items)
    ]


def answers(truth: Truth, day: float, luck: Random) -> bool:
    known = truth.known(day)
    return luck.random() < known * (1 - SLIP) + (1 - known) * GUESS


@dataclass
class Sm2:
    """SuperMemo 2 (Wozniak 1990), as Anki began with: interval and ease; recall is read as 0.9 at its own interval."""

    interval: float = 0.0
    ease: float = 2.5
    reps: int = 0
    last: float = 0.0

    def after(self, day: float, right: bool) -> None:
        quality = 4 if right else 1
        self.ease = max(1.3, self.ease + 0.1 - (5 - quality) * (0.08 + (5 - quality) * 0.02))
        self.reps = self.reps + 1 if right else 0
        self.interval = 1.0 if self.reps <= 1 else 6.0 if self.reps == 2 else self.interval * self.ease
        self.last = day

    def recall(self, day: float) -> float:
        return math.exp(math.log(0.9) * (day - self.last) / max(self.interval, 1.0))

    def due(self) -> float:
        return self.last + self.interval


@dataclass
class Fixed:
    """The same pauses for everybody: one step on when right, back to the first when wrong."""

    step: int = 0
    last: float = 0.0
    seen: dict[int, list[float]] = field(default_factory=lambda: defaultdict(lambda: [1.0, 2.0]))

    def after(self, day: float, right: bool) -> None:
        self.step = min(self.step + 1, len(FIXED) - 1) if right else 0
        self.last = day

    def recall(self, day: float) -> float:
        return math.exp(math.log(0.85) * (day - self.last) / FIXED[self.step])

    def due(self) -> float:
        return self.last + FIXED[self.step]


class Fsrs:
    """The product's own use of py-fsrs."""

    def __init__(self) -> None:
        self.memory: Memory | None = None

    def after(self, day: float, right: bool) -> None:
        self.memory = review(self.memory, rate(float(right), right, 15.0, self.memory is None), at(day))

    def recall(self, day: float) -> float:
        return recall(self.memory, at(day)) if self.memory else 0.5

    def due(self) -> float:
        return (self.memory.due - BEGIN) / timedelta(days=1) if self.memory else 0.0


MODELS: dict[str, Callable[[], Fsrs | Sm2 | Fixed]] = {"FSRS-6": Fsrs, "SM-2": Sm2, "fixed": Fixed}


def at(day: float) -> datetime:
    return BEGIN + timedelta(days=day)


def predicted(job: tuple[int, str, int, int]) -> dict[str, list[tuple[float, bool]]]:
    """(what each model expected, what came) for the same reviews at random pauses."""
    seed, world, learners, items = job
    pairs: dict[str, list[tuple[float, bool]]] = {name: [] for name in MODELS}
    for learner in range(learners):
        luck = Random(f"{seed}-{world}-{learner}-p")
        for truth in people(seed * 1000 + learner, world, items):
            models, day = {name: make() for name, make in MODELS.items()}, luck.uniform(0, 5)
            for number in range(7):
                right = answers(truth, day, luck)
                for name, model in models.items():
                    if number:
                        pairs[name].append((model.recall(day), right))
                    model.after(day, right)
                truth.study(day, right)
                day += luck.choice((1, 2, 4, 7, 12, 20, 35)) * luck.uniform(0.7, 1.3)
    return pairs


def scheduled(job: tuple[int, str, int, int]) -> dict[str, tuple[float, float]]:
    """What is known 60 and 120 days after the lessons, by model; new items come when nothing is due."""
    seed, world, learners, items = job
    left: dict[str, list[tuple[float, float]]] = {name: [] for name in MODELS}
    for learner in range(learners):
        for name, make in MODELS.items():
            luck, truths = Random(f"{seed}-{world}-{learner}-s"), people(seed * 1000 + learner, world, items)
            models: dict[int, Fsrs | Sm2 | Fixed] = {}
            for day in range(DAYS):
                order = sorted(models, key=lambda n: models[n].due())
                due = [n for n in order if models[n].due() <= day]
                new = [n for n in range(items) if n not in models][: max(1, A_DAY - len(due))]
                early = [n for n in order if n not in due]
                for n in [*due[: A_DAY - len(new[:1])], *new, *early][:A_DAY]:
                    right = answers(truths[n], day, luck)
                    models.setdefault(n, make()).after(day, right)
                    truths[n].study(day, right)
            left[name].append(tuple(mean(one.known(DAYS + later) for one in truths) for later in (60, 120)))  # type: ignore[arg-type]
    return {
        name: (mean(one[0] for one in found), mean(one[1] for one in found)) for name, found in left.items()
    }


def log_loss(pairs: Sequence[tuple[float, bool]]) -> float:
    clipped = [(min(0.99, max(0.01, p)), y) for p, y in pairs]
    return -mean(math.log(p if y else 1 - p) for p, y in clipped)


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for p, y in pairs:
        bins[min(9, int(p * 10))].append((p, y))
    return math.sqrt(
        sum(len(one) * (mean(p for p, _ in one) - mean(y for _, y in one)) ** 2 for one in bins.values())
        / len(pairs)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--items", type=int, default=60)
    given = parser.parse_args()
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {given.seeds} seeds × {given.learners} learners × {given.items} items"
    )
    with ProcessPoolExecutor(2) as pool:
        for world in WORLDS:
            jobs = [(seed, world, given.learners, given.items) for seed in range(given.seeds)]
            report(world, list(pool.map(predicted, jobs)), list(pool.map(scheduled, jobs)))


def report(
    world: str,
    predictions: Sequence[dict[str, list[tuple[float, bool]]]],
    left: Sequence[dict[str, tuple[float, float]]],
) -> None:
    print(f"\n{world}")
    every = [pair for seed in predictions for pair in seed["FSRS-6"]]
    base = mean(y for _, y in every)
    print(
        f"  base rate {base:.3f}, log loss of always saying it {log_loss([(base, y) for _, y in every]):.3f}"
    )
    for name in MODELS:
        pairs = [pair for seed in predictions for pair in seed[name]]
        print(f"  {name:7} log loss {log_loss(pairs):.3f}, calibration error {calibration_error(pairs):.3f}")
        curve: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        for p, y in pairs:
            curve[min(9, int(p * 10))].append((p, y))
        print(
            "          "
            + " ".join(
                f"{mean(p for p, _ in one):.2f}→{mean(y for _, y in one):.2f}"
                for _, one in sorted(curve.items())
            )
        )
    for n, later in enumerate((60, 120)):
        means = "  ".join(f"{name} {mean(one[name][n] for one in left):.3f}" for name in MODELS)
        print(f"  known {later} days later: {means}")
        for name in ("SM-2", "fixed"):
            gaps = [one["FSRS-6"][n] - one[name][n] for one in left]
            margin = 1.96 * stdev(gaps) / math.sqrt(len(gaps)) if len(gaps) > 1 else 0.0
            print(
                f"    FSRS-6 − {name:6} {mean(gaps):+.3f} ± {margin:.3f}, won {sum(gap > 0 for gap in gaps)}/{len(gaps)}"
            )


if __name__ == "__main__":
    main()
