"""How far the judge agrees with people's labels: rank, band, red lines, dimensions, and where it goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest, spearmanr  # type: ignore[import-untyped]
from sklearn.metrics import cohen_kappa_score, confusion_matrix  # type: ignore[import-untyped]

from bot.judgement import DIMENSIONS, REDLINES
from bot.tone.dimensions import band

BANDS = (1, 2, 3, 4, 5)
DRAWS = 1_000
LEVEL = 95
SEED = 7


@dataclass(frozen=True)
class Verdict:
    """One reply as people labelled it and as the judge did. `dimensions` may be empty: few sets label them."""

    id: str
    band: int
    overall: float
    redlines: frozenset[str]
    dimensions: Mapping[str, int | None]


@dataclass(frozen=True)
class Share:
    """`hits` of `of`, with Wilson's 95% interval; value and ends are None where there was nothing to count."""

    hits: int
    of: int

    def figures(self) -> dict[str, float | int | None]:
        """As `anxun eval tone --json` prints it."""
        if self.of == 0:
            return {"value": None, "low": None, "high": None, "of": 0}
        ends = binomtest(self.hits, self.of).proportion_ci(LEVEL / 100, method="wilson")
        return {"value": self.hits / self.of, "low": ends.low, "high": ends.high, "of": self.of}


def agreement(people: Sequence[Verdict], judge: Sequence[Verdict]) -> dict[str, Any]:
    """Every figure of `anxun eval tone` for verdicts on the same replies in the same order, at least two.

    Rank is Spearman's rho between the labelled band and the judge's overall score; kappa is Cohen's with quadratic
    weights over bands. A red line counts by its code: the wrong code is one missed and one false.
    """
    wanted = np.array([one.band for one in people])
    given = np.array([one.band for one in judge])
    scores = np.array([one.overall for one in judge])
    apart = np.abs(wanted - given)
    return {
        "replies": len(people),
        "spearman": _rank(wanted, scores),
        "kappa": _kappa(wanted, given),
        "exact_band": Share(int((apart == 0).sum()), len(apart)).figures(),
        "within_one_band": Share(int((apart <= 1).sum()), len(apart)).figures(),
        "redlines": _redlines(people, judge),
        "redlines_by_code": {code: _redlines(people, judge, code) for code in REDLINES},
        "any_redline": _crossed(people, judge),
        "dimensions": _dimensions(people, judge),
        "confusion": confusion_matrix(wanted, given, labels=BANDS).tolist(),
        "far_off": [one.id for one, gap in zip(people, apart, strict=True) if gap > 1],
        "redline_faults": [
            {"id": a.id, "missed": sorted(a.redlines - b.redlines), "false": sorted(b.redlines - a.redlines)}
            for a, b in zip(people, judge, strict=True)
            if a.redlines != b.redlines
        ],
    }


def _rank(wanted: np.ndarray, scores: np.ndarray) -> dict[str, float | None]:
    """Spearman's rho with a percentile bootstrap; None where one side never varies."""
    value = _rho(wanted, scores)
    if value is None:
        return {"value": None, "low": None, "high": None}
    chance = np.random.default_rng(SEED)
    picks = chance.integers(0, len(wanted), (DRAWS, len(wanted)))
    drawn = [rho for pick in picks if (rho := _rho(wanted[pick], scores[pick])) is not None]
    low, high = np.percentile(drawn, [(100 - LEVEL) / 2, (100 + LEVEL) / 2])
    return {"value": value, "low": float(low), "high": float(high)}


def _rho(wanted: np.ndarray, scores: np.ndarray) -> float | None:
    if len(np.unique(wanted)) < 2 or len(np.unique(scores)) < 2:
        return None
    return float(spearmanr(wanted, scores).statistic)


def _kappa(wanted: np.ndarray, given: np.ndarray) -> float | None:
    """Cohen's quadratic kappa over the five bands; None where nobody ever differs from one single band."""
    if len(np.union1d(wanted, given)) < 2:
        return None
    return float(cohen_kappa_score(wanted, given, labels=BANDS, weights="quadratic"))


def _redlines(
    people: Sequence[Verdict], judge: Sequence[Verdict], code: str | None = None
) -> dict[str, dict[str, float | int | None]]:
    def counted(codes: frozenset[str]) -> frozenset[str]:
        return codes if code is None else codes & {code}

    both = wanted = found = 0
    for a, b in zip(people, judge, strict=True):
        wanted += len(counted(a.redlines))
        found += len(counted(b.redlines))
        both += len(counted(a.redlines & b.redlines))
    return {"recall": Share(both, wanted).figures(), "precision": Share(both, found).figures()}


def _crossed(people: Sequence[Verdict], judge: Sequence[Verdict]) -> dict[str, Any]:
    """Whether any red line was crossed, whatever its code: what caps the turn."""
    seen = Counter((bool(a.redlines), bool(b.redlines)) for a, b in zip(people, judge, strict=True))
    hits = seen[True, True]
    return {
        "recall": Share(hits, hits + seen[True, False]).figures(),
        "precision": Share(hits, hits + seen[False, True]).figures(),
    }


def _dimensions(people: Sequence[Verdict], judge: Sequence[Verdict]) -> dict[str, dict[str, float | None]]:
    """Quadratic kappa of each dimension that people labelled, both cut into the five bands."""
    found: dict[str, dict[str, float | None]] = {}
    for name in DIMENSIONS:
        pairs = [
            (band(mine), band(theirs))
            for a, b in zip(people, judge, strict=True)
            if (mine := a.dimensions.get(name)) is not None and (theirs := b.dimensions.get(name)) is not None
        ]
        if pairs:
            wanted, given = (np.array(side) for side in zip(*pairs, strict=True))
            found[name] = {"kappa": _kappa(wanted, given), "of": len(pairs)}
    return found
