"""Fits the refusal model and writes models/refusal/coefficients.json.

    .venv/bin/python -m benchmarks.retrieval.calibrate

Answerable: every question of the cards, cases and FAQ, each asked with its own passage hidden, so that none is found by
its own words; and the answerable rows of tests/retrieval/refusal_set.jsonl. Unanswerable: the rows of that file that
nothing here answers. Fitted on half a; half b, other situations, is only reported. Nothing of an evaluation set is read.
"""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.content.loader import load_knowledge
from bot.content.terms import load_terms
from bot.retrieval.answer import Answerer
from bot.retrieval.encoder import open_encoder
from bot.retrieval.refusal import FEATURES, Confidence
from bot.settings import ROOT, Settings

SET = ROOT / "tests" / "retrieval" / "refusal_set.jsonl"
OUT = ROOT / "models" / "refusal" / "coefficients.json"
KEEP_ANSWERABLE = 0.97
"""Share of answerable questions of half a that the threshold lets through."""


def main() -> None:
    settings = Settings.read()
    neutral = Confidence(
        dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 1.0), dict.fromkeys(FEATURES, 0.0), 0, 0
    )
    answerer = Answerer(
        load_knowledge(settings.knowledge),
        load_terms(settings.knowledge / "terms"),
        open_encoder(settings.encoder),
        neutral,
        settings.data / "cache",
    )
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    halves: dict[str, list[tuple[list[float], bool]]] = {"a": [], "b": []}
    for row in rows:
        _, values = answerer.features_of(row["question"])
        halves[row["half"]].append(([values[n] for n in FEATURES], row["answerable"]))
    for item, vector in _hidden(answerer):
        halves["a" if sum(item.encode()) % 2 else "b"].append((vector, True))
    x, y = _arrays(halves["a"])
    mean, scale = x.mean(0), x.std(0) + 1e-6
    model = LogisticRegression(class_weight="balanced", C=1.0).fit((x - mean) / scale, y)
    fit = model.predict_proba((x - mean) / scale)[:, 1]
    threshold = float(np.quantile(fit[y], 1 - KEEP_ANSWERABLE))
    xb, yb = _arrays(halves["b"])
    check = model.predict_proba((xb - mean) / scale)[:, 1]
    figures = {
        "a": _figures(fit, y, threshold),
        "b": _figures(check, yb, threshold),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        json.dumps(
            {
                "mean": dict(zip(FEATURES, mean.round(5).tolist(), strict=True)),
                "scale": dict(zip(FEATURES, scale.round(5).tolist(), strict=True)),
                "weight": dict(zip(FEATURES, model.coef_[0].round(5).tolist(), strict=True)),
                "bias": round(float(model.intercept_[0]), 5),
                "threshold": round(threshold, 4),
                "figures": figures,
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )
    print(json.dumps(figures, ensure_ascii=False, indent=2))


def _hidden(answerer: Answerer) -> list[tuple[str, list[float]]]:
    """Each authored question asked with its own passage hidden, kept when its item still comes first."""
    found = []
    for row, passage in enumerate(answerer.passages):
        if passage.kind == "question":
            item, values = answerer.features_of(passage.text, without=row)
            if item == passage.item:
                found.append((item, [values[n] for n in FEATURES]))
    return random.Random(5).sample(found, min(400, len(found)))


def _arrays(rows: list[tuple[list[float], bool]]) -> tuple[Any, Any]:
    return np.array([v for v, _ in rows]), np.array([a for _, a in rows])


def _figures(probability: Any, answerable: Any, threshold: float) -> dict[str, float]:
    kept = probability >= threshold
    return {
        "answerable": int(answerable.sum()),
        "unanswerable": int((~answerable).sum()),
        "auc": round(float(roc_auc_score(answerable, probability)), 3),
        "answered_of_answerable": round(float(kept[answerable].mean()), 3),
        "refused_of_unanswerable": round(float((~kept[~answerable]).mean()), 3),
    }


if __name__ == "__main__":
    main()
