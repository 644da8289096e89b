"""Cuts text into jieba words and character bigrams, repairs common slips, and widens a query with synonyms."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import jieba

from bot.content.terms import Terms
from bot.errors import NotReady
from bot.retrieval.homophones import Homophones
from bot.retrieval.keeping import kept, key_of
from bot.retrieval.sounds import FORMAT as SOUNDS
from bot.retrieval.sounds import LONGEST, Sounds, pronounced

jieba.setLogLevel(logging.ERROR)

DICTIONARY = Path(__file__).resolve().parents[2] / "models" / "jieba-small" / "dict.txt"
"""jieba's own dictionary takes most of a second to load; this is its common part."""
FREQUENT = 5
RATHER_OURS = 6
"""A word used at least so often in the knowledge base, and so many times as often as in ordinary Chinese, is a word of
the trade where slips are repaired by sound."""
COMMON = 10
"""From this frequency on, a word of jieba's whole dictionary is right as it stands."""
REMEMBERED = 64
"""One question is repaired several times on its way to an answer."""
_CHUNK = re.compile(r"[一-鿿]+|[A-Za-z]+|\d+(?:\.\d+)?")


class Tokens:
    """Deterministic; holds its own jieba dictionary, so nothing else in the process changes it."""

    def __init__(self, terms: Terms) -> None:
        self._jieba = _cutter(DICTIONARY)
        self._jieba.load_userdict(str(terms.words))
        self._fingerprint = hashlib.sha256(terms.words.read_bytes() + DICTIONARY.read_bytes()).hexdigest()
        self._trade = _listed(terms)
        self._typos = terms.typos
        self._by_sound: Callable[[str], str] | None = None
        self.stopwords = terms.stopwords
        self._wrong = re.compile(
            "|".join(map(re.escape, sorted(terms.typos, key=len, reverse=True))) or r"(?!)"
        )
        self._groups: dict[str, tuple[str, ...]] = {}
        for group in terms.synonyms:
            for word in group:
                self._groups[word] = tuple(dict.fromkeys((*self._groups.get(word, ()), *group)))
        self._synonym = re.compile(
            "|".join(map(re.escape, sorted(self._groups, key=len, reverse=True))) or r"(?!)"
        )

    def repair(self, text: str) -> str:
        """`text` with the listed slips put right and, once a knowledge base was cut, those that only sound like its words.

        Where that is in doubt the word stands behind the text, which is left as it is.
        """
        text = self._wrong.sub(lambda m: self._typos[m.group()], text)
        return self._by_sound(text) if self._by_sound else text

    def _learn(self, texts: Sequence[str], words: Sequence[list[str]], cache: Path | None) -> None:
        """Lets `repair` know what is meant and what is right as it stands; how it sounds is kept in the file `cache`."""

        def make() -> bytes:
            return pronounced(self._of_the_trade(words), self._right_as_it_stands(words))

        sounds = kept(cache, key_of([SOUNDS, self._fingerprint, *sorted(self._trade), *texts]), make)
        homophones = Homophones(Sounds.read(sounds), self._trade, self.stopwords, self._fluency)
        self._by_sound = lru_cache(REMEMBERED)(homophones.repair)

    def _of_the_trade(self, words: Sequence[list[str]]) -> dict[str, int]:
        """How often the trade's words are used: those listed, and those that are far more frequent here than elsewhere."""
        self._jieba.check_initialized()
        count = Counter(word for cut in words for word in cut)
        usual = count.total() / self._jieba.total * RATHER_OURS
        found = {
            w: n for w, n in count.items() if n >= FREQUENT and 0 < usual * self._jieba.FREQ.get(w, 0) <= n
        }
        topical = {
            w: n for w, n in found.items() if self.stopwords.isdisjoint((w, *w))
        }  # 不许 is nobody's trade
        return topical | {w: count[w] for w in self._trade}

    def _right_as_it_stands(self, words: Sequence[list[str]]) -> Iterator[str]:
        """Every word of jieba's whole dictionary, and what stands side by side in the knowledge base."""
        for line in Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines():
            word, frequency, _ = line.split(" ")
            if int(frequency) >= COMMON:
                yield word
        count = Counter(word for cut in words for word in cut)
        for cut in words:
            count.update(a + b for a, b in pairwise(cut) if len(a) + len(b) <= LONGEST)
            count.update(
                a + b + c
                for a, b, c in zip(cut, cut[1:], cut[2:], strict=False)
                if len(a) + len(b) + len(c) <= LONGEST
            )
        yield from (text for text, n in count.items() if n >= FREQUENT)

    def _fluency(self, text: str) -> float:
        """The log probability of the likeliest way to cut `text` into words of the dictionary."""
        route: dict[int, tuple[float, int]] = {}
        self._jieba.calc(text, self._jieba.get_DAG(text), route)
        return route[0][0]

    def words(self, text: str) -> list[str]:
        """Words as jieba cuts them, lower-cased, without punctuation."""
        return [w for w in (w.strip().lower() for w in self._jieba.cut(text)) if _CHUNK.fullmatch(w)]

    def words_of(self, texts: list[str], cache: Path | None) -> list[list[str]]:
        """`words` of every text of a knowledge base, kept in the file `cache`: cutting them takes a good second.

        From here on `repair` knows what this knowledge base talks about; how it sounds is kept beside `cache`.
        """

        def make() -> bytes:
            return json.dumps([self.words(text) for text in texts], ensure_ascii=False).encode()

        found: list[list[str]] = json.loads(kept(cache, key_of([self._fingerprint, *texts]), make))
        self._learn(texts, found, cache and cache.with_name("sounds.json"))
        return found

    def content_words(self, text: str) -> list[str]:
        """Words that carry a topic: stop words and single function characters left out."""
        return [w for w in self.words(text) if w not in self.stopwords]

    def bigrams(self, text: str) -> list[str]:
        """What `bigrams` gives."""
        return bigrams(text)

    def pairs(self, text: str) -> list[str]:
        """Neighbouring characters that carry a topic: pairs inside content words and across them, no single ones."""
        return [p for p in self.bigrams(text) if len(p) > 1 and p not in self.stopwords]

    def synonyms_in(self, text: str) -> list[str]:
        """Other names of what `text` mentions, each once."""
        seen: dict[str, None] = {}
        for match in self._synonym.finditer(text):
            seen.update(dict.fromkeys(w for w in self._groups[match.group()] if w not in text))
        return list(seen)


