"""A mentor's assessment: marks of 1 to 5 for each criterion, and one or two sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import fmean

from bot.errors import BadInput

LOWEST, HIGHEST = 1, 5


def value_of(marks: Mapping[str, int]) -> float:
    """0..1: the mean mark, where 1 is nothing and 5 is everything."""
    return (fmean(marks.values()) - LOWEST) / (HIGHEST - LOWEST)


def checked(marks: Mapping[str, int], criteria: Sequence[str]) -> dict[str, int]:
    """The marks in the order of the criteria; raises BadInput where one is missing or out of range."""
    if missing := [name for name in criteria if name not in marks]:
        raise BadInput(f"还有 {len(missing)} 项没打分。", "每一项都打 1 到 5 分。")
    if any(not LOWEST <= marks[name] <= HIGHEST for name in criteria):
        raise BadInput("分数不对。", "每一项打 1 到 5 分，1 最差，5 最好。")
    return {name: marks[name] for name in criteria}


def read_marks(text: str, criteria: Sequence[str]) -> dict[str, int]:
    """Marks as said in one line: 4 5 3 4, in the order of the criteria; raises BadInput."""
    said = [int(one) for one in re.findall(r"\d+", text)]
    if len(said) == 1 and len(str(said[0])) == len(criteria):
        said = [int(digit) for digit in str(said[0])]
    if len(said) != len(criteria):
        raise BadInput(f"要打 {len(criteria)} 个分，听到 {len(said)} 个。", "按上面的顺序写，例如：4 5 3 4。")
    return checked(dict(zip(criteria, said, strict=True)), criteria)
