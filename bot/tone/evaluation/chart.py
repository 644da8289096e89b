"""The picture of an evaluation of the judge: where its bands and people's meet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bot.palette import ACCENT, AMBER, INK, PAPER, SOFT, say, styled
from bot.tone.evaluation.agreement import BANDS


def draw_agreement(figures: Mapping[str, Any], folder: Path) -> Path:
    """agreement.png in `folder`, which exists: the confusion table, and recall and precision of each red line."""
    path = folder / "agreement.png"
    with styled():
        figure = Figure(figsize=(10.5, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
        _confusion(left, np.array(figures["confusion"]))
        _redlines(right, figures["redlines_by_code"])
        figure.savefig(path)
    return path


def _confusion(axes: Axes, counts: np.ndarray) -> None:
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="GnBu", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            dark = shares[row, column] > 0.6
            axes.text(
                column, row, str(counts[row, column]), ha="center", va="center", color=PAPER if dark else INK
            )
    axes.set_xticks(range(len(BANDS)), [str(band) for band in BANDS])
    axes.set_yticks(range(len(BANDS)), [str(band) for band in BANDS])
    axes.tick_params(length=0)
    axes.set_xlabel(say("评分器给的档", "band given"))
    axes.set_ylabel(say("人标的档", "band labelled"))
    axes.set_title(say("档位对不对得上", "Bands"))


def _redlines(axes: Axes, by_code: Mapping[str, Mapping[str, Mapping[str, float | None]]]) -> None:
    names = [code for code, both in by_code.items() if both["recall"]["of"] or both["precision"]["of"]]
    for at, code in enumerate(reversed(names)):
        for kind, colour, lift in (("recall", ACCENT, 0.14), ("precision", AMBER, -0.14)):
            held = by_code[code][kind]
            if (value := held["value"]) is None:
                continue
            low, high = held["low"] or 0.0, held["high"] or 0.0
            axes.plot([low, high], [at + lift] * 2, color=colour, linewidth=1.5, alpha=0.6)
            axes.plot([value], [at + lift], "o" if kind == "recall" else "s", color=colour)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set_xlim(0, 1.02)
    axes.grid(axis="x")
    axes.tick_params(length=0)
    axes.plot([], [], "o", color=ACCENT, label=say("召回", "recall"))
    axes.plot([], [], "s", color=AMBER, label=say("精确", "precision"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, labelcolor=SOFT)
    axes.set_title(say("红线（横线是 95% 区间）", "Red lines (bars: 95% intervals)"))
