"""Writes generated quiz sets as YAML, and reads what somebody decided who read the drafts. For `anxun quiz generate`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import BadInput

DROPPED, CHOSEN = "_dropped.yaml", "_chosen.yaml"
"""Beside the sets; the loader passes over files whose names begin with a stroke below."""
GENERATED = "generated-"
"""How the ids of generated sets begin."""


class Decisions(BaseModel):
    """What a reader of drafts and sources decides, because no program can: `dropped` drafts, each with what was wrong;
    the moment (its `when`) at which a case turns; answers whose first steps have a fixed order, and how many; answers
    whose first step must come first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dropped: dict[str, str] = {}
    turning: dict[str, str] = {}
    ordered: dict[str, Annotated[int, Field(ge=3, le=6)]] = {}
    first: frozenset[str] = frozenset()


def read_decisions(folder: Path) -> Decisions:
    """Of knowledge/quizzes/; empty where nobody has decided anything. Raises BadInput on a file that cannot be read so."""
    chosen = _mapping(folder / CHOSEN)
    try:
        return Decisions(dropped=_mapping(folder / DROPPED), **chosen)
    except (ValidationError, TypeError) as error:
        where = (
            "、".join(".".join(map(str, one["loc"])) for one in error.errors())
            if isinstance(error, ValidationError)
            else ""
        )
        raise BadInput(f"{CHOSEN} 里写得不对：{where or error}。", "对照文件开头的说明改。") from error


def _mapping(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return dict(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise BadInput(f"{path.name} 读不懂：{error}。", "一行一个“编号: 内容”，对照别的行改。") from error


def write_sets(folder: Path, sets: Iterable[Mapping[str, Any]]) -> list[Path]:
    """One file a set; generated ones that were there before go. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{GENERATED}*.yaml"):
        old.unlink()
    written = []
    for one in sets:
        path = folder / f"{one['id']}.yaml"
        path.write_text(
            yaml.safe_dump(dict(one), allow_unicode=True, sort_keys=False, width=160), encoding="utf-8"
        )
        written.append(path)
    return written
