"""Make the two environments, .venv (the app) and .venv-rasa (Rasa); `make run` and `make test` begin with it.

Plain standard library, so that it runs before anything is installed. What is already right is left alone:
each environment carries a stamp, written last, that names the lock files it was made from.
"""

import argparse
import ast
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

if sys.version_info < (3, 11):  # noqa: UP036  (this line is for the people for whom it is true)
    print(
        f"这里是 Python {sys.version.split()[0]}；请换 Python 3.11 到 3.13，例如：make run PYTHON=python3.11"
    )
    sys.exit(2)

ROOT = Path(__file__).resolve().parent.parent
UV_VERSION = "0.13.9"
UV_AT_LEAST = (0, 5)  # an older uv on PATH does not know the variables used here
APP_PYTHONS = ("3.11", "3.12", "3.13")
RASA_PYTHONS = ("3.10",)  # Rasa Open Source 3.6 runs on nothing newer
STAMP = "anxun-stamp"

# pip's settings, and the variable by which uv reads the same thing. uv does not look at pip's configuration,
# so without this "a package index is configured" would be true for pip only.
PIP_TO_UV = (
    ("index-url", "UV_DEFAULT_INDEX", " "),
    ("extra-index-url", "UV_INDEX", " "),
    ("find-links", "UV_FIND_LINKS", ","),
    ("trusted-host", "UV_INSECURE_HOST", " "),
    ("no-index", "UV_NO_INDEX", " "),
    ("timeout", "UV_HTTP_TIMEOUT", " "),
    ("default-timeout", "UV_HTTP_TIMEOUT", " "),
    ("cert", "SSL_CERT_FILE", ""),
    ("proxy", "ALL_PROXY", ""),
)


class NotPossible(Exception):  # noqa: N818
    """The machine lacks something; the text is one line that says what to do."""


# --- interpreters ---