def _cutter(dictionary: Path) -> jieba.Tokenizer:
    """jieba with this dictionary; raises NotReady when it is missing or damaged."""
    cutter = jieba.Tokenizer(dictionary=str(dictionary))
    try:
        cutter.initialize()
    except (OSError, ValueError) as error:  # jieba says ValueError for a line it cannot read
        raise NotReady(f"分词词典读不出来：{dictionary}。", "文件缺失或损坏，重新取出 models/。") from error
    if not cutter.FREQ:
        raise NotReady(f"分词词典是空的：{dictionary}。", "重新取出 models/。")
    return cutter


def _listed(terms: Terms) -> frozenset[str]:
    """Every word that authors listed as the trade's."""
    lines = terms.words.read_text(encoding="utf-8").splitlines()
    return frozenset({line.split(" ")[0] for line in lines} | {w for group in terms.synonyms for w in group})


def bigrams(text: str) -> list[str]:
    """Single characters and neighbouring pairs inside each run of Chinese; Latin words and numbers whole."""
    found: list[str] = []
    for chunk in _CHUNK.findall(text):
        if "一" <= chunk[0] <= "鿿":
            found += [*chunk, *(chunk[i : i + 2] for i in range(len(chunk) - 1))]
        else:
            found.append(chunk.lower())
    return found
