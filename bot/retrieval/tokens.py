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
_FUNCTION_WORDS = """
的 了 吗 呢 吧 啊 呀 嘛 么 哦 哈 着 过 得 地 是 在 有 我 你 您 他 她 它 我们 你们 他们 咱 咱们 这 那 这个 那个
这种 那种 一个 什么 怎么 怎样 咋 咋办 咋整 怎么办 如何 为什么 为啥 多少 几 哪 哪里 哪个 谁 可以 能 能不能 可不可以 行
行不行 不行 要 要不要 会 会不会 应该 该 需要 得不得 就 都 也 还 又 再 才 只 很 太 更 最 和 与 或 或者 跟 对 把 被
给 让 叫 向 从 到 由 以 于 为 等 及 并 但 但是 如果 要是 的话 所以 因为 请问 请 想 说 问 一下 有没有 是不是 算不算
算 没 没有 不 别 去 来 上 下 里 中 时 时候 后 前 以后 之后 之前 呗 不 咧 喽 啥 哪些 多久 多长 几天 规定 办
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())


class Tokens:
    """Deterministic; holds its own jieba dictionary, so nothing else in the process changes it."""

    def __init__(self, terms: Terms) -> None:
        self._jieba = jieba.Tokenizer(dictionary=str(DICTIONARY))
        self._jieba.load_userdict(str(terms.words))
        self._fingerprint = hashlib.sha256(terms.words.read_bytes() + DICTIONARY.read_bytes()).hexdigest()
        self._typos = terms.typos
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
        return [w for w in self.words(text) if w not in STOP_WORDS]

    def bigrams(self, text: str) -> list[str]:
        """Single characters and neighbouring pairs inside each run of Chinese; Latin words and numbers whole."""
        found: list[str] = []
        for chunk in _CHUNK.findall(text):
            if "一" <= chunk[0] <= "鿿":
                found += [*chunk, *(chunk[i : i + 2] for i in range(len(chunk) - 1))]
            else:
                found.append(chunk.lower())
        return found

    def pairs(self, text: str) -> list[str]:
        """Neighbouring characters that carry a topic: pairs inside content words and across them, no single ones."""
        return [p for p in self.bigrams(text) if len(p) > 1 and p not in STOP_WORDS]

    def synonyms_in(self, text: str) -> list[str]:
        """Other names of what `text` mentions, each once."""
        seen: dict[str, None] = {}
        for match in self._synonym.finditer(text):
            seen.update(dict.fromkeys(w for w in self._groups[match.group()] if w not in text))
        return list(seen)
