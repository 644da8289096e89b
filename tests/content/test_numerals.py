"""Chinese and Arabic numerals read alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.numerals import chinese_to_int, int_to_chinese, numbers_in


@given(st.integers(1, 9999))
def test_numerals_round_trip(number: int) -> None:
    """Every article number a law can have reads back as itself."""
    assert number == chinese_to_int(int_to_chinese(number))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三十日", "30"),
        ("千分之三", "3"),
        ("百分之二十", "20"),
        ("二〇二四年", "2024"),
        ("5个工作日", "5"),
        ("1.50元", "1.5"),
    ],
)
def test_numbers_in_law_words(text: str, number: str) -> None:
    """A figure is found however the law writes it."""
    assert number in numbers_in(text)


def test_words_without_numbers_have_none() -> None:
    """Ordinary words give no figures."""
    assert set() == numbers_in("应当事先通知用电人")
