"""A rule of one province or city speaks for that place alone."""

from __future__ import annotations

import pytest

from bot.retrieval.places import out_of_place, place_of, without_places


@pytest.mark.parametrize(
    ("law", "place"),
    [("上海市供用电条例", "上海"), ("河南省供用电条例", "河南"), ("广西壮族自治区供电条例", "广西"),
     ("电力法", None), ("民法典", None), ("供电营业规则", None)],
)  # fmt: skip
def test_place_is_read_from_the_law(law: str, place: str | None) -> None:
    """A local law carries its place in its name; the nation's law carries none."""
    assert place_of(law) == place


def test_local_rule_needs_its_place_named() -> None:
    """上海's rule is in place for a question about 上海 and for no other."""
    assert not out_of_place("上海市供用电条例", "上海停电要提前几天贴")
    assert out_of_place("上海市供用电条例", "停电要提前几天贴")
    assert not out_of_place("电力法", "停电要提前几天贴")


def test_place_name_is_not_a_subject() -> None:
    """What is left of a question without its places is what it is about."""
    assert without_places("上海市停电要提前几天贴").strip() == "停电要提前几天贴"
    assert without_places("停电要提前几天贴") == "停电要提前几天贴"