def version_of(python: Path) -> str:
    """The interpreter's "3.x"; "" if it cannot be used, as a pyenv shim with no version behind it."""
    try:
        said = subprocess.run(  # noqa: S603
            [str(python), "-I", "-c", "import sys, ssl, sqlite3; print('%d.%d' % sys.version_info[:2])"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.decode().strip() if said.returncode == 0 else ""


def python_candidates(wanted: Iterable[str], environ: Mapping[str, str]) -> Iterator[Path]:
    """Where an interpreter of these versions may be: pyenv's versions (newest first), then PATH."""
    pyenv = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/nonexistent"), ".pyenv"))
    for version in wanted:
        kept = (pyenv / "versions").glob(f"{version}*/bin/python{version}")
        yield from sorted(kept, key=lambda p: [int(n) for n in re.findall(r"\d+", p.parts[-3])], reverse=True)
    for version in wanted:
        for folder in environ.get("PATH", "").split(os.pathsep):
            if folder:
                yield Path(folder, f"python{version}")


def find_python(wanted: Iterable[str], environ: Mapping[str, str], first: Path | None = None) -> Path | None:
    """The first interpreter that runs and is one of the wanted versions; `first` is tried first."""
    wanted = tuple(wanted)
    candidates = [first] if first else []
    candidates += python_candidates(wanted, environ)
    return next((p for p in candidates if p.exists() and version_of(p) in wanted), None)


# --- uv ---


def pip_settings(python: Path) -> dict[str, str]:
    """pip's own configuration, files and PIP_ variables together; the more special place wins."""
    said = run_quietly([str(python), "-m", "pip", "config", "list"])
    found: dict[str, str] = {}
    for place in ("global.", "install.", ":env:."):
        for line in said.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(place):
                found[name[len(place) :]] = str(ast.literal_eval(value))
    return found


def uv_environment(environ: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """The environment for uv: what is set for uv already stays, what is set only for pip is copied."""
    given = dict(pip)
    for key, value in environ.items():
        if key.startswith("PIP_") and value:
            given[key[len("PIP_") :].lower().replace("_", "-")] = value
    env = dict(environ)
    for pip_name, uv_name, joint in PIP_TO_UV:
        value = given.get(pip_name, "").strip()
        if value and not env.get(uv_name):
            env[uv_name] = joint.join(value.split()) if joint else value
    if env.get("UV_INDEX"):  # pip looks for the pinned version in all of its indexes; make uv do the same
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def uv_on_path(environ: Mapping[str, str]) -> Path | None:
    """A uv that is already installed, if it runs and is not too old."""
    found = shutil.which("uv", path=environ.get("PATH"))
    if not found:
        return None
    numbers = re.match(r"uv (\d+)\.(\d+)", run_quietly([found, "--version"]))
    return Path(found) if numbers and tuple(map(int, numbers.groups())) >= UV_AT_LEAST else None


def make_uv(root: Path, python: Path, environ: Mapping[str, str]) -> tuple[Path, dict[str, str]]:
    """uv itself (from PATH, or installed by pip into .uv/) and the environment to run it in."""
    on_path = uv_on_path(environ)
    if on_path:
        return on_path, uv_environment(environ, pip_settings(python))
    home = root / ".uv" / "venv"
    stamp = home / STAMP
    if not (stamp.exists() and stamp.read_text() == UV_VERSION and (home / "bin" / "uv").exists()):
        with step("安装工具 uv") as work:
            remove(home)
            work(
                [str(python), "-m", "venv", str(home)],
                "缺 venv 模块：Debian 上先 apt-get install python3-venv。",
            )
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--no-input"]
            work([*pip, f"uv=={UV_VERSION}"], NO_INDEX)
            stamp.write_text(UV_VERSION)
    return home / "bin" / "uv", uv_environment(environ, pip_settings(home / "bin" / "python"))


def rasa_python(uv: Path, env: Mapping[str, str]) -> Path:
    """A Python 3.10: found on this machine, or fetched by uv as the last try."""
    found = find_python(RASA_PYTHONS, env)
    if found:
        return found
    local = {**env, "UV_PYTHON_DOWNLOADS": "never"}
    for fetch in (False, True):
        if fetch:
            with step("取 Python 3.10（Rasa 只能用它）") as work:
                work([str(uv), "python", "install", "-q", "3.10"], NO_PYTHON_310, env=env)
        said = run_quietly([str(uv), "python", "find", "--no-project", "3.10"], env=local)
        if said and version_of(Path(said)) in RASA_PYTHONS:
            return Path(said)
    raise NotPossible(NO_PYTHON_310)


NO_PYTHON_310 = (
    "找不到 Python 3.10（Rasa 只能用它）："
    "请用 pyenv install 3.10 装一个，或让 python3.10 出现在 PATH 上，再重试。"
)
NO_PYTHON = "找不到 Python 3.11 到 3.13：请装一个（例如 pyenv install 3.11），再重试。"
NO_INDEX = "装不上依赖：请检查网络和软件源（pip config list 看当前设置），然后重试；已下载的不会重来。"


# --- environments ---


class Environment(NamedTuple):
    """One of the two environments, and what it must hold."""

    folder: str
    title: str
    pythons: tuple[str, ...]
    locks: tuple[str, ...]
    command: bool = False  # whether it carries bin/anxun

    def missing(self, root: Path) -> list[str] | None:
        """The lock files still to install on top; [] when nothing is; None when it must be made anew."""
        present = layers_present(root / self.folder, self.pythons)
        wanted = wanted_layers(root, self.locks)
        shared = min(len(present), len(wanted))
        if not present or present[:shared] != wanted[:shared]:
            return None
        return [layer.split()[0] for layer in wanted[shared:]]


APP = Environment(".venv", "应用环境 .venv", APP_PYTHONS, ("app.lock",), command=True)
APP_FOR_TESTS = APP._replace(locks=("app.lock", "dev.lock"))
RASA = Environment(".venv-rasa", "Rasa 环境 .venv-rasa", RASA_PYTHONS, ("rasa.lock",))


def wanted_layers(root: Path, locks: Iterable[str]) -> list[str]:
    """One line per lock file: its name and a hash of its content and of the place it is installed for."""
    layers = []
    for name in locks:
        text = (root / "requirements" / name).read_bytes()
        layers.append(f"{name} {hashlib.sha256(text + str(root).encode()).hexdigest()[:20]}")
    return layers


def layers_present(venv: Path, pythons: Iterable[str]) -> list[str]:
    """The layers an environment says it holds; none if it is half made, moved, or on another Python."""
    try:
        config = (venv / "pyvenv.cfg").read_text(encoding="utf-8")
        layers = (venv / STAMP).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    version = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", config, re.MULTILINE)
    runs = (venv / "bin" / "python").exists()  # follows the link: the interpreter may have been uninstalled
    return layers if runs and version and version.group(1) in pythons else []


def make_environment(root: Path, wanted: Environment, uv: Path, env: dict[str, str], python: Path) -> None:
    """Bring an environment to its lock files. The stamp goes first and comes back last."""
    venv = root / wanted.folder
    missing = wanted.missing(root)
    names = wanted.locks if missing is None else missing
    locks = [root / "requirements" / name for name in names]
    pinned = sum(map(count_pins, locks))
    with step(f"{wanted.title}（{pinned} 个包）", watch=(venv, pinned)) as work:
        if missing is None:
            remove(venv)
            work(
                [str(uv), "venv", "-q", "--no-project", "--python", str(python), str(venv)],
                NO_PYTHON,
                env=env,
            )
        (venv / STAMP).unlink(missing_ok=True)
        # "install", not "sync": a torch from a plain index may bring packages that the lock does not name.
        install = [
            str(uv),
            "pip",
            "install",
            "-q",
            "--compile-bytecode",
            "--python",
            str(venv / "bin" / "python"),
        ]
        work([*install, *(part for lock in locks for part in ("-r", str(lock)))], NO_INDEX, env=env)
        if wanted.command:
            install_command(root, venv)
        (venv / STAMP).write_text("\n".join(wanted_layers(root, wanted.locks)) + "\n", encoding="utf-8")


def install_command(root: Path, venv: Path) -> None:
    """Make `bot` importable and write bin/anxun, as an editable install would, without a build step."""
    site = next((venv / "lib").glob("python3.*/site-packages"))
    (site / "anxun.pth").write_text(f"{root}\n", encoding="utf-8")
    script = venv / "bin" / "anxun"
    # sh first, because a path with blanks or a very long one cannot stand in a #! line.
    script.write_text(
        "#!/bin/sh\n"
        f"'''exec' '{venv}/bin/python' \"$0\" \"$@\"\n"
        "' '''\n"
        "import sys\n"
        "from bot.cli import main\n"
        "sys.exit(main())\n",
        encoding="utf-8",
    )
    script.chmod(0o755)


def count_pins(lock: Path) -> int:
    """Packages a lock file names for this kind of machine, roughly; only for the progress line."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return sum(1 for line in lines if re.match(r"[\w.-]+==", line) and "win32" not in line)


def remove(path: Path) -> None:
    """Remove an environment; of a link only the link."""
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


# --- running programs, and saying so ---


def run_quietly(command: list[str], env: Mapping[str, str] | None = None) -> str:
    """What a program prints, or "" if it fails."""
    try:
        done = subprocess.run(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, env=env
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


class Steps:
    """Counts the steps of this run for the `[1/3]` in front of each."""

    total = 1
    now = 0


@contextmanager
def step(title: str, watch: tuple[Path, int] | None = None) -> Iterator[Callable[..., None]]:
    """Print what is being done and how long it took; inside it, `work(command, remedy)` runs programs."""
    Steps.now += 1
    head = f"[{Steps.now}/{max(Steps.now, Steps.total)}] {title}"
    began = time.monotonic()
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(head, began, over, watch), daemon=True)
    teller.start()
    end = "没有完成"
    try:
        yield _work
        end = "完成"
    finally:
        over.set()
        teller.join()
        lead = "\r\033[K" if sys.stdout.isatty() else ""
        print(f"{lead}{head}：{end}，{time.monotonic() - began:.1f} 秒", flush=True)


def _tell(head: str, began: float, over: threading.Event, watch: tuple[Path, int] | None) -> None:
    """Keep one line moving on a terminal; elsewhere say it once, so that logs stay short."""
    if not sys.stdout.isatty():
        print(f"{head} …", flush=True)
        return
    for mark in iter("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" * 100_000):
        print(f"\r\033[K{mark} {head}{_doing(watch)} {time.monotonic() - began:.0f} 秒", end="", flush=True)
        if over.wait(0.2):
            return


def _doing(watch: tuple[Path, int] | None) -> str:
    """How far an installation is, from the packages that have landed."""
    if watch is None:
        return ""
    venv, pinned = watch
    landed = len(list(venv.glob("lib/python3.*/site-packages/*.dist-info")))
    if landed == 0:
        return "：下载"
    return f"：装好 {landed}/{pinned}" if landed < pinned - 3 else "：编译"


def _work(command: list[str], remedy: str, env: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
        )
    except OSError as error:
        raise NotPossible(f"{remedy}（{error}）") from error
    if done.returncode != 0:
        lines = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
        if lines:
            print("\n" + "\n".join(lines[-15:]), file=sys.stderr, flush=True)
        raise NotPossible(remedy)


# --- the whole ---


def bootstrap(root: Path, environments: tuple[Environment, ...], environ: Mapping[str, str]) -> None:
    """Bring the environments to their lock files. Does nothing, quickly, when they are."""
    if all(wanted.missing(root) == [] for wanted in environments):
        return
    (root / ".uv").mkdir(exist_ok=True)
    with (root / ".uv" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once would tear each other's environments
        needed = [wanted for wanted in environments if wanted.missing(root) != []]
        if not needed:
            return
        running = Path(getattr(sys, "_base_executable", sys.executable))
        python = find_python(APP_PYTHONS, environ, first=running)
        if python is None:
            raise NotPossible(NO_PYTHON)
        Steps.total = len(needed) + (
            uv_on_path(environ) is None and not (root / ".uv" / "venv" / STAMP).exists()
        )
        uv, env = make_uv(root, python, environ)
        for wanted in needed:
            chosen = rasa_python(uv, env) if wanted.pythons == RASA_PYTHONS else python
            make_environment(root, wanted, uv, env, chosen)


def main() -> int:
    parser = argparse.ArgumentParser(description="建好或更新两个环境：.venv 与 .venv-rasa")
    parser.add_argument("--for", dest="purpose", choices=["run", "test"], default="run")
    options = parser.parse_args()
    try:
        bootstrap(ROOT, (APP if options.purpose == "run" else APP_FOR_TESTS, RASA), os.environ)
    except NotPossible as stop:
        print(stop, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\n已中断；再运行一次会接着做完。", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
