"""Writes generated quiz sets as YAML, and reads which drafts a reader has dropped. Used by `anxun quiz generate`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

DROPPED = "_dropped.yaml"
"""Beside the sets; the loader passes over files whose names begin with a stroke below."""


def read_dropped(folder: Path) -> dict[str, str]:
    """Ids of drafts that were read and found wanting, each with what was wrong."""
    path = folder / DROPPED
    if not path.is_file():
        return {}
    return {
        str(key): str(why) for key, why in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items()
    }


def write_sets(folder: Path, sets: Iterable[Mapping[str, Any]]) -> list[Path]:
    """One file a set, over the one that was there; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for one in sets:
        path = folder / f"{one['id']}.yaml"
        path.write_text(
            yaml.safe_dump(dict(one), allow_unicode=True, sort_keys=False, width=160), encoding="utf-8"
        )
        written.append(path)
    return written
