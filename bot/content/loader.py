"""Loads knowledge/: the only way in for everything people write.

`load_knowledge` gathers all faults of all files before it raises, so an author sees the whole list at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from bot.content.awareness import Checklist, SloganSet, WorkOrder, awareness_faults
from bot.content.contests import Contest, contest_faults
from bot.content.curricula import Curriculum
from bot.content.curricula_check import Known, curriculum_faults
from bot.content.drills import Drill, drill_faults
from bot.content.exams import Exam
from bot.content.hazards import HazardSign, hazard_faults
from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.content.personas import Persona
from bot.content.points import RuleBook, points_faults
from bot.content.quiz_check import quiz_faults
from bot.content.quizzes import QuizSet
from bot.content.reading import check_value, read_yaml
from bot.content.rotation import Coverage, RotationPlace, rotation_faults
from bot.content.scenarios import Scenario
from bot.errors import ContentError, Fault

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Knowledge:
    """All checked content by id, in the order of ids."""

    cards: Mapping[str, RegulationCard]
    cases: Mapping[str, CaseStudy]
    faqs: Mapping[str, Faq]
    personas: Mapping[str, Persona]
    scenarios: Mapping[str, Scenario]
    exams: Mapping[str, Exam] = field(default_factory=dict)
    curricula: Mapping[str, Curriculum] = field(default_factory=dict)
    quizzes: Mapping[str, QuizSet] = field(default_factory=dict)
    drills: Mapping[str, Drill] = field(default_factory=dict)
    slogans: Mapping[str, SloganSet] = field(default_factory=dict)
    checklists: Mapping[str, Checklist] = field(default_factory=dict)
    games: Mapping[str, WorkOrder] = field(default_factory=dict)
    contests: Mapping[str, Contest] = field(default_factory=dict)
    hazards: Mapping[str, HazardSign] = field(default_factory=dict)
    points: Mapping[str, RuleBook] = field(default_factory=dict)
    rotation: Mapping[str, RotationPlace] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)


def load_knowledge(folder: Path) -> Knowledge:
    """Read and check everything below `folder`; raises ContentError with every fault found."""
    knowledge, faults = read_knowledge(folder)
    if faults:
        raise ContentError(faults)
    return knowledge


def read_knowledge(folder: Path) -> tuple[Knowledge, list[Fault]]:
    """What can be read of `folder`, and every fault: broken files, duplicate and dangling ids, shared questions."""
    faults: list[Fault] = []
    if not folder.is_dir():
        return Knowledge({}, {}, {}, {}, {}), [
            Fault(str(folder), "", "找不到知识文件夹", "检查 ANXUN_KNOWLEDGE_DIR。")
        ]

    def read(name: str, model: type[T]) -> dict[str, T]:
        values, found = _read_folder(folder, name, model)
        faults.extend(found)
        return values

    knowledge = Knowledge(
        cards=read("regulations", RegulationCard),
        cases=read("cases", CaseStudy),
        faqs=read("faq", Faq),
        personas=read("personas", Persona),
        scenarios=read("scenarios", Scenario),
        exams=read("exams", Exam),
        curricula=read("curricula", Curriculum),
        quizzes=read("quizzes", QuizSet),
        drills=read("drills", Drill),
        slogans=read("slogans", SloganSet),
        checklists=read("checklists", Checklist),
        games=read("games", WorkOrder),
        contests=read("contests", Contest),
        hazards=read("hazards", HazardSign),
        points=read("points", RuleBook),
        rotation=read("rotation/places", RotationPlace),
        coverage=read("rotation/coverage", Coverage),
    )
    files = files_of(folder)
    faults.extend(_dangling(knowledge, files))
    faults.extend(_dangling_exams(knowledge, files))
    sources = {*knowledge.cards, *knowledge.cases, *knowledge.faqs}
    resting = {**knowledge.cards, **knowledge.cases, **knowledge.faqs}
    faults.extend(awareness_faults(knowledge.slogans, knowledge.games, resting, files))
    faults.extend(drill_faults(knowledge.drills, knowledge.cards, files))
    faults.extend(quiz_faults(knowledge.quizzes, sources, files, folder))
    faults.extend(_shared_questions(knowledge, files))
    faults.extend(curriculum_faults(knowledge.curricula, _known(knowledge), files))
    faults.extend(hazard_faults(knowledge.hazards, knowledge.cards, files))
    faults.extend(points_faults(knowledge.points, files))
    faults.extend(rotation_faults(knowledge.rotation, knowledge.cards, files))
    faults.extend(contest_faults(knowledge.contests, knowledge.quizzes, knowledge.cards, files))
    return knowledge, faults


def _read_folder(root: Path, name: str, model: type[T]) -> tuple[dict[str, T], list[Fault]]:
    values: dict[str, T] = {}
    faults: list[Fault] = []
    files = sorted(p for p in (root / name).rglob("*.yaml") if not p.name.startswith("_"))
    for path in files:
        shown = path.relative_to(root.parent).as_posix()
        raw, problems = read_yaml(path, shown)
        value = None
        if not problems:
            value, problems = check_value(raw, model, shown)
        faults.extend(problems)
        if value is None:
            continue
        key = str(value.id)  # type: ignore[attr-defined]  # every authored model has an id
        if key in values:
            faults.append(Fault(shown, "id", f"编号 {key} 已被另一个文件使用", "换一个编号。"))
        elif key != path.stem:
            faults.append(Fault(shown, "id", f"编号 {key} 与文件名不一致", f"把文件改名为 {key}.yaml。"))
        values.setdefault(key, value)
    return dict(sorted(values.items())), faults


def files_of(folder: Path) -> dict[str, str]:
    """The file of each id as faults show it, e.g. knowledge/regulations/contracts/contract-must-have.yaml."""
    return {path.stem: path.relative_to(folder.parent).as_posix() for path in folder.rglob("*.yaml")}


def _resting(knowledge: Knowledge) -> list[CaseStudy | Faq]:
    return [*knowledge.cases.values(), *knowledge.faqs.values()]


def _items(knowledge: Knowledge) -> list[RegulationCard | CaseStudy | Faq]:
    return [*knowledge.cards.values(), *_resting(knowledge)]


def _dangling(knowledge: Knowledge, files: Mapping[str, str]) -> Iterable[Fault]:
    remedy = "改成已有的编号，或先写那张卡。"
    named: list[tuple[str, str, Iterable[str]]] = []
    for item in _resting(knowledge):
        named.append((item.id, "cards", item.cards))
    for card in knowledge.cards.values():
        named.append((card.id, "superseded_by", filter(None, [card.superseded_by])))
        named.append((card.id, "shares_questions_with", card.shares_questions_with))
    for owner, key, refs in named:
        for ref in refs:
            if ref not in knowledge.cards:
                yield Fault(files[owner], key, f"没有卡片 {ref}", remedy)
    for scenario in knowledge.scenarios.values():
        if scenario.persona not in knowledge.personas:
            yield Fault(files[scenario.id], "persona", f"没有画像 {scenario.persona}", remedy)
        else:
            yield from _unplayable(scenario, knowledge.personas[scenario.persona], files[scenario.id])


def _dangling_exams(knowledge: Knowledge, files: Mapping[str, str]) -> Iterable[Fault]:
    for exam in knowledge.exams.values():
        for call in exam.calls:
            if call.scenario not in knowledge.scenarios:
                yield Fault(
                    files[exam.id], "calls", f"没有场景 {call.scenario}", "改成已有的编号，或先写那个场景。"
                )


def _known(knowledge: Knowledge) -> Known:
    """What a course may name."""
    return Known(
        knowledge.cards,
        knowledge.cases,
        knowledge.faqs,
        knowledge.scenarios,
        knowledge.quizzes,
        knowledge.drills,
    )


def _unplayable(scenario: Scenario, persona: Persona, file: str) -> Iterable[Fault]:
    """What a scenario asks of a persona that this persona cannot give."""
    if scenario.setting not in persona.settings:
        yield Fault(file, "setting", f"{persona.name}不在这种场合", f"可选：{'、'.join(persona.settings)}。")
    facts, hidden = {fact.id for fact in persona.vulnerable}, {reveal.id for reveal in persona.reveals}
    for condition in scenario.success:
        if condition.answered and condition.answered not in facts:
            yield Fault(
                file,
                "success",
                f"{persona.name}没有叫 {condition.answered} 的要紧事",
                f"可选：{'、'.join(facts)}。",
            )
        if condition.revealed and condition.revealed not in hidden:
            yield Fault(
                file,
                "success",
                f"{persona.name}没有叫 {condition.revealed} 的隐情",
                f"可选：{'、'.join(hidden)}。",
            )


def _shared_questions(knowledge: Knowledge, files: Mapping[str, str]) -> Iterable[Fault]:
    """A question that two items claim would be answered by chance, so it belongs to one of them."""
    owner: dict[str, str] = {}
    declared = {card.id: set(card.shares_questions_with) for card in knowledge.cards.values()}
    for item in _items(knowledge):
        for question in dict.fromkeys(item.questions):
            first = owner.setdefault(question.strip("？?。 "), item.id)
            both = declared.get(first, set()) | declared.get(item.id, set())
            if first != item.id and not {first, item.id} & both:
                yield Fault(
                    files[item.id],
                    "questions",
                    f"“{question}”也写在 {first} 里",
                    "留给更贴切的一条，另一条换个问法；两张卡都该答的，写进 shares_questions_with。",
                )
