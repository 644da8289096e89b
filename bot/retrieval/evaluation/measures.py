"""Measures a run against judgements, question by question, by ir-measures."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import ir_measures
from ir_measures import RR, R, Success, nDCG

from bot.retrieval.evaluation.qrels import Qrels
from bot.retrieval.evaluation.runs import Run

MEASURES = {
    "MRR@10": RR @ 10,
    "nDCG@10": nDCG @ 10,
    "R@10": R @ 10,
    "R@100": R @ 100,
    "S@10": Success @ 10,
    "S@100": Success @ 100,
}
"""R is the share of a question's right documents that were found; S (success) asks for any one of them."""
DEPTHS = (1, 2, 3, 5, 10, 20, 30, 50, 70, 100)

Values = dict[str, dict[str, float]]
"""Measure to question to value."""


def measure(run: Run, qrels: Qrels) -> Values:
    """Every measure of every question in `qrels`; a question that `run` lacks gets zero."""
    return _values(MEASURES, run, qrels)


def recall_by_depth(run: Run, qrels: Qrels, depths: Sequence[int] = DEPTHS) -> list[float]:
    """Mean recall among the first so many documents, one value for each of `depths`."""
    values = _values({str(depth): R @ depth for depth in depths}, run, qrels)
    return [fmean(values[str(depth)].values()) for depth in depths]


def first_scores(run: Run, qrels: Qrels) -> tuple[list[float], list[float]]:
    """(scores of the first documents that are right, of those that are wrong)."""
    right: list[float] = []
    wrong: list[float] = []
    for question, grades in qrels.items():
        for document, score in run.get(question, [])[:1]:
            (right if grades.get(document, 0) > 0 else wrong).append(score)
    return right, wrong


def _values(measures: dict[str, ir_measures.Measure], run: Run, qrels: Qrels) -> Values:
    # The tools behind ir-measures break ties each in its own way, so they are shown places and not scores.
    places = {q: {d: -float(i) for i, (d, _) in enumerate(ranking)} for q, ranking in run.items()}
    names = {measure: name for name, measure in measures.items()}
    found: Values = {name: {} for name in measures}
    for metric in ir_measures.iter_calc(list(names), qrels, places):
        if metric.query_id in qrels:
            found[names[metric.measure]][metric.query_id] = float(metric.value)
    return found
