"""Text from bytes in whatever encoding an office computer wrote them: UTF-8, UTF-16, GB18030."""

from __future__ import annotations

import codecs

from bot.errors import BadInput

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES = ("gb18030", "utf-16-le", "utf-16-be")
_COMMON_ENOUGH = 0.7
_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉【】…—·　￥％－")


def decode(raw: bytes) -> str:
    """The text; raises BadInput when it is in none of these encodings, or no text at all.

    Nearly any bytes can be read as GB18030 or UTF-16, so what comes out must also look like Chinese.
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark) and (text := _read(raw, encoding)) is not None:
            return text
    text = _read(raw, "utf-8")
    if text is not None and "\0" not in text:
        return text
    for encoding in _GUESSES:
        text = _read(raw, encoding)
        if text is not None and _is_chinese(text):
            return text
    raise BadInput("里面不是文字，或编码认不出来。", "请用记事本打开，另存为 UTF-8 编码再收。")


def _read(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeError:
        return None


def _is_chinese(text: str) -> bool:
    if any(c < " " and c not in "\t\r\n\f" for c in text):
        return False
    foreign = [c for c in text if c > "\x7f"]
    common = sum(c in _PUNCTUATION or _is_common(c) for c in foreign)
    return not foreign or common >= _COMMON_ENOUGH * len(foreign)


def _is_common(character: str) -> bool:
    """Whether it is among the 3,755 characters of GB 2312's first level, with which nearly all Chinese is written."""
    try:
        code = character.encode("gb2312")
    except UnicodeError:
        return False
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7
