"""Draws the steps of docs/wecom.md and docs/dingtalk.md from docs/pictures/steps.yaml, one SVG each.

.venv/bin/python scripts/draw_guides.py
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
WIDTH, ROW, TOP = 720, 58, 92
INK, SOFT, PAPER, LINE, ACCENT, AMBER = "#1d2a2e", "#56666b", "#ffffff", "#d9d9d2", "#0f6b66", "#b8741a"
_FONTS = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


def drawn(step: dict[str, Any]) -> str:
    """One step as SVG: the window's name, the way there, the fields, and what to press."""
    rows = step["rows"]
    height = TOP + ROW * len(rows) + (54 if "button" in step else 14)
    way = " › ".join(step["path"])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{_FONTS}" role="img" aria-label="{escape(step["title"] + "：" + way)}">',
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="10" fill="{PAPER}" stroke="{LINE}" stroke-width="2"/>',
        f'<path d="M2 11 a9 9 0 0 1 9-9 H{WIDTH - 11} a9 9 0 0 1 9 9 V36 H2 Z" fill="#eef1f0"/>',
        _text(20, 25, step["title"], SOFT, 14),
        _text(20, 68, way, ACCENT, 17, bold=True),
    ]
    for number, row in enumerate(rows):
        parts += _row(row, TOP + ROW * number)
    if "button" in step:
        parts.append(_text(190, TOP + ROW * len(rows) + 26, step["button"], AMBER, 15, bold=True))
    return "\n".join([*parts, "</svg>", ""])


def _row(row: dict[str, Any], y: int) -> list[str]:
    edge = AMBER if row.get("do") else LINE
    parts = [
        _text(20, y + 22, row["label"], INK, 14, width=160),
        f'<rect x="190" y="{y}" width="510" height="34" rx="6" fill="{PAPER}" stroke="{edge}" stroke-width="{3 if row.get("do") else 1}"/>',
        _text(202, y + 22, row["value"], INK, 14),
    ]
    if "note" in row:
        parts.append(_text(202, y + 49, row["note"], AMBER, 12))
    return parts


def _text(x: int, y: int, words: str, colour: str, size: int, bold: bool = False, width: int = 0) -> str:
    """Words at a place; squeezed into `width` when they would be wider."""
    needed = size * sum(1.0 if ord(sign) > 0x2E80 else 0.58 for sign in words)
    fit = f' textLength="{width}" lengthAdjust="spacingAndGlyphs"' if 0 < width < needed else ""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="{colour}" font-size="{size}"{weight}{fit}>{escape(words)}</text>'


def main() -> None:
    steps = yaml.safe_load((FOLDER / "steps.yaml").read_text(encoding="utf-8"))
    for name, step in steps.items():
        (FOLDER / f"{name}.svg").write_text(drawn(step), encoding="utf-8")
    print(f"画了 {len(steps)} 张，在 docs/pictures/。")


if __name__ == "__main__":
    main()
