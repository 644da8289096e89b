"""Tokens, streams and the words behind buttons, kept in the database, so that any app process can go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from bot.channels.chat.tokens import Token
from bot.errors import NotReady
from bot.stores.shared import SharedStore

LEASE_S = 20.0
POLL_S = 0.1
STREAMS_LIVE_S = 3600.0
BUTTONS_LIVE_S = 3 * 24 * 3600.0


class DatabaseTokens:
    """The `TokenShelf` of several processes: whoever holds the lease asks the platform, the others wait and read."""

    def __init__(self, store: SharedStore, now: Callable[[], float] = time.time) -> None:
        self._store, self._now = store, now
        self._holder = uuid4().hex
        self._locks: dict[str, asyncio.Lock] = {}

    def read(self, key: str) -> Token | None:
        held = self._store.kept(f"token:{key}", self._now())
        return Token(held["value"], held["renew"], held["expires"]) if held else None

    def write(self, key: str, token: Token) -> None:
        value = {"value": token.value, "renew": token.renew, "expires": token.expires}
        self._store.keep(f"token:{key}", value, token.expires)

    async def alone(self, key: str, work: Callable[[], Awaitable[Token]]) -> Token:
        """Raises NotReady when another process holds the lease for longer than any platform takes to answer."""
        name = f"token:{key}"
        async with self._locks.setdefault(key, asyncio.Lock()):
            for _ in range(round(2 * LEASE_S / POLL_S)):
                if await asyncio.to_thread(self._store.lease, name, self._holder, self._now(), LEASE_S):
                    try:
                        return await work()
                    finally:
                        await asyncio.to_thread(self._store.release, name, self._holder)
                await asyncio.sleep(POLL_S)
        raise NotReady("平台的访问令牌一直没有拿到。", "运行 anxun channel check 看看平台连不连得上。")


class PressedWords:
    """What a person says by pressing a button of a card we sent; cards are good for three days."""

    def __init__(self, store: SharedStore, now: Callable[[], float] = time.time) -> None:
        self._store, self._now = store, now

    async def remember(self, card: str, words: Mapping[str, str]) -> None:
        await asyncio.to_thread(self._store.keep, f"card:{card}", dict(words), self._now() + BUTTONS_LIVE_S)

    async def look_up(self, card: str, key: str) -> str | None:
        """None for a card of somebody else, or one too old."""
        words = await asyncio.to_thread(self._store.kept, f"card:{card}", self._now())
        return words.get(key) if words else None


class DatabaseStreams:
    """The `StreamShelf` of several processes (bot/channels/wecom/streams.py)."""

    def __init__(self, store: SharedStore, now: Callable[[], float] = time.time) -> None:
        self._store, self._now = store, now

    async def put(self, id: str, state: Mapping[str, Any]) -> None:
        until = self._now() + STREAMS_LIVE_S
        await asyncio.to_thread(self._store.keep, f"stream:{id}", dict(state), until)

    async def get(self, id: str) -> Mapping[str, Any] | None:
        return await asyncio.to_thread(self._store.kept, f"stream:{id}", self._now())
