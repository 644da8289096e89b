"""How urgent a hazard is, by one plain rule: can somebody be hurt now, in the next days, or not soon."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

Severity = Literal["minor", "serious", "urgent"]
NAMES: dict[Severity, str] = {"minor": "一般", "serious": "较大", "urgent": "紧急"}
RULE: dict[Severity, str] = {
    "urgent": "现在就可能伤到人、着火，或者信息、钱正在往外流",
    "serious": "眼下没事，几天之内不处理可能出事",
    "minor": "不急，但不对，该改",
}
LETTERS: dict[str, Severity] = {"A": "urgent", "B": "serious", "C": "minor"}
TAKE_UP_WITHIN: dict[Severity, timedelta] = {
    "urgent": timedelta(minutes=30),
    "serious": timedelta(hours=24),
    "minor": timedelta(days=3),
}
"""House rule: by when somebody should have been put in charge of it."""

_SAID: tuple[tuple[re.Pattern[str], Severity], ...] = (
    (re.compile(r"不紧急|不(?:是很|太|怎么)?急|一般隐患|(?<![不万])一般(?!都|人|来说|情况)"), "minor"),
    (re.compile(r"较大|比较急|有点急"), "serious"),
    (re.compile(r"紧急|特别急|很急|十万火急|急死|马上要出事|要出人命"), "urgent"),
)


def said(text: str) -> Severity | None:
    """The severity that words name outright; None when they name none, or more than one."""
    found = {name for pattern, name in _SAID if pattern.search(text)}
    if "minor" in found and re.search(r"不紧急|不(?:是很|太|怎么)?急", text):
        return "minor"
    return next(iter(found)) if len(found) == 1 else None


def answered(text: str) -> Severity | None:
    """The answer to the one question: a letter, a name, or words that name it."""
    word = text.strip().strip("。.，, ").upper()
    if word[:1] in LETTERS and (len(word) == 1 or not word[1].isascii()):
        return LETTERS[word[0]]
    return said(text)
