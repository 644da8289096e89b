"""Cuts text into jieba words and character bigrams, repairs common slips, and widens a query with synonyms."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from pathlib import Path

import jieba

from bot.content.terms import Terms
from bot.retrieval.keeping import kept, key_of

jieba.setLogLevel(logging.ERROR)

DICTIONARY = Path(__file__).resolve().parents[2] / "models" / "jieba-small" / "dict.txt"
"""jieba's own dictionary takes most of a second to load; this is its common part."""
_CHUNK = re.compile(r"[一-鿿]+|[A-Za-z]+|\d+(?:\.\d+)?")


class Tokens:
    """Deterministic; holds its own jieba dictionary, so nothing else in the process changes it."""

    def __init__(self, terms: Terms) -> None:
        self._jieba = jieba.Tokenizer(dictionary=str(DICTIONARY))
        self._jieba.load_userdict(str(terms.words))
        self._fingerprint = hashlib.sha256(terms.words.read_bytes() + DICTIONARY.read_bytes()).hexdigest()
        self._typos = terms.typos
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
        """`text` with the listed slips put right."""
        return self._wrong.sub(lambda m: self._typos[m.group()], text)

    def words(self, text: str) -> list[str]:
        """Words as jieba cuts them, lower-cased, without punctuation."""
        return [w for w in (w.strip().lower() for w in self._jieba.cut(text)) if _CHUNK.fullmatch(w)]

    def words_of(self, texts: list[str], cache: Path | None) -> list[list[str]]:
        """`words` of every text, kept in the file `cache`: cutting a whole knowledge base takes a good second."""

        def make() -> bytes:
            return json.dumps([self.words(text) for text in texts], ensure_ascii=False).encode()

        found: list[list[str]] = json.loads(kept(cache, key_of([self._fingerprint, *texts]), make))
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


def bigrams(text: str) -> list[str]:
    """Single characters and neighbouring pairs inside each run of Chinese; Latin words and numbers whole."""
    found: list[str] = []
    for chunk in _CHUNK.findall(text):
        if "一" <= chunk[0] <= "鿿":
            found += [*chunk, *(chunk[i : i + 2] for i in range(len(chunk) - 1))]
        else:
            found.append(chunk.lower())
    return found
