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
    files = files_of(folder)
    faults.extend(_dangling(knowledge, files))
    faults.extend(_shared_questions(knowledge, files))
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
