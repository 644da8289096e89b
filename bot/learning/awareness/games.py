"""Short games of attention, scored: holding back (go/no-go), minding the word, not the place (a spatial Stroop task), and
finding what is wrong in a work order. For oneself only: compared with one's own last runs, never with other people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

from bot.content.awareness import WorkOrder

TOO_QUICK_MS = 150.0
"""Nobody sees, decides and presses within this: such a press was made before the sign was read, and is no time."""
FEWEST = 10
MOST = 80
Game = str
GAMES: dict[Game, str] = {"go": "忍得住", "word": "看字不看地方"}


@dataclass(frozen=True)
class Trial:
    """`wanted` is what should have been pressed, "" for nothing; `pressed` what was, and after how long."""

    wanted: str
    pressed: str
    ms: float | None
    conflict: bool = False


@dataclass(frozen=True)
class Score:
    """`accuracy` 0..1; `median_ms` of right presses; `cost_ms` how much slower conflict makes one, None without both
    kinds; `missed` and `false` count omissions and presses that should not have been."""

    trials: int
    accuracy: float
    median_ms: float | None
    cost_ms: float | None
    missed: int
    false: int


def score(trials: Sequence[Trial]) -> Score:
    """Raises ValueError for fewer than ten trials or more than eighty."""
    if not FEWEST <= len(trials) <= MOST:
        raise ValueError("too few or too many trials")
    right = [one for one in trials if one.pressed == one.wanted and not _too_quick(one)]
    times = [one.ms for one in right if one.pressed and one.ms is not None]
    hard = [one.ms for one in right if one.pressed and one.ms is not None and one.conflict]
    easy = [one.ms for one in right if one.pressed and one.ms is not None and not one.conflict]
    return Score(
        len(trials),
        len(right) / len(trials),
        median(times) if times else None,
        median(hard) - median(easy) if hard and easy else None,
        sum(bool(one.wanted) and not one.pressed for one in trials),
        sum(bool(one.pressed) and (one.pressed != one.wanted or _too_quick(one)) for one in trials),
    )


def _too_quick(one: Trial) -> bool:
    return bool(one.pressed) and (one.ms is None or one.ms < TOO_QUICK_MS)


def compared(now: float | None, before: Sequence[float]) -> str:
    """This run beside one's own: a sentence, and nothing where there is too little to compare."""
    if now is None or len(before) < 3:
        return "再玩几回，就看得出您自己平时是多少。"
    usual = median(before)
    spread = median(abs(one - usual) for one in before) or usual * 0.05
    if now > usual + 2 * spread:
        return f"比您平时慢（平时 {usual:.0f} 毫秒）。没睡好、心里有事都会这样，今天上梯子、开车慢一点。"
    if now < usual - 2 * spread:
        return f"比您平时快（平时 {usual:.0f} 毫秒）。快的时候容易错，看一眼再动手。"
    return f"和您平时差不多（平时 {usual:.0f} 毫秒）。"


@dataclass(frozen=True)
class Inspection:
    """`hits` faults found, `missed` not, `false` good lines suspected; `share` 0..1 is hits of all three together."""

    hits: int
    missed: int
    false: int

    @property
    def share(self) -> float:
        return self.hits / (self.hits + self.missed + self.false)


def compare_order(order: WorkOrder, marked: Collection[int]) -> Inspection:
    """Marking every line is no way to win: each good line counts against one as much as a fault that was missed."""
    faulty = {n for n, line in enumerate(order.lines) if line.faulty}
    chosen = set(marked)
    return Inspection(len(faulty & chosen), len(faulty - chosen), len(chosen - faulty))
