"""The score card of a call as a picture, for chats that draw nothing themselves: outcome, three bars, and the anger.

Called by rendering.py. The same card gives the same bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.channels.chat.drawing import (
    BODY,
    LARGE,
    MARGIN_PX,
    SCORE,
    SMALL,
    WIDTH_PX,
    Line,
    Page,
    label,
    printable,
    width,
    wrapped,
)
from bot.content.lines import LEVEL_LIMITS
from bot.messages import CurvePoint, ScoreCardBlock
from bot.presenting import LEVEL_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR_PX, CURVE_PX, SCORE_PX = 58, 430, 190
MOST_MOMENTS = 3
MOST_CAUSES = 7
"""The strongest are named on the curve; the others are in the words beside the picture."""
SOFT, RED = "#56666b", "#a8241c"
_EDGES = (0.0, *LEVEL_LIMITS, 100.0)
_BANDS = ("#f1f4f4", "#eceae2", "#f3e4d1", "#efd3bf", "#e6bda9")
"""From pale grey-blue to rust, also in grey print each darker than the one below."""
_DRAWING = threading.Lock()
"""One picture at a time: matplotlib's fonts are shared by all threads."""

_Box = tuple[float, float, float, float]


def score_card_png(block: ScoreCardBlock) -> bytes:
    """A PNG 720 pixels wide, as high as it needs to be."""
    with _DRAWING:
        room = WIDTH_PX - 2 * MARGIN_PX - SCORE_PX
        head = wrapped(block.outcome_label, LARGE, room=room) + wrapped(block.name, BODY, room=room)
        head += wrapped(block.situation, SMALL, SOFT, room=room)
        foot = _foot(block)
        heights = [max(_height(head), 150.0), BAR_PX * len(block.groups), CURVE_PX if block.curve else 0]
        page = Page(24 + sum(heights) + 3 * 18 + _height(foot))
        page.write(24, head)
        _score(page, block)
        top = 24 + heights[0] + 18
        if block.groups:
            _bars(page.axes(top, heights[1], left=100, right=190), block)
        top += heights[1] + 18
        if block.curve:
            _curve(page, top, block.curve, block.branches)
        page.write(top + heights[2], foot)
        return page.png()


def curve_png(points: Sequence[CurvePoint], branches: Sequence[CurvePoint] = ()) -> bytes:
    """The emotion curve alone: turns across, anger up, and what moved it. Needs a point."""
    with _DRAWING:
        page = Page(CURVE_PX + 15)
        _curve(page, 15, points, branches)
        return page.png()


def signed(value: float) -> str:
    """A change in anger, rounded, with its sign: +12, −9, 0."""
    number = round(value)
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{abs(number)}"


def _height(lines: Sequence[Line]) -> float:
    return sum(line.height for line in lines)


def _score(page: Page, block: ScoreCardBlock) -> None:
    right = WIDTH_PX - MARGIN_PX
    page.put(right, 0, Line(str(block.overall), SCORE), "right")
    page.put(right, 112, Line(printable(f"分 · {block.grade}"), BODY, SOFT), "right")


def _foot(block: ScoreCardBlock) -> list[Line]:
    lines: list[Line] = []
    for line in block.redlines:
        lines += wrapped(f"红线：{line.name}", colour=RED, gap=6)
    checks = [f"{'做到了' if one.met else '还没'}：{one.what}" for one in block.conditions]
    lines += _section("这一通要做到的", [wrapped(check) for check in checks])
    moments = [
        wrapped(f"第 {one.turn} 句（{signed(one.delta)}）“{one.reply}”") + wrapped(one.why, SMALL, SOFT)
        for one in block.moments[:MOST_MOMENTS]
    ]
    lines += _section("最要紧的几句", moments)
    lines += _section("下次只练一件", [wrapped(block.next_time)])
    speakers = [f"{one.name}：{one.turns} 句，平均 {one.overall} 分" for one in block.speakers]
    return lines + _section("各位说得怎么样", [wrapped(one) for one in speakers])


def _section(title: str, items: Sequence[Sequence[Line]]) -> list[Line]:
    """Nothing for nothing: no title stands alone."""
    lines = [line for item in items for line in item]
    return [*wrapped(title, SMALL, SOFT, gap=14), *lines] if lines else []


def _bars(axes: Axes, block: ScoreCardBlock) -> None:
    """Lengths that compare, each with its number, and a mark where it was last time."""
    from bot.palette import ACCENT, INK, LINE

    axes.set_xlim(0, 100)
    axes.set_ylim(len(block.groups) - 0.5, -0.5)
    for place, one in enumerate(block.groups):
        axes.barh(place, 100, height=0.36, color=LINE)
        axes.barh(place, one.score or 0, height=0.36, color=ACCENT)
        label(axes, -2, place, Line(printable(one.name)), "right")
        label(axes, 103, place, Line("—" if one.score is None else str(one.score)))
        if one.last is not None:
            axes.plot([one.last, one.last], [place - 0.34, place + 0.34], color=INK, linewidth=2)
            label(axes, 115, place, Line(f"上次 {one.last}", SMALL, SOFT))


