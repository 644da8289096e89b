"""Finds the files to take in below what a person names: files, and folders with all that is in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.errors import BadInput

_NOT_MEANT = ("~$", ".")
"""Beginnings of names that programs leave behind: Office's locks, hidden files."""

_LITTER = frozenset({"thumbs.db", "desktop.ini"})


def files_below(paths: Iterable[Path]) -> Iterator[tuple[Path, BadInput | None]]:
    """Every file once, in a stable order, with what is wrong with it, if that shows from outside.

    A link that leads out of the folder named is refused; one inside it is passed over, as its target is found anyway.
    """
    seen: set[Path] = set()
    for path in paths:
        try:
            for file, fault in _below(path):
                if (real := Path(os.path.realpath(file))) not in seen or fault:
                    seen.add(real)
                    yield file, fault
        except OSError:
            yield path, BadInput("进不去。", "请检查它和上级文件夹的权限。")


def name_of(path: Path) -> str:
    """A path in characters that can be shown: names out of old archives are GB18030, and some hold line breaks."""
    raw = os.fsencode(path)
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("gb18030", "replace")
    return "".join(c if c.isprintable() else "_" for c in name)


def _below(path: Path) -> Iterator[tuple[Path, BadInput | None]]:
    if path.is_dir():
        faults: list[OSError] = []
        root = path.resolve()
        for folder, folders, files in os.walk(path, onerror=faults.append):
            folders.sort()
            here = Path(folder)
            for name in sorted([*files, *(f for f in folders if (here / f).is_symlink())]):
                yield from _judged(here / name, root)
        for error in faults:
            yield Path(error.filename), BadInput("文件夹进不去。", "请检查它的权限。")
    elif path.is_file():
        yield path, None
    elif path.exists():
        yield path, BadInput("不是普通文件。", "请给文件或文件夹。")
    else:
        yield path, BadInput("找不到。", "请检查路径。")


def _judged(path: Path, root: Path) -> Iterator[tuple[Path, BadInput | None]]:
    if path.name.startswith(_NOT_MEANT) or path.name.lower() in _LITTER:
        return
    if path.is_symlink():
        if not path.resolve().is_relative_to(root):
            yield path, BadInput("是指到这个文件夹外面的链接，没有跟过去。", "请把文件本身放进来。")
    elif path.is_file():
        yield path, None
    else:
        yield path, BadInput("不是普通文件。", "请把它移走。")
