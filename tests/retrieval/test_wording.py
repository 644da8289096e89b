"""Answers fit a phone, say no to a false premise, and a refusal names whom to ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.retrieval.answering.premise import Amount, amounts_in, contradicts
from bot.retrieval.answering.wording import MAX_CHARS, answer_text, body_of, fitting_sentences, refusal_text
from tests.retrieval.fakes import card


def shared(text: str) -> Callable[[str], float]:
    return lambda other: float(len(set(text) & set(other)))


THIRTY = "逾期超过30日，催过了还是没交，才可以停电。"


@pytest.mark.parametrize(
    ("question", "rule", "denied"),
    [
        ("欠费三天就能拉闸吧？", THIRTY, True),
        ("欠费三天就能拉闸", THIRTY, True),
        ("欠费四十天就可以停电吧", THIRTY, False),
        ("超过30天就可以停电对吧", THIRTY, False),
        ("欠费三天会怎么样", THIRTY, False),
        ("半个月就能停吧", THIRTY, True),
        ("违约金一天千分之五吧", "每天加收1‰到3‰的违约金。", True),
        ("验表十个工作日给结果就行吧", "5个工作日内给结果。", True),
        ("验表三个工作日给结果就行吧", "5个工作日内给结果。", False),
        ("提前三天通知就行吧", "计划检修提前7天通知。", True),
        ("物业可以停电催物业费吧", "物业可以催告、起诉，但不得用停电的办法催交。", True),
        ("物业可以起诉吧", "物业可以催告、起诉，但不得用停电的办法催交。", False),
    ],
)
def test_false_premise_is_denied(question: str, rule: str, denied: bool) -> None:
    """A presumed number or leave that the rule contradicts is denied; a plain question or a true one is not."""
    assert denied == contradicts(question, rule, shared)


def test_amounts_are_read_alike() -> None:
    """Chinese and Arabic numerals, shares and weeks give the same amounts."""
    assert [Amount(30, "天", "least")] == amounts_in("超过三十日")
    assert [Amount(1, "‰", "exact")] == amounts_in("千分之一")
    assert [Amount(14, "天", "most")] == amounts_in("两周以内")
    assert amounts_in("一次也没有") == []


def test_answer_fits_a_screen() -> None:
    """However long the card, the answer is at most one screen and keeps whole sentences near the question."""
    long = "甲方要查天数。" * 40 + "违约金每天千分之一。"
    text = fitting_sentences(long, shared("违约金千分之一"), MAX_CHARS)

    assert len(text) <= MAX_CHARS
    assert text.endswith("违约金每天千分之一。")


def test_advice_when_asked_what_to_do() -> None:
    """Asked what to do, the answer adds the fitting line of `do`; asked what holds, it does not."""
    assert "可以这样做：先发催交通知。" in answer_text(card("x"), "催交不理怎么办", shared("催交通知"), False)
    assert "可以这样做" not in answer_text(card("x"), "欠费多久可以停电", shared("停电"), False)


def test_unverified_says_so() -> None:
    """A card that is not law ends with where to look; notes on its source do not fill the answer."""
    held = card(
        "x",
        status="second_hand",
        article=None,
        summary="据题库整理，5个工作日内给结果。条文未见原文，以本公司/当地现行文件为准。",
    )

    assert body_of(held) == "5个工作日内给结果。"
    assert answer_text(held, "几天给结果", shared("结果"), False).endswith("（以本公司、当地现行文件为准）")


def test_refusal_names_whom_to_ask() -> None:
    """A refusal says what we do not know, what we know nearby, and who can help."""
    text = refusal_text("水费欠了怎么办", ["欠费停电：逾期超过30日"])

    assert "没有查到" in text
    assert "欠费停电：逾期超过30日" in text
    assert "12345" in text


def test_source_notes_leave_no_stump() -> None:
    """What says where a rule comes from goes whole, and what only looks like it stays."""
    rule = (
        "据题库整理的公司规定（不是国家法律）：装表五个工作日。材料以当地现行文件为准。收费以本公司文件为准。"
    )
    text = body_of(card("x", status="company_rule", article=None, summary=rule))

    assert "装表五个工作日。材料以当地现行文件为准。收费以本公司文件为准。" == text


def test_last_mark_is_one() -> None:
    """An answer ends in one full stop, also after a quotation or a list that was cut."""
    quoted = card("x", summary="跟他说：“三十日以后才停。”", do=("照实说：“按规定来。”",))

    assert "。”。" not in answer_text(quoted, "怎么办", shared("怎么办"), denies=False)
