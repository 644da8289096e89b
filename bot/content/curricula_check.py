"""Looks through courses for ids that lead nowhere, and for numbers in lessons that none of their sources holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.content.curricula import Curriculum, Module, Step
from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.errors import Fault

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_REMEDY = "改成已有的编号，或先写它。"


@dataclass(frozen=True)
class Known:
    """What a course may name."""

    cards: Mapping[str, RegulationCard]
    cases: Mapping[str, CaseStudy]
    faqs: Mapping[str, Faq]
    scenarios: Collection[str]
    quizzes: Collection[str]
    drills: Collection[str]


def curriculum_faults(
    curricula: Mapping[str, Curriculum], known: Known, files: Mapping[str, str]
) -> Iterable[Fault]:
    """Every fault, each with its file, its key and what to do."""
    titles: dict[str, str] = {}
    for one in curricula.values():
        file = files[one.id]
        if (first := titles.setdefault(one.title, one.id)) != one.id:
            yield Fault(file, "title", f"课程 {first} 也叫“{one.title}”", "换一个标题，点名时才分得清。")
        for module in one.modules:
            for step in module.steps:
                yield from _step_faults(module, step, known, file)


def _step_faults(module: Module, step: Step, known: Known, file: str) -> Iterable[Fault]:
    key = f"modules.{module.id}.{step.id}"
    for name, ref, where in (
        ("case", step.case, known.cases),
        ("scenario", step.scenario, known.scenarios),
        ("set", step.set, known.quizzes),
        ("drill", step.drill, known.drills),
    ):
        if ref and ref not in where:
            yield Fault(file, f"{key}.{name}", f"没有 {ref}", _REMEDY)
    for ref in step.cites:
        if ref not in known.cards and ref not in known.cases and ref not in known.faqs:
            yield Fault(file, f"{key}.cites", f"没有 {ref}", _REMEDY)
        elif (card := known.cards.get(ref)) and card.superseded_by:
            yield Fault(
                file, f"{key}.cites", f"{ref} 已被 {card.superseded_by} 取代", f"改引 {card.superseded_by}。"
            )
    yield from _strange_numbers(step, known, file, f"{key}.points")


def _strange_numbers(step: Step, known: Known, file: str, key: str) -> Iterable[Fault]:
    held = {number for ref in step.cites for number in _NUMBER.findall(_text(ref, known))}
    for point in step.points:
        for number in _NUMBER.findall(point):
            if number not in held and number not in step.own_numbers:
                yield Fault(
                    file, key, f"“{point[:16]}…”里的 {number} 在所引的卡里找不到",
                    "对照原卡改正，或补引那张卡；是我们自己定的数，写进 own_numbers 并说明理由。",
                )  # fmt: skip


def _text(ref: str, known: Known) -> str:
    source = known.cards.get(ref) or known.cases.get(ref) or known.faqs.get(ref)
    return str(source.model_dump()) if source else ""
