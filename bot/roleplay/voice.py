"""What the customer says next: the most pressing thing first, in words as strong as the anger, never twice.

Used by `bot.roleplay.session`. The same seed and past always give the same line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.content.personas import Persona, Provocation, Reveal, Vulnerability
from bot.content.scenarios import Scenario
from bot.judgement import Judgement
from bot.roleplay.coefficients import Coefficients, Negative
from bot.roleplay.deck import Table, Wish, deal
from bot.roleplay.dynamics import StepResult
from bot.roleplay.hearing import Strange, asks, question_in, quote_in, thing_in, time_in, touched
from bot.roleplay.stage import Part
from bot.roleplay.state import Moves, State
from bot.roleplay.traps import AGAIN, SET, due, how_met

REVEAL_UNDERSTOOD = 35.0
REVEAL_TRUST = 30.0
CLEAR_ENOUGH, HEARD_ENOUGH, TRUSTS = 55.0, 40.0, 30.0
NOTICED = 0.4
SAME_AGAIN = 0.75
SOOTHABLE = 2.0  # a soft spot is still felt when the reply has annoyed no more than this
SETTLING_IN = 2  # nobody opens up at the first reply
_ATTACKS: dict[str, tuple[Negative, ...]] = {
    "threat": ("threat",),
    "leak": ("leak",),
    "insult": ("insult",),
    "blame": ("blame", "rhet"),
    "deflect": ("deflect", "refuse"),
    "cold": ("cold",),
    "command": ("command",),
    "jargon": ("jargon",),
}
_THREATS = frozenset({"threat", "illegal_cutoff"})
_KINDNESSES: dict[str, str] = {"ack": "ack", "apology": "apol", "verify": "verify"}
_SOMETHING_DONE = ("ack", "para", "ask", "verify", "explain", "option", "plan", "safety", "boundary")


@dataclass(frozen=True)
class Utterance:
    """A line as spoken, the function it serves, how angry it is meant to sound (1..5), the authored lines it is
    made of, and what it brings up. `trap` and `step` name a provocation: set, or set again."""

    line: str
    function: str
    templates: tuple[str, ...]
    level: int = 3
    raised: tuple[str, ...] = ()
    revealed: tuple[str, ...] = ()
    trap: str = ""
    step: str = ""


@dataclass(frozen=True)
class Heard:
    """One reply as the customer took it. `reply` is what was listened to, `cut` whether there was more."""

    reply: str
    judgement: Judgement
    before: State
    result: StepResult
    moves: Moves
    cut: bool = False
    strange: Strange | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def threatened(self) -> bool:
        """Whether a threat was spoken. A scorer may feel other red lines as a threat; words answer only words."""
        spoken = not self.judgement.redlines or bool(_THREATS.intersection(self.judgement.redlines))
        return self.moves["threat"] >= NOTICED and spoken

    @property
    def level(self) -> int:
        """Anger shows at once when it rises; when it falls, the words follow a turn later."""
        return max(self.before.level, self.result.state.level)


def open_call(
    part: Part, scenario: Scenario | None, state: State, seed: int, crude: bool = True
) -> Utterance:
    """The first line, with every fact that is to be known from the start."""
    if scenario is not None:
        template = line = scenario.opening
    else:
        table = Table(part, {}, frozenset(), seed, crude)
        dealt = deal([Wish("opening", cells=part.persona.lines.opening)], state.level, table, Counter())
        template, line = dealt.template, dealt.line
    facts = [fact for fact in part.persona.vulnerable if fact.from_turn == 0]
    unsaid = [fact.says for fact in facts if not any(cue in line for cue in fact.cues)]
    return Utterance(
        line=" ".join((line, *unsaid)),
        function="opening",
        templates=(template, *unsaid),
        level=state.level,
        raised=tuple(fact.id for fact in facts),
    )


def answer(
    part: Part,
    heard: Heard,
    past: tuple[Utterance, ...],
    difficulty: int,
    seed: int,
    c: Coefficients,
    crude: bool,
) -> Utterance:
    """What the customer says to a reply; `past` is all they have said in this call."""
    words = {
        "quote": quote_in(heard.reply, heard.judgement),
        "time": time_in(heard.reply),
        "thing": thing_in(heard.reply),
    }
    said = frozenset(template for utterance in past for template in utterance.templates)
    wishes = list(_wishes(part, heard, past, difficulty, seed, c))
    dealt = deal(
        wishes, heard.level, Table(part, words, said, seed, crude), Counter(said.function for said in past)
    )
    wish = dealt.wish
    templates = (dealt.template,) if wish.then is None else (dealt.template, wish.then)
    return Utterance(
        line=dealt.line if wish.then is None else f"{dealt.line}{wish.then}",
        function=wish.function,
        templates=tuple(t for t in templates if t),
        level=wish.level or heard.level,
        raised=wish.raised,
        revealed=wish.revealed,
        trap=wish.trap,
        step=wish.step,
    )


def _wishes(
    part: Part, heard: Heard, past: tuple[Utterance, ...], difficulty: int, seed: int, c: Coefficients
) -> Iterator[Wish]:
    """Everything the customer could want to say now, the most pressing first."""
    persona = part.persona
    yield from _ending(part, heard)
    yield from _at_a_loss(persona, heard)
    yield from _trapped(persona, heard, past)
    yield from _sore(persona, heard)
    yield from _stung(persona, heard, c)
    if heard.cut:
        yield Wish("interrupting", cells=persona.lines.interrupting)
    yield from _confiding(persona, heard, past)
    yield from _relieved(persona, heard)
    yield from _answering(persona, heard, past, difficulty, c)
    yield from _provoking(persona, heard, past, difficulty, seed, c)
    yield from _reacting(persona, heard, past)
    yield from _as_things_stand(persona, heard, past)


def _ending(part: Part, heard: Heard) -> Iterator[Wish]:
    lines, after = part.persona.lines, heard.result.state
    if heard.result.outcome == "hung_up":
        yield Wish("hanging_up", lines=lines.hanging_up[part.setting])
    if heard.result.outcome == "escalated" and not (after.complied and not after.escalated):
        yield Wish("escalating", cells=lines.escalating)
    if heard.result.outcome == "resolved":
        yield Wish("agreeing", cells=lines.agreeing, level=min(2, after.level))
    newly = after.complied and not heard.before.complied and heard.threatened
    if newly or heard.result.outcome == "escalated":
        yield Wish("complying", cells=lines.complying, level=min(3, after.level))


def _at_a_loss(persona: Persona, heard: Heard) -> Iterator[Wish]:
    """Nobody can answer signs, a foreign tongue or their own words; they say so."""
    if heard.strange is not None:
        yield Wish(f"reacting.{heard.strange}", cells=getattr(persona.lines.reacting, heard.strange))


def _trapped(persona: Persona, heard: Heard, past: tuple[Utterance, ...]) -> Iterator[Wish]:
    """What comes of the trap that the last line set."""
    trap = _trap(persona, past[-1].trap)
    if trap is None:
        return
    met = how_met(trap, heard.reply, heard.judgement)
    if met == "fell":
        yield Wish("fell", lines=trap.fell)
    elif met == "held":
        yield Wish("held", lines=trap.held)
    elif past[-1].step == SET:
        yield Wish("insisting", lines=trap.again, trap=trap.id, step=AGAIN)


def _sore(persona: Persona, heard: Heard) -> Iterator[Wish]:
    """A sore spot speaks before any other reproach, but a real blow is answered as a blow."""
    blow = heard.threatened or max(heard.moves["insult"], heard.moves["leak"]) >= NOTICED
    sore, soothed = touched(heard.reply, persona.triggers), touched(heard.reply, persona.soothers)
    # 不会停电 holds 停电, yet it is a comfort; and nobody snaps at words that have just calmed them.
    if sore is not None and soothed is None and not blow and heard.result.change > -1:
        yield Wish("trigger", lines=sore.says)


def _stung(persona: Persona, heard: Heard, c: Coefficients) -> Iterator[Wish]:
    """What hurt most, as the equations weigh it: a blow, or something grave that was passed over."""
    moves, h, lines = heard.moves, c.heating, persona.lines
    hits: list[tuple[float, Wish]] = []
    for name, parts in _ATTACKS.items():
        if name == "threat" and not heard.threatened:
            continue
        pain = max((h.moves[part] * moves[part] for part in parts if moves[part] >= NOTICED), default=0.0)
        hits.append((pain, Wish(f"reacting.{name}", cells=getattr(lines.reacting, name))))
    if moves["false"] >= NOTICED:
        hits.append((h.moves["false"] * moves["false"], Wish("doubting", cells=lines.doubting)))
    if moves.repeat >= SAME_AGAIN:
        hits.append(
            (h.repeat * (moves.repeat - h.repeat_from), Wish("reacting.repeat", cells=lines.reacting.repeat))
        )
    for fact in heard.result.state.open:
        pain = h.ignored * fact.severity * h.ignored_growth**fact.missed if fact.missed else 0.0
        hits.append((pain, Wish("insisting", lines=_fact(persona, fact.id).again)))
    for pain, wish in sorted(hits, key=lambda hit: -hit[0]):
        if pain > 0:
            yield wish


def _confiding(persona: Persona, heard: Heard, past: tuple[Utterance, ...]) -> Iterator[Wish]:
    """Facts whose turn has come or that were just asked about; any other question delays one by a turn."""
    raised = {name for utterance in past for name in utterance.raised}
    waits = 1 if asks(heard.reply) else 0
    for fact in persona.vulnerable:
        asked = any(cue in heard.reply for cue in fact.cues)
        if fact.id not in raised and (asked or heard.result.state.turn >= fact.from_turn + waits):
            yield Wish("confiding", lines=(fact.says, *fact.also), raised=(fact.id,))


def _relieved(persona: Persona, heard: Heard) -> Iterator[Wish]:
    for fact in heard.before.open:
        if fact.id in heard.moves.answered:
            yield Wish("relieved", lines=_fact(persona, fact.id).relieved)


def _answering(
    persona: Persona, heard: Heard, past: tuple[Utterance, ...], difficulty: int, c: Coefficients
) -> Iterator[Wish]:
    """Hidden things once their gate is open, then the plain answer to what was asked."""
    moves = heard.moves
    offered = max(moves["plan"], moves["option"]) >= NOTICED
    topic = question_in(heard.reply)
    if offered and topic != "when":  # “您看行吗” after a plan asks for an answer to the plan
        topic = None
    calmer = heard.result.change < 0 and heard.result.state.turn >= SETTLING_IN
    rested = past[-1].function != "revealing"
    invited = max(moves["ack"], moves["ask"], moves["para"]) >= 0.3 and not offered
    pressed = difficulty < c.difficulty.guarded_from or moves["ask"] >= 0.3
    for reveal in _ready(persona, heard, past):
        fitting = reveal.topic == topic if topic is not None else rested and invited and pressed
        if calmer and fitting:
            yield Wish("revealing", cells=persona.lines.revealing, then=reveal.says, revealed=(reveal.id,))
    if topic is not None:
        yield Wish(f"answering.{topic}", cells=persona.lines.answering[topic])


def _ready(persona: Persona, heard: Heard, past: tuple[Utterance, ...]) -> list[Reveal]:
    told = {name for utterance in past for name in utterance.revealed}
    state = heard.result.state
    gates = {"understood": state.understood >= REVEAL_UNDERSTOOD, "trust": state.trust >= REVEAL_TRUST}
    return [reveal for reveal in persona.reveals if reveal.id not in told and gates[reveal.gate]]


def _provoking(
    persona: Persona, heard: Heard, past: tuple[Utterance, ...], difficulty: int, seed: int, c: Coefficients
) -> Iterator[Wish]:
    trap = due(persona.provocations, past, heard.result.state.turn, difficulty, seed, c.difficulty)
    if trap is not None:
        yield Wish("provoking", lines=trap.says, trap=trap.id, step=SET)


def _reacting(persona: Persona, heard: Heard, past: tuple[Utterance, ...]) -> Iterator[Wish]:
    said = {template for utterance in past for template in utterance.templates}
    lines, moves, after = persona.lines, heard.moves, heard.result.state
    soft = touched(heard.reply, persona.soothers)
    if (
        soft is not None
        and heard.level < 5
        and heard.result.change < SOOTHABLE
        and said.isdisjoint(soft.says)
    ):
        yield Wish("soother", lines=soft.says)
    if after.level <= 2 < heard.before.level:
        yield Wish("softening", cells=lines.softening)
    if moves["plan"] >= NOTICED:
        fits = moves.fit >= 0.3
        yield Wish(
            "reacting.plan" if fits else "rejecting", cells=lines.reacting.plan if fits else lines.rejecting
        )
    if moves["explain"] >= NOTICED:
        taken = after.understood >= HEARD_ENOUGH
        yield Wish(
            "reacting.explain" if taken else "doubting",
            cells=lines.reacting.explain if taken else lines.doubting,
        )
    for name in sorted(_KINDNESSES, key=lambda key: -moves[_KINDNESSES[key]]):
        real = name != "apology" or not moves.stock_apology
        if real and moves[_KINDNESSES[name]] >= NOTICED:
            yield Wish(f"reacting.{name}", cells=getattr(lines.reacting, name))


def _as_things_stand(persona: Persona, heard: Heard, past: tuple[Utterance, ...]) -> Iterator[Wish]:
    lines, after = persona.lines, heard.result.state
    nothing = max(heard.moves[name] for name in _SOMETHING_DONE) < NOTICED
    if nothing and past[-1].function != "reacting.empty":
        yield Wish("reacting.empty", cells=lines.reacting.empty)
    elif after.understood >= HEARD_ENOUGH and after.clarity < CLEAR_ENOUGH:
        yield Wish("demanding", cells=lines.demanding)
    elif after.understood >= HEARD_ENOUGH and after.trust < TRUSTS:
        yield Wish("doubting", cells=lines.doubting)
    yield Wish("complaint", cells=lines.complaint)
    yield Wish("demanding", cells=lines.demanding)
    yield Wish("doubting", cells=lines.doubting)
    yield Wish("rejecting", cells=lines.rejecting)


def _fact(persona: Persona, fact_id: str) -> Vulnerability:
    return next(fact for fact in persona.vulnerable if fact.id == fact_id)


def _trap(persona: Persona, trap_id: str) -> Provocation | None:
    return next((trap for trap in persona.provocations if trap.id == trap_id), None)
