"""Joins settings, a file of labelled replies and the judge for `anxun eval tone`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.errors import BadInput
from bot.evaluating import make_folder
from bot.judgement import DIMENSIONS, REDLINES
from bot.needs import require
from bot.retrieval.collection import read_rows
from bot.rounding import rounded
from bot.scoring import Tone
from bot.tone.training.examples import read_examples

DECIMALS = 4


def evaluate_tone(tone: Tone, path: Path, out: Path | None, begins: str = "") -> dict[str, Any]:
    """Agreement of the judge with the labels of `path`, of the ids beginning with `begins` only; see `agreement`.

    Rows: `{id, customer, reply, band, redlines}`, optional `history`, `facts`, `dimensions`.

    Raises:
        NotReady: a package is missing.
        BadInput: a faulty row, or fewer than two rows.
    """
    require("scipy", "sklearn", *(("matplotlib",) if out else ()))
    from bot.tone.evaluation.agreement import Verdict, agreement

    folder = make_folder(out)
    rows = [row for row in labelled(path) if row["id"].startswith(begins)]
    if len(rows) < 2:
        raise BadInput(f"{path} 里要量的不到两句。", "每行一个 {id, customer, reply, band, redlines}。")
    judged = [tone.score(row) for row in rows]
    people = [
        Verdict(row["id"], row["band"], row["band"], frozenset(row["redlines"]), row.get("dimensions") or {})
        for row in rows
    ]
    judge = [
        Verdict(row["id"], s["band"], s["overall"], frozenset(s["redlines"]), s["dimensions"])
        for row, s in zip(rows, judged, strict=True)
    ]
    figures: dict[str, Any] = rounded(agreement(people, judge), DECIMALS)
    if folder:
        from bot.tone.evaluation.chart import draw_agreement

        picture = draw_agreement(figures, folder)
        kept = folder / "figures.json"
        kept.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        figures["files"] = [str(kept), str(picture)]
    return figures


def names(tone: Tone) -> Mapping[str, str]:
    """The Chinese name of every dimension and red line."""
    held = {line.code: line.name for line in tone.rubric.redlines}
    return held | {name: one.name for name, one in tone.rubric.dimensions.items()}


def labelled(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of labels, each checked; raises BadInput with the line and the remedy.

    A `.txt` file is read as the situations that the network is trained on, see `bot.tone.training.examples`.
    """
    if path.suffix == ".txt":
        for one in read_examples(path):
            yield {
                "id": one.id, "customer": one.customer, "reply": one.reply, "facts": dict(one.facts),
                "band": one.band, "redlines": sorted(one.redlines), "tag": one.tag,
            }  # fmt: skip
        return
    for number, row in read_rows(path, ("id", "customer", "reply", "band", "redlines")):
        where = f"{path} 第 {number} 行"
        if not all(isinstance(row[key], str) for key in ("id", "customer", "reply")):
            raise BadInput(f"{where}的 id、customer、reply 要是文字。", "改成字符串。")
        if row["band"] not in (1, 2, 3, 4, 5) or isinstance(row["band"], bool):
            raise BadInput(f"{where}的 band 是 {row['band']!r}。", "写 1 到 5 的整数。")
        lines = row["redlines"]
        if not isinstance(lines, list) or any(code not in REDLINES for code in lines):
            raise BadInput(f"{where}的 redlines 里有不认识的红线。", f"可用：{'、'.join(REDLINES)}。")
        given = row.get("dimensions") or {}
        if not isinstance(given, dict) or not set(given) <= set(DIMENSIONS):
            raise BadInput(f"{where}的 dimensions 里有不认识的维度。", f"可用：{'、'.join(DIMENSIONS)}。")
        if any(not isinstance(v, int | float | None) or isinstance(v, bool) for v in given.values()):
            raise BadInput(f"{where}的 dimensions 要是 0 到 100 的数或 null。", "改成数。")
        yield row
