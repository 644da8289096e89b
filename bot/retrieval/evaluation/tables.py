"""What `anxun eval` prints for people, out of the figures that `--json` prints for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

Figures = Mapping[str, Any]
SHARES = {
    "right_first": "第一条就对",
    "right_among_three": "前三条里有对的",
    "answered": "该答的答了",
    "refused": "不该答的没答",
}
CONFIDENCE = {"auc": "把握分得开该不该答（AUC）", "brier": "把握的 Brier 分", "ece": "把握的校准误差（ECE）"}
LEVEL = 0.05
FAULTS = {"wrong": "答偏了", "refused": "该答没答", "asked_back": "该答反问了", "answered": "不该答却答了"}
OUTCOMES = {
    "right": "答了，对",
    "wrong": "答了，不对",
    "asked_back_right": "反问，里面有对的",
    "asked_back_wrong": "反问，里面没有",
    "declined": "没答",
}


def retrieval_tables(figures: Figures) -> Iterator[Table | Text]:
    """Quality, cost, and differences with the chance that they are none."""
    one = "，文字相同的算一篇。" if figures["equal_wordings"] else "。"
    yield Text(
        f"{figures['documents']} 篇文档，{figures['questions']} 个问题，量了其中 {figures['measured']} 个{one}"
    )
    if missing := figures["right_documents_missing"]:
        yield Text(f"有 {missing} 篇对的文档不在语料里，按没找到算。")
    systems = figures["systems"]
    measures = [name for name, held in systems[0].items() if isinstance(held, dict)]
    quality = Table("系统", *measures)
    for system in systems:
        quality.add_row(system["system"], *(f"{system[name]['value']:.3f}" for name in measures))
    yield quality
    cost = Table("系统", "p50 毫秒", "p95 毫秒", "索引 MB", "建索引 秒")
    for s in systems:
        if "build_s" in s:
            times = (f"{s['p50_ms']:.1f}", f"{s['p95_ms']:.1f}")
            cost.add_row(s["system"], *times, f"{s['index_bytes'] / 1e6:.2f}", f"{s['build_s']:.1f}")
    yield cost
    if compared := figures["comparisons"]:
        difference = Table(f"比 {compared[0]['against']}", *measures)
        for name in dict.fromkeys(c["system"] for c in compared):
            held = {c["measure"]: c for c in compared if c["system"] == name}
            difference.add_row(name, *(_difference(held[measure]) for measure in measures))
        yield difference
        yield Text(f"* 差别不像是碰巧：配对随机化检验，校正后 p < {LEVEL}。区间和 p 见 --json。")
    yield from _files(figures)


def answer_tables(figures: Figures) -> Iterator[Table | Text]:
    """Shares with their intervals, the confidence, and every question that went wrong."""
    yield Text(f"该答的 {figures['answerable']} 题，不该答的 {figures['unanswerable']} 题。")
    table = Table("", "量到", "95% 区间")
    for key, label in SHARES.items():
        if held := figures[key]:
            table.add_row(label, f"{held['value']:.3f}", f"{held['low']:.3f} 到 {held['high']:.3f}")
    for key, label in CONFIDENCE.items():
        if figures[key] is not None:
            table.add_row(label, f"{figures[key]:.3f}", "")
    yield table
    ends = Table("", "该答的", "不该答的")
    for key, label in OUTCOMES.items():
        ends.add_row(label, *(str(figures["outcomes"][kind][key]) for kind in ("answerable", "unanswerable")))
    yield ends
    for miss in figures["misses"]:
        cited = f"；引了 {'、'.join(miss['cited'])}" if miss["cited"] else ""
        yield Text(f"{FAULTS[miss['fault']]} {miss['id']} {miss['question']}{cited}")
    yield from _files(figures)


def _difference(comparison: Figures) -> str:
    return f"{comparison['difference']:+.3f}{'*' if comparison['p_holm'] < LEVEL else ''}"


def _files(figures: Figures) -> Iterator[Text]:
    for path in figures.get("files", ()):
        yield Text(f"写了 {path}")
