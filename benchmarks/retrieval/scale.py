"""A million passages in the embedded engine, measured: how long, how large, how fast, and what is lost.

    python -m benchmarks.retrieval.scale ../shared [--passages 1000000] [--scratch FOLDER]

The articles of ../shared/corpora come first as they are, then again and again with a tenth of their characters dropped
or swapped (seeded), so near-copies crowd as they do in law. Encoding, building and searching each run in a process of
their own. Prints, for each size, one JSON line and one row of scale.md. Needs 1 GB of scratch disk for a million
passages, and Linux, because memory is read from /proc.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.engine import VectorEngine
from bot.retrieval.static import StaticEncoder
from bot.stores.vectors import open_engine

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
CORPORA = ("statutes_articles", "statutes_articles_newer", "statutes_articles_local")
SIZES = (5_000, 65_000, 300_000)
QUERIES, TOP, CHUNK = 300, 100, 8192
COLUMNS = (
    "passages", "encode_s", "build_s", "build_peak_mb", "index_mb", "open_s", "search_peak_mb",
    "p50_ms", "p95_ms", "of_exact_10", "of_exact_100",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shared", type=Path, help="the folder that holds corpora/ and train/")
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--scratch", type=Path, help="where to work; else a temporary folder")
    arguments = parser.parse_args()
    if not (arguments.shared / "corpora").is_dir():
        raise SystemExit(f"{arguments.shared} has no corpora/: nothing to measure.")
    sizes = sorted({size for size in SIZES if size < arguments.passages} | {arguments.passages})
    questions = questions_in(arguments.shared / "train" / "stard_train.jsonl")
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        folder = Path(scratch)
        encoded = in_fresh_process(encode, arguments.shared, sizes, folder)
        for size in sizes:
            figures: dict[str, float] = {"passages": size, "encode_s": encoded[size]}
            figures |= in_fresh_process(build, size, folder)
            searched, found = in_fresh_process(search, questions, folder)
            figures |= searched | share_of_exact(questions, size, folder, found)
            print(json.dumps(figures))
            print("| " + " | ".join(str(figures[column]) for column in COLUMNS) + " |", flush=True)


def in_fresh_process(function: Callable[..., Any], *arguments: Any) -> Any:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def encode(shared: Path, sizes: list[int], folder: Path) -> dict[int, float]:
    """Write the vectors of all passages below `folder`; the seconds that the encoder took up to each size."""
    articles, encoder = articles_in(shared), StaticEncoder()
    seconds, taken = {}, 0.0
    with (folder / "vectors.f32").open("wb") as file:
        for start, end in zip([0, *sizes], sizes, strict=False):
            for low in range(start, end, CHUNK):
                texts = [passage(articles, number) for number in range(low, min(low + CHUNK, end))]
                began = time.perf_counter()
                rows = encoder.encode_passages(texts)
                taken += time.perf_counter() - began
                file.write(rows.tobytes())
            seconds[end] = round(taken, 1)
    return seconds


def build(size: int, folder: Path) -> dict[str, float]:
    """Fill an empty engine in chunks and save it."""
    (folder / "articles.vectors").unlink(missing_ok=True)
    began = time.perf_counter()
    with closing(opened(folder)) as engine:
        for start, rows in chunks(folder, size):
            engine.add(np.arange(start, start + len(rows)), rows)
        engine.save()
    seconds = time.perf_counter() - began
    index_mb = (folder / "articles.vectors").stat().st_size / 1e6
    return {"build_s": round(seconds, 1), "build_peak_mb": peak_mb(), "index_mb": round(index_mb, 1)}


def search(questions: list[str], folder: Path) -> tuple[dict[str, float], Ids]:
    """Open what was saved and ask one question after the other, encoding included."""
    encoder = StaticEncoder()
    began = time.perf_counter()
    engine = opened(folder)
    open_s = time.perf_counter() - began
    found, taken = np.zeros((len(questions), TOP), np.int64), []
    engine.search(encoder.encode_queries(questions[-1:]), TOP)
    for place, question in enumerate(questions):
        began = time.perf_counter()
        found[place] = engine.search(encoder.encode_queries([question]), TOP)[1]
        taken.append((time.perf_counter() - began) * 1000)
    p50, p95 = (round(float(np.percentile(taken, q)), 2) for q in (50, 95))
    return {"open_s": round(open_s, 2), "search_peak_mb": peak_mb(), "p50_ms": p50, "p95_ms": p95}, found


def share_of_exact(questions: list[str], size: int, folder: Path, found: Ids) -> dict[str, float]:
    """Of the exact best 10 and 100, the share that was found; a passage that scores no less than the last of them,
    because it is word for word the same, counts as one of them."""
    queries = StaticEncoder().encode_queries(questions)
    best = np.full((len(queries), TOP), -np.inf, np.float32)
    for _, rows in chunks(folder, size):
        best = -np.partition(-np.hstack([best, queries @ rows.T]), TOP - 1, axis=1)[:, :TOP]
    best = -np.sort(-best, axis=1)
    stored = np.memmap(folder / "vectors.f32", np.float32, "r").reshape(-1, queries.shape[1])
    scores = np.stack([stored[ids] @ query for ids, query in zip(found, queries, strict=True)])
    return {
        f"of_exact_{k}": round(float((scores[:, :k] >= best[:, k - 1 : k] - 1e-6).mean()), 4)
        for k in (10, TOP)
    }


def opened(folder: Path) -> VectorEngine:
    dim = StaticEncoder().dim
    return open_engine("", name="articles", dim=dim, key="scale", folder=folder, database_url="")


def chunks(folder: Path, size: int) -> Iterator[tuple[int, Vectors]]:
    """(number of the first row, rows), read piece by piece so that they never lie in memory together."""
    dim = StaticEncoder().dim
    with (folder / "vectors.f32").open("rb") as file:
        for start in range(0, size, CHUNK):
            count = min(CHUNK, size - start)
            yield start, np.fromfile(file, np.float32, count * dim).reshape(count, dim)


def articles_in(shared: Path) -> list[str]:
    texts = []
    for name in CORPORA:
        with gzip.open(shared / "corpora" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            texts += [f"{row['law']} {row['text']}" for row in map(json.loads, lines)]
    return texts


def passage(articles: list[str], number: int) -> str:
    """The article as it is in the first round; in each later one another copy with a tenth of it disturbed."""
    text = articles[number % len(articles)]
    if number < len(articles):
        return text
    chance, characters = random.Random(number), list(text)
    for _ in range(len(characters) // 10):
        place = chance.randrange(len(characters) - 1)
        if chance.random() < 0.5:
            del characters[place]
        else:
            characters[place : place + 2] = characters[place + 1], characters[place]
    return "".join(characters)


def questions_in(path: Path) -> list[str]:
    rows = [json.loads(line)["query"] for line in path.read_text(encoding="utf-8").splitlines()]
    return random.Random(0).sample(rows, QUERIES)


def peak_mb() -> float:
    """The most memory this process has held, files mapped into it included."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1000)


if __name__ == "__main__":
    main()
