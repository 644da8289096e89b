"""What the shipped encoder costs and keeps: cosine to the float model, milliseconds, load time.

    python -m benchmarks.retrieval.encoder [--float FOLDER]

FOLDER is what `anxun train encoder --keep FOLDER` wrote (its name must hold "e5"); without it the cosines are skipped.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

from bot.retrieval.encoder import Encoder, OnnxEncoder, SentenceTransformerEncoder

SENTENCES = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").split("\n")[:100]
PASSAGE = (
    "逾期未交付电费的，供电企业可以从逾期之日起，每日按照电费总额的千分之一至千分之三加收违约金，"
    "具体比例由供用电双方在供用电合同中约定；超过三十日，经催交仍未交付电费的，可以按照国家规定的程序停止供电。"
)


def milliseconds(encoder: Encoder, texts: list[str], passages: bool = False) -> dict[str, float]:
    """p50 and p95 over one text a call."""
    encode = encoder.encode_passages if passages else encoder.encode_queries
    encode(texts[:3])
    taken = []
    for text in texts:
        started = time.perf_counter()
        encode([text])
        taken.append((time.perf_counter() - started) * 1000)
    return {"p50": round(statistics.median(taken), 1), "p95": round(sorted(taken)[int(len(taken) * 0.95)], 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--float", type=Path)
    arguments = parser.parse_args()
    report: dict[str, object] = {}
    for threads in (1, 2):
        started = time.perf_counter()
        encoder = OnnxEncoder(threads=threads)
        report[f"load_ms_{threads}_threads"] = round((time.perf_counter() - started) * 1000)
        report[f"query_ms_{threads}_threads"] = milliseconds(encoder, SENTENCES)
        report[f"passage_ms_{threads}_threads"] = milliseconds(encoder, [PASSAGE] * 50, passages=True)
    if arguments.float:
        reference = SentenceTransformerEncoder(str(arguments.float))
        cosines = (encoder.encode_queries(SENTENCES) * reference.encode_queries(SENTENCES)).sum(1)
        report["cosine_100_sentences"] = {
            "min": round(float(cosines.min()), 4),
            "mean": round(float(cosines.mean()), 4),
        }
    print(json.dumps(report, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
