"""Two hundred people with phones, over real HTTP: what they do, and what is measured. For the test and the benchmark."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.learning.contests.moment import Command, question_of
from tests.learning.contests.site import Client, Site
from tests.learning.factory import person


@dataclass
class Crowd:
    """`took` are the milliseconds of each press, from the finger to the acknowledgement; `sent` who pressed when, by
    question; `broken` counts streams that were cut on purpose. `ports` are those of other processes that serve the same
    database, if the site does not serve itself."""

    site: Site
    contest: str
    players: list[Client] = field(default_factory=list)
    host: Client | None = None
    took: list[float] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    sent: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    ports: Sequence[int] = ()
    broken: int = 0
    listening: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(5))

    async def __aenter__(self) -> Crowd:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.listening.values():
            task.cancel()
        await asyncio.gather(*self.listening.values(), return_exceptions=True)
        for one in [*self.players, *([self.host] if self.host else [])]:
            one.wire.close()

    def seat(self, count: int, teams: Sequence[str] = ()) -> None:
        """So many members of staff, each with a browser and a seat."""
        learning = self.site.learning
        port = self.ports[0] if self.ports else self.site.port
        self.host = Client(port, self.contest, self.site.host, "host")
        people = [person(f"{2000 + n}", f"员工{n}") for n in range(count)]
        cookies = self.site.browsers(people)
        now, joins = learning.clock(), []
        for n, one in enumerate(people):
            data = {"name": one.name, "team": teams[n % len(teams)] if teams else ""}
            joins.append(Command("join", one.id, now, False, data))
            port = self.ports[n % len(self.ports)] if self.ports else self.site.port
            self.players.append(Client(port, self.contest, cookies[n], name=one.id))
        learning.contests.floor.act(self.contest, joins)

    async def connect(self, which: Sequence[int] | None = None) -> None:
        for n in which if which is not None else range(len(self.players)):
            self.listening[n] = asyncio.create_task(self.players[n].listen())
        await self.until(lambda: all(one.seen >= 0 for one in self.players))

    async def cut(self, which: Sequence[int]) -> None:
        """These lose their connection."""
        for n in which:
            task = self.listening.pop(n)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self.broken += 1

    async def hosts(self, do: str, **data: Any) -> dict[str, Any]:
        assert self.host is not None
        return await self.host.act(do, **data)

    async def press(self, spread_s: float, which: Sequence[int]) -> None:
        """All press within so many seconds of seeing the floor open, some of them twice."""
        key = self.state.question
        await asyncio.gather(
            *(self._press(self.players[n], self.dice.random() * spread_s, key) for n in which)
        )

    async def _press(self, one: Client, after_s: float, key: str) -> None:
        await asyncio.sleep(after_s)
        began = time.perf_counter()
        told = await one.act("buzz", question=key)
        self.took.append(1000 * (time.perf_counter() - began))
        self.codes.append(told["code"])
        self.sent.setdefault(key, []).append((began, one.name))

    async def answer(self, which: Sequence[int], rights: int, twice: bool = True) -> None:
        """The first so many of them are right; each sends it twice, as phones do where the net is bad."""
        key = self.state.question

        async def one(n: int, place: int) -> None:
            given = self.letter(right=place < rights)
            await asyncio.sleep(self.dice.random() * 0.3)
            for _ in range(2 if twice else 1):
                await self.players[n].act("answer", given=given, question=key)

        await asyncio.gather(*(one(n, place) for place, n in enumerate(which)))

    def letter(self, *, right: bool) -> str:
        live = self.live
        one = question_of(live.plan, live.state.question)
        assert one is not None
        return "ABC"[one.options.index("先核实" if right else "先挂电话")]

    @property
    def live(self) -> Any:
        floor = self.site.learning.contests.floor
        if self.ports:
            floor.refresh(self.contest)
        return floor.find(self.contest)

    @property
    def state(self) -> Any:
        return self.live.state

    async def until(self, true: Any, seconds: float = 20) -> None:
        for _ in range(int(seconds / 0.02)):
            if true():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("it never came to that")

    async def all_know(self) -> None:
        """Everybody's screen shows the last line of the log."""
        seq = self.state.seq
        await self.until(lambda: all(one.seen >= seq for one in self.players))
