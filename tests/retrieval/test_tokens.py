"""Words, pairs, slips and synonyms, as retrieval sees a question."""

from __future__ import annotations

from bot.retrieval.foreign import foreign_words
from bot.retrieval.tokens import Tokens


def test_slips_are_repaired(tokens: Tokens) -> None:
    """A listed slip becomes the right word before anything is matched."""
    assert tokens.repair("欠废要收违月金吗") == "欠费要收违约金吗"


def test_content_words_carry_topic(tokens: Tokens) -> None:
    """Function words are left out, the trade's words stay whole."""
    words = tokens.content_words("请问违约金怎么算啊？")

    assert "违约金" in words
    assert not {"请问", "怎么", "啊"} & set(words)


def test_bigrams_stay_inside_runs(tokens: Tokens) -> None:
    """Pairs never reach across punctuation; Latin and digits stay whole."""
    assert tokens.bigrams("欠费，APP 30") == ["欠", "费", "欠费", "app", "30"]


def test_synonyms_widen(tokens: Tokens) -> None:
    """What a question calls 拉闸 is looked for as 停电 too, and its own word is not repeated."""
    assert {"停电", "掐电"} == set(tokens.synonyms_in("能拉闸吗"))


def test_other_trades_are_noticed() -> None:
    """Water, gas and broadband are other people's trades; electricity is ours."""
    assert foreign_words("水费和宽带欠了") == ["水费", "宽带"]
    assert foreign_words("电费欠了要停电吗") == []
