"""What `anxun ask --explain` shows: why an answer came out as it did, for a person to read or a program to take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from bot.retrieval.answering.explaining import OUTCOMES, Explanation, Reason
from bot.rounding import rounded

STRONGEST = 4
"""Reasons shown of each candidate; --json has them all."""
DECIMALS = 4
WAYS = {
    "clause": "点了法规或条号，直接查", "version": "比新旧、问哪一版", "fragment": "只有一两个词，合得上的太多",
    "parts": "拆成几问，逐个有把握", "search": "检索", "danger": "人在险处，先说该怎么做",
}  # fmt: skip


def as_document(explanation: Explanation) -> dict[str, Any]:
    """One JSON document, floats to a few decimals."""
    document: dict[str, Any] = rounded(asdict(explanation), DECIMALS)
    return document


def explanation_tables(explanation: Explanation) -> Iterator[Table | Text]:
    """The outcome, how sure we were and why, then the candidates."""
    e = explanation
    yield Text(f"{OUTCOMES[e.outcome]}（{WAYS[e.way]}）：{e.answer}")
    for choice in e.choices:
        yield Text(f"  {choice}")
    band = f"，{e.unsure:.2f} 到 {e.threshold:.2f} 之间反问" if e.unsure < e.threshold else ""
    yield Text(f"把握 {e.probability:.3f}：够 {e.threshold:.2f} 才答{band}。")
    if e.sure_by:
        yield Text(f"为什么是这个把握：{_said(e.sure_by)}")
    if not e.candidates:
        return
    table = Table(
        "", "条目", "胜算", "得分 = 各项之和，最要紧的几项", "为什么没排第一", "对上的那段", show_lines=True
    )
    for rank, c in enumerate(e.candidates, 1):
        score = f"{c.score:+.2f}：{_said(c.reasons)}"
        cells = (f"{c.title}\n{c.item}", f"{c.chance:.2f}", score, c.lost, c.passage)
        # Chinese has no spaces to break at.
        table.add_row(str(rank), *(Text(cell, overflow="fold") for cell in cells))
    yield table


def _said(reasons: list[Reason]) -> str:
    """字词 +1.20、意思 −0.31 …"""
    return "、".join(f"{r.name} {r.adds:+.2f}" for r in reasons[:STRONGEST]).replace("-", "−")
