"""What people type as an answer, read as they mean it: "a c", "选AC", "第二个", "对的", "不会"."""

from __future__ import annotations

import re
import unicodedata

from bot.content.numerals import chinese_to_int

KEYS = "ABCDEF"
DONT_KNOW = frozenset({"不会", "不知道", "不懂", "忘了", "忘记了", "不清楚", "不晓得", "没学过", "想不起来"})
SKIP = frozenset({"跳过", "下一题", "换一题", "先跳过"})
STOP = frozenset({"停", "停止", "结束", "不做了", "退出", "先停", "算了", "不玩了"})
_TRUE = frozenset(
    {
        "对",
        "对的",
        "是",
        "是的",
        "√",
        "✓",
        "正确",
        "没错",
        "没有错",
        "T",
        "TRUE",
        "YES",
        "Y",
        "A",
        "1",
        "对滴",
        "嗯",
    }
)
_FALSE = frozenset(
    {
        "错",
        "错的",
        "错了",
        "不对",
        "不是",
        "否",
        "×",
        "✗",
        "X",
        "不正确",
        "有错",
        "F",
        "FALSE",
        "NO",
        "N",
        "B",
        "2",
        "假",
    }
)
_AROUND = re.compile(r"^(?:我)?(?:选|答案?是?|应该是?|就是)?|(?:吧|呢|啊|。|!|！|个|项|号)+$")
_BETWEEN = re.compile(r"[\s,，、;；.。/+和跟与>→\-—]+")
_STOPS = re.compile(r"[\s，。、,“”\"'：:！!？?（）()《》]")
_ORDINAL = re.compile(r"第?([一二三四五六1-6])(?:个|项|条)?")


def tidy(text: str) -> str:
    """One width, capitals, no blanks at the edges."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def read_keys(text: str, count: int) -> tuple[int, ...] | None:
    """Which of `count` options are meant, in the order typed and each once; None where that cannot be read."""
    bare = _BETWEEN.sub("", _AROUND.sub("", tidy(text)))
    if not bare:
        return None
    if all(sign in KEYS[:count] for sign in bare):
        return tuple(dict.fromkeys(KEYS.index(sign) for sign in bare))
    if bare.isdigit() and all(1 <= int(sign) <= count for sign in bare):
        return tuple(dict.fromkeys(int(sign) - 1 for sign in bare))
    numbers = _ORDINAL.findall(bare)
    if numbers and not _ORDINAL.sub("", bare):
        found = [int(one) if one.isdigit() else chinese_to_int(one) or 0 for one in numbers]
        return (
            tuple(dict.fromkeys(one - 1 for one in found))
            if all(1 <= one <= count for one in found)
            else None
        )
    return None


def read_truth(text: str) -> bool | None:
    """对 or 错, in any of the ways people say it; None for anything else."""
    bare = _AROUND.sub("", tidy(text))
    for said in (tidy(text), bare):
        if said in _TRUE:
            return True
        if said in _FALSE:
            return False
    return None


def same_words(given: str, wanted: str, unit: str = "") -> bool:
    """Whether a blank was filled as wanted: width, blanks, stops, unit and the way a number is written do not matter."""
    return bool(given.strip()) and _core(given, unit) == _core(wanted, unit)


def _core(text: str, unit: str) -> str:
    bare = _STOPS.sub("", tidy(text))
    if unit:
        bare = bare.replace(tidy(unit), "")
    number = chinese_to_int(bare)
    return str(number) if number is not None else bare.removesuffix(".0")
