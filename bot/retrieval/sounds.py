"""How words and characters sound, without tone, as one table: made from pypinyin once and kept between starts.

`bot.retrieval.tokens` has it made and kept; `bot.retrieval.homophones` repairs slips with it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

FORMAT = "sounds-2"
"""Changes whenever `pronounced`, or what it is given, would be another."""
LONGEST = 4
OFTEN, MOST = 50, 3.0
"""A word used so often speaks neither for nor against itself; frequency counts for this many nats at most."""
_FITS = re.compile(rf"[一-鿿]{{2,{LONGEST}}}")
_AFTER_F = {"ei": "ui", "en": "un", "eng": "en", "u": "u", "o": "uo", "ou": "ou"}
"""f before these is heard as h before those; before any other vowel as hu."""


@dataclass(frozen=True)
class Sounds:
    """How characters sound; which of our words sound so, each with what its frequency speaks for it, the likeliest
    first; and what sounds like one of our words but is right as it stands."""

    characters: Mapping[str, Sequence[str]]
    words: Mapping[str, Mapping[str, float]]
    spared: frozenset[str]

    @classmethod
    def read(cls, kept: bytes) -> Sounds:
        """What `pronounced` wrote."""
        held = json.loads(kept)
        return cls(held["characters"], held["words"], frozenset(held["spared"]))


def pronounced(words: Mapping[str, int], right: Iterable[str]) -> bytes:
    """What `Sounds.read` reads: the sounds of `words` (each with how often it is used) and of every common character.

    `right` is everything that is no slip, be it of other trades; what of it sounds like a word of ours is spared.
    """
    from pypinyin import lazy_pinyin  # slow to load, so only where the table is made

    characters = {c: [sound] for c, sound in _common().items()}
    sounding: dict[str, dict[str, float]] = {}
    for word in sorted(filter(_FITS.fullmatch, words), key=lambda w: (-words[w], w)):
        spoken = lazy_pinyin(word)
        often = math.log((words[word] + 1) / OFTEN)
        sounding.setdefault(" ".join(spoken), {})[word] = round(max(-MOST, min(MOST, often)), 2)
        for character, sound in zip(word, spoken, strict=True):
            readings = characters.setdefault(character, [sound])
            if sound not in readings:  # a second reading counts where a word of ours has it
                readings.append(sound)
    spared = sorted(_alike(right, {blurred(sound) for sound in sounding}, characters) - words.keys())
    return json.dumps(
        {"characters": characters, "words": sounding, "spared": spared}, ensure_ascii=False
    ).encode()


def blurred(sound: str) -> str:
    """One form for sounds that speakers mix: zh/z, ch/c, sh/s, n/l, f/h, ing/in, eng/en, ang/an."""
    return " ".join(map(_blurred, sound.split(" ")))


@cache
def _blurred(syllable: str) -> str:
    if syllable[:1] == "f":
        rest = syllable[1:]
        syllable = "h" + _AFTER_F.get(rest, f"u{rest}")
    elif syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    elif syllable[:1] == "n":
        syllable = f"l{syllable[1:]}"
    return re.sub("([aei]n)g$", r"\1", syllable)


def _alike(texts: Iterable[str], sounds: set[str], characters: Mapping[str, Sequence[str]]) -> set[str]:
    """Those of `texts` that sound like one of the blurred `sounds`; most are told by how they begin."""
    heard = {c: [_blurred(s) for s in readings] for c, readings in characters.items()}
    begins = {sound.partition(" ")[0] for sound in sounds}
    first = {c for c, many in heard.items() if not begins.isdisjoint(many)}
    return {
        text
        for text in texts
        if text[:1] in first
        and _FITS.fullmatch(text)
        and any(" ".join(r) in sounds for r in product(*(heard.get(c, "?") for c in text)))
    }


@cache
def _common() -> Mapping[str, str]:
    """The usual sound of every character that GB 2312 holds: those simplified Chinese is written in."""
    from pypinyin import lazy_pinyin

    found = [c for c in map(chr, range(0x4E00, 0xA000)) if c.encode("gb2312", "ignore")]
    return dict(zip(found, lazy_pinyin(found), strict=True))
