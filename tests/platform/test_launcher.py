"""What `anxun up` promises about its processes, shown with small stand-ins for Rasa and the app."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.errors import NotReady
from bot.launcher import Crew, Part, app_part, check_ports, free_port, pause_before_restart, rasa_part
from bot.rasa_model import last_line, rotate
from bot.settings import ROOT, Settings

# Serves 200 on a port of its own choice, writes its pid and port, and can be told to ignore SIGTERM.
SERVER = """
import http.server, os, pathlib, signal, sys
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Answer)
with pathlib.Path(sys.argv[1]).open("a") as file:
    file.write(f"{os.getpid()}\\n")
server.serve_forever()
"""

# A launcher of two such servers, as a program of its own, so that it can be killed.
LAUNCHER = """
import sys, pathlib
from contextlib import closing
from rich.console import Console
from bot.launcher import Crew, Part, stopped_by_signals
from tests.platform.test_launcher import server
folder, *ports = sys.argv[1:]
with stopped_by_signals(), closing(Crew(Console(), stop_limit_s=0.5)) as crew:
    try:
        for port in ports:
            crew.start(server(pathlib.Path(folder), int(port), "stubborn"))
        crew.wait_until_healthy(10)
        print("ready", flush=True)
        crew.watch(every_s=0.05)
    except KeyboardInterrupt:
        pass
"""


def server(folder: Path, port: int, *options: str) -> Part:
    command = (sys.executable, "-c", SERVER, str(folder / f"{port}.pids"), str(port), *options)
    return Part(
        "替身", command, os.environ, f"http://127.0.0.1:{port}/", folder / "logs" / "part.log", folder
    )


def pids(folder: Path) -> list[int]:
    return [int(line) for file in folder.glob("*.pids") for line in file.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def eventually(true: Callable[[], bool], limit_s: float = 8) -> bool:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A launcher with two healthy children that ignore SIGTERM."""
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path), str(free_port()), str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_children_end_with_launcher(launcher: subprocess.Popen[str], tmp_path: Path, number: int) -> None:
    """However the launcher ends, its children are gone, stubborn ones too."""
    children = pids(tmp_path)
    assert len(children) == 2

    launcher.send_signal(number)
    launcher.wait(10)

    assert eventually(lambda: not any(map(is_alive, children)))


def test_dead_child_comes_back(launcher: subprocess.Popen[str], tmp_path: Path) -> None:
    """A child that is killed is started again, and one line says so."""
    os.kill(pids(tmp_path)[0], signal.SIGKILL)

    assert launcher.stdout is not None
    assert "替身停了（退出码 -9），1 秒后重新启动。" in launcher.stdout.readline()
    assert "替身恢复了" in launcher.stdout.readline()
    assert len(pids(tmp_path)) == 3


def test_restarts_slow_down() -> None:
    """One, two, four seconds; the fourth death within a minute waits until the minute is over."""
    assert pause_before_restart([], 100) == 1
    assert pause_before_restart([90], 100) == 2
    assert pause_before_restart([80, 90], 100) == 4
    assert pause_before_restart([70, 80, 90], 100) == 30
    assert pause_before_restart([10, 20, 30], 100) == 1


def test_failed_start_quotes_the_log(tmp_path: Path) -> None:
    """A part that ends while starting is reported with its own last words, at once."""
    command = (sys.executable, "-c", "import sys; sys.exit('数据库打不开')")
    crew = Crew(Console(quiet=True))
    try:
        crew.start(Part("替身", command, os.environ, "http://127.0.0.1:9/", tmp_path / "a.log", tmp_path))

        with pytest.raises(NotReady, match=r"替身没有起来：数据库打不开.*a\.log"):
            crew.wait_until_healthy(10)
    finally:
        crew.close()


def test_unhealthy_start_ends(tmp_path: Path) -> None:
    """A part that runs but never answers ends the start after the limit, and is stopped."""
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    crew = Crew(Console(quiet=True))
    try:
        crew.start(Part("替身", command, os.environ, "http://127.0.0.1:9/", tmp_path / "a.log", tmp_path))

        with pytest.raises(NotReady, match="没有起来"):
            crew.wait_until_healthy(0.3)
    finally:
        crew.close()


@pytest.mark.parametrize("name", ["ANXUN_PORT", "ANXUN_RASA_PORT"])
def test_taken_port_is_named(name: str) -> None:
    """A taken port ends the start with exit code 2 and one line that names the setting to change."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = str(holder.getsockname()[1])
        other = "ANXUN_RASA_PORT" if name == "ANXUN_PORT" else "ANXUN_PORT"
        settings = Settings.read({name: taken, other: str(free_port())})

        with pytest.raises(NotReady) as failure:
            check_ports(settings)

    assert failure.value.exit_code == 2
    assert taken in str(failure.value) and f"{name}=" in str(failure.value)
    assert "\n" not in str(failure.value)


def test_command_line_refuses_taken_port(tmp_path: Path) -> None:
    """Seen from the shell: one line on standard error, exit code 2, and no process left."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = str(holder.getsockname()[1])
        env = os.environ | {"ANXUN_PORT": taken, "ANXUN_DATA_DIR": str(tmp_path)}
        run = "from bot.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", run, "up"], cwd=ROOT, env=env, capture_output=True, text=True
        )

    assert done.returncode == 2
    assert taken in done.stderr and len(done.stderr.splitlines()) == 1


def test_token_stays_out_of_ps() -> None:
    """Other users of the machine can read command lines, so the engine's token is not on any."""
    settings = Settings.read({})
    parts = [app_part(settings, "geheim"), rasa_part(settings, Path("model.tar.gz"), "geheim")]

    assert not any("geheim" in word for part in parts for word in part.command)
    assert all(part.environ["ANXUN_RASA_TOKEN"] == "geheim" for part in parts)  # noqa: S105


def test_rasa_is_told_where_actions_are() -> None:
    """Rasa listens on loopback only, calls the app for actions, and does not call home."""
    part = rasa_part(Settings.read({"ANXUN_PORT": "8123"}), Path("model.tar.gz"), "t")

    assert part.environ["ANXUN_ACTION_URL"] == "http://127.0.0.1:8123/internal/actions?token=t"
    assert part.environ["RASA_TELEMETRY_ENABLED"] == "false"
    assert "127.0.0.1" in part.command


def test_large_log_is_rotated(tmp_path: Path) -> None:
    """A log that has grown large is moved away at the start, and the oldest one goes."""
    log = tmp_path / "app.log"
    for content in ("一", "二", "三", "四", "五"):
        log.write_text(content, encoding="utf-8")
        rotate(log, limit=1)

    assert [log.with_name(f"app.log.{n}").read_text(encoding="utf-8") for n in (1, 2, 3)] == [
        "五",
        "四",
        "三",
    ]
    assert not log.exists() and not log.with_name("app.log.4").exists()


def test_last_line_says_something(tmp_path: Path) -> None:
    """Rules and blank lines at a log's end are passed over; a missing log is no error."""
    (tmp_path / "a.log").write_text("配置有误\n-----\n\n", encoding="utf-8")

    assert last_line(tmp_path / "a.log") == "配置有误"
    assert last_line(tmp_path / "none.log") == ""
