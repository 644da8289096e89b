"""Loads knowledge/: the only way in for everything people write.

`load_knowledge` gathers all faults of all files before it raises, so an author sees the whole list at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.content.personas import Persona, Scenario
from bot.content.reading import check_value, read_yaml
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
    )
    faults.extend(_dangling(knowledge))
    faults.extend(_shared_questions(knowledge))
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


def _dangling(knowledge: Knowledge) -> Iterable[Fault]:
    remedy = "改成已有的编号，或先写那张卡。"
    for case in knowledge.cases.values():
        for ref in case.cards:
            if ref not in knowledge.cards:
                yield Fault(f"knowledge/cases/{case.id}.yaml", "cards", f"没有卡片 {ref}", remedy)
    for faq in knowledge.faqs.values():
        for ref in faq.cards:
            if ref not in knowledge.cards:
                yield Fault(f"knowledge/faq/{faq.id}.yaml", "cards", f"没有卡片 {ref}", remedy)
    for card in knowledge.cards.values():
        if card.superseded_by and card.superseded_by not in knowledge.cards:
            yield Fault(card.id, "superseded_by", f"没有卡片 {card.superseded_by}", remedy)
    for scenario in knowledge.scenarios.values():
        if scenario.persona not in knowledge.personas:
            yield Fault(
                f"knowledge/scenarios/{scenario.id}.yaml", "persona", f"没有画像 {scenario.persona}", remedy
            )


def _shared_questions(knowledge: Knowledge) -> Iterable[Fault]:
    """A question that two items claim would be answered by chance, so it belongs to one of them."""
    owner: dict[str, str] = {}
    groups: tuple[Mapping[str, RegulationCard | CaseStudy | Faq], ...] = (
        knowledge.cards,
        knowledge.cases,
        knowledge.faqs,
    )
    for group in groups:
        for item in group.values():
            for question in dict.fromkeys(item.questions):
                first = owner.setdefault(question.strip("？?。 "), item.id)
                if first != item.id:
                    yield Fault(
                        item.id,
                        "questions",
                        f"“{question}”也写在 {first} 里",
                        "留给更贴切的一条，另一条换个问法。",
                    )
