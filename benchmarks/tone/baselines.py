"""The judge beside three simple rivals on the same labelled replies: polite words, a character ridge, a constant.

    .venv/bin/python -m benchmarks.tone.baselines LABELS.jsonl [--train models/training/tone/*.txt]

The ridge reads character n-grams of the reply and is fitted on the other folds of the same file, never on the item it
judges; folds keep one customer's line together. With --train it is fitted on the very replies the network was fitted
on. The word count knows no context: that is its point.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from bot.agreeing import DECIMALS, labelled
from bot.rounding import rounded
from bot.scoring import build_tone
from bot.settings import Settings
from bot.tone.evaluation.agreement import Verdict, agreement

FOLDS = 10
POLITE = [
    "您",
    "请",
    "谢谢",
    "感谢",
    "抱歉",
    "对不起",
    "不好意思",
    "理解",
    "麻烦",
    "放心",
    "帮您",
    "您好",
    "尊敬",
    "辛苦",
    "可以",
]
RUDE = ["滚", "闭嘴", "废话", "活该", "赶紧", "不交", "停电", "规定", "不归", "自己", "凭什么", "穷", "赖"]


def polite_words(replies: Sequence[str]) -> np.ndarray:
    """Polite words less rude ones, mapped to 1..5 around 3."""
    counts = [sum(r.count(w) for w in POLITE) - sum(r.count(w) for w in RUDE) for r in replies]
    return np.array([3 + 0.5 * count for count in counts])


def fitted(model: Any, rows: Sequence[dict[str, Any]]) -> np.ndarray:
    """Predictions of `model` for each row, made without that row's customer."""
    groups = [row["customer"] for row in rows]
    folds = GroupKFold(min(FOLDS, len(set(groups))))
    bands = np.array([row["band"] for row in rows], dtype=float)
    return np.asarray(
        cross_val_predict(model, [row["reply"] for row in rows], bands, cv=folds, groups=groups)
    )


def learned(model: Any, train: Sequence[Path], rows: Sequence[dict[str, Any]]) -> np.ndarray:
    """Predictions of `model` fitted on the replies of other files."""
    known = [row for path in train for row in labelled(path)]
    model.fit([row["reply"] for row in known], [row["band"] for row in known])
    return np.asarray(model.predict([row["reply"] for row in rows]))


def compared(path: Path, train: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Figures of the judge and its rivals; rivals know no red lines."""
    rows = list(labelled(path))
    people = [Verdict(r["id"], r["band"], r["band"], frozenset(r["redlines"]), {}) for r in rows]
    tone = build_tone(Settings.read())
    judged = [tone.score(row) for row in rows]
    ours = [
        Verdict(r["id"], s["band"], s["overall"], frozenset(s["redlines"]), {})
        for r, s in zip(rows, judged, strict=True)
    ]
    ridge = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True), Ridge(1.0))
    rivals = {
        "polite words": polite_words([row["reply"] for row in rows]),
        "character ridge": learned(ridge, train, rows) if train else fitted(ridge, rows),
        "constant": fitted(DummyRegressor(strategy="median"), rows),
    }
    found = {"judge": agreement(people, ours)}
    for name, scores in rivals.items():
        verdicts = [
            Verdict(r["id"], int(np.clip(round(score), 1, 5)), float(score), frozenset(), {})
            for r, score in zip(rows, scores, strict=True)
        ]
        found[name] = agreement(people, verdicts)
    shown = ("replies", "spearman", "kappa", "exact_band", "within_one_band", "redlines")
    return {name: {key: figures[key] for key in shown} for name, figures in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path)
    parser.add_argument("--train", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    print(json.dumps(rounded(compared(given.labels, given.train), DECIMALS), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
