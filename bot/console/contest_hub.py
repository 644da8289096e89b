"""The live side of contests: takes commands in the order in which they arrive, and tells everybody who watches.

Commands that arrive while one is being written wait together and are written in one go: two hundred presses are a few
transactions, and each is acknowledged when it is durable. News goes out a moment later, to watchers in a new order each
time, so that nobody is always first to see that the floor is open.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from bot.desks.contest_floor import ContestFloor, Live
from bot.desks.contest_noting import ContestNoting
from bot.learning.clock import Clock
from bot.learning.contests.moment import Command, Outcome
from bot.learning.contests.news import news_of
from bot.learning.contests.ranking import Place
from bot.learning.contests.timing import GRACE
from bot.learning.contests.viewing import host_view, own_view, public_view

Role = Literal["play", "host", "screen"]
TOGETHER_S = 0.03
"""How long news waits for more of it, and lets acknowledgements go first."""
COUNTS_S, COUNTS_TO_PLAYERS_S = 0.5, 2.0
"""The same for what only counts, such as how many have answered: two hundred answers are not two hundred broadcasts."""
SLICE, SLICE_S = 10, 0.004
"""So many are told at a time, so that whoever is waiting for an acknowledgement is not kept waiting by news."""
LOOK_S = 0.05
"""How often it is asked whether time is up, and what other processes wrote: their players see it so much later."""
HEARTBEAT_S = 15.0
NEWS_AT_FIRST = 8
MOST_NEWS = 200

log = structlog.get_logger()


@dataclass
class Room:
    """One contest that is being watched or played in this process. `cached` are texts for the log's last line, `step` is
    what watchers were told of last."""

    contest: str
    watchers: dict[asyncio.Event, Role] = field(default_factory=dict)
    waiting: list[tuple[Command, asyncio.Future[Outcome]]] = field(default_factory=list)
    writing: asyncio.Task[None] | None = None
    telling: asyncio.TimerHandle | None = None
    counting: asyncio.TimerHandle | None = None
    told_players: float = 0.0
    step: int = -1
    places: tuple[int, dict[str, Place]] = (-1, {})
    cached: tuple[int, dict[str, str]] = (-1, {})


class Hub:
    def __init__(self, floor: ContestFloor, noting: ContestNoting, clock: Clock) -> None:
        self._floor, self._noting, self._clock = floor, noting, clock
        self._rooms: dict[str, Room] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="contest")
        self._dice = random.Random()  # noqa: S311  fairness, not secrecy
        floor.watch(self._changed)

    async def find(self, contest: str) -> Live | None:
        found: Live | None = await self._in_thread(self._floor.find, contest)
        return found

    async def act(self, contest: str, command: Command) -> Outcome:
        """The outcome, once what it changed is written."""
        room = self._room(contest)
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        room.waiting.append((command, future))
        if room.writing is None:
            room.writing = asyncio.create_task(self._write(room))
        return await future

    async def _write(self, room: Room) -> None:
        try:
            while room.waiting:
                batch, room.waiting = room.waiting, []
                try:
                    outcomes = await self._in_thread(self._floor.act, room.contest, [one for one, _ in batch])
                except Exception as error:
                    for _, future in batch:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (_, future), outcome in zip(batch, outcomes, strict=True):
                    if not future.done():
                        future.set_result(outcome)
        finally:
            room.writing = None

    # -- watching

    async def stream(self, live: Live, role: Role, player: str, after: int) -> AsyncGenerator[str, None]:
        """Server-sent events: first a snapshot and what was missed since `after` (-1: nothing was seen), then changes."""
        yield f"retry: 1000\n:{' ' * 2048}\n\n"  # old proxies hold back the first two kilobytes
        async with aclosing(self._messages(live, role, player, after)) as messages:
            async for seq, text in messages:
                yield f"id: {seq}\ndata: {text}\n\n" if text else ":\n\n"

    async def poll(self, live: Live, role: Role, player: str, after: int) -> str:
        """The next message at once or when there is one; "" after a while without any. For browsers without streams."""
        if live.state.seq > after:
            return self._message(live, role, player, after)
        async with aclosing(self._messages(live, role, player, after, first=False)) as messages:
            async for _, text in messages:
                return text
        return ""

    async def _messages(
        self, live: Live, role: Role, player: str, seen: int, *, first: bool = True
    ) -> AsyncGenerator[tuple[int, str], None]:
        room, news = self._room(live.record.id), asyncio.Event()
        room.watchers[news] = role
        try:
            while True:
                news.clear()
                seq = live.state.seq
                if first or seq != seen:
                    yield seq, self._message(live, role, player, seen)
                    seen, first = seq, False
                if not await _woken(news, HEARTBEAT_S):
                    yield seen, ""
        finally:
            room.watchers.pop(news, None)

    def _message(self, live: Live, role: Role, player: str, after: int) -> str:
        """The same for everybody but for `me`, so the rest is written once for each line of the log."""
        state = live.state
        room = self._room(live.record.id)
        if room.cached[0] != state.seq:
            room.cached = (state.seq, {})
        texts = room.cached[1]
        if "view" not in texts:
            texts["view"] = _text(public_view(live.plan, state, self._floor.grader, live.places()))
        if (name := f"news {after}") not in texts:
            texts[name] = _text(self._news(live, after, state.seq))
        parts = [
            f'"now":{int(self._clock().timestamp() * 1000)}',
            f'"seq":{state.seq}',
            f'"view":{texts["view"]}',
        ]
        parts.append(f'"news":{texts[name]}')
        if role == "play":
            parts.append(f'"me":{_text(self.own(live, player))}')
        if role == "host":
            if "host" not in texts:
                texts["host"] = _text(host_view(live.plan, state, self._floor.grader))
            parts.append(f'"host":{texts["host"]}')
        return "{" + ",".join(parts) + "}"

    def own(self, live: Live, player: str) -> dict[str, Any]:
        room = self._room(live.record.id)
        if room.places[0] != live.state.seq:
            room.places = (live.state.seq, {one.contestant: one for one in live.places()})
        return own_view(live.plan, live.state, player, self._floor.grader, room.places[1])

    def _news(self, live: Live, after: int, until: int) -> list[list[Any]]:
        entries = live.log[max(0, after) : until]
        told = [[one.seq, words] for one in entries if (words := news_of(live.plan, live.state, one))]
        return told[-(MOST_NEWS if after >= 0 else NEWS_AT_FIRST) :]

    # -- telling

    def _changed(self, contest: str) -> None:
        """From whichever thread wrote."""
        if self._loop is not None and contest in self._rooms:
            self._loop.call_soon_threadsafe(self._tell_soon, contest)

    def _tell_soon(self, contest: str) -> None:
        """What moves the contest on is told to everybody at once; what only counts, to hosts and screens, and later."""
        room, live = self._rooms.get(contest), self._floor.find(contest)
        if room is None or live is None or self._loop is None:
            return
        if live.state.step != room.step:
            room.step = live.state.step
            if room.telling is None:
                room.telling = self._loop.call_later(TOGETHER_S, self._tell, room, live)
        elif room.counting is None:
            room.counting = self._loop.call_later(COUNTS_S, self._tell_counts, room)

    def _tell(self, room: Room, live: Live) -> None:
        room.telling = None
        room.told_players = asyncio.get_running_loop().time()
        watchers = list(room.watchers)
        self._dice.shuffle(watchers)
        if live.state.phase == "open":  # nobody waits for an answer yet, and all should see it together
            _wake(watchers)
        else:
            self._wake_in_slices(watchers)

    def _tell_counts(self, room: Room) -> None:
        room.counting = None
        now = asyncio.get_running_loop().time()
        players_too = now - room.told_players >= COUNTS_TO_PLAYERS_S
        if players_too:
            room.told_players = now
        elif self._loop:
            room.counting = self._loop.call_later(COUNTS_S, self._tell_counts, room)
        self._wake_in_slices([one for one, role in room.watchers.items() if players_too or role != "play"])

    def _wake_in_slices(self, watchers: list[asyncio.Event]) -> None:
        _wake(watchers[:SLICE])
        if watchers[SLICE:] and self._loop:
            self._loop.call_later(SLICE_S, self._wake_in_slices, watchers[SLICE:])

    # -- the clock

    async def _tick(self) -> None:
        """Runs while anybody watches: ends what has run out of time, and reads what other processes wrote."""
        self._threads.submit(self._noting.catch_up, self._clock())
        while rooms := [one for one in self._rooms.values() if one.watchers or one.waiting]:
            for room in rooms:
                try:
                    await self._look(room)
                except Exception as error:
                    log.error("contest.look.failed", contest=room.contest, error=type(error).__name__)
            await asyncio.sleep(LOOK_S)
        self._ticking = None

    async def _look(self, room: Room) -> None:
        live = self._floor.find(room.contest)  # in memory: it is being watched
        if live is None or live.state.is_over:
            return
        await self._in_thread(self._floor.refresh, room.contest)
        now = self._clock()
        if live.state.deadline and now > live.state.deadline + GRACE:
            await self.act(room.contest, Command("tick", "", now))

    def _room(self, contest: str) -> Room:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._rooms, self._ticking = loop, {}, None
        if contest not in self._rooms:
            self._forget()
            self._rooms[contest] = Room(contest)
        if self._ticking is None or self._ticking.done():
            self._ticking = loop.create_task(self._tick())
        return self._rooms[contest]

    def _forget(self) -> None:
        idle = [
            name
            for name, one in self._rooms.items()
            if not one.watchers and not one.waiting and not one.writing
        ]
        for name in idle:
            del self._rooms[name]

    async def _in_thread(self, do: Any, *given: Any) -> Any:
        """Threads of its own: a buzzer must not stand in line behind somebody's search."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, do, *given)


def _wake(watchers: list[asyncio.Event]) -> None:
    for one in watchers:
        one.set()


async def _woken(news: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
