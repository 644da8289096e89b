"""A small, valid knowledge folder that tests break on purpose."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]

CARD: dict[str, Any] = {
    "id": "cutoff-after-thirty-days",
    "topic": "fee_collection",
    "title": "欠费超过三十天才谈停电",
    "law": "电力供应与使用条例",
    "article": 39,
    "law_version": "2019-03-02",
    "status": "verified",
    "summary": "逾期之日起超过30日，催交后仍不交的，才可以按程序停电。",
    "quote": "自逾期之日起计算超过30日",
    "applies_when": "后付费客户欠费，有人提到停电。",
    "do": ["先查逾期天数"],
    "dont": ["不说今天就停"],
    "questions": ["欠费多久能停电", "催了不交能停不", "满一个月停？", "啥时候能掐他电", "逾期几天停电"],
    "source": "《电力供应与使用条例》第三十九条",
    "reviewed_on": "2026-11-24",
}

LAW_TEXT = """# 电力供应与使用条例

<!-- INFO END -->

第三十九条 违反本条例第二十七条规定，逾期未交付电费的，供电企业可以从逾期之日起，每日按照电费总额的1‰至3‰加收违约金，
具体比例由供用电双方在供用电合同中约定；自逾期之日起计算超过30日，经催交仍未交付电费的，供电企业可以按照国家规定的程序停止供电。

第四十条 违反本条例第三十条规定。
"""


def write_knowledge(folder: Path, *cards: dict[str, Any]) -> Path:
    """`folder`/knowledge with these cards and the shipped rubric."""
    knowledge = folder / "knowledge"
    (knowledge / "regulations").mkdir(parents=True)
    shutil.copytree(ROOT / "knowledge" / "rubric", knowledge / "rubric")
    for card in cards:
        path = knowledge / "regulations" / f"{card['id']}.yaml"
        path.write_text(yaml.safe_dump(card, allow_unicode=True), encoding="utf-8")
    return knowledge


def write_law(folder: Path, version: str = "2019-03-02") -> Path:
    """`folder`/laws with one short law."""
    laws = folder / "laws"
    laws.mkdir()
    (laws / f"电力供应与使用条例({version}).md").write_text(LAW_TEXT, encoding="utf-8")
    return laws
