"""A small, valid knowledge folder that tests break on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
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

OTHER: dict[str, Any] = CARD | {
    "id": "no-other-fees",
    "title": "不许搭着收别的钱",
    "summary": "违反规定的，按规定处理。",
    "quote": "",
    "article": 40,
    "do": ["只收电费"],
    "dont": ["不代收物业费"],
    "questions": ["物业费能代收不", "顺带收水费行吗", "搭着卖保险", "客户问垃圾费交给谁", "领导让代收咋办"],
    "source": "《电力供应与使用条例》第四十条",
}

CASE: dict[str, Any] = {
    "id": "cut-on-day-twenty",
    "topic": "fee_collection",
    "kind": "incident",
    "title": "第二十天就停了",
    "happened": "老小区一户欠费二十天，催费员怕月底完不成回收，没送通知就拉了闸。" * 8,
    "timeline": [{"when": "周一", "what": "拉闸"}, {"when": "周二", "what": "客户投诉"}],
    "root_cause": "没查逾期天数。",
    "cards": [CARD["id"]],
    "should_have": "先查天数，再送通知。",
    "manager_changes": "停电单要两个人看过。",
    "discussion": ["差几天算不算？", "谁该签字？", "怎么道歉？"],
    "questions": ["二十天就停电的例子", "停早了出过事没", "没送通知就停"],
    "reviewed_on": "2026-11-24",
}

FAQ: dict[str, Any] = {
    "id": "what-to-say-first",
    "topic": "fee_collection",
    "question": "第一通催费电话怎么开口？",
    "questions": ["头一回打怎么说", "开口第一句", "打通了说啥", "怎么自报家门"],
    "answer": "先报单位和工号，再问方不方便，逾期没超过30日不提停电。",
    "cards": [CARD["id"]],
    "reviewed_on": "2026-11-24",
}


def write_knowledge(
    folder: Path,
    *cards: dict[str, Any],
    cases: Iterable[dict[str, Any]] = (),
    faqs: Iterable[dict[str, Any]] = (),
) -> Path:
    """`folder`/knowledge with these items, and the shipped rubric and terms."""
    knowledge = folder / "knowledge"
    for name in ("rubric", "terms"):
        shutil.copytree(ROOT / "knowledge" / name, knowledge / name, symlinks=True)
    for name, items in (("regulations", cards), ("cases", cases), ("faq", faqs)):
        (knowledge / name).mkdir()
        for item in items:
            path = knowledge / name / f"{item['id']}.yaml"
            path.write_text(yaml.safe_dump(item, allow_unicode=True), encoding="utf-8")
    return knowledge


def write_law(folder: Path, version: str = "2019-03-02") -> Path:
    """`folder`/laws with one short law."""
    laws = folder / "laws"
    laws.mkdir()
    (laws / f"电力供应与使用条例({version}).md").write_text(LAW_TEXT, encoding="utf-8")
    return laws
