"""What trainers write: courses that cannot be walked are refused with file, key and remedy; ours can be."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.loader import Knowledge, load_knowledge, read_knowledge
from tests.conftest import ROOT
from tests.learning.curricula.courses import LESSON, raw


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small knowledge folder that holds what the small course names."""
    target = tmp_path_factory.mktemp("small") / "knowledge"
    for name in (
        "regulations/fee-collection/fc-show-id-at-door.yaml", "cases/safety-dog-in-yard.yaml",
        "scenarios/liu-daye-first-call.yaml", "personas/p01-liu-daye.yaml",
    ):  # fmt: skip
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "knowledge" / name, target / name)
    return target


def faults(folder: Path, value: dict[str, Any]) -> list[str]:
    """What is said of a course; not of the cards its case rests on, which are not there."""
    file = folder / "curricula" / f"{value['id']}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    try:
        return [str(one) for one in read_knowledge(folder)[1] if "curricula" in one.file]
    finally:
        file.unlink()


def test_small_course_is_sound(folder: Path) -> None:
    """The course that the other tests break one by one has no fault."""
    assert [] == faults(folder, raw())


def _with(step: dict[str, Any]) -> dict[str, Any]:
    value = raw()
    value["modules"][0]["steps"] = [{**LESSON, **step}]
    return value


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (_with({"cites": ["no-such-card"]}), "没有 no-such-card"),
        (_with({"points": ["逾期37天就能停电。"]}), "37 在所引的卡里找不到"),
        (_with({"kind": "case", "case": "no-case", "points": [], "cites": []}), "用不上"),
        (_with({"kind": "task"}), "要写 checklist"),
        (_with({"kind": "quiz"}), "用不上"),
        (_with({"mood": "好"}), "不认识这个键"),
        (raw(valid_months=0), "valid_months"),
        (raw(audience={"joined_within_days": 7, "years_at_least": 3}), "只写一个"),
        (raw(audience={"changed_from": ["抄表员"]}), "就要写 changed_to"),
    ],
)
def test_broken_course_is_explained(folder: Path, value: dict[str, Any], told: str) -> None:
    """Each fault names the file and says what is wrong in the author's words."""
    said = faults(folder, value)

    assert any(told in one and "knowledge/curricula/small.yaml" in one for one in said), said


def test_circle_of_modules_is_refused(folder: Path) -> None:
    """Modules that wait for each other could never be begun; the circle is shown."""
    value = raw()
    value["modules"][0]["after"] = ["talk"]

    assert any("绕成了圈：" in one and "talk" in one for one in faults(folder, value))


def test_unknown_module_is_refused(folder: Path) -> None:
    """A module that waits for one that is not there is told with both names."""
    value = raw()
    value["modules"][2]["after"] = ["nowhere"]

    assert any("walk" in one and "nowhere" in one for one in faults(folder, value))


def test_courses_are_complete(knowledge: Knowledge) -> None:
    """Two courses of twelve modules, four short ones and one for a change of post, each ending in something done."""
    sizes = sorted(len(one.modules) for one in knowledge.curricula.values())

    assert [5, 5, 6, 6, 6, 12, 12] == sizes
    assert ["reader-to-collector"] == [
        one.id for one in knowledge.curricula.values() if one.audience.changed_to
    ]
    for course in knowledge.curricula.values():
        kinds = {step.kind for module in course.modules for step in module.steps}
        assert {"lesson", "case", "quiz", "task"} <= kinds, course.id


def test_every_lesson_rests_on_sources(knowledge: Knowledge) -> None:
    """No lesson stands on nothing, and none on a card that was superseded."""
    lessons = [
        s for c in knowledge.curricula.values() for m in c.modules for s in m.steps if s.kind == "lesson"
    ]

    assert len(lessons) >= 50
    assert all(step.cites for step in lessons)
    cards = [knowledge.cards[ref] for step in lessons for ref in step.cites if ref in knowledge.cards]
    assert not any(card.superseded_by for card in cards)


def test_second_hand_rules_say_so(knowledge: Knowledge) -> None:
    """A lesson that leans on second-hand cards or company rules names them as such, in a point or in what it cites."""
    for course in knowledge.curricula.values():
        for module in course.modules:
            for step in module.steps:
                text = "".join(step.points)
                soft = [
                    ref for ref in step.cites
                    if ref in knowledge.cards and knowledge.cards[ref].status == "second_hand"
                ]  # fmt: skip
                if soft and any(sign.isdigit() for sign in text):
                    assert any(
                        word in text for word in ("为准", "二手", "本省", "当地", "合同和系统", "最迟")
                    ), step.id


def test_there_are_questions_enough(knowledge: Knowledge) -> None:
    """Every quiz step can be passed: there are twice as many items of its topic and level as all steps ask for."""
    items = [(quiz.topic, item.level) for quiz in knowledge.quizzes.values() for item in quiz.items]
    for course in knowledge.curricula.values():
        steps = [step for module in course.modules for step in module.steps if step.topic]
        for step in steps:
            asked = sum(one.number for one in steps if one.topic == step.topic and one.level >= step.level)
            have = sum(topic == step.topic and level >= step.level for topic, level in items)
            assert have >= 2 * asked, (course.id, step.id, have, asked)
