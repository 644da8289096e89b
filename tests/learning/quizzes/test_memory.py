"""When a question comes again: what py-fsrs decides, and what our use of it must keep."""

from __future__ import annotations

from datetime import date, timedelta

from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

from bot.learning.quizzes.memory import LONGEST_DAYS, rate, recall, review
from bot.learning.quizzes.picking import fits, pick_daily, streak
from tests.learning.factory import MONDAY_MORNING
from tests.learning.quizzes.items import ITEMS, SET

ratings = st.sampled_from(list(Rating))


@given(history=st.lists(st.tuples(ratings, st.floats(-5, 90)), min_size=1, max_size=25))
def test_memory_stays_sane_in_every_history(history: list[tuple[Rating, float]]) -> None:
    """Whatever is answered whenever, also when the clock goes back: it comes again tomorrow at the earliest, within a
    year and a day, and recall is a chance."""
    memory, at = None, MONDAY_MORNING
    for rating, days in history:
        at += timedelta(days=days)
        before = memory
        memory = review(memory, rating, at)

        assert memory.due >= memory.last_review + timedelta(days=1)
        assert memory.due <= memory.last_review + timedelta(days=LONGEST_DAYS + 1)
        assert before is None or memory.last_review >= before.last_review
        assert 0 < recall(memory, at) <= 1 and 0.999 < recall(memory, memory.last_review) <= 1


@given(days=st.integers(1, 60))
def test_known_comes_later_than_forgotten(days: int) -> None:
    """After the same pause, who knew it is asked later than who did not."""
    first = review(None, Rating.Good, MONDAY_MORNING)
    at = MONDAY_MORNING + timedelta(days=days)

    assert review(first, Rating.Again, at).due < review(first, Rating.Good, at).due


def test_intervals_grow_with_success() -> None:
    """Right each time it is due: the pauses get longer and longer."""
    memory, pauses = review(None, Rating.Good, MONDAY_MORNING), []
    for _ in range(5):
        pauses.append((memory.due - memory.last_review).days)
        memory = review(memory, Rating.Good, memory.due)

    assert pauses == sorted(pauses) and pauses[-1] > 10 * pauses[0]


def test_rating_follows_score_and_time() -> None:
    """Wrong, partly right, slow, right, and right at once for the second time."""
    cases = [(0.0, False, 5.0, True), (0.6, False, 5.0, True), (1.0, True, 90.0, True), (1.0, True, 3.0, True), (1.0, True, 3.0, False), (1.0, True, None, False)]  # fmt: skip

    assert [Rating.Again, Rating.Hard, Rating.Hard, Rating.Good, Rating.Easy, Rating.Good] == [
        rate(*one) for one in cases
    ]


POOL = {item.id: (SET.topic, item) for item in SET.items}
WEIGHTS = {"fee_collection": 1.0}


def test_what_fades_comes_first() -> None:
    """Due items before new ones, but one of five is new while there is any."""
    picked = pick_daily(
        ["td-1", "td-2", "td-3", "td-4", "td-5"], list(POOL)[:5], POOL, WEIGHTS, "", None, "x"
    )

    assert 5 == len(picked) and ["td-1", "td-2", "td-3", "td-4"] == picked[:4] and "td-6" == picked[4]
    assert 5 == len(pick_daily(list(POOL), POOL, POOL, WEIGHTS, "", None, "x"))


@given(
    seed=st.text(max_size=10),
    due=st.lists(st.sampled_from(list(POOL)), unique=True),
    seen=st.sets(st.sampled_from(list(POOL))),
)
def test_five_at_most_and_none_twice(seed: str, due: list[str], seen: set[str]) -> None:
    """The same seed picks the same, and nothing is asked twice in one round."""
    picked = pick_daily(due, seen | set(due), POOL, WEIGHTS, "柜员", 400, seed)

    assert len(picked) == len(set(picked)) <= 5
    assert picked == pick_daily(due, seen | set(due), POOL, WEIGHTS, "柜员", 400, seed)


def test_post_and_newness_narrow_the_choice() -> None:
    """A question for meter readers is not put to the counter; the hardest wait for three months."""
    reader = ITEMS["td-1"].model_copy(update={"posts": ("抄表",)})
    hard = ITEMS["td-1"].model_copy(update={"level": 3})

    assert fits(reader, "抄表员", 10) and not fits(reader, "柜员", 10) and fits(reader, "", None)
    assert not fits(hard, "柜员", 10) and fits(hard, "柜员", 100)


def test_streak_forgives_weekends() -> None:
    """Thursday, Friday and Monday are three in a row; a missed Friday begins anew; today may still come."""
    thursday, friday, monday = date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30)
    tuesday = date(2026, 12, 1)

    assert 3 == streak([thursday, friday, monday], monday) == streak([thursday, friday, monday], tuesday)
    assert 1 == streak([thursday, monday], monday) and 0 == streak([thursday], tuesday)
