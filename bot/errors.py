"""The error tree. Code raises; only the command line, an action or a channel turns an error into words.

AnxunError              root; carries a remedy a person can act on
├── BadInput            the caller sent something unusable (exit code 2, HTTP 422); also a ValueError
│   └── ContentError    knowledge/ is faulty; holds every fault, each with file, key and remedy
├── SettingError        a setting is missing or wrong; also a ValueError (exit code 2)
├── NotReady            a part that should be there is not: model, index, port (exit code 2)
└── EngineError         Rasa is down, slow, or answered nothing useful (exit code 1)
"""

from __future__ import annotations

from dataclasses import dataclass


class AnxunError(Exception):
    """Root of our errors. `remedy` says in one Chinese sentence what the person can do next."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class BadInput(AnxunError, ValueError):  # noqa: N818  the name of the thing, as in our docs
    exit_code = 2


class SettingError(AnxunError, ValueError):
    exit_code = 2


class NotReady(AnxunError):  # noqa: N818
    exit_code = 2


class EngineError(AnxunError):
    exit_code = 1


@dataclass(frozen=True)
class Fault:
    """One thing wrong in knowledge/: where, what, and what its author should do."""

    file: str
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file} › {self.key}" if self.key else self.file
        return f"{where}：{self.problem}。{self.remedy}"


class ContentError(BadInput):
    """knowledge/ cannot be used. `faults` holds every fault found, not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        first = str(faults[0]) if faults else "知识内容有误"
        more = f"（共 {len(faults)} 处）" if len(faults) > 1 else ""
        super().__init__(first + more, "用 anxun content check 查看全部问题。")
