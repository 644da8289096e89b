"""Recompile requirements/*.lock from the .in files, on their newest versions; `make lock` runs it.

The locks name versions only: no index, no folder of this machine, and torch without the suffix of the build
that happens to be at hand, so that they install anywhere.
"""

import os
import re
import sys
from pathlib import Path

from bootstrap import APP_PYTHONS, ROOT, NotPossible, Steps, find_python, make_uv, rasa_python, step

NO_ANSWER = "没有算出锁定的版本：上面是 uv 的原话；请检查软件源，或放宽 requirements/*.in 里的版本。"


def portable(lock: str) -> str:
    """The lock without local version suffixes (`+cpu`), which only some indexes carry."""
    return re.sub(r"^([\w.-]+==[^\s;+]+)\+[\w.]+", r"\1", lock, flags=re.MULTILINE)


def main() -> int:
    try:
        python = find_python(APP_PYTHONS, os.environ, first=Path(sys.executable))
        if python is None:
            raise NotPossible("找不到 Python 3.11 到 3.13。")
        uv, env = make_uv(ROOT, python, os.environ)
        Steps.total = Steps.now + 3
        targets = {
            "app": ["--universal", "--python-version", "3.11"],
            "dev": ["--python-version", "3.11"],
            "rasa": ["--python", str(rasa_python(uv, env))],
        }
        for name, options in targets.items():
            compile_lock(uv, env, name, options)
    except NotPossible as stop:
        print(stop, file=sys.stderr)
        return 2
    return 0


def compile_lock(uv: Path, env: dict[str, str], name: str, options: list[str]) -> None:
    """One .in file to its .lock; the paths are relative so that the comments in the lock are too."""
    source, target = f"requirements/{name}.in", ROOT / "requirements" / f"{name}.lock"
    os.chdir(ROOT)
    fresh = target.with_suffix(".new")
    with step(f"锁定 {source}") as work:
        command = [
            str(uv),
            "pip",
            "compile",
            "-q",
            "--upgrade",
            "--no-emit-index-url",
            "--no-emit-find-links",
        ]
        command += ["--custom-compile-command", "make lock", *options, source, "-o", str(fresh)]
        try:
            work(command, NO_ANSWER, env=env)
            target.write_text(portable(fresh.read_text(encoding="utf-8")), encoding="utf-8")
        finally:
            fresh.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
