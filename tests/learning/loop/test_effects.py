"""Means of teams, and what a training moved: enough people or nothing, and honest words."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from bot.learning.events import Event
from bot.learning.loop.effects import Effect, effects, t95
from bot.learning.loop.model import fold
from bot.learning.loop.teams import cells
from tests.learning.factory import MONDAY_MORNING, person


def answers(who: str, days: float, *values: float) -> list[Event]:
    at = MONDAY_MORNING + timedelta(days=days)
    return [
        Event(f"{who}{days}{n}", "quiz.answered", who, at + timedelta(hours=n), "contracts", "x", value)
        for n, value in enumerate(values)
    ]


def group(took: int, others: int, gain: float, luck: Random) -> list[Event]:
    """A drill that lifts those who took part by `gain`, in a month in which everybody gets better by a tenth."""
    events = []
    for number in range(took + others):
        who = f"p{number}"
        before = 0.5 + luck.gauss(0, 0.05)
        after = before + 0.1 + (gain if number < took else 0) + luck.gauss(0, 0.05)
        events += answers(who, -10, before) + answers(who, 10, min(1.0, after))
        if number < took:
            events.append(Event(f"d{who}", "drill.finished", who, MONDAY_MORNING, "contracts", "claim", 0.8))
    return events


def quiz_effect(events: list[Event]) -> list[Effect]:
    return [one for one in effects(events) if one.measure == "答题对的份额"]


def test_what_changed_for_everybody_is_taken_out() -> None:
    """A drill that lifted its people by a fifth shows a fifth, not three tenths."""
    (found,) = quiz_effect(group(20, 20, 0.2, Random(1)))

    assert found.low < 0.2 < found.high and 0.1 < found.low and "变好了" == found.verdict
    assert (20, 20) == (found.took_part, found.others)


def test_no_effect_is_called_none() -> None:
    """Where nothing moved, in most groups the page says that it cannot tell."""
    told = [quiz_effect(group(12, 12, 0.0, Random(seed)))[0].verdict for seed in range(40)]

    assert told.count("还看不出") >= 35


def test_few_people_show_nothing() -> None:
    """Four who took part are too few for a figure, and so are four to compare with."""
    assert [] == quiz_effect(group(4, 20, 0.3, Random(1))) == quiz_effect(group(20, 4, 0.3, Random(1)))


def test_more_red_lines_are_worse() -> None:
    """A measure of which less is better is read the right way round."""
    events = []
    for number in range(12):
        who = f"p{number}"
        for days in (-5, 5):
            lines = ["threat"] if days > 0 and number < 6 and number % 5 else []
            events.append(
                Event(
                    f"{who}{days}",
                    "practice.finished",
                    who,
                    MONDAY_MORNING + timedelta(days=days),
                    "fee_collection",
                    "s",
                    0.5,
                    {"redlines": lines},
                )
            )
        if number < 6:
            events.append(Event(f"d{who}", "contest.finished", who, MONDAY_MORNING, "", "weekly", 0.8))

    (found,) = [one for one in effects(events) if one.measure == "每通电话踩线"]
    assert found.change > 0 and "变好了" != found.verdict


def test_t_is_wider_than_normal() -> None:
    """Small groups get wide intervals."""
    assert [2.776, 2.228, 2.042] == [round(x, 3) for x in (2.776, t95(10), t95(30))]
    assert abs(t95(4) - 2.776) < 0.02


def test_small_team_is_not_shown() -> None:
    """With four who have practised a cell stays blank, however many there are."""
    people = [person(str(n), "某", department="法务") for n in range(9)]
    risks = {str(n): fold(answers(str(n), -1, 1.0)) for n in range(4)}
    cell = next(one for one in cells(people, risks, MONDAY_MORNING) if one.topic == "contracts")

    assert (9, 4, False) == (cell.people, cell.seen, cell.shown)
