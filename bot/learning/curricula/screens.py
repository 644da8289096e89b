"""Cuts lessons and cases into screens of a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.content.curricula import Step
from bot.content.models import CaseStudy

CHARACTERS = 170
"""Of one screen: some five or six lines of a phone beside title and buttons."""
_SENTENCE = re.compile(r"[^。？！]*[。？！]+[”’」』）]*|[^。？！]+$")


@dataclass(frozen=True)
class Screen:
    heading: str
    lines: tuple[str, ...]


def lesson_screens(step: Step) -> list[Screen]:
    """Points stay whole; as many on a screen as fit."""
    return [Screen("", lines) for lines in _fill(step.points)]


def case_screens(case: CaseStudy) -> list[Screen]:
    """What happened, where it turned, and what to talk over with others."""
    told = _fill(_SENTENCE.findall(case.happened))
    screens = [Screen("" if n else "经过", ("".join(lines),)) for n, lines in enumerate(told)]
    screens += [Screen("" if n else "问题出在哪", lines) for n, lines in enumerate(_fill([case.root_cause]))]
    screens.append(Screen("该怎么做", (case.should_have,)))
    screens.append(Screen("和师傅、同事聊聊", case.discussion))
    return screens


def _fill(pieces: Iterable[str]) -> list[tuple[str, ...]]:
    """As few screens as will do, and of those as even ones as there are."""
    known = list(pieces)
    fewest = len(_greedy(known, CHARACTERS))
    even = sum(map(len, known)) // max(1, fewest)
    return next(
        (filled for most in range(even, CHARACTERS) if len(filled := _greedy(known, most)) <= fewest),
        _greedy(known, CHARACTERS),
    )


def _greedy(pieces: Iterable[str], most: int) -> list[tuple[str, ...]]:
    screens: list[list[str]] = []
    for piece in pieces:
        if not screens or sum(map(len, screens[-1])) + len(piece) > most:
            screens.append([])
        screens[-1].append(piece)
    return [tuple(one) for one in screens]
