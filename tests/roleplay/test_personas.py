"""What authors may and may not write about a customer, and what we ship."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.content.personas import Persona
from bot.errors import ContentError
from bot.roleplay.coefficients import load_coefficients
from tests.roleplay.factory import KNOWLEDGE, stage

PERSONAS = list(stage().personas.values())


def written() -> dict[str, Any]:
    return stage().personas["p01-liu-daye"].model_dump()


def test_customers_and_calls_ship() -> None:
    """Every customer of the domain document ships, at least two calls each, forty in all, in three settings."""
    calls = Counter(s.persona for s in stage().scenarios.values())

    assert {f"p{number:02}" for number in range(1, 16)} <= {p.id[:3] for p in PERSONAS}
    assert all(calls[p.id] >= 2 for p in PERSONAS)
    assert len(stage().scenarios) >= 40
    assert {s.setting for s in stage().scenarios.values()} == {"phone", "door", "wechat"}


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda p: p.id)
def test_everybody_has_enough_to_say(persona: Persona) -> None:
    """Three hundred lines of one's own, and six or more in every cell."""
    assert len(list(persona.spoken())) >= 300
    assert all(len(lines) >= 6 for _, cells in persona.lines.cells() for lines in cells.values())


def test_facts_match_document() -> None:
    """Amounts and days are the document's own."""
    facts = {p.id[:3]: (p.facts["amount"], p.facts["overdue_days"]) for p in PERSONAS}

    assert facts["p01"] == (86.2, 19)
    assert facts["p02"] == (412.6, 10)
    assert facts["p05"] == (224.6, 55)
    assert facts["p09"] == (132, 8)
    assert facts["p15"][0] == 92.1
    assert facts["p06"] == (1048.7, 34)
    assert facts["p07"] == (4800, 15)
    assert facts["p08"] == (13620, 62)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda p: p.id)
def test_lines_are_written_once(persona: Persona) -> None:
    """No line stands twice in a persona, and none is ruder than the house allows."""
    lines = list(persona.spoken())

    assert len(set(lines)) == len(lines)
    assert not any(re.search("傻|逼样|操你|你妈的|去死|畜生|婊", line) for line in lines)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda p: p.id)
def test_calm_people_do_not_shout(persona: Persona) -> None:
    """At level one nobody uses an exclamation mark."""
    assert not any("！" in line for line in persona.lines.complaint["1"])


def test_weights_must_be_whole() -> None:
    """Needs whose weights do not sum to one are refused."""
    raw = written()
    raw["needs"][0]["weight"] = 0.9

    with pytest.raises(ValidationError, match="加起来应当是 1"):
        Persona.model_validate(raw)


def test_secret_cannot_leak() -> None:
    """A line that gives a hidden fact away is refused with the word that leaks."""
    raw = written()
    raw["lines"]["complaint"]["1"] = (*raw["lines"]["complaint"]["1"], "我闺女忙，没空管我。")

    with pytest.raises(ValidationError, match="闺女"):
        Persona.model_validate(raw)


def test_missing_level_is_named() -> None:
    """A function without words for a level it can reach is refused, with the level."""
    raw = written()
    del raw["lines"]["complaint"]["4"]

    with pytest.raises(ValidationError, match="complaint 缺少怒气 4 级"):
        Persona.model_validate(raw)


def test_unknown_hole_is_refused() -> None:
    """A line with a hole nobody fills is refused."""
    raw = written()
    raw["lines"]["complaint"]["1"] = (*raw["lines"]["complaint"]["1"], "我住{address}。")

    with pytest.raises(ValidationError, match="address"):
        Persona.model_validate(raw)


def test_unknown_key_is_refused() -> None:
    """A misspelt key does not pass in silence."""
    with pytest.raises(ValidationError, match="temprament"):
        Persona.model_validate(written() | {"temprament": 1})


def test_missing_coefficients_are_named(tmp_path: Path) -> None:
    """Without its coefficients role-play says which file is missing."""
    with pytest.raises(ContentError, match=r"_coefficients\.yaml"):
        load_coefficients(tmp_path)


def test_wrong_coefficient_is_named(tmp_path: Path) -> None:
    """A coefficient out of range is refused with its key."""
    text = (KNOWLEDGE / "personas" / "_coefficients.yaml").read_text(encoding="utf-8")
    (tmp_path / "_coefficients.yaml").write_text(text.replace("spoilt: 0.6", "spoilt: 6"), encoding="utf-8")

    with pytest.raises(ContentError, match=r"calming\.spoilt"):
        load_coefficients(tmp_path)
