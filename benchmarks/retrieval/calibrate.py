"""Fits the refusal model and writes models/refusal/coefficients.json.

    .venv/bin/python -m benchmarks.retrieval.calibrate [--dry]

Fitted on half a of tests/retrieval/refusal_set.jsonl, and on questions of the cards, cases and FAQ, each asked with its
own passage hidden, so that none is found by its own words. Half b holds other situations and is only reported. A first
hit outside a row's `accept` counts as not answered: to be sure of a wrong card is no merit. No evaluation set is read.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.content.loader import read_knowledge
from bot.content.terms import load_terms
from bot.retrieval.answer import Answerer
from bot.retrieval.encoder import open_encoder
from bot.retrieval.refusal import FEATURES, Confidence
from bot.settings import ROOT, Settings

SET = ROOT / "tests" / "retrieval" / "refusal_set.jsonl"
OUT = ROOT / "models" / "refusal" / "coefficients.json"
HIDDEN = 300
"""How many hidden questions join the fit; they are harder than what staff ask, for their card's best passage is gone."""
HIDDEN_WEIGHT = 0.3
NEUTRAL = Confidence(
    dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 1.0), dict.fromkeys(FEATURES, 0.0), 0, 0
)


@dataclass(frozen=True)
class Row:
    """One question as features; `right` says whether its first hit answers it, `weight` counts in the fit."""

    values: list[float]
    right: bool
    answerable: bool
    half: str
    weight: float = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dry", action="store_true", help="report, write nothing")
    dry = parser.parse_args().dry
    answerer = open_answerer(NEUTRAL)
    rows = [*written(answerer), *hidden(answerer)]
    fitted = [r for r in rows if r.half == "a" or r.half == "hidden"]
    x = np.array([r.values for r in fitted])
    y = np.array([r.right for r in fitted])
    mean, scale = x.mean(0), x.std(0) + 1e-6
    model = LogisticRegression(C=0.5, class_weight="balanced", max_iter=1000)
    model.fit((x - mean) / scale, y, sample_weight=[r.weight for r in fitted])

    def probability(some: list[Row]) -> Any:
        return model.predict_proba((np.array([r.values for r in some]) - mean) / scale)[:, 1]

    halves = {half: [r for r in rows if r.half == half] for half in ("a", "b", "hidden")}
    threshold = best_threshold(probability(halves["a"]), halves["a"])
    figures = {half: report(probability(held), held, threshold) for half, held in halves.items()}
    document = {
        "mean": named(mean),
        "scale": named(scale),
        "weight": named(model.coef_[0]),
        "bias": round(float(model.intercept_[0]), 5),
        "threshold": round(threshold, 4),
        "figures": figures,
    }
    if not dry:
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({"weight": document["weight"], "threshold": threshold, **figures}, indent=2))


def open_answerer(confidence: Confidence) -> Answerer:
    """The product's own answerer over knowledge/, with the encoder that is set."""
    settings = Settings.read()
    return Answerer(
        read_knowledge(settings.knowledge)[0],
        load_terms(settings.knowledge / "terms"),
        open_encoder(settings.encoder),
        confidence,
        settings.data / "cache",
    )


def written(answerer: Answerer) -> list[Row]:
    """Both halves of the refusal set."""
    rows = []
    for line in SET.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("topic") and row["topic"] not in answerer.topics:
            continue  # its cards are not written yet
        item, values = answerer.features_of(row["question"])
        accept = row.get("accept")
        right = row["answerable"] and (accept is None or item in accept)
        rows.append(Row([values[n] for n in FEATURES], right, row["answerable"], row["half"]))
    return rows


def hidden(answerer: Answerer) -> list[Row]:
    """Authored questions asked with their own passage hidden."""
    places = [i for i, p in enumerate(answerer.passages) if p.kind == "question"]
    rows = []
    for place in random.Random(5).sample(places, min(HIDDEN, len(places))):  # noqa: S311  a fixed sample, no secret
        passage = answerer.passages[place]
        item, values = answerer.features_of(passage.text, without=place)
        rows.append(Row([values[n] for n in FEATURES], item == passage.item, True, "hidden", HIDDEN_WEIGHT))
    return rows


def best_threshold(probability: Any, rows: list[Row]) -> float:
    """Where as large a share of answerable questions is answered as of unanswerable ones is refused, on half a."""
    answerable = np.array([r.answerable for r in rows])
    cuts = np.linspace(0.05, 0.95, 181)
    gap = [
        abs(float((probability[answerable] >= c).mean()) - float((probability[~answerable] < c).mean()))
        for c in cuts
    ]
    return float(np.median([c for c, g in zip(cuts, gap, strict=True) if g <= min(gap) + 1e-9]))


def report(probability: Any, rows: list[Row], threshold: float) -> dict[str, float]:
    """Shares and AUC; `right_of_answered` is how often the first citation of an answer is an accepted one."""
    answerable = np.array([r.answerable for r in rows])
    right = np.array([r.right for r in rows])
    kept = probability >= threshold
    found = {
        "answerable": int(answerable.sum()),
        "unanswerable": int((~answerable).sum()),
        "answered_of_answerable": round(float(kept[answerable].mean()), 3),
        "right_of_answerable": round(float((kept & right)[answerable].mean()), 3),
    }
    if (~answerable).any():
        found["refused_of_unanswerable"] = round(float((~kept[~answerable]).mean()), 3)
        found["auc"] = round(float(roc_auc_score(answerable, probability)), 3)
    return found


def named(values: Any) -> dict[str, float]:
    return dict(zip(FEATURES, np.round(values, 5).tolist(), strict=True))


if __name__ == "__main__":
    main()
