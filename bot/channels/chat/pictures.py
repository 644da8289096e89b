"""The score card of a call as a picture, for chats that draw nothing themselves: outcome, three bars, and the anger.

Drawn with matplotlib's objects, without its global state, so that several threads may draw at once; the same card gives
the same bytes. matplotlib is imported with the first picture.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from bot.messages import CurvePoint, ScoreCardBlock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_PX, DPI = 720, 144
WIDE = 28
"""Chinese characters of a line."""
LEVELS = ((0, 25, "平静"), (25, 45, "不快"), (45, 65, "生气"), (65, 82, "发怒"), (82, 100, "失控"))
_BANDS = ("#eef5f1", "#f6f4e6", "#fbeedd", "#f9e2d6", "#f6d5d0")
_DRAWING = threading.Lock()
"""matplotlib's font cache is not made for several threads."""


def score_card_png(block: ScoreCardBlock) -> bytes:
    """A PNG 720 pixels wide, as high as it needs to be."""
    with _DRAWING:
        return _drawn(block)


def _drawn(block: ScoreCardBlock) -> bytes:
    from matplotlib.figure import Figure

    from bot.palette import AMBER, INK, SOFT, styled

    notes = [f"红线：{line.name}" for line in block.redlines]
    notes += [f"{'做到了' if one.met else '还没'}：{one.what}" for one in block.conditions]
    if block.next_time:
        notes.append(f"下次只练一件：{block.next_time}")
    lines = [line for note in notes for line in wrap(_printable(note), WIDE)]
    heights = [1.05, 0.28 * len(block.groups) + 0.25, 2.3, 0.27 * len(lines) + 0.15]
    with styled():
        figure = Figure(figsize=(WIDTH_PX / DPI, sum(heights) + 0.3), dpi=DPI, layout="constrained")
        head, bars, curve, foot = figure.subplots(4, 1, height_ratios=heights)
        head.axis("off")
        head.text(
            0, 0.75, _printable(f"{block.name}　{block.outcome_label}"), fontsize=13, color=INK, va="center"
        )
        head.text(0, 0.18, _printable(block.situation), fontsize=9, color=SOFT, va="center")
        head.text(1, 0.62, str(block.overall), fontsize=30, color=INK, ha="right", va="center")
        head.text(1, 0.02, _printable(f"分 · {block.grade}"), fontsize=9, color=SOFT, ha="right", va="center")
        _bars(bars, block)
        _curve(curve, block.curve, block.branches)
        foot.axis("off")
        for number, line in enumerate(lines):
            colour = AMBER if line.startswith("红线") else INK
            foot.text(
                0, 1 - (number + 0.5) / max(1, len(lines)), line, fontsize=10, color=colour, va="center"
            )
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
        return out.getvalue()


def _bars(axes: Axes, block: ScoreCardBlock) -> None:
    from bot.palette import ACCENT, INK, LINE

    places = list(range(len(block.groups)))[::-1]
    axes.barh(places, [100] * len(places), height=0.5, color=LINE)
    axes.barh(places, [one.score or 0 for one in block.groups], height=0.5, color=ACCENT)
    for place, one in zip(places, block.groups, strict=True):
        axes.text(
            103, place, "—" if one.score is None else str(one.score), va="center", fontsize=10, color=INK
        )
        if one.last is not None:
            axes.plot([one.last, one.last], [place - 0.34, place + 0.34], color=INK, linewidth=1.4)
    axes.set_yticks(places, [one.name for one in block.groups])
    axes.set_xlim(0, 112)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _curve(axes: Axes, points: Sequence[CurvePoint], branches: Sequence[CurvePoint]) -> None:
    from bot.palette import ACCENT, AMBER, INK, SOFT

    for (low, high, name), colour in zip(LEVELS, _BANDS, strict=True):
        axes.axhspan(low, high, color=colour, linewidth=0)
        axes.text(
            1.01,
            (low + high) / 2,
            name,
            transform=axes.get_yaxis_transform(),
            fontsize=8,
            color=SOFT,
            va="center",
        )
    axes.plot(
        [p.turn for p in points],
        [p.anger for p in points],
        color=ACCENT,
        linewidth=2,
        marker="o",
        markersize=5,
    )
    axes.plot([p.turn for p in branches], [p.anger for p in branches], linestyle="", marker="o", markersize=5, markerfacecolor="none", markeredgecolor=AMBER)  # fmt: skip
    for number, point in enumerate(points):
        if point.label and (len(points) <= 8 or number == len(points) - 1):
            above = point.anger < 50 or number % 2 == 0
            axes.annotate(
                _printable(point.label), (point.turn, point.anger), (0, 8 if above else -14),
                textcoords="offset points", ha="center", fontsize=8, color=INK,
            )  # fmt: skip
    axes.set_ylim(0, 100)
    last = max([p.turn for p in points], default=0)
    axes.set_xlim(-0.4, max(1, last) + 0.4)
    axes.set_xticks(range(0, last + 1, max(1, last // 8)))
    axes.set_yticks([])
    axes.set_title("怒气曲线（横轴是第几句）", fontsize=9, color=SOFT, loc="left")


def _printable(text: str) -> str:
    """Without emoji and other signs that the font would draw as boxes."""
    return "".join(
        sign
        for sign in text
        if ord(sign) < 0x2600 or 0x2E80 <= ord(sign) <= 0x9FFF or 0xFF00 <= ord(sign) <= 0xFFEF
    )
