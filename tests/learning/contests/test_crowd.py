"""Two hundred players over real HTTP: nobody scores twice, the first to arrive is first, nobody misses anything."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.learning.contests.news import news_of
from tests.learning.contests.crowd import Crowd
from tests.learning.contests.site import Site
from tests.learning.contests.stage import a_round, points_in, script
from tests.learning.contests.wire import Wire

PLAYERS = 200
SCRIPTS = {
    "test-match": script(a_round("required", 1), a_round("buzzer", 2, wrong=5, foul=5, buzz_seconds=60))
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """A whole contest of two hundred, with forty connections cut in the middle and taken up again."""
    site = Site(tmp_path_factory.mktemp("site"), SCRIPTS)

    async def play() -> Crowd:
        async with Crowd(site, site.open()) as crowd:
            crowd.seat(PLAYERS)
            await crowd.connect()
            for do in ("begin", "next"):
                await crowd.hosts(do)
            await crowd.answer(range(PLAYERS), rights=120)
            await crowd.all_know()
            await crowd.hosts("next")
            await crowd.hosts("next")
            await crowd.press(0.1, range(3))
            away = range(20, 60)
            await crowd.cut(away)
            await crowd.hosts("open")
            await crowd.press(0.4, [*range(PLAYERS), *range(0, PLAYERS, 4)])
            await crowd.hosts("rule", right=True)
            await crowd.connect(away)
            await crowd.all_know()
            await crowd.hosts("end")
            await crowd.all_know()
            return crowd

    with site.serving():
        return asyncio.run(play())


def test_crowd_scores_once(played: Crowd) -> None:
    """Everything was sent twice; each answer and each press counted once, and the log adds up to the score."""
    live = played.live
    answered = [one.who for one in live.log if one.kind == "answered"]
    first = next(one for one in live.log if one.kind == "shown")

    assert PLAYERS == len(answered) == len(set(answered))
    assert 120 == sum(one["points"] == 10 for one in first.data["results"].values())
    assert {who: n for who, n in live.state.scores.items() if n} == {
        who: n for who, n in points_in(live.log).items() if n
    }


def test_crowd_has_one_winner(played: Crowd) -> None:
    """One gets the floor, the early ones are locked out, and the others are told how far behind they were."""
    live = played.live
    buzzed = [one for one in live.log if one.kind == "buzzed"]
    presses = [one for one in live.log if one.kind in ("buzzed", "pressed")]

    assert 1 == len(buzzed)
    assert 3 == sum(one.kind == "fouled" for one in live.log)
    assert PLAYERS - 3 == len(presses) == len({one.who for one in presses})
    assert buzzed[0].who not in {one.who for one in live.log if one.kind == "fouled"}


def test_crowd_order_is_arrival(played: Crowd) -> None:
    """Presses stand in the log in the order in which they reached the server."""
    lines = [one for one in played.live.log if one.kind in ("buzzed", "pressed")]

    assert [one.at for one in lines] == sorted(one.at for one in lines)
    assert [one.data["ms"] for one in lines[1:]] == sorted(one.data["ms"] for one in lines[1:])


def test_crowd_misses_nothing(played: Crowd) -> None:
    """Everybody heard every piece of news once, also the forty who were cut off while it happened."""
    live = played.live
    everything = {one.seq: words for one in live.log if (words := news_of(live.plan, live.state, one))}

    assert 40 == played.broken
    for one in (player.read() for player in played.players):
        assert everything == one.told
        assert 0 == one.twice
        assert "ended" == one.view["phase"]


def test_restart_in_the_middle(tmp_path: Path) -> None:
    """The server stops with a question open; another starts, everybody connects again, and the contest goes on."""
    before = Site(tmp_path, SCRIPTS)
    contest = before.open()

    async def first() -> Crowd:
        async with Crowd(before, contest) as crowd:
            crowd.seat(6)
            await crowd.connect()
            for do in ("begin", "next"):
                await crowd.hosts(do)
            await crowd.answer(range(4), rights=2)
            await crowd.all_know()
            return crowd

    with before.serving():
        crowd = asyncio.run(first())
    after = Site(tmp_path, SCRIPTS)

    async def second() -> Crowd:
        again = Crowd(after, contest, crowd.players, crowd.host)
        async with again:
            for one in [*again.players, *([again.host] if again.host else [])]:
                one.wire = Wire(after.port, one.cookie)
            await again.connect()
            await again.answer(range(6), rights=6)
            await again.all_know()
            return again

    with after.serving():
        crowd = asyncio.run(second())
    scores = {who: points for who, points in crowd.state.scores.items() if points}

    assert {"2000", "2001", "2004", "2005"} == set(scores)
    assert all(
        one.view["phase"] == "shown" and one.twice == 0 for one in (player.read() for player in crowd.players)
    )
