"""What `anxun eval tone` prints for people, out of the figures that `--json` prints for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from bot.tone.evaluation.agreement import BANDS

Figures = Mapping[str, Any]
_SHOWN = {
    "spearman": "总分和人标档位的次序（Spearman）",
    "exact_band": "档位全对",
    "within_one_band": "差一档以内",
}


def agreement_tables(figures: Figures, names: Mapping[str, str]) -> Iterator[Table | Text]:
    """Agreement, red lines, confusion; `names` gives the Chinese name of each dimension and red line."""
    yield Text(f"{figures['replies']} 句人标过的回话。括号里是 95% 区间。")
    both = Table("对得上人吗", "值")
    for key, title in _SHOWN.items():
        both.add_row(title, _share(figures[key]))
    both.add_row("档位加权一致（二次加权 κ）", _number(figures["kappa"]))
    for name, held in figures["dimensions"].items():
        both.add_row(f"{names.get(name, name)} κ（{held['of']} 句）", _number(held["kappa"]))
    yield both
    lines = Table("红线", "召回", "精确")
    lines.add_row("按码算", *(_share(figures["redlines"][kind]) for kind in ("recall", "precision")))
    lines.add_row("只看踩没踩", *(_share(figures["any_redline"][kind]) for kind in ("recall", "precision")))
    for code, held in figures["redlines_by_code"].items():
        if held["recall"]["of"] or held["precision"]["of"]:
            lines.add_row(names.get(code, code), _share(held["recall"]), _share(held["precision"]))
    yield lines
    confusion = Table("人标＼评分器", *(str(band) for band in BANDS))
    for band, row in zip(BANDS, figures["confusion"], strict=True):
        confusion.add_row(str(band), *(str(count or "·") for count in row))
    yield confusion
    if far := figures["far_off"]:
        yield Text(f"差两档以上：{'、'.join(far)}")
    for fault in figures["redline_faults"]:
        parts = [
            f"{said}{'、'.join(names.get(code, code) for code in fault[key])}"
            for key, said in (("missed", "漏了"), ("false", "多了"))
            if fault[key]
        ]
        yield Text(f"{fault['id']}：{'，'.join(parts)}")
    for path in figures.get("files", ()):
        yield Text(f"写好了 {path}")


def _share(held: Mapping[str, float | int | None]) -> str:
    if held["value"] is None:
        return "—"
    of = f"，{held['of']} 个里" if "of" in held else ""
    return f"{held['value']:.3f}（{held['low']:.3f}–{held['high']:.3f}{of}）"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"
