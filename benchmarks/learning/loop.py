"""Does the loop leave more knowledge for the same minutes than a fixed course, chance, or spacing alone?

python -m benchmarks.learning.loop [--seeds 30] [--learners 200]

Every seed is a group of synthetic learners (bot/learning/loop/simulation.py), the same for each policy. Printed are the
means over seeds of: knowledge weighted by what the post meets, speaking, red lines in ten calls, four weeks after the
last lesson; then the loop's paired difference from each other policy with its 95 % interval and the share of seeds won.
"""

from __future__ import annotations

import argparse
import math
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import mean, stdev

from bot.learning.loop.simulation import ABLATIONS, POLICIES, WORLDS, Outcome, live

WEEKS, MINUTES, REST = 12, 40.0, 4
MEASURES: dict[str, Callable[[Outcome], float]] = {
    "knowledge": lambda one: one.knowledge,
    "speaking": lambda one: one.speaking,
    "red lines": lambda one: one.red_lines,
}


def group(job: tuple[int, int, str, str]) -> tuple[float, ...]:
    """Means over one seed's learners under one policy in one world."""
    seed, learners, policy, world = job
    takes = ABLATIONS.get(policy, ABLATIONS["loop"])
    lives = [
        live(seed * 10_000 + n, policy, WORLDS[world], WEEKS, MINUTES, REST, takes) for n in range(learners)
    ]
    return tuple(mean(map(measure, lives)) for measure in MEASURES.values())


def compare(pool: ProcessPoolExecutor, names: Sequence[str], world: str, seeds: int, learners: int) -> None:
    found = {
        name: list(pool.map(group, [(seed, learners, name, world) for seed in range(seeds)]))
        for name in names
    }
    print(
        f"\n{world}: {seeds} seeds × {learners} learners, {WEEKS} weeks of {MINUTES:.0f} minutes, measured {REST} weeks later"
    )
    for name in names:
        values = "  ".join(
            f"{label} {mean(one[n] for one in found[name]):.3f}" for n, label in enumerate(MEASURES)
        )
        print(f"  {name:34} {values}")
    for name in names:
        if name == "loop":
            continue
        parts = []
        for n, label in enumerate(MEASURES):
            gaps = [ours[n] - theirs[n] for ours, theirs in zip(found["loop"], found[name], strict=True)]
            better = sum((gap < 0) if label == "red lines" else (gap > 0) for gap in gaps)
            margin = 1.96 * stdev(gaps) / math.sqrt(len(gaps))
            parts.append(f"{label} {mean(gaps):+.3f} ± {margin:.3f} (won {better}/{len(gaps)})")
        print(f"  loop − {name:27} {'  '.join(parts)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--learners", type=int, default=200)
    given = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}")
    with ProcessPoolExecutor(2) as pool:
        compare(pool, list(POLICIES), "usual", given.seeds, given.learners)
        compare(pool, list(ABLATIONS), "usual", given.seeds, given.learners)
        for world in list(WORLDS)[1:]:
            compare(pool, list(POLICIES), world, max(5, given.seeds // 3), given.learners)


if __name__ == "__main__":
    main()
