"""Rasa's trained model: reused while nothing it was made from has changed, otherwise trained anew.

The launcher asks for it before it starts Rasa; `anxun doctor` asks whether it is there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bot.errors import NotReady
from bot.processes import last_line, rotate, tethered
from bot.settings import ROOT

INPUTS = ("config.yml", "domain.yml", "data", "knowledge/terms/jieba", "requirements/rasa.lock")
"""What decides the model, seen from the project's root; of a folder every file below it."""

KEEP = 2
"""Models kept: the one in use and the one before, so that going back on a change needs no training."""


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


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
