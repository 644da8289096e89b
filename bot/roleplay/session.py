"""One practice call as a value: begin it, say a reply, take the last one back, try another, store it as JSON.

practice = start(stage, persona="p03-wang-jie", difficulty=2, seed=7)
practice, record = play(stage, practice, "王姐您好，突然多出这么多，换谁都着急。", scorer)
result = finish(stage, practice)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, Protocol

from pydantic import TypeAdapter, ValidationError

from bot.content.personas import Persona
from bot.errors import BadInput
from bot.judgement import Exchange, Judgement, Need, TurnContext, VulnerableFact
from bot.roleplay.dynamics import Outcome, Reason, step
from bot.roleplay.hearing import Strange, heard_part, strange
from bot.roleplay.stage import Part, Stage, cast
from bot.roleplay.state import Moves, State, first_state, raise_fact
from bot.roleplay.voice import Heard, Utterance, answer, open_call

DIFFICULTIES = (1, 2, 3, 4, 5)
STRANGE_CAP = 20
_NOTES: dict[Strange, tuple[str, str]] = {
    "puzzled": ("这句客户听不懂，什么也没改变。", "就当他在你面前，说一句他听得懂的大白话。"),
    "echo": ("这是客户自己的话，他听着像在学他。", "用你自己的话，说出他急的是什么。"),
}
Mode = Literal["learning", "exam", "warm_up", "group"]


class Scorer(Protocol):
    """Whoever judges a reply. It must answer the same turn the same way, or practices cannot be replayed."""

    def judge(self, turn: TurnContext) -> Judgement: ...


@dataclass(frozen=True)
class TurnRecord:
    """One reply with everything it did. `number` counts from 1; `before` and `after` are exact.

    `reasons` are the equation's terms, strongest first, `adjustments` the cap, the mood, the guard and the edges;
    together they sum to the change in anger. `outcome` is how the call stood after it. `heard` is the part of the
    reply that the customer listened to, "" when it was all; `speaker` is who said it, in a group.
    """

    number: int
    customer: str
    reply: str
    judgement: Judgement
    before: State
    after: State
    reasons: tuple[Reason, ...]
    adjustments: tuple[Reason, ...]
    said: Utterance
    outcome: Outcome
    heard: str = ""
    speaker: str = ""


@dataclass(frozen=True)
class Practice:
    """A call under way, whole: it needs nothing but a Stage to go on.

    `retried` are the replies that were taken back, oldest first; `hints` counts the hints given; `timed_out` says
    that the clock ended the call.
    """

    persona: str
    scenario: str | None
    difficulty: int
    seed: int
    opening: Utterance
    first: State
    max_turns: int
    turns: tuple[TurnRecord, ...] = ()
    mode: Mode = "learning"
    retried: tuple[TurnRecord, ...] = ()
    hints: int = 0
    timed_out: bool = False

    @property
    def state(self) -> State:
        return self.turns[-1].after if self.turns else self.first

    @property
    def customer(self) -> str:
        """What the customer has just said."""
        return self.turns[-1].said.line if self.turns else self.opening.line

    @property
    def said(self) -> tuple[Utterance, ...]:
        return (self.opening, *(turn.said for turn in self.turns))

    @property
    def outcome(self) -> Outcome:
        """As it stands; a call that stops after an obedience won by a threat ends in a complaint."""
        outcome: Outcome = self.turns[-1].outcome if self.turns else "open"
        return "escalated" if outcome == "open" and self.state.complied else outcome

    @property
    def over(self) -> bool:
        """Whether the customer, the scenario's length or the clock has ended the call."""
        ended = bool(self.turns) and (self.turns[-1].outcome != "open" or len(self.turns) >= self.max_turns)
        return self.timed_out or ended

    @property
    def first_try(self) -> TurnRecord | None:
        """The reply that the newest one stands in for, None when that was never said before."""
        tried = [turn for turn in self.retried if self.turns and turn.number == self.turns[-1].number]
        return tried[-1] if tried and tried[-1].before == self.turns[-1].before else None

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe and exact: `from_dict` gives back an equal Practice."""
        dumped: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return dumped

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Practice:
        """Raises BadInput when `data` is no practice of this version."""
        try:
            return _adapter().validate_python(data)
        except ValidationError:
            raise BadInput("这份练习记录读不出来。", "重新开始一场练习。") from None


def start(
    stage: Stage,
    *,
    persona: str | None = None,
    scenario: str | None = None,
    difficulty: int | None = None,
    seed: int = 0,
    mode: Mode = "learning",
) -> Practice:
    """A new call with a persona, a scenario, or both; difficulty defaults to the scenario's, else 3.

    A warm-up is over after one reply.

    Raises BadInput when neither is given, one is unknown, they do not belong together, or difficulty is not 1..5.
    """
    plot = stage.scenario(scenario) if scenario else None
    if plot is None and not persona:
        raise BadInput("还没说和哪位客户练。", "给一个客户编号或场景编号。")
    who = stage.persona(persona or (plot.persona if plot else ""))
    if plot is not None and plot.persona != who.id:
        raise BadInput(f"场景“{plot.title}”里的客户不是{who.name}。", "换一个场景，或不指定客户。")
    level = difficulty if difficulty is not None else (plot.difficulty if plot else 3)
    if level not in DIFFICULTIES:
        raise BadInput(f"难度 {level} 不在 1 到 5 之间。", "改成 1、2、3、4 或 5。")
    part = cast(stage, who.id, scenario, level)
    state = first_state(part.parameters)
    opening = open_call(part, plot, state, seed, stage.crude)
    return Practice(
        persona=who.id,
        scenario=plot.id if plot else None,
        difficulty=level,
        seed=seed,
        opening=opening,
        first=_raise(who, state, opening),
        max_turns=1 if mode == "warm_up" else part.max_turns,
        mode=mode,
    )


def play(
    stage: Stage, practice: Practice, reply: str, scorer: Scorer, speaker: str = ""
) -> tuple[Practice, TurnRecord]:
    """The call after one reply. Raises BadInput when the reply is empty or the call is over.

    What nobody could understand, and the customer's own words back, never make anything better.
    """
    if practice.over:
        raise BadInput("这一通已经结束了。", "看看得分，或者重说最后一句。")
    if not reply.strip():
        raise BadInput("没有听到你说什么。", "写一句要对客户说的话。")
    part = _part(stage, practice)
    before, c = practice.state, stage.coefficients
    listened = heard_part(reply, practice.difficulty, before.level, c.difficulty)
    judgement = scorer.judge(_context(part, practice, reply))
    cut = listened != reply
    taken = scorer.judge(_context(part, practice, listened)) if cut else judgement
    odd = strange(listened, practice.customer)
    if odd:
        judgement = _as_nothing(judgement, odd)
    moves = Moves.of(taken).without_kindness() if odd else Moves.of(taken)
    result = step(part.parameters, before, moves, practice.seed, c, fearful=part.persona.fearful)
    heard = Heard(listened, taken, before, result, moves, cut, odd)
    said = answer(part, heard, practice.said, practice.difficulty, practice.seed, c, stage.crude)
    record = TurnRecord(
        number=len(practice.turns) + 1,
        customer=practice.customer,
        reply=reply,
        judgement=judgement,
        before=before,
        after=_raise(part.persona, result.state, said, (*(turn.reply for turn in practice.turns), reply)),
        reasons=result.reasons,
        adjustments=result.adjustments,
        said=said,
        outcome=result.outcome,
        heard=listened if cut else "",
        speaker=speaker,
    )
    return replace(practice, turns=(*practice.turns, record)), record


def retry_last(practice: Practice) -> Practice:
    """The call as it was before the last reply; what is said next meets the same state, mood and seed."""
    if not practice.turns:
        raise BadInput("还没有可以重说的话。", "先说一句。")
    return replace(practice, turns=practice.turns[:-1], retried=(*practice.retried, practice.turns[-1]))


def what_if(stage: Stage, practice: Practice, reply: str, scorer: Scorer) -> TurnRecord:
    """What another last reply would have done, from the same state and mood; the call itself stays as it is."""
    return play(stage, retry_last(practice), reply, scorer)[1]


def _context(part: Part, practice: Practice, reply: str) -> TurnContext:
    waiting = {fact.id for fact in practice.state.open}
    persona = part.persona
    return TurnContext(
        customer=practice.customer,
        reply=reply,
        history=tuple(Exchange(turn.customer, turn.reply) for turn in practice.turns),
        facts=part.facts,
        needs=tuple(Need(need.name, need.weight, need.cues) for need in persona.needs),
        vulnerable=tuple(
            VulnerableFact(fact.id, fact.severity, fact.cues)
            for fact in persona.vulnerable
            if fact.id in waiting
        ),
        anger=practice.state.anger,
        understood=practice.state.understood,
    )


def _as_nothing(judgement: Judgement, odd: Strange) -> Judgement:
    """The verdict on words that were none: whatever a scorer saw in them, the customer heard nothing kind."""
    praise, advice = _NOTES[odd]
    overall = min(judgement.overall, STRANGE_CAP)
    return replace(judgement, overall=overall, band=1, rewrite="", praise=praise, advice=advice)


def _raise(persona: Persona, state: State, said: Utterance, replies: tuple[str, ...] = ()) -> State:
    """What the customer has just brought up waits for an answer, unless the trainee had already cared for it."""
    for fact in persona.vulnerable:
        if fact.id in said.raised and not any(word in reply for reply in replies for word in fact.cues):
            state = raise_fact(state, fact.id, fact.severity)
    return state


def _part(stage: Stage, practice: Practice) -> Part:
    return cast(stage, practice.persona, practice.scenario, practice.difficulty)


@cache
def _adapter() -> TypeAdapter[Practice]:
    return TypeAdapter(Practice)
