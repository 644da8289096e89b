"""Rasa's trained model: reused while nothing it was made from has changed, otherwise trained anew.

The launcher asks for it before it starts Rasa; `anxun doctor` asks whether it is there. What every child
process needs, ours or training's, stands at the end: a life tied to ours, and a log.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bot.errors import NotReady
from bot.settings import ROOT

INPUTS = ("config.yml", "domain.yml", "data", "knowledge/terms/jieba", "requirements/rasa.lock")
"""What decides the model, seen from the project's root; of a folder every file below it."""

KEEP = 2
"""Models kept: the one in use and the one before, so that going back on a change needs no training."""

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


class RasaModel:
    """The model for one project folder, cached below the data folder. Tests hand in another `command`."""

    def __init__(self, data: Path, root: Path = ROOT, command: tuple[str, ...] | None = None) -> None:
        self._root = root
        self._folder = data / "cache" / "rasa"
        self._log = data / "logs" / "rasa-train.log"
        self._command = command or (str(rasa_python(root)), "-m", "rasa")

    def fingerprint(self) -> str:
        """A hash over the names and contents of all inputs."""
        total = hashlib.sha256()
        for path in self._inputs():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(self._root).as_posix()} {content}\n".encode())
        return total.hexdigest()[:16]

    def cached(self) -> Path | None:
        """The model for the inputs as they are now, if it was trained before."""
        path = self._folder / f"{self.fingerprint()}.tar.gz"
        return path if path.is_file() else None

    def ready(self, console: Console | None = None) -> Path:
        """The model's file; trains (about 20 seconds, with a spinner) when it is not there.

        Raises NotReady with Rasa's last meaningful line when training fails.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with _alone(self._folder / "lock"):  # another start may be training it just now
            found = self.cached()
            if found is None:
                return self._train(console or Console(highlight=False))
            os.utime(found)  # the models used last are kept
            return found

    def _inputs(self) -> Iterator[Path]:
        for name in INPUTS:
            path = self._root / name
            if path.is_dir():
                yield from sorted(p for p in path.rglob("*") if p.is_file())
            elif path.is_file():
                yield path

    def _train(self, console: Console) -> Path:
        name = self.fingerprint()
        fresh = self._folder / "training"
        shutil.rmtree(fresh, ignore_errors=True)
        rotate(self._log, limit=0)
        if not Path(self._command[0]).exists():
            raise NotReady("Rasa 的环境 .venv-rasa 还没有建好。", "请运行 make run，它会建好。")
        command = tethered([*self._command, "train", "--fixed-model-name", name, "--out", str(fresh)])
        env = rasa_environment() | {"RASA_CACHE_DIRECTORY": str(self._folder / "steps")}
        with console.status("训练 Rasa 模型（训练语料改过才需要，约 20 秒）…"), self._log.open("wb") as log:
            code = subprocess.call(  # noqa: S603
                command, cwd=self._root, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        trained = fresh / f"{name}.tar.gz"
        if code != 0 or not trained.is_file():
            said = last_line(self._log) or f"退出码 {code}"
            raise NotReady(f"Rasa 模型没有训练成：{said}", f"详见 {self._log}。")
        model = trained.replace(self._folder / trained.name)
        shutil.rmtree(fresh, ignore_errors=True)
        self._prune()
        return model

    def _prune(self) -> None:
        models = sorted(self._folder.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in models[KEEP:]:
            old.unlink(missing_ok=True)


def rasa_python(root: Path = ROOT) -> Path:
    """The interpreter of Rasa's own environment."""
    return root / ".venv-rasa" / "bin" / "python"


def rasa_environment() -> dict[str, str]:
    """The environment every Rasa process gets: quiet, on the CPU, and never calling home."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return kept | {
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def tethered(command: Sequence[str]) -> list[str]:
    """The command, started so that it is killed when this process ends, even by SIGKILL (on Linux)."""
    return [sys.executable, "-I", "-S", "-c", _TETHER, str(os.getpid()), *command]


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
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
