"""Reads text out of pictures: scanned pages, and scans pasted into Word files. The models load with the first of them."""

from __future__ import annotations

import io
from array import array
from functools import lru_cache
from itertools import accumulate
from typing import Any

from PIL import Image

from bot.retrieval.ingestion.blocks import Block, Line
from bot.retrieval.ingestion.layout import blocks_of
from bot.text import normalise

SCANNED = "{}是扫描的，字由机器认出，要紧的数字请对一遍原件。"
SMALLEST = 480
"""Pixels a picture must have each way to be taken for a scan rather than a logo or a seal."""

LARGEST = 1800
"""Pixels of the longer side: more costs time and reads no better."""


def read_lines(picture: Image.Image, page: int) -> list[Line]:
    """The lines of text on a picture, from top to bottom."""
    import numpy as np

    found = _engine()(np.asarray(picture.convert("RGB")))
    if found.txts is None or found.boxes is None:
        return []
    lines = []
    for text, corners in zip(found.txts, found.boxes, strict=True):
        if words := normalise(text):
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
            wide, high = picture.size
            lines.append(
                Line(
                    words,
                    page,
                    float(top) / high,
                    float(bottom) / high,
                    _edges(words, float(left) / wide, float(right) / wide),
                )
            )
    return lines


def picture_blocks(raw: bytes) -> list[Block]:
    """The text of a picture inside a document; none for small ones and for formats that are no photograph."""
    try:
        picture = Image.open(io.BytesIO(raw))
        if min(picture.size) < SMALLEST:
            return []
        picture.thumbnail((LARGEST, LARGEST))
    except (OSError, ValueError, Image.DecompressionBombError):
        return []
    blocks, _ = blocks_of([read_lines(picture, 1)])
    return [Block(b.text, b.level) for b in blocks]  # where it stands in the picture is no place on a page


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error", "Global.use_cls": False})


def _edges(text: str, left: float, right: float) -> array[float]:
    """Where the characters stand, if Chinese ones are twice as wide as the others."""
    widths = [2 if c > "\u2e7f" else 1 for c in text]
    return array("f", [left + (right - left) * w / sum(widths) for w in accumulate(widths, initial=0)])
