"""The trade's words, synonyms and common slips, as authors keep them in knowledge/terms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.reading import read_yaml
from bot.errors import ContentError, Fault


@dataclass(frozen=True)
class Terms:
    """`words` is a jieba user dictionary (its path); `synonyms` groups of equal words; `typos` wrong → right."""

    words: Path
    synonyms: tuple[tuple[str, ...], ...]
    typos: dict[str, str]


def load_terms(folder: Path) -> Terms:
    """Read knowledge/terms; raises ContentError when a file is missing or misshapen."""
    groups, faults = _read(folder / "synonyms.yaml", "groups", list)
    slips, more = _read(folder / "typos.yaml", "typos", dict)
    faults += more
    words = folder / "words.txt"
    if not words.is_file():
        faults.append(Fault("knowledge/terms/words.txt", "", "找不到行业词表", "补上这个文件。"))
    if faults:
        raise ContentError(faults)
    synonyms = tuple(tuple(str(w) for w in group) for group in groups)
    return Terms(words, synonyms, {str(k): str(v) for k, v in slips.items()})


def _read(path: Path, key: str, kind: type) -> tuple[Any, list[Fault]]:
    shown = f"knowledge/terms/{path.name}"
    if not path.is_file():
        return kind(), [Fault(shown, "", "找不到这个文件", "补上它。")]
    value, faults = read_yaml(path, shown)
    if not faults and not (isinstance(value, dict) and isinstance(value.get(key), kind)):
        faults = [Fault(shown, key, "写法不对", f"顶层写 {key}: 再往下写内容。")]
    return (kind() if faults else value[key]), faults
