"""Content is trusted because every fault is caught, named, and comes with its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.content.check import check
from bot.content.loader import load_knowledge
from bot.errors import ContentError, Fault
from tests.content.factory import CARD, CASE, FAQ, OTHER, write_knowledge, write_law


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
        ({"do": ["四天内送通知"]}, "do"),
        ({"summary": "逾期三十日，每日加收五倍违约金。"}, "summary"),
        ({"dont": ["不说罚10万元"]}, "dont"),
        ({"law_version": None}, "law_version"),
        ({"law_version": "2020-01-01"}, "law_version"),
        ({"title": "（待写）一句话：这条管什么"}, "title"),
        ({"superseded_by": "no-such-card"}, "superseded_by"),
        ({"shares_questions_with": ["no-such-card"]}, "shares_questions_with"),
    ],
)
def test_broken_card_is_caught(tmp_path: Path, changes: dict[str, Any], key: str) -> None:
    """Each rule has a card that breaks it, and the fault names the key and a remedy."""
    faults = faults_of(tmp_path, **changes)

    assert [key] == [f.key for f in faults]
    assert all(f.remedy and CARD["id"] in f.file for f in faults)


def test_verified_card_names_its_article(tmp_path: Path) -> None:
    """Nothing is shown as verified law without the number of its article."""
    faults = check(write_knowledge(tmp_path, CARD | {"article": None}), [write_law(tmp_path)]).faults

    assert ["status"] == [f.key for f in faults]


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


def test_declared_sharing_is_allowed(tmp_path: Path) -> None:
    """A question that two cards both answer passes once one of them says so."""
    other = OTHER | {"questions": [*OTHER["questions"], CARD["questions"][0]]}

    silent = check(write_knowledge(tmp_path / "a", CARD, other), []).faults
    declared = check(
        write_knowledge(tmp_path / "b", CARD, other | {"shares_questions_with": [CARD["id"]]}), []
    ).faults

    assert ["questions"] == [f.key for f in silent]
    assert [] == declared


def test_chinese_and_arabic_figures_are_one(tmp_path: Path) -> None:
    """The law's 30日 may be written 三十日 in a card; once, a day and a rough 三五天 are no figures."""
    assert [] == faults_of(tmp_path, summary="逾期三十日以后才谈停电，一次说清，别拖三五天。")


def test_day_in_force_is_checked(tmp_path: Path) -> None:
    """When the law's text says since when it holds, the card says the same."""
    laws = write_law(tmp_path)
    path = next(laws.iterdir())
    path.write_text(
        path.read_text(encoding="utf-8") + "\n第四十五条 本条例自2019年9月1日起施行。\n", encoding="utf-8"
    )
    knowledge = write_knowledge(tmp_path, CARD)

    faults = check(knowledge, [laws]).faults

    assert [("effective_from", True)] == [(f.key, "2019-09-01" in f.remedy) for f in faults]


def test_case_and_answer_rest_on_cards(tmp_path: Path) -> None:
    """A case or answer that names a card nobody wrote is caught, and so is a figure its cards do not hold."""
    good = check(write_knowledge(tmp_path / "a", CARD, cases=[CASE], faqs=[FAQ]), []).faults
    bad = check(
        write_knowledge(
            tmp_path / "b",
            CARD,
            cases=[CASE | {"cards": ["no-such-card"]}],
            faqs=[FAQ | {"answer": "逾期满45天就可以停电，先报工号再说话，别的以后再讲。"}],
        ),
        [],
    ).faults

    assert [] == good
    assert ["answer", "cards"] == sorted(f.key for f in bad)


def test_near_duplicates_are_reported_not_refused(tmp_path: Path) -> None:
    """Two cards that say the same in the same words are shown to the author, with how alike they are."""
    twin = CARD | {"id": "twin", "questions": [f"{q}啊" for q in CARD["questions"]]}

    report = check(write_knowledge(tmp_path, CARD, twin, OTHER), [])

    assert [] == report.faults
    assert [{CARD["id"], "twin"}] == [{pair.first, pair.second} for pair in report.alike]


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("words.txt", "电费 500 n\n电费 500 n\n", "第 2 行"),
        ("words.txt", "电费500n\n", "第 1 行"),
        ("synonyms.yaml", "groups:\n- [停电, 拉闸]\n- [断电, 拉闸]\n", "第 2 组"),
        ("synonyms.yaml", "groups:\n- [停电]\n", "第 1 组"),
        ("typos.yaml", "typos:\n  电表: 点表\n", "电表"),
        ("stopwords.yaml", "stop: [的]\n", "stopwords"),
    ],
)
def test_faulty_terms_are_caught(tmp_path: Path, name: str, text: str, key: str) -> None:
    """The word lists are checked like everything else."""
    knowledge = write_knowledge(tmp_path, CARD)
    (knowledge / "terms" / name).write_text(text, encoding="utf-8")

    assert [(f"knowledge/terms/{name}", key)] == [(f.file, f.key) for f in check(knowledge, []).faults]


def test_faults_of_entries_hide_no_others_and_add_no_echo(tmp_path: Path) -> None:
    """Three unwritten questions are three faults, not also "too few"."""
    faults = faults_of(tmp_path, questions=["（待写）", "（待写）半句", "（待写）", "能停不", "啥时候停"])

    assert ["questions.0", "questions.1", "questions.2"] == [f.key for f in faults]


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    """The first fault hides no other: a broken file and a bad date are both named."""
    knowledge = write_knowledge(tmp_path, CARD | {"reviewed_on": "昨天"})
    (knowledge / "cases" / "broken.yaml").write_text("id: [没有关上", encoding="utf-8")
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
