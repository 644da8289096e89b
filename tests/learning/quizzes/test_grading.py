"""Answers are read as people type them, and graded fairly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.quizzes import Item
from bot.learning.quizzes.grading import grade, order_for, right_answer, unknown
from bot.learning.quizzes.reading import KEYS, read_keys, read_truth, same_words
from tests.learning.quizzes.items import ITEMS, judge


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("A", (0,)), ("a", (0,)), ("选B", (1,)), ("b。", (1,)), ("我选 C", (2,)), ("应该是B吧", (1,)), ("第二个", (1,)),
        ("2", (1,)), ("Ａ", (0,)), ("a c", (0, 2)), ("A、C", (0, 2)), ("AC", (0, 2)), ("CAB", (2, 0, 1)), ("B→A→C", (1, 0, 2)),
        ("13", (0, 2)), ("第一第三", (0, 2)), ("AAC", (0, 2)), ("D", None), ("4", None), ("不知道", None), ("停电要几天", None), ("", None),
    ],
)  # fmt: skip
def test_letters_are_read_as_typed(typed: str, places: tuple[int, ...] | None) -> None:
    """Letters, numbers and 第二个, with whatever stands around and between them."""
    assert places == read_keys(typed, 3)


@pytest.mark.parametrize(
    ("typed", "truth"),
    [("对", True), ("对的", True), ("是", True), ("√", True), ("A", True), ("没错", True), ("错", False), ("不对", False), ("×", False), ("x", False), ("b", False), ("错了吧", False), ("看情况", None)],
)  # fmt: skip
def test_truth_is_read_as_typed(typed: str, truth: bool | None) -> None:
    """对 and 错 in the ways people write them; 没错 is not 错."""
    assert truth is read_truth(typed)


@pytest.mark.parametrize("typed", ["30", "三十", "３０", "30日", " 30 日。", "三十日"])
def test_blank_is_filled_in_any_writing(typed: str) -> None:
    """Width, unit, stops and Chinese numerals make no difference."""
    graded = grade(ITEMS["td-5"], typed, (), judge)

    assert graded is not None and graded.right


@pytest.mark.parametrize("typed", ["13", "三", "300", "日", "三十天前后"])
def test_other_number_is_another_answer(typed: str) -> None:
    """Close is not the same, and a wrong one is told what is mixed up."""
    graded = grade(ITEMS["td-5"], typed, (), judge)

    assert graded is not None and not graded.right and "预付费" in graded.misconception


def test_marking_everything_earns_nothing() -> None:
    """Of two right ones, both is all, one is half, and everything together is half too, never more."""
    item, order = ITEMS["td-2"], (0, 1, 2)
    scores = {
        typed: graded.score
        for typed in ("AB", "A", "ABC", "C")
        if (graded := grade(item, typed, order, judge))
    }

    assert {"AB": 1.0, "A": 0.5, "ABC": 0.5, "C": 0.0} == scores
    assert "邻居" in (grade(item, "AC", order, judge) or unknown(item)).misconception


def test_order_counts_pairs() -> None:
    """One swap of neighbours keeps most; the reverse earns nothing; a step left out is asked for again."""
    item, order = ITEMS["td-4"], (0, 1, 2, 3)
    scores = {
        typed: round(graded.score, 2)
        for typed in ("ABCD", "BACD", "DCBA")
        if (graded := grade(item, typed, order, judge))
    }

    assert {"ABCD": 1.0, "BACD": 0.67, "DCBA": 0.0} == scores
    assert grade(item, "ABC", order, judge) is None


def test_reply_is_judged_by_tone() -> None:
    """A good reply is right, a cold one learns what to change, and one across a red line earns nothing."""
    good, cold, crossed = (
        grade(ITEMS["td-6"], said, (), judge) for said in ("您别急", "谁让你不交钱", "今天就停")
    )

    assert good and good.right and cold and not cold.right and "接住" in cold.misconception
    assert crossed and 0 == crossed.score


@given(
    learner=st.text(max_size=8), showing=st.text(max_size=8), name=st.sampled_from(["td-1", "td-2", "td-4"])
)
def test_shuffling_is_fair_and_repeats(learner: str, showing: str, name: str) -> None:
    """Every option is shown once, the same way for the same showing, and the right answer is right wherever it stands."""
    item = ITEMS[name]
    order = order_for(item, learner, showing)
    letters = "".join(
        KEYS[shown]
        for place in range(len(order))
        for shown in (order.index(place),)
        if item.kind == "order" or item.options[place].correct
    )

    assert sorted(order) == list(range(len(item.options))) and order == order_for(item, learner, showing)
    graded = grade(item, letters, order, judge)
    assert graded is not None and graded.right
    assert all(f"{letter}. " in right_answer(item, order) for letter in letters)


@given(item=st.sampled_from(list(ITEMS.values())), typed=st.text(max_size=30))
def test_anything_typed_is_graded_or_asked_again(item: Item, typed: str) -> None:
    """No text breaks the grading, and no score leaves 0..1."""
    graded = grade(item, typed, order_for(item, "x", "y"), judge)

    assert graded is None or (
        0 <= graded.score <= 1 and (graded.score == 1 or not graded.right or item.kind == "reply")
    )


def test_words_compare_without_unit() -> None:
    """A unit typed along is no mistake, and an empty blank is no answer."""
    assert same_words("七天", "7", "天") and not same_words("", "7") and not same_words("天", "7", "天")
