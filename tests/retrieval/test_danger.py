"""Danger is heard where there is any, and not in words that only look like it."""

from __future__ import annotations

import pytest

from bot.retrieval.answering.danger import urgent_item


@pytest.mark.parametrize(
    "said",
    [
        "有人拿刀威胁我",
        "客户对我动手了",
        "被欠费户恐吓",
        "同事触电了",
        "表箱麻手",
        "怎么验电",
        "110",
        "开关带电怎么办",
        "遇到狗咋办",
    ],
)
def test_danger_is_heard(said: str) -> None:
    """Whoever says this has no time for a menu."""
    assert urgent_item(said)


@pytest.mark.parametrize(
    "said",
    [
        "出差带电脑报销吗",
        "运动手环哪款好",
        "带电话本上门行吗",
        "自动手续费怎么收",
        "老婆威胁离婚咋办",
        "110千伏线路谁管",
        "漏电保护器多少钱",
        "热狗怎么做",
        "菜刀哪里买",
    ],
)
def test_other_words_are_no_danger(said: str) -> None:
    """带电脑 is no live wire, and a watch is no fight."""
    assert urgent_item(said) is None
