"""What every engine asks of its arguments, so that each may assume it."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadInput

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def checked_name(name: str) -> str:
    """A collection's name; it becomes part of a file's or a table's name."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"向量集合的名字 {name!r} 不能用。",
            "用小写字母开头，只含小写字母、数字和下划线，不超过 40 个字符。",
        )
    return name


def checked_rows(ids: Ids, vectors: Vectors, dim: int) -> tuple[Ids, Vectors]:
    """The rows in ascending order of their ids, each id once: of several rows the last counts."""
    ids, rows = checked_ids(ids), checked_vectors(vectors, dim)
    if len(ids) != len(rows):
        raise BadInput(f"{len(ids)} 个编号配了 {len(rows)} 条向量。", "一个编号配一条向量。")
    unique, last = np.unique(ids[::-1], return_index=True)
    return unique, np.ascontiguousarray(rows[len(ids) - 1 - last])


def checked_ids(ids: Ids) -> Ids:
    numbers = np.asarray(ids, np.int64).reshape(-1)
    if len(numbers) and numbers.min() < 0:
        raise BadInput(f"向量编号 {numbers.min()} 小于零。", "编号用零或正整数。")
    return numbers


def checked_vectors(vectors: Vectors, dim: int) -> Vectors:
    rows = np.ascontiguousarray(vectors, np.float32)
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise BadInput(
            f"向量的形状是 {list(rows.shape)}，这个索引要 [条数, {dim}]。",
            "用建索引时的编码器，或换一个 key 重建索引。",
        )
    if not np.isfinite(rows).all():
        raise BadInput("向量里有不是数的值。", "检查编码器的输出。")
    return rows


def nothing_found(count: int, k: int) -> tuple[Vectors, Ids]:
    """The answer to `count` queries before anything is found: all places empty."""
    return np.full((count, max(k, 0)), -np.inf, np.float32), np.full((count, max(k, 0)), -1, np.int64)
