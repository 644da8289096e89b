"""Content is trusted because every fault is caught, named, and comes with its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.content.check import check
from bot.content.loader import load_knowledge
from bot.errors import ContentError, Fault
from tests.content.factory import CARD, write_knowledge, write_law


def faults_of(folder: Path, version: str = "2019-03-02", **changes: Any) -> list[Fault]:
    card = {key: value for key, value in (CARD | changes).items() if value is not None}
    return check(write_knowledge(folder, card), [write_law(folder, version)]).faults


def test_good_card_has_no_fault(tmp_path: Path) -> None:
    """A card that says what the law says passes."""
    assert [] == faults_of(tmp_path)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"colour": "红"}, "colour"),
        ({"reviewed_on": "2026-13-40"}, "reviewed_on"),
        ({"questions": ["欠费多久能停电"]}, "questions"),
        ({"status": "maybe"}, "status"),
        ({"title": None}, "title"),
        ({"law": "电力供应和使用条例"}, "law"),
        ({"article": 390}, "article"),
        ({"quote": "自逾期之日起计算超过60日"}, "quote"),
        ({"summary": "逾期之日起超过45日才可以停电。"}, "summary"),
        ({"do": ["先查逾期满15天没有"]}, "do"),
        ({"superseded_by": "no-such-card"}, "superseded_by"),
    ],
)
def test_broken_card_is_caught(tmp_path: Path, changes: dict[str, Any], key: str) -> None:
    """Each rule has a card that breaks it, and the fault names the key and a remedy."""
    faults = faults_of(tmp_path, **changes)

    assert [key] == [f.key for f in faults]
    assert all(f.remedy and CARD["id"] in f.file for f in faults)


def test_newer_law_version_is_noticed(tmp_path: Path) -> None:
    """A card written from an old text is caught when a newer one is there."""
    assert ["law_version"] == [f.key for f in faults_of(tmp_path, version="2025-01-01")]


def test_own_number_needs_a_reason(tmp_path: Path) -> None:
    """A figure of our own is allowed once its reason is written down."""
    assert [] == faults_of(tmp_path, do=["先查逾期满15天没有"], own_numbers={"15": "公司内部提醒的天数"})


def test_shared_question_is_caught(tmp_path: Path) -> None:
    """Two cards cannot claim the same question."""
    other = CARD | {"id": "another-card"}

    report = check(write_knowledge(tmp_path, CARD, other), [])

    assert len(CARD["questions"]) == len([f for f in report.faults if f.key == "questions"])


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    """The first fault hides no other: a broken file and a bad date are both named."""
    knowledge = write_knowledge(tmp_path, CARD | {"reviewed_on": "昨天"})
    (knowledge / "cases").mkdir()
    (knowledge / "cases" / "broken.yaml").write_text("id: [没有关上", encoding="utf-8")
    (knowledge / "faq").mkdir()
    (knowledge / "faq" / "gbk.yaml").write_bytes("问题：停电".encode("gbk"))
    (knowledge / "faq" / "long.yaml").write_text("a: " + "长" * 400_000, encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        load_knowledge(knowledge)

    assert 4 == len(caught.value.faults)
    assert "anxun content check" in str(caught.value)


def test_key_written_twice_is_caught(tmp_path: Path) -> None:
    """YAML would keep the last of two equal keys in silence; we do not."""
    knowledge = write_knowledge(tmp_path, CARD)
    path = knowledge / "regulations" / f"{CARD['id']}.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\ntitle: 再写一遍\n", encoding="utf-8")

    faults = check(knowledge, []).faults

    assert 1 == len(faults)
    assert "title" in faults[0].problem
