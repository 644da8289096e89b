"""How far scores agree with a judged set that is never trained on; `anxun eval answers` does the same for answers.

    .venv/bin/python -m benchmarks.agreement --tone TONE.jsonl

Rows: {id, customer, reply, band, redlines}.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot.settings import Settings


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def tone(path: Path) -> dict[str, Any]:
    from bot.scoring import build_tone

    scorer = build_tone(Settings.read())
    judged = [(row, scorer.score(row)) for row in rows(path)]
    apart = [abs(r["band"] - s["band"]) for r, s in judged]
    wanted = sum(len(r["redlines"]) for r, _ in judged)
    found = sum(len(s["redlines"]) for _, s in judged)
    both = sum(len(set(r["redlines"]) & set(s["redlines"])) for r, s in judged)
    crossed = [(bool(r["redlines"]), bool(s["redlines"])) for r, s in judged]
    return {
        "replies": len(judged),
        "exact_band": round(sum(a == 0 for a in apart) / len(apart), 3),
        "within_one_band": round(sum(a <= 1 for a in apart) / len(apart), 3),
        "redline_code_recall": round(both / max(1, wanted), 3),
        "redline_code_precision": round(both / max(1, found), 3),
        "redline_any_recall": round(sum(w and f for w, f in crossed) / max(1, sum(w for w, _ in crossed)), 3),
        "redline_any_precision": round(
            sum(w and f for w, f in crossed) / max(1, sum(f for _, f in crossed)), 3
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tone", type=Path, required=True)
    print(json.dumps({"tone": tone(parser.parse_args().tone)}, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
