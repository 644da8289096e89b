"""Reads plain text: every line is a paragraph, as Chinese office text is written."""

from __future__ import annotations

from pathlib import Path

from bot.retrieval.ingestion.blocks import Block, Reading
from bot.retrieval.ingestion.decoding import decode


def read_text(path: Path) -> Reading:
    lines = decode(path.read_bytes()).splitlines()
    return Reading("txt", [Block(line.strip()) for line in lines if line.strip()])
