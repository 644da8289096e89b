"""The pictures of an evaluation, as PNG files: which system is better, how deep one must read, what a score is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from bot.palette import ACCENT, AMBER, INK, MARKERS, SERIES, SOFT, bare, say, styled
from bot.retrieval.evaluation.answers import Bin, Point
from bot.retrieval.evaluation.comparison import Measured
from bot.retrieval.evaluation.measures import DEPTHS, MEASURES

COLUMNS = 3


def draw_retrieval(systems: Sequence[Measured], questions: int, folder: Path) -> list[Path]:
    """measures.png, recall_by_depth.png and first_scores.png in `folder`, which exists."""
    return [
        _drawn(folder / "measures.png", lambda: _measures(systems, questions)),
        _drawn(folder / "recall_by_depth.png", lambda: _recall(systems, questions)),
        _drawn(folder / "first_scores.png", lambda: _first_scores(systems)),
    ]


def draw_answers(
    points: Sequence[Point], shipped: Point | None, bins: Sequence[Bin], folder: Path
) -> list[Path]:
    """risk_coverage.png and calibration.png in `folder`, which exists."""
    return [
        _drawn(folder / "risk_coverage.png", lambda: _risk_coverage(points, shipped)),
        _drawn(folder / "calibration.png", lambda: _calibration(bins)),
    ]


def _drawn(path: Path, draw: Callable[[], Figure]) -> Path:
    with styled():
        draw().savefig(path)
    return path


def _measures(systems: Sequence[Measured], questions: int) -> Figure:
    """One panel a measure, one bar a system from zero, its interval as a line."""
    rows = -(-len(MEASURES) // COLUMNS)
    height = 0.9 + rows * (0.8 + 0.34 * len(systems))
    figure = Figure(figsize=(10, height), layout="constrained")
    panels = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).flat
    places = range(len(systems))
    for panel, name in zip(panels, MEASURES, strict=False):
        held = [system.measures[name] for system in systems]
        panel.barh(places, [h.value for h in held], height=0.62, color=ACCENT, alpha=0.85)
        panel.hlines(places, [h.low for h in held], [h.high for h in held], color=INK, linewidth=1.4)
        for place, h in zip(places, held, strict=True):
            panel.text(h.high + 0.02, place, f"{h.value:.3f}", va="center", fontsize=9)
        panel.set(title=name, xlim=(0, 1.18), yticks=places, yticklabels=[system.name for system in systems])
        panel.set_xticks([0, 0.5, 1])
        bare(panel, "x")
    figure.axes[0].invert_yaxis()
    figure.supxlabel(
        say(f"{questions} 个问题的平均，细线是 95% 区间", f"mean of {questions} questions, thin line: 95% interval"),
        fontsize=10, color=SOFT,
    )  # fmt: skip
    return figure


def _recall(systems: Sequence[Measured], questions: int) -> Figure:
    figure = Figure(figsize=(7.5, 5), layout="constrained")
    panel = figure.subplots()
    for number, system in enumerate(systems):
        panel.plot(
            DEPTHS, system.recall, label=system.name, markersize=5, linewidth=1.8,
            color=SERIES[number % len(SERIES)], marker=MARKERS[number % len(MARKERS)],
        )  # fmt: skip
    panel.set_xscale("log")
    panel.set_xticks(DEPTHS, [str(depth) for depth in DEPTHS], minor=False)
    panel.minorticks_off()
    panel.set(
        ylim=(0, 1.02),
        xlabel=say("看到第几篇", "documents read"),
        ylabel=say("找到的正确文档", "right documents found"),
        title=say(f"看得越深，找到得越多（{questions} 个问题）", f"recall by depth ({questions} questions)"),
    )
    panel.legend(loc="lower right")
    bare(panel, "y")
    return figure


def _first_scores(systems: Sequence[Measured]) -> Figure:
    """Right firsts above the line, wrong ones below it, on the same bins: where they overlap, a score says nothing."""
    figure = Figure(figsize=(7.5, 0.8 + 1.7 * len(systems)), layout="constrained")
    for panel, system in zip(figure.subplots(len(systems), 1, squeeze=False).flat, systems, strict=True):
        right, wrong = system.first_right, system.first_wrong
        panel.set_title(f"{system.name}")
        bare(panel, "x")
        panel.spines["left"].set_visible(False)
        panel.set_yticks([])
        if not right and not wrong:
            continue
        bins = np.histogram_bin_edges([*right, *wrong], bins=30)
        above, _ = np.histogram(right, bins)
        below, _ = np.histogram(wrong, bins)
        widths = np.diff(bins)
        panel.bar(
            bins[:-1],
            above,
            widths,
            align="edge",
            color=ACCENT,
            label=say(f"第一篇对（{len(right)}）", f"first is right ({len(right)})"),
        )
        panel.bar(
            bins[:-1],
            -below,
            widths,
            align="edge",
            color=AMBER,
            label=say(f"第一篇错（{len(wrong)}）", f"first is wrong ({len(wrong)})"),
        )
        panel.axhline(0, color=INK, linewidth=0.8)
        panel.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=10)
    figure.supxlabel(say("第一篇的得分", "score of the first document"), fontsize=10, color=SOFT)
    return figure


def _risk_coverage(points: Sequence[Point], shipped: Point | None) -> Figure:
    figure = Figure(figsize=(7.5, 5), layout="constrained")
    panel = figure.subplots()
    panel.plot([p.coverage for p in points], [p.risk for p in points], color=ACCENT, linewidth=2)
    if shipped:
        panel.plot(shipped.coverage, shipped.risk, "o", color=AMBER, markersize=9)
        words = say("现在的门槛", "threshold in use")
        panel.annotate(
            f"{words}\n{shipped.coverage:.0%} · {shipped.risk:.0%}", (shipped.coverage, shipped.risk),
            textcoords="offset points", xytext=(-8, 10), ha="right", va="bottom",
        )  # fmt: skip
    panel.set(
        xlim=(0, 1.01),
        ylim=(0, max(0.1, 1.1 * max(p.risk for p in points))),
        xlabel=say("答了多少（占全部问题）", "answered, of all questions"),
        ylabel=say("答错多少（占答了的）", "wrong, of those answered"),
        title=say("答得越多，错得越多：按把握从大到小", "risk by coverage, surest first"),
    )
    panel.xaxis.set_major_formatter("{x:.0%}")
    panel.yaxis.set_major_formatter("{x:.0%}")
    bare(panel, "y")
    return figure


def _calibration(bins: Sequence[Bin]) -> Figure:
    """Each point is hung from the diagonal where it would lie if the confidence were honest."""
    figure = Figure(figsize=(5.5, 5.5), layout="constrained")
    panel = figure.subplots()
    stated, right = [b.confidence for b in bins], [b.right for b in bins]
    panel.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle="--")
    panel.vlines(stated, stated, right, color=AMBER, linewidth=1.6)
    panel.plot(stated, right, "o", color=ACCENT, markersize=7)
    for b in bins:
        beside = (12, -3) if b.right < 0.05 else (0, -17 if b.right < b.confidence else 8)
        panel.annotate(
            str(b.questions), (b.confidence, b.right),
            textcoords="offset points", xytext=beside, ha="center", fontsize=9, color=SOFT,
        )  # fmt: skip
    panel.set(
        xlim=(-0.03, 1.06),
        ylim=(-0.03, 1.06),
        aspect="equal",
        xlabel=say("说有几成把握", "confidence stated"),
        ylabel=say("实际对了几成", "right in fact"),
        title=say("把握说得准不准（点旁是题数）", "calibration (questions beside the points)"),
    )
    bare(panel, "both")
    return figure
