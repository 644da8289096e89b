"""Chinese and Arabic numerals read alike, for article numbers and for checking figures against a law's text."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
_ARABIC = re.compile(r"\d[\d,]*(?:\.\d+)?")


def chinese_to_int(text: str) -> int | None:
    """`三百五十二` → 352, `十` → 10, `二〇二四` → 2024; None when `text` is no numeral."""
    if not text or not _CHINESE.fullmatch(text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, section, digit = 0, 0, 0
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _UNITS:
            section += (digit or 1) * _UNITS[c]
            digit = 0
        else:
            total = (total + section + digit) * (10_000 if c == "万" else 100_000_000)
            section = digit = 0
    return total + section + digit


def int_to_chinese(number: int) -> str:
    """1..9999 as laws write article numbers: 10 → 十, 25 → 二十五, 1032 → 一千零三十二."""
    digits = "零一二三四五六七八九"
    out, rest, started = "", number, False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        d, rest = divmod(rest, unit)
        if d:
            out += digits[d] + name
            started = True
        elif started and rest:
            out += "" if out.endswith("零") else "零"
    return out[1:] if out.startswith("一十") else out


def numbers_in(text: str) -> set[str]:
    """Every number in `text` as plain decimals: `百分之三十`, `30%`, `三十日` all give "30"; `千分之一` gives "1"."""
    found = {_plain(m.group()) for m in _ARABIC.finditer(text)}
    stripped = re.sub(r"[百千万]分之", "", text)
    for match in _CHINESE.finditer(stripped):
        value = chinese_to_int(match.group())
        if value is not None:
            found.add(str(value))
    return found


def arabic_numbers_in(text: str) -> set[str]:
    """Only the figures written in Arabic digits: those our own wording claims."""
    return {_plain(m.group()) for m in _ARABIC.finditer(text)}


def _plain(text: str) -> str:
    text = text.replace(",", "")
    return text.rstrip("0").rstrip(".") if "." in text else text
