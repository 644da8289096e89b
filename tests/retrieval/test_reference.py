"""A clause asked for by its number is found by its number, or said to be missing."""

from __future__ import annotations

import pytest

from bot.retrieval.answering.reference import Found, Reference, References
from tests.retrieval.fakes import knowledge


@pytest.fixture
def references() -> References:
    return References(knowledge().cards.values())


@pytest.mark.parametrize(
    ("question", "law", "article"),
    [
        ("条例39条怎么说", "电力供应与使用条例", 39),
        ("《电力供应与使用条例》第三十九条", "电力供应与使用条例", 39),
        ("治安法第五十条讲的什么", "治安管理处罚法", 50),
        ("按照中华人民共和国治安管理处罚法第50条", "治安管理处罚法", 50),
        ("民法典九百四十四条", "民法典", 944),
        ("供电营业规则66条", "供电营业规则", 66),
        ("刑法第二百五十三条之一", "刑法", "253之一"),
        ("信访条例第3条", "信访条例", 3),
        ("请问劳动法第三十六条", "劳动法", 36),
        ("个保法（2021）第28条", "个人信息保护法", 28),
    ],
)
def test_reference_is_read(references: References, question: str, law: str, article: int | str) -> None:
    """Full names, quoted names, abbreviations, Chinese and Arabic numerals all name the same clause."""
    assert Reference(law, article) == references.find(question)


@pytest.mark.parametrize(
    "question", ["欠费多久可以停电", "第五十条说什么", "一条狗咬了我", "条件是什么", "合同里有三条没看懂"]
)
def test_no_reference_without_law(references: References, question: str) -> None:
    """Without a law's name a number is no reference."""
    assert references.find(question) is None


def test_old_number_leads_on(references: References) -> None:
    """A number from before a revision leads to the card that holds the clause now, and says so."""
    assert Found(("ws-law",), renumbered=True) == references.lookup(Reference("治安管理处罚法", 42))
    assert Found(("ws-law",)) == references.lookup(Reference("治安管理处罚法", 50))
