"""What somebody means to do, from a letter, the option's own words, or words of their own; asked back where it could be
two things, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.content.drills import Decision
from bot.text import normalise

KEYS = "ABCDEFGHJKLM"


@dataclass(frozen=True)
class Meant:
    """One decision where it is clear, else those it could be; neither where nothing was recognised."""

    decision: Decision | None = None
    maybe: tuple[Decision, ...] = ()


def read(text: str, offered: Sequence[Decision], everything: Sequence[Decision] = ()) -> Meant:
    """`offered` are the options shown with letters, in their order; `everything` what other roles could do as well."""
    said = normalise(text).strip()
    letter = said.upper().rstrip("。. ")
    if len(letter) == 1 and letter in KEYS[: len(offered)]:
        return Meant(offered[KEYS.index(letter)])
    if exact := next((one for one in (*offered, *everything) if one.label == said), None):
        return Meant(exact)
    for pool in (offered, everything):
        found = tuple(one for one in pool if recognised(said, one))
        if len(found) == 1:
            return Meant(found[0])
        if found:
            return Meant(maybe=found)
    return Meant()


def recognised(text: str, decision: Decision) -> bool:
    """Of each group of cues one is in the text."""
    return all(any(cue in text for cue in group) for group in decision.cues)
