"""The report on many calls as one self-contained page: tables, curves, how the calls ended. No script, no network.

Called by `anxun practise --batch --out`. The same calls give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.content.lines import LEVEL_LIMITS
from bot.content.personas import Persona
from bot.presenting import LEVEL_NAMES, OUTCOME_LABELS
from bot.roleplay.tally import OUTCOMES, Played, Tally, distinct, tally

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT = 220.0, 110.0
SHOWN_CURVES = 20
"""Thin lines drawn in one small picture; the thick one is the median of all."""


@dataclass(frozen=True)
class Picture:
    """Anger over the turns of one script with one customer, as points of an SVG line 220 × 110."""

    persona: str
    tally: Tally
    lines: tuple[str, ...]
    middle: str


@dataclass(frozen=True)
class Section:
    """One script: everything played with it, and with each customer."""

    script: str
    tally: Tally
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Voice:
    """How seldom a customer repeats a line: within a call (the worst one), and over all calls of the report."""

    persona: str
    calls: int
    within: float
    across: float


def batch_page(calls: Sequence[Played], personas: Mapping[str, Persona]) -> str:
    """The whole page; at least one call is needed."""
    scripts = list(dict.fromkeys(call.script for call in calls))
    return _template().render(
        total=tally(calls),
        sections=[
            _section(name, [call for call in calls if call.script == name], personas) for name in scripts
        ],
        voices=_voices(calls, personas),
        outcomes=[(outcome, OUTCOME_LABELS[outcome]) for outcome in OUTCOMES],
        bands=[
            (name, _y(high), _y(low) - _y(high))
            for name, low, high in zip(LEVEL_NAMES, (0.0, *LEVEL_LIMITS), (*LEVEL_LIMITS, 100.0), strict=True)
        ],
        width=WIDTH,
        height=HEIGHT,
    )


def _section(script: str, calls: Sequence[Played], personas: Mapping[str, Persona]) -> Section:
    groups: dict[str, list[Played]] = {}
    for call in calls:
        groups.setdefault(call.persona, []).append(call)
    return Section(
        script, tally(calls), tuple(_picture(personas[p].name, group) for p, group in groups.items())
    )


def _picture(name: str, calls: Sequence[Played]) -> Picture:
    longest = max(len(call.curve) for call in calls)
    middle = [
        median(call.curve[turn] if turn < len(call.curve) else call.curve[-1] for call in calls)
        for turn in range(longest)
    ]
    return Picture(
        persona=name,
        tally=tally(calls),
        lines=tuple(_line(call.curve, longest) for call in calls[:SHOWN_CURVES]),
        middle=_line(middle, longest),
    )


def _line(curve: Sequence[float], longest: int) -> str:
    step = WIDTH / max(1, longest - 1)
    return " ".join(f"{turn * step:.1f},{_y(anger):.1f}" for turn, anger in enumerate(curve))


def _y(anger: float) -> float:
    return HEIGHT * (1 - anger / 100)


def _voices(calls: Sequence[Played], personas: Mapping[str, Persona]) -> list[Voice]:
    spoken: dict[str, list[tuple[str, ...]]] = {}
    for call in calls:
        spoken.setdefault(call.persona, []).append(call.lines)
    return [
        Voice(personas[p].name, len(said), min(distinct([lines]) for lines in said), distinct(said))
        for p, said in spoken.items()
    ]


@cache
def _template() -> Template:
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["percent"] = lambda share: f"{100 * share:.0f}%"
    return pages.get_template("batch.html.j2")
