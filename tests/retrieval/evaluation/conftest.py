"""Five articles about power, dogs and unpaid bills, four questions, and what three systems made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.retrieval.collection import Document
from bot.retrieval.evaluation.systems import Collection, read_collection

ARTICLES = [
    {"id": "a1", "law": "供电条例", "article": "第三十九条", "text": "逾期未交付电费的，可以加收违约金。"},
    {"id": "a2", "law": "供电条例", "article": "第二十八条", "text": "计划检修停电，应当提前七天通知用户。"},
    {"id": "a3", "law": "民法通则", "article": "第一百二十七条", "text": "饲养的动物咬伤他人，饲养人赔偿。"},
    {"id": "a4", "law": "民法典", "article": "第一千二百四十五条", "text": "饲养的动物咬伤他人饲养人赔偿"},
    {"id": "a5", "law": "电力法", "article": "第三十二条", "text": "用户用电不得危害供电安全。"},
]
QUESTIONS: list[dict[str, Any]] = [
    {"id": "q1", "question": "晚交电费收违约金吗", "relevant": ["a1"]},
    {"id": "q2", "query": "检修停电要通知吗", "relevant": ["a2", "a5"]},
    {"id": "q3", "question": "动物咬伤他人谁赔偿", "relevant": ["a4"]},
    {"id": "q4", "question": "今天天气怎么样"},
]


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "corpus.jsonl", ARTICLES)


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "queries.jsonl", QUESTIONS)


@pytest.fixture
def collection(corpus: Path, queries: Path) -> Collection:
    return read_collection(corpus, queries)


def document(id: str, wording: str) -> Document:
    return Document(id, f"某法 {wording}", wording)
