"""`anxun up`: trains or reuses Rasa's model, starts Rasa and the app together, and keeps them alive."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

from rich.console import Console

from bot.errors import NotReady
from bot.processes import Crew, Part, answers, stopped_by_signals
from bot.rasa_model import RasaModel, rasa_environment, rasa_python
from bot.settings import ROOT, Settings

START_LIMIT_S = 240.0
"""How long both may take to become healthy; the app's first start also builds its index."""

# Rasa takes its token only as an argument, where every user of the machine could read it with ps.
_RASA = """
import os, sys
sys.argv = ["rasa", *sys.argv[1:], "--auth-token", os.environ.pop("ANXUN_RASA_TOKEN")]
from rasa.__main__ import main
main()
"""


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
    command = (
        *(sys.executable, "-m", "uvicorn", "bot.channels.web.app:create_app", "--factory"),
        *("--host", settings.host, "--port", settings.port, "--timeout-graceful-shutdown", "3"),
        *("--log-level", "warning", "--no-server-header"),
    )
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
    return Part("Rasa", command, environ, health, _log(settings, "rasa"), ROOT)


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


def warm_up(settings: Settings, crew: Crew) -> None:
    """Send one message all the way through, so that nobody meets the slow first turn."""
    for _ in range(20):
        if answers(f"{settings.address}/readyz?warm=1", timeout_s=60):
            return
        crew.raise_if_dead()
        time.sleep(0.5)
    logs = f"{_log(settings, 'app')} 和 {_log(settings, 'rasa')}"
    raise NotReady("两个进程都起来了，但一条消息走不通。", f"详见 {logs}。")


def _log(settings: Settings, name: str) -> Path:
    return settings.data / "logs" / f"{name}.log"


def _without_proxy() -> dict[str, str]:
    """The two talk over loopback, whatever proxy this machine uses for the world outside."""
    names = ",".join(name for name in (os.environ.get("NO_PROXY"), "127.0.0.1,localhost") if name)
    return {"NO_PROXY": names, "no_proxy": names}
