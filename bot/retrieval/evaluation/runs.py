"""TREC runs: what a system found for each question, in memory and as the file that every evaluation tool reads."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from bot.errors import BadInput
from bot.retrieval.collection import read_lines

Ranking = list[tuple[str, float]]
"""(document, score), best first."""
Run = dict[str, Ranking]
"""Question to ranking."""
DEPTH = 100
"""How many documents a run of ours holds for a question: as many as the deepest measure looks at."""


def ranked(scored: Iterable[tuple[str, float]]) -> Ranking:
    """Best first. Of equal scores the later document id leads, as in trec_eval: the order in the file plays no part."""
    return sorted(scored, key=lambda pair: (pair[1], pair[0]), reverse=True)


def read_run(path: Path) -> Run:
    """A run of `question Q0 document rank score tag`; raises BadInput naming file and line."""
    found: dict[str, dict[str, float]] = {}
    for number, line in read_lines(path):
        columns = line.split()
        if len(columns) != 6:
            raise BadInput(f"{path} 第 {number} 行不是 TREC 的六列。", "每行写 问题 Q0 文档 名次 得分 名称。")
        question, _, document, _, score, _ = columns
        value = _number(score)
        if value is None:
            raise BadInput(f"{path} 第 {number} 行的得分 {score} 不是数。", "第五列写数字。")
        documents = found.setdefault(question, {})
        if document in documents:
            raise BadInput(f"{path} 第 {number} 行的 {document} 在同一问题里出现过。", "每个文档只留一行。")
        documents[document] = value
    return {question: ranked(documents.items()) for question, documents in found.items()}


def write_run(path: Path, run: Run, tag: str) -> None:
    """Scores are written in full, so that reading them back gives the same order."""
    with path.open("w", encoding="utf-8") as out:
        for question, ranking in run.items():
            for rank, (document, score) in enumerate(ranking, 1):
                out.write(f"{question} Q0 {document} {rank} {score!r} {tag}\n")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
