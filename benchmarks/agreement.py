"""How far answers and scores agree with judged sets that are never trained on.

    .venv/bin/python -m benchmarks.agreement --qa QA.jsonl --tone TONE.jsonl

QA rows: {id, question, accept: [{law, article|null}], unanswerable?}. A citation is right when its law and one of its
articles are accepted (null accepts any clause of that law). Tone rows: {id, customer, reply, band, redlines}.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot.settings import Settings


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def is_right(citation: dict[str, Any], accept: list[dict[str, Any]]) -> bool:
    held = citation["article"] if isinstance(citation["article"], list) else [citation["article"]]
    # A set may name 253 for 第二百五十三条之一.
    held = {str(a).split("之")[0] for a in held}
    return any(
        a["law"] == citation["law"] and (a["article"] is None or str(a["article"]).split("之")[0] in held)
        for a in accept
    )


def qa(path: Path) -> dict[str, Any]:
    from bot.asking import build_libraries

    libraries = build_libraries(Settings.read())
    asked = [(row, libraries.ask(row["question"])) for row in rows(path)]
    known = [(r, a) for r, a in asked if not r.get("unanswerable")]
    unknown = [(r, a) for r, a in asked if r.get("unanswerable")]

    def share(top: int) -> float:
        return round(
            sum(any(is_right(c, r["accept"]) for c in a["citations"][:top]) for r, a in known) / len(known), 3
        )

    return {
        "answerable": len(known),
        "right_first": share(1),
        "right_among_three": share(3),
        "answered": round(sum(a["answered"] for _, a in known) / len(known), 3),
        "unanswerable": len(unknown),
        "refused": round(sum(not a["answered"] for _, a in unknown) / max(1, len(unknown)), 3),
        "misses": [
            r["id"] for r, a in known if not any(is_right(c, r["accept"]) for c in a["citations"][:1])
        ],
        "answered_wrongly": [r["id"] for r, a in unknown if a["answered"]],
    }


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--qa", type=Path)
    parser.add_argument("--tone", type=Path)
    args = parser.parse_args()
    figures = {}
    if args.qa:
        figures["qa"] = qa(args.qa)
    if args.tone:
        figures["tone"] = tone(args.tone)
    print(json.dumps(figures, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
