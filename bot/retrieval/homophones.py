"""Words written by their sound: 电飞 for 电费, 支那金 for 滞纳金, dianfei. Pinyin input makes such slips every day.

`bot.retrieval.tokens` repairs a question with this before anything is matched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

from bot.retrieval.sounds import LONGEST, Sounds, blurred

AROUND = 4
"""How many characters on each side are read along: a slip also breaks the words beside it."""
FLUENT = 4.0
"""How much likelier (in nats, as jieba counts) the sentence must become by a word of exactly this sound; how often the
word is used counts too."""
SURE = 5.0
"""From here on the word takes the slip's place; below, it is put beside the question."""
LOOSE = 2.0
"""What must come on top where the sounds are only confusable, as n and l are."""
UNLISTED = 1.5
"""What must come on top where the word is frequent with us, but not listed as one of the trade."""
UNLIKE = 2.5
"""What must come on top where slip and word share no character."""

_RUN = re.compile("[一-鿿]{2,}")
_LATIN = re.compile(r"(?<![A-Za-z0-9@._/-])[A-Za-z]{2,24}(?: [A-Za-z]{2,6}){0,3}(?![A-Za-z0-9@_/-])")
_SHORTEST_LATIN, _SHORTEST_LISTED = 5, 4
"""Fewer letters are too often a word of another language."""

Fluency = Callable[[str], float]
"""The log probability of a text as a chain of words."""


class Homophones:
    """Repairs by sound. Pure and safe between threads."""

    def __init__(
        self, sounds: Sounds, listed: frozenset[str], stopwords: frozenset[str], fluency: Fluency
    ) -> None:
        """`listed` are the words its authors listed as the trade's: they are believed more readily than others."""
        self._sounds = sounds
        self._fluency = fluency
        self._listed = listed
        self._stopwords = stopwords
        self._loose: dict[str, dict[str, float]] = {}
        self._latin: dict[str, str] = {}
        for sound, words in sounds.words.items():
            trade = {word: x for word, x in words.items() if word in listed}
            self._loose.setdefault(blurred(sound), {}).update(trade)
            letters, first = sound.replace(" ", ""), next(iter(trade or words))
            if len(letters) >= _SHORTEST_LATIN or (trade and len(letters) >= _SHORTEST_LISTED):
                self._latin.setdefault(letters, first)
        for syllable in {s for many in sounds.characters.values() for s in many}:
            self._latin.pop(syllable, None)  # xian is one character before it is 西安

    def repair(self, text: str) -> str:
        """`text` with words of the trade where it only sounds like them; a doubtful one stands behind the text."""
        beside: list[str] = []
        text = _LATIN.sub(lambda m: self._spelled(m.group()), text)
        text = _RUN.sub(lambda m: self._run(m.group(), beside), text)
        return " ".join([text, *dict.fromkeys(w for w in beside if w not in text)])

    def _spelled(self, letters: str) -> str:
        """Our words for a stretch of pinyin, or the stretch itself."""
        if whole := self._words_of(letters.replace(" ", "").lower()):
            return whole
        return " ".join(self._words_of(part.lower()) or part for part in letters.split(" "))

    def _words_of(self, letters: str) -> str:
        if word := self._latin.get(letters):
            return word
        for cut in range(len(letters) - _SHORTEST_LATIN, _SHORTEST_LATIN - 1, -1):
            if (word := self._latin.get(letters[:cut])) and (rest := self._words_of(letters[cut:])):
                return word + rest
        return ""

    def _run(self, run: str, beside: list[str]) -> str:
        taken, mended = bytearray(len(run)), list(run)
        for gain, start, word in sorted(self._offers(run), reverse=True):
            place = slice(start, start + len(word))
            if any(taken[place]):
                continue
            taken[place] = b"\1" * len(word)
            if gain < SURE:
                beside.append(word)
            else:
                mended[place] = word
        return "".join(mended)

    def _offers(self, run: str) -> Iterator[tuple[float, int, str]]:
        """(what the sentence gains beyond what it must, where, the word) for every stretch that sounds like a word."""
        for start in range(len(run) - 1):
            for size in range(2, min(LONGEST, len(run) - start) + 1):
                stretch = run[start : start + size]
                words = self._meant(stretch)
                if not words or stretch in self._sounds.spared:
                    continue
                before, after = run[max(0, start - AROUND) : start], run[start + size :][:AROUND]
                now = self._fluency(before + stretch + after)
                for word, speaks_for in words.items():
                    gain = self._fluency(before + word + after) - now + speaks_for
                    gain -= 0.0 if word in self._listed else UNLISTED
                    if gain >= FLUENT:
                        yield gain, start, word

    def _meant(self, stretch: str) -> dict[str, float]:
        """Words that `stretch` sounds like, each with what speaks for it; none where it is one itself."""
        sounds = [" ".join(r) for r in product(*(self._sounds.characters.get(c, ()) for c in stretch))]
        exact = {w: x for sound in sounds for w, x in self._sounds.words.get(sound, {}).items()}
        if stretch in exact:
            return {}
        if exact:
            near = {w: x for w, x in exact.items() if _shares(w, stretch)}
            return near or {w: x - UNLIKE for w, x in exact.items() if len(w) > 2}
        loose = {w: x for sound in sounds for w, x in self._loose.get(blurred(sound), {}).items()}
        return {
            w: x - LOOSE for w, x in loose.items() if _shares(w, stretch) and not self._in_use(w, stretch)
        }

    def _in_use(self, word: str, stretch: str) -> bool:
        """Whether what differs is a small word (检定会 is not 检定费): that one is seldom a slip."""
        return any(a != b and b in self._stopwords for a, b in zip(word, stretch, strict=True))


def _shares(word: str, stretch: str) -> bool:
    return any(a == b for a, b in zip(word, stretch, strict=True))
