"""Reads the replies that people wrote and marked for the judge.

A situation is `## id | persona | anger | {facts}`, the customer's line `客：…`, then one line for each reply:
`band|moves|red lines|tag|reply`, codes parted by blanks, `-` for none.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import BadInput
from bot.judgement import MOVES, REDLINES

TAGS = (
    "polite_bad", "plain_good", "negation", "double_neg", "quote", "sarcasm", "yes_but", "lawful", "stuffing",
    "stock", "copy", "typo", "asr", "others_fault", "dialect", "injection", "nonsense", "lookalike",
)  # fmt: skip
"""What makes a reply hard to judge; `pair:7` marks replies that differ in little but the line they cross."""
_PAIR = re.compile(r"pair:\d+")
_FORM = "写成 band|moves|red lines|tag|reply，没有的写 -。"


@dataclass(frozen=True)
class Example:
    """One marked reply. `band` 1..5; `anger` 1..5; `scenario` is the situation it belongs to."""

    id: str
    scenario: str
    persona: str
    anger: int
    facts: Mapping[str, Any]
    customer: str
    reply: str
    band: int
    moves: frozenset[str]
    redlines: frozenset[str]
    tag: str


def read_examples(*files: Path) -> list[Example]:
    """Every reply of the files, in order; raises BadInput with the line and the remedy."""
    examples = [example for file in files for example in _read(file)]
    if not examples:
        raise BadInput("没有读到一句标过的回话。", "检查 models/training/tone/ 里的文件。")
    return examples


def fold(scenario: str, folds: int) -> int:
    """Which of so many parts a situation belongs to: the same on every machine, all its replies together."""
    return int(hashlib.md5(scenario.encode(), usedforsecurity=False).hexdigest(), 16) % folds


def _read(file: Path) -> Iterator[Example]:
    scenario, persona, anger, customer, count = "", "", 0, "", 0
    facts: Mapping[str, Any] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"读不了 {file}。", "检查文件在不在、是不是 UTF-8。") from None
    for number, line in enumerate(lines, 1):
        where = f"{file.name} 第 {number} 行"
        if line.startswith("## "):
            scenario, persona, anger, facts = _header(line, where)
            customer, count = "", 0
        elif line.startswith("客："):
            customer = line.removeprefix("客：").strip()
        elif line.strip():
            if not scenario or not customer:
                raise BadInput(f"{where}前面没有情境或客户的话。", "先写 ## 一行，再写 客： 一行。")
            count += 1
            band, moves, redlines, tag, reply = _marks(line, where)
            yield Example(
                f"{scenario}-{count:02}",
                scenario,
                persona,
                anger,
                facts,
                customer,
                reply,
                band,
                moves,
                redlines,
                tag,
            )


def _header(line: str, where: str) -> tuple[str, str, int, Mapping[str, Any]]:
    parts = [part.strip() for part in line.removeprefix("## ").split("|", 3)]
    try:
        scenario, persona, anger = parts[0], parts[1], int(parts[2])
        facts = json.loads(parts[3]) if len(parts) > 3 and parts[3] else {}
    except (IndexError, ValueError):
        raise BadInput(f"{where}的情境读不懂。", "写成 ## id | 画像 | 怒级 1–5 | {事实}。") from None
    if anger not in (1, 2, 3, 4, 5) or not isinstance(facts, dict):
        raise BadInput(f"{where}的怒级或事实不对。", "怒级 1–5，事实是 JSON 对象。")
    return scenario, persona, anger, facts


def _marks(line: str, where: str) -> tuple[int, frozenset[str], frozenset[str], str, str]:
    parts = line.split("|", 4)
    if len(parts) != 5 or parts[0] not in ("1", "2", "3", "4", "5") or not parts[4].strip():
        raise BadInput(f"{where}读不懂。", _FORM)
    moves, redlines = (frozenset(part.split()) - {"-"} for part in parts[1:3])
    if moves - set(MOVES) or redlines - set(REDLINES):
        raise BadInput(
            f"{where}有不认识的动作或红线：{'、'.join(moves - set(MOVES) | redlines - set(REDLINES))}。",
            _FORM,
        )
    if redlines and parts[0] != "1":
        raise BadInput(f"{where}踩了红线却不是 1 档。", "踩红线的一律 1 档。")
    tag = parts[3].strip()
    if tag != "-" and tag not in TAGS and not _PAIR.fullmatch(tag):
        raise BadInput(f"{where}的标记 {tag} 不认识。", f"可用：-、pair:数字、{'、'.join(TAGS)}。")
    return int(parts[0]), moves, redlines, "" if tag == "-" else tag, parts[4].strip()
