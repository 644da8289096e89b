"""Access tokens of a platform: one refresh for any number of callers, also across processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

RENEWED_AT = 0.8
"""A token is renewed at this part of its life, before the platform begins to refuse it."""


@dataclass(frozen=True)
class Token:
    """`value` until `expires` (seconds since 1970), renewed from `renew` on."""

    value: str
    renew: float
    expires: float


class TokenShelf(Protocol):
    """Where processes share tokens. `alone` is held by one caller at a time, whatever the process."""

    def read(self, key: str) -> Token | None: ...

    def write(self, key: str, token: Token) -> None: ...

    async def alone(self, key: str, work: Callable[[], Awaitable[Token]]) -> Token: ...


class AccessTokens:
    """The token of one app. `key` names the app (platform, corporation, app id), `fetch` asks the platform.

    Example:
        tokens = AccessTokens(shelf, "wecom:ww1:1000002", fetch)
        token = await tokens.get()
        # the platform refuses it early:
        token = await tokens.instead_of(token)
    """

    def __init__(
        self,
        shelf: TokenShelf,
        key: str,
        fetch: Callable[[], Awaitable[tuple[str, float]]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._shelf, self._key, self._fetch, self._now = shelf, key, fetch, now

    async def get(self) -> str:
        """A token that is good now; whatever `fetch` raises, once, when there is none."""
        token = await asyncio.to_thread(self._shelf.read, self._key)
        if token is not None and self._now() < token.renew:
            return token.value
        return (await self._shelf.alone(self._key, lambda: self._renew(refused=""))).value

    async def instead_of(self, refused: str) -> str:
        """A token other than the one the platform has just refused; callers who come late share the new one."""
        return (await self._shelf.alone(self._key, lambda: self._renew(refused))).value

    async def _renew(self, refused: str) -> Token:
        """Asks the platform, unless somebody who came before has done so."""
        held = await asyncio.to_thread(self._shelf.read, self._key)
        if held is not None and self._now() < held.renew and held.value != refused:
            return held
        value, lives = await self._fetch()
        began = self._now()
        token = Token(value, began + RENEWED_AT * lives, began + lives)
        await asyncio.to_thread(self._shelf.write, self._key, token)
        return token


class LocalShelf:
    """Tokens of one process, in memory."""

    def __init__(self) -> None:
        self._held: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def read(self, key: str) -> Token | None:
        return self._held.get(key)

    def write(self, key: str, token: Token) -> None:
        self._held[key] = token

    async def alone(self, key: str, work: Callable[[], Awaitable[Token]]) -> Token:
        async with self._locks.setdefault(key, asyncio.Lock()):
            return await work()
