"""One refresh for any number of callers, in one process and across several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.channels.chat.shelves import DatabaseTokens
from bot.channels.chat.tokens import AccessTokens, LocalShelf, TokenShelf
from bot.errors import NotReady
from bot.stores.database import open_database
from bot.stores.shared import SharedStore
from tests.fakes.clock import Clock


class Platform:
    """Gives a new token each time it is asked, good for 7,200 seconds; counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.down = False

    async def fetch(self) -> tuple[str, float]:
        self.asked += 1
        await asyncio.sleep(0.02)
        if self.down:
            raise NotReady("平台没有回应。", "稍后再试。")
        return f"令牌{self.asked}", 7200


@pytest.fixture(params=["memory", "database"])
def shelves(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Callable[[], TokenShelf]:
    """A shelf for each process; those in the database share what they hold."""
    if request.param == "memory":
        shelf = LocalShelf()
        return lambda: shelf
    url = f"sqlite:///{tmp_path / 'a.db'}"
    return lambda: DatabaseTokens(SharedStore(open_database(url)), clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def many(tokens: list[AccessTokens]) -> set[str]:
    return set(await asyncio.gather(*(tokens[n % len(tokens)].get() for n in range(50))))


def test_fifty_cold_callers_ask_once(shelves: Callable[[], TokenShelf], clock: Clock) -> None:
    """Fifty messages sent at once by three processes that know no token: one request, one token."""
    platform = Platform()
    processes = [AccessTokens(shelves(), "wecom:ww1:1", platform.fetch, clock) for _ in range(3)]

    assert {"令牌1"} == asyncio.run(many(processes))
    assert 1 == platform.asked


def test_token_is_renewed_before_it_runs_out(shelves: Callable[[], TokenShelf], clock: Clock) -> None:
    """At four fifths of its life a new one is fetched, not a second earlier."""
    platform = Platform()
    tokens = AccessTokens(shelves(), "wecom:ww1:1", platform.fetch, clock)

    async def at(*moments: float) -> list[str]:
        found = []
        for moment in moments:
            clock.time = moment
            found.append(await tokens.get())
        return found

    began = clock.time

    assert ["令牌1", "令牌1", "令牌2"] == asyncio.run(at(began, began + 5759, began + 5760))


def test_refused_token_is_replaced_once(shelves: Callable[[], TokenShelf], clock: Clock) -> None:
    """Twenty callers are told that their token is bad; they share the next one."""
    platform = Platform()
    tokens = AccessTokens(shelves(), "wecom:ww1:1", platform.fetch, clock)

    async def refused() -> set[str]:
        bad = await tokens.get()
        return set(await asyncio.gather(*(tokens.instead_of(bad) for _ in range(20))))

    assert {"令牌2"} == asyncio.run(refused())
    assert 2 == platform.asked


def test_token_is_asked_for_again_after_a_failure(shelves: Callable[[], TokenShelf], clock: Clock) -> None:
    """The error reaches the caller, and the next call asks again."""
    platform = Platform()
    tokens = AccessTokens(shelves(), "wecom:ww1:1", platform.fetch, clock)
    platform.down = True
    with pytest.raises(NotReady):
        asyncio.run(tokens.get())
    platform.down = False

    assert "令牌2" == asyncio.run(tokens.get())
