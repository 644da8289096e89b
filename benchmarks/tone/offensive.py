"""How well the judge knows offensive language it was not made for: posts about regions, races and genders (COLD).

    .venv/bin/python -m benchmarks.tone.offensive COLD.jsonl

Lines of `{"label": 0|1, "TEXT": …}`. A post counts as offensive when, read as a reply, it is an insult or scorns.
The published peer, a RoBERTa fitted to 25,726 posts of the same kind, is right on 0.82 (Deng et al., 2022).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.progress import track
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from bot.scoring import build_tone
from bot.settings import Settings

CUT = 0.5


def measured(path: Path) -> dict[str, float]:
    """Accuracy, and F1, precision and recall of the offensive class."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    tone = build_tone(Settings.read())
    wanted, found = [], []
    for row in track(rows, description="评判"):
        judged = tone.score({"customer": "", "reply": row["TEXT"]})
        wanted.append(int(row["label"]))
        found.append(int(judged["moves"].get("insult", 0) >= CUT or "insult" in judged["redlines"]))
    return {
        "posts": len(rows),
        "accuracy": round(accuracy_score(wanted, found), 3),
        "f1": round(f1_score(wanted, found), 3),
        "precision": round(precision_score(wanted, found, zero_division=0), 3),
        "recall": round(recall_score(wanted, found), 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("posts", type=Path)
    print(json.dumps(measured(parser.parse_args().posts), indent=2))
