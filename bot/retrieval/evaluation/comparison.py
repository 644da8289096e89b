"""Several runs over the same judgements: every measure of each with its interval, and how far each differs from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.retrieval.evaluation.measures import MEASURES, Values, first_scores, measure, recall_by_depth
from bot.retrieval.evaluation.qrels import Qrels
from bot.retrieval.evaluation.significance import Difference, Interval, compare, holm, interval
from bot.retrieval.evaluation.systems import Cost, Outcome
from bot.retrieval.evaluation.wordings import Wordings


@dataclass(frozen=True)
class Measured:
    """One system's quality. `recall` goes with DEPTHS; `first_right` and `first_wrong` are scores of first documents."""

    name: str
    values: Values
    measures: dict[str, Interval]
    recall: list[float]
    first_right: list[float]
    first_wrong: list[float]
    cost: Cost | None


@dataclass(frozen=True)
class Comparison:
    """`system` less `against` in one measure. `p_holm` allows for all comparisons that were made in that measure."""

    measure: str
    system: str
    against: str
    difference: Difference
    p_holm: float


def measure_all(
    outcomes: Sequence[Outcome], qrels: Qrels, wordings: Wordings | None = None
) -> list[Measured]:
    """Measure each outcome over all questions of `qrels`, at least one; `wordings` makes equal documents one."""
    judged = wordings.of_qrels(qrels) if wordings else qrels
    return [_measured(outcome, judged, wordings) for outcome in outcomes]


def compare_all(systems: Sequence[Measured], reference: Measured) -> list[Comparison]:
    """Every system but the reference against it, measure by measure."""
    others = [system for system in systems if system is not reference]
    found = []
    for name in MEASURES:
        differences = [compare(other.values[name], reference.values[name]) for other in others]
        raised = holm([difference.p for difference in differences])
        found += [
            Comparison(name, other.name, reference.name, difference, p)
            for other, difference, p in zip(others, differences, raised, strict=True)
        ]
    return found


def _measured(outcome: Outcome, qrels: Qrels, wordings: Wordings | None) -> Measured:
    run = wordings.of_run(outcome.run) if wordings else outcome.run
    values = measure(run, qrels)
    right, wrong = first_scores(run, qrels)
    return Measured(
        outcome.name,
        values,
        {name: interval(list(held.values())) for name, held in values.items()},
        recall_by_depth(run, qrels),
        right,
        wrong,
        outcome.cost,
    )
