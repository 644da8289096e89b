"""The questions that ship: enough of them, on everything, resting on cards, and not to be guessed by their looks."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from bot.content.loader import Knowledge, load_knowledge, read_knowledge
from bot.content.models import TOPIC_NAMES
from bot.content.quiz_files import read_decisions
from bot.learning.quizzes.generating.making import make
from tests.roleplay.factory import KNOWLEDGE


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(KNOWLEDGE)


def test_every_topic_has_enough(knowledge: Knowledge) -> None:
    """At least forty questions on each topic, of several kinds."""
    topics: dict[str, Counter[str]] = {topic: Counter() for topic in TOPIC_NAMES}
    for one in knowledge.quizzes.values():
        topics[one.topic].update(item.kind for item in one.items)

    assert all(sum(kinds.values()) >= 40 and len(kinds) >= 2 for kinds in topics.values()), topics


def test_place_of_the_right_answer_gives_nothing_away(knowledge: Knowledge) -> None:
    """As written, the right one stands at every place about equally often, and is the longest only by chance."""
    singles = [item for one in knowledge.quizzes.values() for item in one.items if item.kind == "single"]
    places = Counter(next(n for n, option in enumerate(item.options) if option.correct) for item in singles)
    longest = sum(max(item.options, key=lambda option: len(option.text)).correct for item in singles)

    assert max(places.values()) < 0.4 * len(singles)
    assert longest < 0.4 * len(singles)


def test_true_and_false_are_balanced(knowledge: Knowledge) -> None:
    """Who always says 对 is right about half of the time."""
    truths = [
        item.truth for one in knowledge.quizzes.values() for item in one.items if item.kind == "judgement"
    ]

    assert 0.35 < sum(map(bool, truths)) / len(truths) < 0.65


def test_generated_are_what_the_generator_makes(knowledge: Knowledge) -> None:
    """Nobody has written into a generated file: what differs from the generator is the cards, or an edit to be moved."""
    drafts = make(knowledge.cards, knowledge.cases, knowledge.faqs, 7, read_decisions(KNOWLEDGE / "quizzes"))
    made = {draft["id"]: draft["stem"] for items in drafts.values() for draft in items}
    shipped = {
        item.id: item.stem
        for one in knowledge.quizzes.values()
        if one.origin == "generated"
        for item in one.items
    }

    assert made == shipped


def test_dropped_drafts_stay_away(knowledge: Knowledge) -> None:
    """What a reader found wanting is not asked."""
    asked = {item.id for one in knowledge.quizzes.values() for item in one.items}

    assert not asked & set(read_decisions(KNOWLEDGE / "quizzes").dropped)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("- contract-electronic-written", "- contract-nowhere"), "没有卡片 contract-nowhere"),
        (("title: 供用电合同自测一", "title: 供用电合同自测二"), "也是"),
        (("correct: true", "correct: false"), "对的选项"),
        (("  kind: single\n", "  kind: single\n  colour: red\n"), "不认识这个键"),
    ],
)
def test_broken_set_says_where(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    """A slip in a set is named with file, key and remedy."""
    for folder in ("quizzes", "regulations", "cases", "faq"):
        shutil.copytree(KNOWLEDGE / folder, tmp_path / "knowledge" / folder)
    files = sorted((tmp_path / "knowledge/quizzes").glob("generated-contracts-*.yaml"))
    file = next(one for one in files if change[0] in one.read_text(encoding="utf-8"))
    file.write_text(file.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    faults = read_knowledge(tmp_path / "knowledge")[1]

    assert any(problem in str(fault) and "generated-contracts" in fault.file for fault in faults), faults
