"""How the pictures look: few colours, a font that can write Chinese, and English words where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes

INK, SOFT, PAPER, LINE = "#1d2a2e", "#56666b", "#ffffff", "#d9d9d2"
ACCENT, AMBER = "#0f6b66", "#b8741a"
SERIES = (ACCENT, AMBER, "#5b6f9b", "#7a8b3c", "#8c5a7a", SOFT, "#3f8fb0", INK)
"""Told apart by people who see few colours because each also has its own marker and its name beside the line."""
MARKERS = "osD^vPX*"

_CHINESE_FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans CJK JP",
)  # fmt: skip


@cache
def chinese_font() -> str | None:
    """The first font of this machine that can write simplified Chinese, or the one that a package brings along."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    if found := next((name for name in _CHINESE_FONTS if name in installed), None):
        return found
    package = find_spec("zhplot")
    file = (
        Path(package.origin).parent / "fonts" / "NotoSansSC-Regular.ttf"
        if package and package.origin
        else None
    )
    if file is None or not file.is_file():
        return None
    font_manager.fontManager.addfont(file)
    return "Noto Sans SC"


def say(chinese: str, english: str) -> str:
    """`chinese`, or `english` where Chinese would come out as boxes."""
    return chinese if chinese_font() else english


@contextmanager
def styled() -> Iterator[None]:
    """Everything drawn inside looks like ours; nothing outside changes."""
    families = [font for font in (chinese_font(), "DejaVu Sans") if font]
    with mpl.rc_context(
        {
            "font.family": families,
            "font.size": 11,
            "text.color": INK,
            "axes.labelcolor": SOFT,
            "axes.edgecolor": LINE,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.unicode_minus": False,
            "axes.axisbelow": True,
            "grid.color": LINE,
            "grid.linewidth": 0.6,
            "xtick.color": SOFT,
            "ytick.color": SOFT,
            "figure.facecolor": PAPER,
            "axes.facecolor": PAPER,
            "legend.frameon": False,
            "savefig.dpi": 150,
        }
    ):
        yield


def bare(axes: Axes, grid: str) -> None:
    """Grid lines across one axis only, and no ticks to count."""
    axes.grid(axis=grid)  # type: ignore[arg-type]
    axes.tick_params(length=0)
