"""How often a Stream client asks an ailing DingTalk gateway for a connection: the official SDK beside ours.

.venv/bin/python -m benchmarks.channels.outage [seconds]

Both meet the same fake gateway on the loopback. The SDK is watched for some real seconds (12 when nothing is given; its
pauses are 3 or 10 s) and scaled to a minute; ours waits on a simulated clock, the median of some whole minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import random
import statistics
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
from websockets.asyncio.client import connect

from bot.channels.chat.inbound import Inbound
from bot.channels.dingtalk.stream import DingtalkStream
from bot.logs import configure_logs
from tests.fakes.dingtalk_gateway import DingtalkGateway, close_with, official_client, reset

MINUTES = 20
OUTAGES: dict[str, Callable[[], DingtalkGateway]] = {
    "closed 1000 at once": lambda: DingtalkGateway(always_greeting=close_with(1000)),
    "closed 1011 at once": lambda: DingtalkGateway(always_greeting=close_with(1011)),
    "reset at once": lambda: DingtalkGateway(always_greeting=reset),
    "open answers 500": lambda: DingtalkGateway(always_opening="500"),
    "open answers 401": lambda: DingtalkGateway(always_opening="401"),
}


async def official_requests(gateway: DingtalkGateway, seconds: float) -> int:
    """Requests of the official SDK within `seconds` of its first."""
    async with gateway, official_client(gateway):
        await gateway.until(lambda: gateway.opened, patience=20)
        await asyncio.sleep(seconds)
        return len(gateway.opened)


async def our_requests(gateway: DingtalkGateway, seed: int, minute: float = 60.0) -> int:
    """Requests of our client within a simulated minute of its first."""
    clock, over = [0.0], asyncio.Event()

    async def sleep(seconds: float) -> None:
        clock[0] += seconds
        if clock[0] >= minute:
            over.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    async def accept(_: Inbound) -> bool:
        raise AssertionError("nobody spoke")

    async with gateway:
        stream = DingtalkStream(
            gateway.app_key,
            gateway.app_secret,
            accept,
            lambda _: Inbound("dingtalk", "", "", "", ""),
            base=gateway.base,
            transport=httpx.AsyncHTTPTransport(),
            connect=partial(connect, proxy=None),
            now=lambda: clock[0],
            sleep=sleep,
            rng=random.Random(seed),
        )
        running = asyncio.create_task(stream.run())
        async with asyncio.timeout(30):
            await over.wait()
        asked = len(gateway.opened)
        await stream.stop()
        await running
        return asked


def machine() -> str:
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next(
        (line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), ""
    )
    return f"{model}, {os.cpu_count()} 核, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 12.0
    configure_logs("critical")
    figures = {}
    for name, gateway in OUTAGES.items():
        ours = [asyncio.run(our_requests(gateway(), seed)) for seed in range(MINUTES)]
        figures[name] = {
            "official_sdk_per_minute": round(
                asyncio.run(official_requests(gateway(), seconds)) * 60 / seconds
            ),
            "ours_per_minute_median": statistics.median(ours),
            "ours_per_minute_worst": max(ours),
        }
    print(
        json.dumps({"machine": machine(), "sdk_watched_s": seconds, **figures}, ensure_ascii=False, indent=2)
    )


if __name__ == "__main__":
    main()
