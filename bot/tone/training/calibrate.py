"""Chooses where a red line counts as crossed and where each band begins, on replies the network was not fitted to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PRECISE = 0.8
FEWEST = 5
LEAST, MOST, STEP = 0.2, 0.9, 0.02


def crossed_from(likely: Sequence[float], true: Sequence[bool]) -> float:
    """The lowest probability from which on at least four in five are right: a false charge costs the trainee's trust."""
    tried = [LEAST + STEP * step for step in range(round((MOST - LEAST) / STEP) + 1)]
    return next((cut for cut in tried if _precision(likely, true, cut) >= PRECISE), MOST)


def trusted_ways(hits: Iterable[tuple[str, bool]]) -> list[str]:
    """The rules' ways, given with whether the reply crossed a line, that were right four times in five and met often enough."""
    met: dict[str, list[bool]] = {}
    for way, right in hits:
        met.setdefault(way, []).append(right)
    return sorted(
        way for way, rights in met.items() if len(rights) >= FEWEST and sum(rights) >= PRECISE * len(rights)
    )


def _precision(likely: Sequence[float], true: Sequence[bool], cut: float) -> float:
    charged = [t for p, t in zip(likely, true, strict=True) if p >= cut]
    return sum(charged) / len(charged) if charged else 1.0


def band_cuts(points: Sequence[float], bands: Sequence[int], first: tuple[float, ...]) -> tuple[float, ...]:
    """The four cuts between the bands with the smallest mean squared distance to the marks, searched one by one."""
    cuts = list(first)
    for _ in range(4):
        for place in range(len(cuts)):
            low = cuts[place - 1] + 2 if place else 5.0
            high = cuts[place + 1] - 2 if place + 1 < len(cuts) else 95.0
            tried = [low + 0.5 * step for step in range(int((high - low) * 2) + 1)] or [cuts[place]]
            cuts[place] = min(
                tried, key=lambda cut: _cost(points, bands, [*cuts[:place], cut, *cuts[place + 1 :]])
            )
    return tuple(cuts)


def _cost(points: Sequence[float], bands: Sequence[int], cuts: Sequence[float]) -> float:
    """Squared distance, and a little for every band not hit exactly."""
    total = 0.0
    for value, band in zip(points, bands, strict=True):
        off = abs(1 + sum(value >= cut for cut in cuts) - band)
        total += off * off + (0.5 if off else 0)
    return total
