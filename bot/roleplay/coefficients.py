"""The numbers of the emotion equations, read from knowledge/personas/_coefficients.yaml as one checked value.

That file says in a comment what each is for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.content.reading import check_value, read_yaml
from bot.errors import ContentError, Fault

FILE = "_coefficients.yaml"
Amount = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Negative = Literal[
    "threat", "insult", "blame", "rhet", "command", "deflect",
    "cold", "refuse", "jargon", "leak", "false", "interrupt",
]  # fmt: skip


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Heard(_Checked):
    ack: Share
    para: Share
    ask: Share
    repeat_discount: Share
    rise: Share


class Unheard(_Checked):
    interrupt: Share
    deflect: Share
    cold: Share
    jargon: Share
    ignored: Share
    most: Share


class Gate(_Checked):
    middle: float
    width: Annotated[float, Field(gt=0)]


class Calming(_Checked):
    heard: Amount
    heard_floor: Share
    heard_slope: Share
    explain_gain: Amount
    explain_cost: Amount
    apology: Amount
    apology_stock: Share
    apology_halving: Share
    apology_floor: Share
    apology_slope: Share
    apology_worn: Annotated[int, Field(ge=1)]
    apology_backfire: Amount
    plan: Amount
    option: Amount
    way_floor: Share
    way_slope: Share
    respect: Amount
    verify: Amount
    answered: Amount
    decay: Share
    decay_respect: Share
    decay_stops_at: Share
    spoilt: Share


class Heating(_Checked):
    moves: dict[Negative, Amount] = Field(min_length=12)
    face_moves: frozenset[Negative]
    hard_moves: frozenset[Negative]
    repeat: Amount
    repeat_from: Share
    trauma: Amount
    ignored: Amount
    ignored_growth: Annotated[float, Field(ge=1)]
    impatience: Amount
    impatience_plan: Share


class Bounds(_Checked):
    fall: Amount
    rise: Amount
    noise: Amount
    hard_from: Share
    hard_rise: float


class Trust(_Checked):
    gain: dict[Literal["verify", "plan", "heard", "boundary"], Amount] = Field(min_length=4)
    loss: dict[Negative, Amount]
    ignored: Amount


class Clarity(_Checked):
    gain: dict[Literal["plan", "option", "explain"], Amount] = Field(min_length=3)
    loss: dict[Negative, Amount]


class Face(_Checked):
    gain: dict[Literal["respect", "option"], Amount] = Field(min_length=2)
    loss: dict[Negative, Amount]


class Trauma(_Checked):
    keep: Share
    hard: Share
    soft: Share


class Endings(_Checked):
    resolved_anger: float
    resolved_clarity: float
    resolved_understood: float
    resolved_trust: float
    boiling: float
    boiling_turns: Annotated[int, Field(ge=1)]
    ignored_times: Annotated[int, Field(ge=1)]
    hang_up_anger: float
    hang_up_plan: Share
    comply_threat: Share
    comply_below: float


class Difficulty(_Checked):
    """`anger`, `patience` and `trust` shift for one step above the middle, 3; the rest says from which difficulty on.

    `…_from` are difficulties 1..5; `listens` is how many characters an angry customer hears before cutting in.
    """

    anger: float
    patience: float
    trust: float
    guarded_from: Annotated[int, Field(ge=1, le=6)]
    claims_from: Annotated[int, Field(ge=1, le=6)]
    traps_from: Annotated[int, Field(ge=1, le=6)]
    first_trap: Annotated[int, Field(ge=1)]
    interrupts_from: Annotated[int, Field(ge=1, le=6)]
    interrupts_level: Annotated[int, Field(ge=1, le=5)]
    listens: Annotated[int, Field(ge=20)]
    listens_at_all: Annotated[int, Field(ge=100)]


class Coefficients(_Checked):
    heard: Heard
    unheard: Unheard
    gate: Gate
    calming: Calming
    heating: Heating
    bounds: Bounds
    trust: Trust
    clarity: Clarity
    face: Face
    trauma: Trauma
    endings: Endings
    difficulty: Difficulty


def load_coefficients(folder: Path) -> Coefficients:
    """Read _coefficients.yaml in `folder` (knowledge/personas); raises ContentError with every fault."""
    path = folder / FILE
    if not path.is_file():
        raise ContentError([Fault(str(path), "", "找不到这个文件", "从版本库里恢复它。")])
    raw, faults = read_yaml(path, f"knowledge/personas/{FILE}")
    value = None
    if not faults:
        value, faults = check_value(raw, Coefficients, f"knowledge/personas/{FILE}")
    if value is None:
        raise ContentError(faults)
    return value
