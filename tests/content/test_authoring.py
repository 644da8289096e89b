"""Authors are helped to start, to re-read, and to notice what has grown old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.authoring import check_everything, list_stale, new_item, require_sound_content, sample_cards
from bot.content.check import check
from bot.errors import BadInput, ContentError
from bot.settings import Settings
from tests.content.factory import CARD, CASE, FAQ, OTHER, ROOT, write_knowledge, write_law


def settings_of(knowledge: Path) -> Settings:
    return replace(Settings.read(), knowledge_dir=knowledge)


def test_a_year_makes_content_stale(tmp_path: Path) -> None:
    """A year after its review every item asks to be read again, not a day sooner."""
    settings = settings_of(write_knowledge(tmp_path, CARD, cases=[CASE], faqs=[FAQ]))

    assert [] == list_stale(settings, date(2027, 11, 24), [])
    assert {"卡片", "案例", "问答"} == {d.kind for d in list_stale(settings, date(2027, 11, 25), [])}


def test_new_law_puts_its_cards_in_doubt(tmp_path: Path) -> None:
    """When a newer text arrives, its cards and what rests on them are named; before its day they are not."""
    settings = settings_of(write_knowledge(tmp_path, CARD, cases=[CASE]))
    laws = [write_law(tmp_path, "2027-02-01")]

    assert [] == list_stale(settings, date(2027, 1, 31), laws)
    doubts = list_stale(settings, date(2027, 2, 1), laws)
    assert [CARD["id"], CASE["id"]] == [d.id for d in doubts]
    assert all("新版本" in d.reason for d in doubts)


def test_skeleton_is_filled_in_and_must_be_finished(tmp_path: Path) -> None:
    """A new card knows its law's version, shows the article, and cannot ship half-written."""
    knowledge = write_knowledge(tmp_path, OTHER)
    laws = [write_law(tmp_path)]

    path, text = new_item(
        settings_of(knowledge), "card", "late-fee", "fee_collection", "电力供应与使用条例", "39", laws
    )

    assert "30日" in text
    assert "law_version: 2019-03-02" in path.read_text(encoding="utf-8")
    faults = check(knowledge, laws).faults
    assert faults and all(path.name in f.file and f.remedy for f in faults)
    assert {"title", "summary", "questions.0"} <= {f.key for f in faults}


@pytest.mark.parametrize("kind", ["case", "faq"])
def test_other_skeletons_are_yaml_with_every_key(tmp_path: Path, kind: str) -> None:
    """Cases and questions start from a file whose only faults are its placeholders."""
    knowledge = write_knowledge(tmp_path, CARD)
    new_item(settings_of(knowledge), kind, "brand-new", "contracts", "", "", [])

    faults = check(knowledge, []).faults

    assert faults and not [f for f in faults if "不认识" in f.problem or "缺少" in f.problem]


@pytest.mark.parametrize(
    ("kind", "item", "topic", "law", "article"),
    [
        ("poem", "late-fee", "fee_collection", "", ""),
        ("card", "late-fee", "weather", "", ""),
        ("card", CARD["id"], "fee_collection", "", ""),
        ("card", "late-fee", "fee_collection", "没有的法", "1"),
        ("card", "late-fee", "fee_collection", "电力供应与使用条例", "999"),
        ("card", "../escape", "fee_collection", "", ""),
    ],
)
def test_skeleton_refuses_nonsense(
    tmp_path: Path, kind: str, item: str, topic: str, law: str, article: str
) -> None:
    """Unknown kinds, topics, laws and articles, taken ids and odd names are refused with a remedy."""
    knowledge = write_knowledge(tmp_path, CARD)
    laws = [write_law(tmp_path)]
    before = sorted(knowledge.rglob("*"))

    with pytest.raises(BadInput) as caught:
        new_item(settings_of(knowledge), kind, item, topic, law, article, laws)

    assert caught.value.remedy
    assert before == sorted(knowledge.rglob("*"))


def test_sample_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    """Two readers with one seed read the same cards beside the law's text."""
    settings = settings_of(write_knowledge(tmp_path, CARD, OTHER))
    laws = [write_law(tmp_path)]

    first, second = sample_cards(settings, 1, 7, laws), sample_cards(settings, 1, 7, laws)

    assert first == second
    assert first[0]["law_text"].startswith("违反本条例")


def test_bot_refuses_faulty_content(tmp_path: Path) -> None:
    """Whatever is faulty, the start stops with the number of faults and how to see them."""
    knowledge = write_knowledge(tmp_path, CARD | {"colour": "红"})
    (knowledge / "terms" / "typos.yaml").write_text("typos: 没有", encoding="utf-8")
    (knowledge / "personas").mkdir()

    with pytest.raises(ContentError) as caught:
        require_sound_content(settings_of(knowledge))

    assert {"colour", "typos"} <= {f.key for f in caught.value.faults}
    assert any("_coefficients" in f.file for f in caught.value.faults)
    assert "anxun content check" in str(caught.value)


def test_missing_law_folder_is_named(tmp_path: Path) -> None:
    """A wrong --law-texts is an error, not a silent pass."""
    with pytest.raises(BadInput, match="找不到文件夹"):
        check_everything(settings_of(ROOT / "knowledge"), [tmp_path / "nowhere"])
