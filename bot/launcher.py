"""`anxun up`: trains or reuses Rasa's model, starts Rasa and the app together, and keeps them alive."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from rich.console import Console

from bot.errors import NotReady
from bot.rasa_model import RasaModel, last_line, rasa_environment, rasa_python, rotate, tethered
from bot.settings import ROOT, Settings

START_LIMIT_S = 240.0
"""How long both may take to become healthy; the app's first start also builds its index."""

STOP_LIMIT_S = 5.0
RESTARTS_A_MINUTE = 3

# Rasa takes its token only as an argument, where every user of the machine could read it with ps.
_RASA = """
import os, sys
sys.argv = ["rasa", *sys.argv[1:], "--auth-token=" + os.environ.pop("ANXUN_RASA_TOKEN")]
from rasa.__main__ import main
main()
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


def up(settings: Settings, console: Console | None = None) -> int:
    """Start the whole bot and stay with it until Ctrl-C or SIGTERM; then both processes are gone. Returns 0.

    Raises NotReady when a port is taken, the model cannot be trained, or a process does not become healthy.
    """
    console = console or Console(highlight=False)
    check_ports(settings)
    token = secrets.token_urlsafe(24)
    with stopped_by_signals(), closing(Crew(console)) as crew:
        try:
            crew.start(app_part(settings, token))  # it builds its index while Rasa's model trains
            if not settings.rasa_url:
                crew.start(rasa_part(settings, RasaModel(settings.data).ready(console), token))
            crew.wait_until_healthy(START_LIMIT_S)
            with console.status("预热 …"):
                warm_up(settings, crew)
            console.print(f"打开 {settings.address}", soft_wrap=True)
            console.print(f"按 Ctrl-C 停止；日志在 {settings.data / 'logs'}", soft_wrap=True)
            crew.watch(recovered=lambda: answers(f"{settings.address}/readyz?warm=1", timeout_s=30))
        except KeyboardInterrupt:
            console.print("正在停止 …")
    return 0


def app_part(settings: Settings, token: str) -> Part:
    """The app, on the address from the settings."""
    command = (sys.executable, "-m", "bot.channels.web.server")
    environ = dict(os.environ) | _without_proxy() | {"PYTHONUNBUFFERED": "1"}
    if not settings.rasa_url:
        environ["ANXUN_RASA_TOKEN"] = token
    return Part("网页服务", command, environ, f"{settings.address}/healthz", _log(settings, "app"), ROOT)


def rasa_part(settings: Settings, model: Path, token: str) -> Part:
    """Rasa, on loopback only; the action endpoint it calls is the app's."""
    command = (
        *(str(rasa_python()), "-c", _RASA, "run", "-m", str(model)),
        *("--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
        *("-i", "127.0.0.1", "-p", settings.rasa_port, "--enable-api"),
    )
    environ = rasa_environment() | _without_proxy()
    environ |= {
        "ANXUN_RASA_TOKEN": token,
        "ANXUN_ACTION_URL": f"{settings.address}/internal/actions?token={token}",
        "MPLCONFIGDIR": str(settings.data / "cache" / "matplotlib"),
    }
    health = f"http://127.0.0.1:{settings.rasa_port}/status?token={token}"
    return Part("Rasa 引擎", command, environ, health, _log(settings, "rasa"), ROOT)


def check_ports(settings: Settings) -> None:
    """Raise NotReady, naming the setting to change, when a port we need is taken."""
    wanted = [("ANXUN_PORT", settings.host, int(settings.port))]
    if not settings.rasa_url:
        wanted.append(("ANXUN_RASA_PORT", "127.0.0.1", int(settings.rasa_port)))
    for name, host, port in wanted:
        if is_free(host, port):
            continue
        if name == "ANXUN_PORT" and answers(f"{settings.address}/healthz"):
            raise NotReady(
                f"已经有一个在运行：{settings.address}。", f"要再开一个，请换端口，例如 {name}={port + 1}。"
            )
        raise NotReady(f"端口 {port} 用不了，多半被别的程序占着。", f"请换一个，例如 {name}={port + 1}。")


def is_free(host: str, port: int) -> bool:
    """True when we could listen there; an address this machine does not have counts as not free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of the loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def warm_up(settings: Settings, crew: Crew) -> None:
    """Send one message all the way through, so that nobody meets the slow first turn."""
    for _ in range(20):
        if answers(f"{settings.address}/readyz?warm=1", timeout_s=60):
            return
        crew.raise_if_dead()
        time.sleep(0.5)
    logs = f"{_log(settings, 'app')} 和 {_log(settings, 'rasa')}"
    raise NotReady("两个进程都起来了，但一条消息走不通。", f"详见 {logs}。")


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


def _log(settings: Settings, name: str) -> Path:
    return settings.data / "logs" / f"{name}.log"


def _without_proxy() -> dict[str, str]:
    """The two talk over loopback, whatever proxy this machine uses for the world outside."""
    names = ",".join(name for name in (os.environ.get("NO_PROXY"), "127.0.0.1,localhost") if name)
    return {"NO_PROXY": names, "no_proxy": names}


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
