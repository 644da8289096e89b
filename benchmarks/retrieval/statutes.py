"""`anxun search` measured: a corpus of articles and questions with relevance, BM25 alone or with vectors.

    python -m benchmarks.retrieval.statutes CORPUS.jsonl.gz QUERIES.jsonl [--dense] [--limit N]

QUERIES hold {"id", "question" or "query", "relevant" or "gold_ids": [ids]}. Prints MRR@10, recall and the search's figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path

from bot.content.terms import load_terms
from bot.retrieval.corpus import search_corpus
from bot.retrieval.encoder import open_encoder
from bot.retrieval.tokens import Tokens
from bot.settings import Settings

KEYS = ("relevant", "gold_ids", "accept")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--dense", action="store_true")
    arguments = parser.parse_args()
    settings = Settings.read()
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "run.trec"
        figures = search_corpus(
            arguments.corpus,
            arguments.queries,
            run,
            100,
            Tokens(load_terms(settings.knowledge / "terms")),
            open_encoder(settings.encoder, threads=2) if arguments.dense else None,
            arguments.dense,
            None,
            lambda done, of: print(f"\r{done}/{of}", end="", file=sys.stderr),
        )
        ranked: dict[str, list[str]] = {}
        for line in run.read_text(encoding="utf-8").splitlines():
            qid, _, document, *_ = line.split()
            ranked.setdefault(qid, []).append(document)
    print(json.dumps(dataclasses.asdict(figures) | quality(arguments.queries, ranked), indent=2))


def quality(queries: Path, ranked: dict[str, list[str]]) -> dict[str, float]:
    """MRR@10 and recall (any right article found) at 10 and 100."""
    rows = [json.loads(line) for line in queries.read_text(encoding="utf-8").splitlines()]
    places = []
    for row in rows:
        key = next((k for k in KEYS if k in row), None)
        if key is None:
            continue
        right = {str(x) for x in row[key]}
        found = [i for i, d in enumerate(ranked.get(str(row["id"]), []), 1) if d in right]
        places.append(found[0] if found else 10**6)
    count = max(1, len(places))
    return {
        "questions": len(places),
        "mrr_10": round(sum(1 / p for p in places if p <= 10) / count, 3),
        "recall_10": round(sum(p <= 10 for p in places) / count, 3),
        "recall_100": round(sum(p <= 100 for p in places) / count, 3),
    }


if __name__ == "__main__":
    main()
