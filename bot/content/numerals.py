"""Chinese and Arabic numerals read alike, for article numbers and for checking figures against a law's text."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
_ARABIC = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([万亿]?)")
_SCALE = {"": 1, "万": 10_000, "亿": 100_000_000}
_MEASURE = r"(?:个?工作日|个?小时|分钟|个?月|个?星期|日|天|周|年|倍|成|元|块钱|毛钱|米|千伏|千瓦|安培|岁|次|人以上|户以上)"
_COUNTED = re.compile(rf"(?:百分之|千分之|万分之)?([零〇一二两三四五六七八九十百千万亿]+)(?=多?{_MEASURE})")
_PARTS = re.compile(r"(?:百分之|千分之|万分之)([一二三四五六七八九十]+)")
_ONE_IN_WORDS = re.compile(r"一(?=次|天|年|日|周|块钱|成|个?星期|分钟|人以上|户以上|元|米|个月[^内以])")
"""`一` that says "once" or "a day" rather than a figure of the law: 一次性, 一天到晚, 说一个月的电费."""


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
    """Every number in `text` as plain decimals: `百分之三十`, `30%`, `三十日` all give "30"; `10万`, `十万` give "100000"."""
    found = {_plain(*m.groups()) for m in _ARABIC.finditer(text)}
    stripped = re.sub(r"[百千万]分之", "", text)
    for match in _CHINESE.finditer(stripped):
        value = chinese_to_int(match.group().lstrip("万亿"))
        if value is not None:
            found.add(str(value))
    return found


def claimed_numbers_in(text: str) -> set[str]:
    """Figures that our own wording states: all Arabic ones, and Chinese ones that count a measure (三十日, 两倍).

    `一` counts only where it can be a limit (一个月内, 一小时, 一倍), and a run like 三五天 or 两三次 is no figure.
    """
    found = {_plain(*m.groups()) for m in _ARABIC.finditer(text)}
    spoken = _ONE_IN_WORDS.sub("", text)
    for match in (*_COUNTED.finditer(spoken), *_PARTS.finditer(spoken)):
        run = match[1]
        value = None if _approximate(run) else chinese_to_int(run.lstrip("万亿"))
        if value is not None:
            found.add(str(value))
    return found


def _approximate(run: str) -> bool:
    return len(run) > 1 and any(a in _DIGITS and b in _DIGITS and a != "零" for a, b in pairwise(run))


def _plain(digits: str, scale: str) -> str:
    number = Decimal(digits.replace(",", "")) * _SCALE[scale]
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def article_label(article: Any) -> str:
    """39 → 第三十九条, "253之一" → 第二百五十三条之一, a list → each joined by 、; "" for None."""
    if article is None:
        return ""
    if isinstance(article, (list, tuple)):
        return "、".join(article_label(a) for a in article)
    number, _, part = str(article).partition("之")
    return f"第{int_to_chinese(int(number))}条" + (f"之{part}" if part else "")
