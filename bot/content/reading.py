"""Reads YAML that people wrote into checked values, and turns every fault into file, key and remedy.

All of knowledge/ passes through here; used by `bot.content.loader`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import Fault

MAX_BYTES = 200_000
T = TypeVar("T", bound=BaseModel)

_TOO_FEW = "条数不够"
_REMEDIES = {
    "extra_forbidden": ("不认识这个键", "检查拼写，或删掉它。"),
    "missing": ("缺少这个键", "按同类文件补上。"),
    "too_short": (_TOO_FEW, "再补几条。"),
    "string_too_short": ("内容太短", "写完整。"),
    "string_too_long": ("内容太长", "写短一些。"),
    "string_pattern_mismatch": ("写法不对", "按 docs/writing-content.md 里的写法改。"),
    "date_from_datetime_parsing": ("日期不对", "写成 2026-01-31 这样。"),
    "date_parsing": ("日期不对", "写成 2026-01-31 这样。"),
    "date_type": ("日期不对", "写成 2026-01-31 这样。"),
}


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """SafeLoader (in C where it is built: eight times as fast) that refuses a key written twice, where YAML would
    silently keep the last."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"键 {key} 写了两次", key_node.start_mark)
        seen.add(key)
    return dict(loader.construct_pairs(node, deep=True))


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path, shown: str) -> tuple[Any, list[Fault]]:
    """The parsed file and its faults; the value is None when there is any. `shown` names the file in a fault."""
    if path.stat().st_size > MAX_BYTES:
        return None, [
            Fault(shown, "", f"文件超过 {MAX_BYTES // 1000} KB", "拆成几个文件，一个文件只写一条。")
        ]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Fault(shown, "", f"第 {error.start} 个字节不是 UTF-8", "用 UTF-8 编码另存。")]
    try:
        return yaml.load(text, Loader=_StrictLoader), []  # noqa: S506  a SafeLoader underneath
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第 {mark.line + 1} 行" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, [Fault(shown, line, f"YAML 写法有误：{problem}", "检查缩进、引号和冒号后的空格。")]


def check_value(value: Any, model: type[T], shown: str) -> tuple[T | None, list[Fault]]:
    """The value as `model`, or every reason why it is not one."""
    if not isinstance(value, dict):
        return None, [Fault(shown, "", "内容应当是“键: 值”的形式", "参照同类文件。")]
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, _without_echoes([_fault(shown, dict(item)) for item in error.errors()])


def _without_echoes(faults: list[Fault]) -> list[Fault]:
    """A list whose entries are faulty is reported for its entries, not for being short without them."""
    inner = {fault.key.rpartition(".")[0] for fault in faults}
    return [fault for fault in faults if not (fault.problem == _TOO_FEW and fault.key in inner)]


def _fault(shown: str, item: dict[str, Any]) -> Fault:
    key = ".".join(str(part) for part in item["loc"])
    problem, remedy = _REMEDIES.get(item["type"], (str(item["msg"]), "改正后再检查。"))
    if item["type"] == "literal_error":
        problem, remedy = "这个值不在可选范围内", f"可选：{item['ctx']['expected']}。"
    elif item["type"] == "value_error":
        problem = str(item["ctx"]["error"])
    return Fault(shown, key, problem, remedy)
