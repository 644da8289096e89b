"""Child processes that stay up while we run and are gone when we are; for the launcher and for training."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from rich.console import Console

from bot.errors import NotReady

STOP_LIMIT_S = 5.0
RESTARTS_A_MINUTE = 3
LOG_BYTES = 5_000_000
LOGS_KEPT = 3

# The child asks the kernel (Linux) to be killed when its parent dies, then becomes the program. A process in
# between, because Python must not run code between fork and exec while other threads (the spinner) are alive.
_TETHER = """
import ctypes, os, signal, sys
try:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
except (OSError, AttributeError):
    pass
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True)
class Part:
    """One process of the bot: how it starts, and the address that answers 200 when it is healthy."""

    title: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    health: str
    log: Path
    folder: Path


@dataclass
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    restarts: list[float] = field(default_factory=list)
    again_at: float | None = None  # when it has died: the moment of the next start
    recovering: bool = False


class Crew:
    """The running parts. `close()` ends them all, and the kernel does if we are killed first."""

    def __init__(self, console: Console, stop_limit_s: float = STOP_LIMIT_S) -> None:
        self._console = console
        self._stop_limit_s = stop_limit_s
        self._running: list[_Running] = []

    def start(self, part: Part) -> None:
        """Start a part. Call it in the main thread: the end of the calling thread would end the part."""
        rotate(part.log)
        self._running.append(_Running(part, _spawn(part)))

    def wait_until_healthy(self, limit_s: float) -> None:
        """Return when every part is healthy; NotReady when one dies or the time is over."""
        began = time.monotonic()
        waiting = [one.part for one in self._running]
        with self._console.status("启动 …") as status:
            while waiting:
                titles = "和".join(part.title for part in waiting)
                status.update(f"启动{titles}，{time.monotonic() - began:.0f} 秒")
                self.raise_if_dead()
                if time.monotonic() - began > limit_s:
                    raise NotReady(f"{titles}在 {limit_s:.0f} 秒里没有起来。", f"详见 {waiting[0].log}。")
                time.sleep(0.1)
                waiting = [part for part in waiting if not answers(part.health)]

    def raise_if_dead(self) -> None:
        """NotReady with the last line of its log when a part has ended."""
        for one in self._running:
            if one.process.poll() is not None:
                said = last_line(one.part.log) or f"退出码 {one.process.returncode}"
                raise NotReady(f"{one.part.title}没有起来：{said}", f"详见 {one.part.log}。")

    def watch(self, recovered: Callable[[], object] = lambda: None, every_s: float = 0.5) -> None:
        """Restart whatever dies, and call `recovered` when it is back; ends only by an exception."""
        while True:
            for one in self._running:
                self._look_after(one, recovered)
            time.sleep(every_s)

    def _look_after(self, one: _Running, recovered: Callable[[], object]) -> None:
        now = time.monotonic()
        if one.again_at is not None:
            if now >= one.again_at:
                one.process = _spawn(one.part)
                one.restarts = [*one.restarts[1 - RESTARTS_A_MINUTE :], now]
                one.again_at, one.recovering = None, True
        elif one.process.poll() is not None:
            pause = pause_before_restart(one.restarts, now)
            one.again_at = now + pause
            ended = f"{one.part.title}停了（退出码 {one.process.returncode}）"
            self._console.print(f"{ended}，{pause:.0f} 秒后重新启动。", soft_wrap=True)
        elif one.recovering and answers(one.part.health, timeout_s=0.5):
            one.recovering = False
            recovered()
            self._console.print(f"{one.part.title}恢复了。")

    def close(self) -> None:
        """End every part: SIGTERM to its group, SIGKILL to what is left after the limit."""
        with _undisturbed():
            for one in self._running:
                _signal_group(one.process, signal.SIGTERM)
            deadline = time.monotonic() + self._stop_limit_s
            for one in self._running:
                with suppress(subprocess.TimeoutExpired):
                    one.process.wait(max(0.0, deadline - time.monotonic()))
                _signal_group(one.process, signal.SIGKILL)
                one.process.wait()
            self._running.clear()


def tethered(command: Sequence[str]) -> list[str]:
    """The command, started so that it is killed when this process ends, even by SIGKILL (on Linux)."""
    return [sys.executable, "-I", "-S", "-c", _TETHER, str(os.getpid()), *command]


def pause_before_restart(restarts: Sequence[float], now: float) -> float:
    """Seconds to wait: 1, 2, 4 for the restarts within a minute, then until that minute has passed."""
    recent = [moment for moment in restarts if now - moment < 60]
    if len(recent) >= RESTARTS_A_MINUTE:
        return recent[-RESTARTS_A_MINUTE] + 60 - now
    return float(2 ** len(recent))


def answers(url: str, timeout_s: float = 2.0) -> bool:
    """True when the address answers 200. Never by way of a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as response:
            return bool(response.status == 200)
    except (OSError, ValueError):
        return False


def rotate(log: Path, limit: int = LOG_BYTES) -> None:
    """Make the log's folder (ours alone to read) and move a log that has grown large out of the way."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not log.exists() or log.stat().st_size < limit:
        return
    for number in range(LOGS_KEPT - 1, -1, -1):
        older = log.with_name(f"{log.name}.{number}") if number else log
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))


def last_line(log: Path) -> str:
    """The last line of a log that says something; "" when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 20_000))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    telling = [line.strip() for line in lines if any(c.isalnum() for c in line)]
    return telling[-1][:300] if telling else ""


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Inside, SIGTERM and a closed terminal raise KeyboardInterrupt, as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handling(stop):
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Inside, a second Ctrl-C is ignored: stopping takes a few seconds and must not be left half done."""
    with _handling(signal.SIG_IGN):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup asked to outlive the terminal
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _spawn(part: Part) -> subprocess.Popen[bytes]:
    with part.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603
            tethered(part.command),
            cwd=part.folder,
            env=dict(part.environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
        )


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