def _curve(page: Page, top: float, points: Sequence[CurvePoint], branches: Sequence[CurvePoint]) -> None:
    from bot.palette import ACCENT, AMBER, PAPER

    title = "怒气怎么走的" + ("，虚线是重说前的" if branches else "")
    page.put(MARGIN_PX, top, Line(title, SMALL, SOFT))
    axes = page.axes(top + 44, CURVE_PX - 94, left=MARGIN_PX + 60, right=MARGIN_PX)
    last = max(1, *(point.turn for point in points))
    axes.set_xlim(-0.06 * last - 0.1, 1.06 * last + 0.1)
    axes.set_ylim(0, 100)
    for (low, high), name, colour in zip(pairwise(_EDGES), LEVEL_NAMES, _BANDS, strict=True):
        axes.axhspan(low, high, color=colour, linewidth=0)
        label(axes, -0.015, (low + high) / 2, Line(name, SMALL, SOFT), "right", along="y")
    for turn in range(0, last + 1, -(-last // 12)):
        text = f"第 {turn} 句" if turn == last <= 6 else str(turn)
        label(
            axes, turn, -0.035, Line("开场" if turn == 0 else text, SMALL, SOFT), "center", "top", along="x"
        )
    anger = {point.turn: point.anger for point in points}
    for one in branches:
        begin = [(one.turn - 1, anger[one.turn - 1])] if one.turn - 1 in anger else []
        turns, heights = zip(*begin, (one.turn, one.anger), strict=True)
        axes.plot(turns, heights, "--", color=AMBER, linewidth=1.6, clip_on=False)
        axes.plot(one.turn, one.anger, "o", markersize=7, color=PAPER, markeredgecolor=AMBER, clip_on=False)
    axes.plot([p.turn for p in points], [p.anger for p in points], "-o", color=ACCENT, linewidth=2.5, markersize=7, clip_on=False)  # fmt: skip
    for x, y, text in _placed(_said(points), points, branches, axes):
        label(axes, x, y, Line(text, SMALL), "center")


def _said(points: Sequence[CurvePoint]) -> list[tuple[CurvePoint, str]]:
    """What is to stand at which point, what matters most first: the anger at both ends, then the strongest causes."""
    changes = [(point, point.anger - before.anger) for before, point in pairwise(points) if point.label]
    causes = [(point, printable(f"{point.label} {signed(delta)}")) for point, delta in
              sorted(changes, key=lambda one: -abs(one[1]))[:MOST_CAUSES]]  # fmt: skip
    ends = [points[0], points[-1]] if len(points) > 1 else [points[0]]
    return [*((point, str(point.anger)) for point in ends), *causes]


def _placed(
    said: Sequence[tuple[CurvePoint, str]],
    points: Sequence[CurvePoint],
    branches: Sequence[CurvePoint],
    axes: Axes,
) -> list[tuple[float, float, str]]:
    """Each text beside its point where it covers no other text and no point, and the line as little as can be.

    What finds no such place is left out.
    """
    (left, right), box = axes.get_xlim(), axes.get_window_extent()
    scale = box.width / (right - left)
    dots = [((one.turn - left) * scale, one.anger / 100 * box.height) for one in points]
    free = [((one.turn - left) * scale, one.anger / 100 * box.height) for one in branches]
    line = [
        (x1 + (x2 - x1) * step / 12, y1 + (y2 - y1) * step / 12)
        for (x1, y1), (x2, y2) in pairwise(dots)
        for step in range(1, 12)
    ]
    taken: list[_Box] = [(x - 9, y - 9, x + 9, y + 9) for x, y in [*dots, *free]]
    found = []
    for point, text in said:
        half, tall = width(text, SMALL) / 2 + 2, SMALL * 1.15
        dot, level = (point.turn - left) * scale, point.anger / 100 * box.height
        middle = min(max(dot, half), box.width - half)
        places = [(middle, level + away) for away in (26, -26, 54, -54)]
        places += [(dot + half + 14, level), (dot - half - 14, level)]
        boxes = [(x - half, y - tall / 2, x + half, y + tall / 2) for x, y in places]
        fit = [one for one in boxes if _inside(one, box.width, box.height) and not _meets(one, taken)]
        if fit:
            best = min(fit, key=lambda one: sum(_meets(one, [(lx, ly, lx, ly)]) for lx, ly in line))
            taken.append(best)
            found.append((left + (best[0] + half) / scale, (best[1] + best[3]) / 2 / box.height * 100, text))
    return found


def _inside(box: _Box, wide: float, high: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= wide and box[3] <= high


def _meets(box: _Box, others: Sequence[_Box]) -> bool:
    return any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in others)
