"""Time for tests that must not wait."""

from __future__ import annotations

import asyncio


class Clock:
    """Seconds since 1970 that pass only when somebody sleeps, or says so; `slept` are the sleeps."""

    def __init__(self) -> None:
        self.time = 1_760_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)
