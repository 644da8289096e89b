"""What authors write to keep people alert: slogans for posters, checklists for before a task, work orders with faults.

`bot.content.loader` validates the YAML of knowledge/slogans/, knowledge/checklists/ and knowledge/games/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.models import Id, Line, Topic
from bot.errors import Fault

MOST_LARGE = 14
"""Characters on a poster that can be read at three metres."""


def _short_enough(text: str) -> str:
    large = re.sub(r"[^\w]", "", text)
    if len(large) > MOST_LARGE:
        raise ValueError(f"大字有 {len(large)} 个，最多 {MOST_LARGE} 个")
    if "！" in text or "!" in text:
        raise ValueError("不用感叹号")
    return text


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Slogan(_Authored):
    """`why` is the plain sentence below the large words, `card` the source it rests on."""

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=4), AfterValidator(_short_enough)
    ]
    why: Line
    card: Id


class SloganSet(_Authored):
    id: Id
    topic: Topic
    reviewed_on: date
    slogans: tuple[Slogan, ...] = Field(min_length=5)


class Look(_Authored):
    """One thing to look at before one goes. `trap` is what makes people skip it: 习惯, 焦虑 or 赶时间."""

    ask: Annotated[str, StringConstraints(min_length=4, max_length=30)]
    trap: Literal["习惯", "焦虑", "赶时间"]
    if_not: Line


class Checklist(_Authored):
    """Answered in half a minute: the numbers of what is not all right, or 都好."""

    id: Id
    title: Annotated[str, StringConstraints(min_length=2, max_length=10)]
    topic: Topic
    looks: tuple[Look, ...] = Field(min_length=4, max_length=7)
    go: Line
    reviewed_on: date


class OrderLine(_Authored):
    """One line of a work order; a faulty one says why, and on which card that rests."""

    text: Line
    why: str = ""
    card: str = ""

    @property
    def faulty(self) -> bool:
        return bool(self.why)

    @model_validator(mode="after")
    def _reason_rests_on_a_card(self) -> OrderLine:
        if bool(self.why) != bool(self.card):
            raise ValueError("有毛病的一行，why 和 card 都要写；没毛病的，两样都不写")
        return self


class WorkOrder(_Authored):
    """找毛病: a paper that a colleague filled in, with some lines that should not have passed."""

    id: Id
    topic: Topic
    title: Annotated[str, StringConstraints(min_length=4, max_length=20)]
    lines: tuple[OrderLine, ...] = Field(min_length=5, max_length=10)
    reviewed_on: date

    @model_validator(mode="after")
    def _some_of_both(self) -> WorkOrder:
        faults = sum(one.faulty for one in self.lines)
        if not 2 <= faults <= len(self.lines) - 2:
            raise ValueError(f"有毛病的写了 {faults} 行，至少两行，也至少留两行没毛病的")
        return self


def awareness_faults(
    slogans: Mapping[str, SloganSet],
    games: Mapping[str, WorkOrder],
    sources: Mapping[str, object],
    files: Mapping[str, str],
) -> Iterator[Fault]:
    """Sources that do not exist, and the same words twice."""
    for order in games.values():
        for line in order.lines:
            if line.card and line.card not in sources:
                yield Fault(files[order.id], "lines.card", f"没有卡片 {line.card}", "改成已有的编号。")
    owner: dict[str, str] = {}
    for one in slogans.values():
        for slogan in one.slogans:
            if slogan.card not in sources:
                yield Fault(files[one.id], "slogans.card", f"没有卡片 {slogan.card}", "改成已有的编号。")
            if owner.setdefault(slogan.text, one.id) != one.id:
                yield Fault(
                    files[one.id], "slogans.text", f"“{slogan.text}”也在 {owner[slogan.text]} 里", "留一条。"
                )
