"""What the README tells people to type works as written."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.strip()
    for text in re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    for line in text.splitlines()
    if line.strip()
]
ANXUN = [c for c in dict.fromkeys(COMMANDS) if c.startswith(".venv/bin/anxun")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all commands, as a reader has."""
    return tmp_path_factory.mktemp("data")


def run(command: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"ANXUN_DATA_DIR": str(tmp_path)}
    return subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("command", ANXUN)
def test_readme_command_runs(command: str, data: Path) -> None:
    """Each command prints something and no stack trace; only the doctor may find something to mend."""
    done = run(command, data)

    assert done.returncode == 0 or (command.endswith("doctor") and done.returncode == 1), done.stderr
    assert done.stdout.strip() and "Traceback" not in done.stderr


def test_two_make_commands_exist(tmp_path: Path) -> None:
    """`make run` starts what the whole-bot tests start, and `make test` runs pytest."""
    assert {"make run", "make test"} <= set(COMMANDS)
    assert "anxun up" in run("make -n run", tmp_path).stdout
    assert "pytest" in run("make -n test", tmp_path).stdout


def test_other_commands_are_known() -> None:
    """The README shows no command that these tests do not run."""
    assert set(COMMANDS) - set(ANXUN) == {"make run", "make test"}


def test_linked_files_exist() -> None:
    """No link or picture of the README is broken."""
    for target in re.findall(r"\]\(((?!http)[^)]+)\)", README):
        assert (ROOT / target).exists(), target
