"""The log in both databases: lines are added and never changed, and between two processes the database decides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.desks.contest_floor import ContestFloor
from bot.learning.contests.moment import Command
from bot.stores.database import open_database
from bot.stores.learning.contests import ContestStore
from tests.learning.contests.stage import GRADER, NINE, a_round, points_in, script

SCRIPTS = {"test-match": script(a_round("required", 2), a_round("buzzer", 3, wrong=5))}


def floor_on(url: str) -> ContestFloor:
    return ContestFloor(ContestStore(open_database(url)), SCRIPTS, {}, {}, GRADER, lambda: NINE)


def buzzer_open(floor: ContestFloor, players: int = 12) -> str:
    """A contest of so many, with the floor of its first 抢答 open."""
    contest = floor.open("test-match", "9001").id
    floor.act(contest, [Command("join", f"p{n}", NINE, False, {"name": f"选手{n}"}) for n in range(players)])
    host = ("begin", "next", "close", "next", "close", "next", "next", "open")
    floor.act(contest, [Command(do, "9001", NINE, True) for do in host])  # type: ignore[arg-type]
    return contest


def test_two_processes_one_floor(url: str) -> None:
    """Two processes on one database both hear first buzzes, again and again: one person gets each."""
    first, second = floor_on(url), floor_on(url)
    contest = buzzer_open(first)
    presses = [(first if n % 2 else second, f"p{n}") for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        told = list(
            pool.map(
                lambda one: one[0].act(contest, [Command("buzz", one[1], NINE + timedelta(seconds=1))])[0], presses
            )
        )  # fmt: skip
    second.refresh(contest)
    first.refresh(contest)
    lines = first.store.tail(contest)

    assert 1 == sum(one.code == "floor" for one in told)
    assert 11 == sum(one.code == "late" for one in told)
    assert 1 == sum(one.kind == "buzzed" for one in lines)
    assert list(range(1, len(lines) + 1)) == [one.seq for one in lines]
    assert first.find(contest).state == second.find(contest).state  # type: ignore[union-attr]


def test_two_processes_one_answer(url: str) -> None:
    """The same answer sent to two processes at once, as after a lost reply, counts once."""
    first, second = floor_on(url), floor_on(url)
    contest = buzzer_open(first, 2)
    first.act(contest, [Command("buzz", "p0", NINE)])
    second.refresh(contest)
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda floor: floor.act(contest, [Command("answer", "p0", NINE, False, {"given": "A"})]), (first, second)
            )
        )  # fmt: skip
    first.refresh(contest)
    live = first.find(contest)

    assert live and 1 == sum(one.kind == "answered" for one in live.log)
    assert {who: points for who, points in live.state.scores.items() if points} == {
        who: points for who, points in points_in(live.log).items() if points
    }


def test_restart_loses_nothing(url: str) -> None:
    """A process that starts in the middle folds the log to the same state, and goes on from there."""
    before = floor_on(url)
    contest = buzzer_open(before)
    before.act(contest, [Command("buzz", "p3", NINE)])
    after = floor_on(url)
    live, old = after.find(contest), before.find(contest)

    assert live and old and old.state == live.state and old.plan == live.plan
    assert "p3" == live.state.player
    assert after.act(contest, [Command("rule", "9001", NINE, True, {"right": True})])[0].ok


def test_lines_cannot_be_changed(url: str) -> None:
    """Whoever comes in through the database can neither edit nor delete what was logged."""
    sessions = open_database(url)
    contest = buzzer_open(floor_on(url), 2)
    for statement in ("UPDATE contest_entries SET who = 'x'", "DELETE FROM contest_entries"):
        with pytest.raises(DBAPIError), sessions.begin() as session:
            session.execute(text(statement))

    assert ContestStore(sessions).head(contest) > 0


def test_code_is_unique_while_open(url: str) -> None:
    """Two contests that are on have two codes; one that is over gives its code back."""
    floor = floor_on(url)
    records = [floor.open("test-match", "9001") for _ in range(5)]
    assert 5 == len({one.code for one in records})
    floor.act(records[0].id, [Command("end", "9001", NINE, True)])

    assert floor.store.by_code(records[0].code) is None
    assert records[1].id == floor.store.by_code(records[1].code)
