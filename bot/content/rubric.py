"""What trainers may edit about judging a reply, as frozen values: cues, red lines, concerns, rewrites.

`load_rubric` reads knowledge/rubric/; `bot.tone` is handed the result and opens no file itself.
In a pattern `{name}` stands for the word list of that name, `…` for up to ten characters of one sentence, and `$` for
the end of the reply whether or not a stop was typed there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.reading import check_value, read_yaml
from bot.errors import ContentError, Fault
from bot.judgement import DIMENSIONS, MOVES, REDLINES

GAP = r"[^。！？!?；;\n]{0,10}?"
END = r"(?=。?\\Z)"
_END = re.compile(r"(?<!\\)\$")
_WORD = re.compile(r"\{([a-z_]+)\}")
_RISKY = re.compile(r"\((?:[^()]|\([^()]*\))*[+*]\)[+*]|\.[*+](?!\?)|\)\{\d*,\}")

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=64)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
Patterns = tuple[Annotated[str, StringConstraints(min_length=1, max_length=1200)], ...]
Share = Annotated[float, Field(ge=0, le=1)]
Excuse = Literal[
    "negation", "inner", "question", "quotation", "attribution", "notice", "authority", "refusal"
]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cue(_Authored):
    """A wording that feeds one move. `unless` voids a hit when found in the same sentence."""

    id: Id
    move: str
    polarity: Literal["+", "-"]
    strength: Share
    patterns: Patterns = Field(min_length=1)
    unless: Patterns = ()
    negatable: bool = True
    stock: bool = False
    scorn: bool = False
    why: Why


class RedPattern(_Authored):
    """One way to cross a red line, and what excuses the words. With `contradicts` it counts only against that fact."""

    id: Id
    patterns: Patterns = Field(min_length=1)
    unless: Patterns = ()
    excused_by: tuple[Excuse, ...] = ("negation", "quotation", "attribution")
    contradicts: Literal["notices", "overdue_days"] | None = None
    why: Why


class RedLine(_Authored):
    """All ways to cross one red line. `move` is what the customer feels."""

    code: str
    name: Line
    move: str
    advice: Line
    ways: tuple[RedPattern, ...] = Field(min_length=1)


class Concern(_Authored):
    """What a customer can be upset about, how to hear it, and which words of a reply take it up."""

    id: Id
    name: Line
    weight: Share
    raised_by: Patterns = Field(min_length=1)
    taken_up_by: Patterns = Field(min_length=1)


class Anchors(_Authored):
    """What a dimension looks like at 20, 60 and 95 points."""

    low: Line
    middle: Line
    high: Line


class Dimension(_Authored):
    """One of the seven dimensions, its weight in percent and its Chinese name."""

    name: Line
    weight: int = Field(ge=0, le=100)
    anchors: Anchors


class Caps(_Authored):
    """The most a reply can reach when something essential is wrong; `plain` is the least a civil sentence gets."""

    redline: int = Field(le=24)
    scorn: int = Field(le=24)
    empty: int = Field(le=24)
    dismissive: int
    shell: int
    careless: int
    idle: int
    vague: int
    bare: int
    plain: int


class Rewrites(_Authored):
    """Building blocks for better wordings.

    `ack` and `act` go by concern, `turn` by red line, `add` by what is missing.
    """

    ack: dict[str, tuple[Line, ...]]
    act: dict[str, tuple[Line, ...]]
    turn: dict[str, tuple[Line, ...]]
    add: dict[str, Line]
    advice: dict[str, Line]
    praise: dict[str, Line]


class Rubric(_Authored):
    """Everything a ToneScorer needs to know."""

    words: dict[str, str]
    formulas: tuple[Line, ...]
    to_the_judge: Patterns
    cues: tuple[Cue, ...]
    excuses: dict[str, Patterns]
    redlines: tuple[RedLine, ...]
    concerns: tuple[Concern, ...]
    dimensions: dict[str, Dimension]
    caps: Caps
    rewrites: Rewrites
    heard: dict[str, Why]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for cue in self.cues:
            _need(cue.move in MOVES, f"线索 {cue.id} 的 move“{cue.move}”不存在")
        for line in self.redlines:
            _need(line.code in REDLINES, f"红线“{line.code}”不存在")
            _need(line.move in MOVES, f"红线 {line.code} 的 move“{line.move}”不存在")
        _need({line.code for line in self.redlines} == set(REDLINES), "八条红线要写全")
        _need(set(self.dimensions) == set(DIMENSIONS), "七个维度要写全")
        _need(sum(d.weight for d in self.dimensions.values()) == 100, "各维度权重之和应为 100")
        _need(len({c.id for c in self.cues}) == len(self.cues), "线索编号有重复")
        _need(
            set(self.heard) == {*MOVES, *(f"red-{code}" for code in REDLINES)},
            "heard 要给每个动作、每条红线写一句",
        )
        self._compile_all()
        return self

    def _compile_all(self) -> None:
        for name, patterns in self._named_patterns():
            for pattern in patterns:
                try:
                    self.compile(pattern)
                except (re.error, KeyError) as error:
                    raise ValueError(f"{name} 的写法“{pattern}”不能用：{error}") from error

    def _named_patterns(self) -> list[tuple[str, Patterns]]:
        found = [(c.id, c.patterns + c.unless) for c in self.cues]
        found += [(f"{r.code}/{w.id}", w.patterns + w.unless) for r in self.redlines for w in r.ways]
        found += [(c.id, c.raised_by + c.taken_up_by) for c in self.concerns]
        found.append(("to_the_judge", self.to_the_judge))
        return found + [(f"excuses.{name}", patterns) for name, patterns in self.excuses.items()]

    def expand(self, pattern: str) -> str:
        """The pattern with its word lists and gaps written out; raises KeyError for an unknown word list."""
        written = _WORD.sub(lambda m: f"(?:{self.expand(self.words[m[1]])})", pattern)
        return _END.sub(END, written).replace("…", GAP)

    def compile(self, *patterns: str) -> re.Pattern[str]:
        """One regular expression for all `patterns`; refuses forms that can take exponential time."""
        source = "|".join(f"(?:{self.expand(p)})" for p in patterns)
        if _RISKY.search(source):
            raise re.error("含有不设上限的重复，请改成 {0,10} 这样的上限")
        return re.compile(source)


def _need(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(problem)


def load_rubric(folder: Path) -> Rubric:
    """Read every YAML file of `folder` and merge their keys into one Rubric.

    Raises:
        ContentError: with file, key and remedy when a file is missing, unreadable or wrong.
    """
    faults: list[Fault] = []
    merged: dict[str, object] = {}
    homes: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
        shown = f"knowledge/rubric/{path.name}"
        raw, problems = read_yaml(path, shown)
        faults.extend(problems)
        for key, value in raw.items() if isinstance(raw, dict) else ():
            if key in merged:
                faults.append(Fault(shown, str(key), "这个键已写在另一个文件里", "只留一处。"))
            merged[str(key)] = value
            homes[str(key)] = shown
    if not merged and not faults:
        faults.append(Fault(str(folder), "", "找不到评分标准", "检查知识文件夹里的 rubric/。"))
    if not faults:
        rubric, faults = check_value(merged, Rubric, "knowledge/rubric")
        if rubric is not None:
            return rubric
        faults = [replace(one, file=homes.get(one.key.split(".")[0], one.file)) for one in faults]
    raise ContentError(faults)
