"""One practice call as a value: begin it, say a reply, take the last one back, score it, store it as JSON.

practice = start(stage, persona="p03-wang-jie", difficulty=2, seed=7)
practice, record = play(stage, practice, "王姐您好，突然多出这么多，换谁都着急。", scorer)
result = finish(stage, practice)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from bot.content.personas import Persona
from bot.errors import BadInput
from bot.judgement import Exchange, Judgement, Need, TurnContext, VulnerableFact
from bot.roleplay.dynamics import Outcome, Reason, step
from bot.roleplay.stage import Part, Stage, cast
from bot.roleplay.state import Moves, State, first_state, raise_fact
from bot.roleplay.voice import Heard, Utterance, answer, open_call

DIFFICULTIES = (1, 2, 3, 4, 5)


class Scorer(Protocol):
    """Whoever judges a reply. It must answer the same turn the same way, or practices cannot be replayed."""

    def judge(self, turn: TurnContext) -> Judgement: ...


@dataclass(frozen=True)
class TurnRecord:
    """One reply with everything it did. `number` counts from 1; `before` and `after` are exact.

    `reasons` are the equation's terms, strongest first, `adjustments` the cap, the mood, the guard and the edges;
    together they sum to the change in anger. `outcome` is how the call stood after it.
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


@dataclass(frozen=True)
class Practice:
    """A call under way, whole: it needs nothing but a Stage to go on."""

    persona: str
    scenario: str | None
    difficulty: int
    seed: int
    opening: Utterance
    first: State
    max_turns: int
    turns: tuple[TurnRecord, ...] = ()

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
        """Whether the customer, or the scenario's length, has ended the call."""
        return bool(self.turns) and (self.turns[-1].outcome != "open" or len(self.turns) >= self.max_turns)

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
) -> Practice:
    """A new call with a persona, a scenario, or both; difficulty defaults to the scenario's, else 3.

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
    opening = open_call(part, plot, state, seed)
    return Practice(
        persona=who.id,
        scenario=plot.id if plot else None,
        difficulty=level,
        seed=seed,
        opening=opening,
        first=_raise(who, state, opening),
        max_turns=part.max_turns,
    )


def play(stage: Stage, practice: Practice, reply: str, scorer: Scorer) -> tuple[Practice, TurnRecord]:
    """The call after one reply. Raises BadInput when the reply is empty or the call is over."""
    if practice.over:
        raise BadInput("这一通已经结束了。", "看看得分，或者重说最后一句。")
    if not reply.strip():
        raise BadInput("没有听到你说什么。", "写一句要对客户说的话。")
    part = _part(stage, practice)
    judgement = scorer.judge(_context(part, practice, reply))
    before, c = practice.state, stage.coefficients
    result = step(
        part.parameters, before, Moves.of(judgement), practice.seed, c, fearful=part.persona.fearful
    )
    heard = Heard(reply, judgement, before, result)
    said = answer(part, heard, practice.said, practice.difficulty, practice.seed, c, stage.crude)
    record = TurnRecord(
        number=len(practice.turns) + 1,
        customer=practice.customer,
        reply=reply,
        judgement=judgement,
        before=before,
        after=_raise(part.persona, result.state, said),
        reasons=result.reasons,
        adjustments=result.adjustments,
        said=said,
        outcome=result.outcome,
    )
    return replace(practice, turns=(*practice.turns, record)), record


def retry_last(practice: Practice) -> Practice:
    """The call as it was before the last reply; what is said next meets the same state, mood and seed."""
    if not practice.turns:
        raise BadInput("还没有可以重说的话。", "先说一句。")
    return replace(practice, turns=practice.turns[:-1])


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


def _raise(persona: Persona, state: State, said: Utterance) -> State:
    for fact in persona.vulnerable:
        if fact.id in said.raised:
            state = raise_fact(state, fact.id, fact.severity)
    return state


def _part(stage: Stage, practice: Practice) -> Part:
    return cast(stage, practice.persona, practice.scenario, practice.difficulty)


@cache
def _adapter() -> TypeAdapter[Practice]:
    return TypeAdapter(Practice)
