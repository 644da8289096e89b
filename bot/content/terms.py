"""The trade's words, synonyms, common slips and stop words, as authors keep them in knowledge/terms.

Rasa's tokenizer and the retriever read the same word list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.reading import MAX_BYTES, read_yaml
from bot.errors import ContentError, Fault

_WORD_LINE = re.compile(r"\S+ \d+ [a-z]+")


@dataclass(frozen=True)
class Terms:
    """`words` is a jieba user dictionary (its path); `synonyms` groups of equal words, the standard one first;
    `typos` wrong → right; `stopwords` carry no topic.
    """

    words: Path
    synonyms: tuple[tuple[str, ...], ...]
    typos: dict[str, str]
    stopwords: frozenset[str]


def load_terms(folder: Path) -> Terms:
    """Read knowledge/terms; raises ContentError when a file is missing or misshapen."""
    terms, faults = _read_terms(folder)
    if terms is None:
        raise ContentError(faults)
    return terms


def check_terms(folder: Path) -> tuple[dict[str, int], list[Fault]]:
    """How many of each kind there are, and every fault, including words listed twice."""
    terms, faults = _read_terms(folder)
    if terms is None:
        return {}, faults
    words, found = _word_list(terms.words)
    faults += found + _synonym_faults(terms) + _typo_faults(terms, words)
    counts = {
        "words": len(words),
        "synonym_groups": len(terms.synonyms),
        "typos": len(terms.typos),
        "stopwords": len(terms.stopwords),
    }
    return counts, faults


def _read_terms(folder: Path) -> tuple[Terms | None, list[Fault]]:
    groups, faults = _read(folder / "synonyms.yaml", "groups", list)
    slips, more = _read(folder / "typos.yaml", "typos", dict)
    stops, most = _read(folder / "stopwords.yaml", "stopwords", list)
    faults += more + most
    words = folder / "words.txt"
    if not words.is_file():
        faults.append(Fault("knowledge/terms/words.txt", "", "找不到行业词表", "补上这个文件。"))
    for number, group in enumerate(groups, 1):
        if not isinstance(group, list) or len(group) < 2:
            faults.append(
                Fault("knowledge/terms/synonyms.yaml", f"第 {number} 组", "一组至少两个词", "写成 [甲, 乙]。")
            )
    if faults:
        return None, faults
    synonyms = tuple(tuple(str(w) for w in group) for group in groups)
    stopwords = frozenset(word for line in stops for word in str(line).split())
    return Terms(words, synonyms, {str(k): str(v) for k, v in slips.items()}, stopwords), []


def _word_list(path: Path) -> tuple[set[str], list[Fault]]:
    shown = f"knowledge/terms/{path.name}"
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        return set(), [Fault(shown, "", f"文件超过 {MAX_BYTES // 1000} KB", "删掉不是行业词的行。")]
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        return set(), [Fault(shown, "", f"第 {error.start} 个字节不是 UTF-8", "用 UTF-8 编码另存。")]
    words: set[str] = set()
    faults = []
    for number, line in enumerate(lines, 1):
        word = line.split(" ")[0]
        if not _WORD_LINE.fullmatch(line):
            faults.append(Fault(shown, f"第 {number} 行", "写法不对", "写成“词 500 n”：词、词频、词性。"))
        elif word in words:
            faults.append(Fault(shown, f"第 {number} 行", f"“{word}”写了两次", "删掉一处。"))
        words.add(word)
    return words, faults


def _synonym_faults(terms: Terms) -> list[Fault]:
    shown, faults = "knowledge/terms/synonyms.yaml", []
    home: dict[str, int] = {}
    for number, group in enumerate(terms.synonyms, 1):
        for word in group:
            if word in home:
                faults.append(
                    Fault(
                        shown, f"第 {number} 组", f"“{word}”已在第 {home[word]} 组", "两组合并，或删掉一处。"
                    )
                )
            home.setdefault(word, number)
    return faults


def _typo_faults(terms: Terms, words: set[str]) -> list[Fault]:
    """A slip that is itself a word of the trade would spoil good questions."""
    shown = "knowledge/terms/typos.yaml"
    right = words | {word for group in terms.synonyms for word in group}
    return [
        Fault(shown, wrong, "这个“错”词本身是行业词", "删掉它，或带上前后文再写。")
        for wrong, correct in terms.typos.items()
        if wrong in right or wrong == correct
    ]


def _read(path: Path, key: str, kind: type) -> tuple[Any, list[Fault]]:
    shown = f"knowledge/terms/{path.name}"
    if not path.is_file():
        return kind(), [Fault(shown, "", "找不到这个文件", "补上它。")]
    value, faults = read_yaml(path, shown)
    if not faults and not (isinstance(value, dict) and isinstance(value.get(key), kind)):
        faults = [Fault(shown, key, "写法不对", f"顶层写 {key}: 再往下写内容。")]
    return (kind() if faults else value[key]), faults
