"""What scripts/bootstrap.py promises, piece by piece; the whole of it is what `make run` does."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


boot = load("bootstrap")
APP = boot.Environment("venv", "应用环境", ("3.11",), ("app.lock",))
APP_FOR_TESTS = boot.Environment("venv", "应用环境", ("3.11",), ("app.lock", "dev.lock"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose environment is installed and stamped for running."""
    (tmp_path / "requirements").mkdir()
    for name in ("app.lock", "dev.lock"):
        (tmp_path / "requirements" / name).write_text("rich==15.0.0\n")
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").touch()
    (tmp_path / "venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion_info = 3.11.7\n")
    stamp(tmp_path, APP)
    return tmp_path


def stamp(project: Path, environment: object) -> None:
    layers = boot.wanted_layers(project, environment.locks)  # type: ignore[attr-defined]
    (project / "venv" / boot.STAMP).write_text("\n".join(layers))


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_finished_environment_is_left_alone(project: Path) -> None:
    """A stamp that fits means nothing is missing, and no program is started to find out."""
    assert APP.missing(project) == []


def test_changed_lock_rebuilds(project: Path) -> None:
    """Another lock file means another environment, from scratch."""
    (project / "requirements" / "app.lock").write_text("rich==15.0.1\n")

    assert APP.missing(project) is None


def test_interrupted_install_starts_over(project: Path) -> None:
    """Without the stamp, which is written last, whatever lies there is not trusted."""
    (project / "venv" / boot.STAMP).unlink()

    assert APP.missing(project) is None


def test_uninstalled_interpreter_rebuilds(project: Path) -> None:
    """An environment whose interpreter has gone away is made anew."""
    (project / "venv" / "bin" / "python").unlink()
    (project / "venv" / "bin" / "python").symlink_to("/nonexistent/python3.11")

    assert APP.missing(project) is None


def test_wrong_python_rebuilds(project: Path) -> None:
    """An environment on a Python outside the supported ones is made anew."""
    (project / "venv" / "pyvenv.cfg").write_text("version = 3.9.18\n")

    assert APP.missing(project) is None


def test_moved_checkout_rebuilds(project: Path) -> None:
    """The paths inside an environment are absolute, so a moved project needs a new one."""
    moved = project.rename(project.with_name("elsewhere"))

    assert APP.missing(moved) is None


def test_tests_install_on_top(project: Path) -> None:
    """From running to testing only the second lock is installed."""
    assert APP_FOR_TESTS.missing(project) == ["dev.lock"]


def test_running_keeps_test_packages(project: Path) -> None:
    """An environment made for tests is good for running as it is."""
    stamp(project, APP_FOR_TESTS)

    assert APP.missing(project) == []


def test_broken_shim_is_skipped(tmp_path: Path) -> None:
    """A shim on PATH with no version behind it is passed over for an interpreter that runs."""
    script(tmp_path / "shims" / "python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    good = script(tmp_path / "bin" / "python3.10", "echo 3.10")
    environ = {"PATH": f"{tmp_path}/shims:{tmp_path}/bin", "PYENV_ROOT": str(tmp_path / "none")}

    assert good == boot.find_python(("3.10",), environ)


def test_pyenv_versions_are_found(tmp_path: Path) -> None:
    """pyenv's own folder is searched, the newest patch first, without any shim on PATH."""
    for patch in ("3.10.9", "3.10.13"):
        script(tmp_path / "versions" / patch / "bin" / "python3.10", "echo 3.10")

    found = boot.find_python(("3.10",), {"PATH": "", "PYENV_ROOT": str(tmp_path)})

    assert tmp_path / "versions" / "3.10.13" / "bin" / "python3.10" == found


def test_misnamed_interpreter_is_refused(tmp_path: Path) -> None:
    """What counts is the version an interpreter reports, not what its file is called."""
    script(tmp_path / "python3.10", "echo 3.12")

    assert boot.find_python(("3.10",), {"PATH": str(tmp_path), "PYENV_ROOT": "/nonexistent"}) is None


def test_find_links_reach_uv() -> None:
    """A folder of wheels that is set for pip is handed to uv in uv's own spelling."""
    env = boot.uv_environment({"PIP_FIND_LINKS": "/wheels /more"}, {})

    assert env["UV_FIND_LINKS"] == "/wheels,/more"


def test_pip_configuration_reaches_uv() -> None:
    """Index, extra indexes and certificate from pip's files; all indexes count alike, as they do for pip."""
    pip = {"index-url": "https://a.test/simple", "extra-index-url": "file:///b\nfile:///c", "cert": "/ca.pem"}

    env = boot.uv_environment({}, pip)

    assert env["UV_DEFAULT_INDEX"] == "https://a.test/simple"
    assert env["UV_INDEX"] == "file:///b file:///c"
    assert env["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert env["SSL_CERT_FILE"] == "/ca.pem"


def test_uv_settings_win_over_pip() -> None:
    """Who has set uv's variable meant it."""
    env = boot.uv_environment({"UV_FIND_LINKS": "/mine", "PIP_FIND_LINKS": "/pips"}, {"find-links": "/file"})

    assert env["UV_FIND_LINKS"] == "/mine"


def test_removing_a_link_spares_its_target(tmp_path: Path) -> None:
    """An environment that is a link to another place is unlinked, not emptied."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    boot.remove(tmp_path / "link")

    assert (tmp_path / "real").is_dir()
    assert not (tmp_path / "link").is_symlink()


def test_failed_step_stops_with_remedy(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """When a program fails, its own last words are shown and the remedy is what ends the run."""
    failing = script(tmp_path / "uv", "echo 'no route to index' >&2; exit 1")

    with pytest.raises(boot.NotPossible, match="请检查网络"), boot.step("装") as work:
        work([str(failing)], boot.NO_INDEX)

    assert "no route to index" in capfd.readouterr().err


def test_command_runs_from_blank_path(tmp_path: Path) -> None:
    """bin/anxun starts the project's own code, also below a folder whose name has blanks."""
    root = tmp_path / "my project"
    venv = root / ".venv"
    (venv / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (root / "bot").mkdir()
    (root / "bot" / "__init__.py").touch()
    (root / "bot" / "cli.py").write_text("def main():\n    print('你好')\n")
    script(venv / "bin" / "python", f'PYTHONPATH="{root}" exec "{sys.executable}" "$@"')

    boot.install_command(root, venv)

    said = subprocess.run([venv / "bin" / "anxun"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert said.stdout.strip() == "你好"


def test_lock_names_no_local_build() -> None:
    """A lock made beside a CPU wheel installs where that wheel is not."""
    lock = load("lock")

    assert lock.portable("torch==2.13.0+cpu\n    # via x\n") == "torch==2.13.0\n    # via x\n"


def test_everything_ready_is_quick(tmp_path: Path) -> None:
    """With both stamps in place the bootstrap is done in well under a second."""
    (tmp_path / "requirements").mkdir()
    for name in ("app.lock", "dev.lock", "rasa.lock"):
        (tmp_path / "requirements" / name).touch()
    for wanted, version in ((boot.APP_FOR_TESTS, "3.11.7"), (boot.RASA, "3.10.13")):
        venv = tmp_path / wanted.folder
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").touch()
        (venv / "pyvenv.cfg").write_text(f"version_info = {version}\n")
        (venv / boot.STAMP).write_text("\n".join(boot.wanted_layers(tmp_path, wanted.locks)))

    boot.bootstrap(tmp_path, (boot.APP_FOR_TESTS, boot.RASA), {"PATH": os.devnull})

    assert not (tmp_path / ".uv").exists()
