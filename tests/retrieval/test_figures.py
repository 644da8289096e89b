"""No number leaves the house that its source does not state, and no quotation that is not word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.loader import read_knowledge
from bot.content.models import CaseStudy, Faq, RegulationCard
from bot.content.numerals import claimed_numbers_in, numbers_in
from bot.retrieval.answering import composing
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.citing import citation, located, original_of
from bot.retrieval.answering.figures import grounded, text_of
from bot.retrieval.answering.wording import Overlap, answer_text
from tests.retrieval.fakes import knowledge

ROOT = Path(__file__).resolve().parents[2]


def test_number_without_source_goes() -> None:
    """The sentence that states it is dropped, the others stay."""
    assert "超过30日才可以停电。" == grounded("超过30日才可以停电。罚款500元。", ["逾期超过三十日"])


@pytest.mark.parametrize("written", ["三十日", "30天", "百分之三十", "30%"])
def test_chinese_and_arabic_numbers_are_equal(written: str) -> None:
    """三十日 in the law grounds 30 in our words, and the other way round."""
    assert grounded("满30日。", [written]) and grounded(f"满{written}。", ["30"])


def test_frame_alone_is_no_answer() -> None:
    """不是 and the reminder answer nothing once the sentence between them is gone."""
    assert "" == grounded("不是。要等45天。（以本公司、当地现行文件为准）", ["30天"])


def test_ungrounded_answer_is_declined(small: Answerer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that state a number of nobody's are not sent; the reply says that we do not know."""
    invented: Callable[..., str] = lambda *_, **__: "逾期45天就停电。"  # noqa: E731
    monkeypatch.setattr(composing, "answer_text", invented)
    block = small.ask("客户欠费多久可以停电？")

    assert not block.answered and block.citations == []
    assert "45" not in block.answer


def test_shipped_answers_are_grounded() -> None:
    """Every card, case and FAQ, answered in its own words to every way of asking for it: each number stands in it."""
    knowledge = read_knowledge(ROOT / "knowledge")[0]
    items: list[RegulationCard | CaseStudy | Faq] = [
        *knowledge.cards.values(),
        *knowledge.cases.values(),
        *knowledge.faqs.values(),
    ]
    for item in items:
        held = set().union(*(numbers_in(text) for text in text_of(item)))
        for asked in item.questions:
            said = answer_text(item, asked, _shared_with(asked), denies=False)

            assert claimed_numbers_in(said) <= held, (item.id, asked)
            assert said == grounded(said, text_of(item))


def _shared_with(asked: str) -> Overlap:
    return lambda text: len(set(text) & set(asked))


def test_shipped_quotes_are_exact() -> None:
    """At most forty characters, and the offsets cut just these out of the text that the source opens with."""
    cards = read_knowledge(ROOT / "knowledge")[0].cards.values()
    quoted = [card for card in cards if card.quote]

    assert quoted
    for card in quoted:
        cited = citation(card)
        assert cited.quote_at and len(cited.quote) <= 40
        assert cited.quote == original_of(card)[slice(*cited.quote_at)]


def test_inexact_quote_is_refused() -> None:
    """A quotation that differs in one character is none."""
    with pytest.raises(ValueError, match="not in the text"):
        located("逾期三十日", "逾期超过三十日")


def test_superseded_card_is_labelled() -> None:
    """A citation of a card that another superseded says so."""
    card = knowledge().cards["fc-stop"].model_copy(update={"superseded_by": "fc-fee"})

    assert ("superseded", "已被取代") == (citation(card).status, citation(card).status_label)
