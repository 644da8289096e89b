"""The whole bot, started once for the tests that need it, the way `make run` starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.launcher import free_port

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class RunningBot:
    """A started bot: where it answers, and where its data and logs lie."""

    url: str
    port: int
    rasa_port: int
    data: Path
    process: subprocess.Popen[str]

    def kill_listener(self, port: int) -> None:
        """kill -9 whatever process of the bot listens on `port`, found by its open socket."""
        os.kill(listener(port), signal.SIGKILL)

    def wait_until_ready(self, timeout_s: float = 90) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.3)
        raise AssertionError("the bot did not become ready")


def listener(port: int) -> int:
    """The process that listens on a loopback TCP port (Linux: read from /proc)."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) in inodes for fd in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:
            continue
    raise AssertionError(f"nothing listens on {port}")


@pytest.fixture(scope="session")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBot]:
    """`anxun up` on free ports with an empty data folder; trains Rasa's model, so the first use takes a while."""
    data = tmp_path_factory.mktemp("data")
    port, rasa_port = free_port(), free_port()
    env = os.environ | {
        "ANXUN_DATA_DIR": str(data),
        "ANXUN_PORT": str(port),
        "ANXUN_RASA_PORT": str(rasa_port),
    }
    log = (data / "up.txt").open("w+", encoding="utf-8")
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "anxun"), "up"],
        cwd=ROOT,
        env=env,
        stdout=log,
        stderr=log,
        text=True,
    )
    running = RunningBot(f"http://127.0.0.1:{port}", port, rasa_port, data, process)
    try:
        deadline = time.monotonic() + 240
        while "打开 http" not in (data / "up.txt").read_text(encoding="utf-8"):
            assert process.poll() is None and time.monotonic() < deadline, (data / "up.txt").read_text(
                "utf-8"
            )
            time.sleep(0.3)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        finally:
            process.kill()
            log.close()
