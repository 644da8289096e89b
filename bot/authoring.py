"""What authors of knowledge/ run: check everything, list what is stale, start a new file, draw a sample to re-read."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.content.check import Report, check
from bot.content.lawtexts import LawTexts
from bot.content.loader import load_knowledge, read_knowledge
from bot.content.models import RegulationCard
from bot.content.rubric import load_rubric
from bot.content.skeleton import write_skeleton
from bot.content.stale import Doubt, stale
from bot.content.terms import load_terms
from bot.errors import BadInput, ContentError, Fault
from bot.roleplay.coefficients import load_coefficients
from bot.settings import Settings


def check_everything(settings: Settings, law_texts: list[Path]) -> Report:
    """The report of `anxun content check`: content, rubric, terms and the coefficients of the customers."""
    _need_folders(law_texts)
    report = check(settings.knowledge, law_texts)
    return replace(
        report, faults=[*report.faults, *_faults(load_coefficients, settings.knowledge / "personas")]
    )


def require_sound_content(settings: Settings) -> None:
    """Raise ContentError with every fault that would stop the bot, before any server is started."""
    folder = settings.knowledge
    _, faults = read_knowledge(folder)
    faults += _faults(load_rubric, folder / "rubric") + _faults(load_terms, folder / "terms")
    faults += _faults(load_coefficients, folder / "personas")
    if faults:
        raise ContentError(faults)


def count_lines(settings: Settings) -> list[dict[str, int | str]]:
    """For each customer: lines in all, lead-ins, and how many lines each anger level may use."""
    rows: list[dict[str, int | str]] = []
    for persona in load_knowledge(settings.knowledge).personas.values():
        leads = sum(map(len, persona.lines.connectives.values()))
        levels = {f"level_{level}": count for level, count in persona.lines.per_level().items()}
        rows.append(
            {"persona": persona.id, "lines": len(list(persona.spoken())), "lead_ins": leads, **levels}
        )
    return rows


def list_stale(settings: Settings, as_of: date, law_texts: list[Path]) -> list[Doubt]:
    _need_folders(law_texts)
    laws = LawTexts.read(law_texts) if law_texts else None
    return stale(load_knowledge(settings.knowledge), as_of, laws)


def new_item(
    settings: Settings, kind: str, item_id: str, topic: str, law: str, article: str, law_texts: list[Path]
) -> tuple[Path, str]:
    """The path of the new file, and the article's text when it is known ("" otherwise)."""
    _need_folders(law_texts)
    laws = LawTexts.read(law_texts) if law_texts else None
    path = write_skeleton(settings.knowledge, kind, item_id, topic, date.today(), law, article, laws)
    text = (
        laws.article(law, int(article) if article.isdigit() else article)
        if laws and law and article
        else None
    )
    return path, text or ""


def sample_cards(settings: Settings, size: int, seed: int, law_texts: list[Path]) -> list[dict[str, Any]]:
    """`size` cards drawn at random, each beside its law's text; the same seed draws the same cards."""
    _need_folders(law_texts)
    laws = LawTexts.read(law_texts) if law_texts else None
    cards = list(load_knowledge(settings.knowledge).cards.values())
    drawn = random.Random(seed).sample(cards, min(size, len(cards)))  # noqa: S311  no secret depends on it
    return [_beside_law(card, laws) for card in drawn]


def _beside_law(card: RegulationCard, laws: LawTexts | None) -> dict[str, Any]:
    texts = [laws.article(card.law, key) or "" for key in card.articles] if laws else []
    lines = [card.summary, f"引文：{card.quote}"]
    lines += [f"该做：{line}" for line in card.do] + [f"别做：{line}" for line in card.dont]
    return {
        "id": card.id,
        "title": card.title,
        "source": card.source,
        "status": card.status,
        "card": "\n".join(lines),
        "law_text": "\n".join(texts),
    }


def _faults(load: Any, folder: Path) -> list[Fault]:
    try:
        load(folder)
    except ContentError as error:
        return list(error.faults)
    return []


def _need_folders(folders: list[Path]) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"找不到文件夹 {folder}。", "检查 --law-texts 后面的路径。")
