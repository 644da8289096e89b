"""The one door of the state machine: a state and a command give lines for the log and words for the one who asked.

Nothing here reads a clock, throws dice or keeps anything: the same state and command always give the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.learning.contests import hosting, playing
from bot.learning.contests.moment import Command, Moment, Outcome
from bot.learning.contests.plan import Grader, Plan
from bot.learning.contests.state import Entry, State
from bot.learning.contests.timing import expire

Rule = Callable[[Moment, Command], Outcome]

_PLAYER: Mapping[str, Rule] = {
    "join": playing.join, "leave": playing.leave, "buzz": playing.buzz, "answer": playing.answer, "stake": playing.stake,
}  # fmt: skip
_HOST: Mapping[str, Rule] = {
    "begin": hosting.begin, "next": hosting.go_on, "open": hosting.open_floor, "close": hosting.close, "rule": hosting.rule,
    "correct": hosting.correct, "void": hosting.void, "pause": hosting.pause, "resume": hosting.resume,
    "overtime": hosting.overtime, "end": hosting.end, "remove": hosting.remove,
}  # fmt: skip
_STEPS = frozenset({"begin", "next", "open", "close", "rule", "pause", "resume", "overtime", "end"})
_WHILE_PAUSED = frozenset({"resume", "correct", "void", "end", "remove", "pause"})


def decide(
    plan: Plan, state: State, command: Command, grader: Grader
) -> tuple[State, tuple[Entry, ...], Outcome]:
    """The state after the command, the lines to be logged (none where nothing changed), and what to tell."""
    moment = Moment(plan, state, grader, command.at)
    expire(moment)
    outcome = _outcome(moment, command)
    return moment.state, tuple(moment.entries), outcome


def _outcome(moment: Moment, command: Command) -> Outcome:
    if command.do == "tick":
        return Outcome(True, "")
    if rule := _PLAYER.get(command.do):
        return rule(moment, command)
    if not command.is_host:
        return Outcome(False, "这一步由主持人来。", "host")
    if refusal := _out_of_step(moment, command):
        return refusal
    return _HOST[command.do](moment, command)


def _out_of_step(moment: Moment, command: Command) -> Outcome | None:
    """A second tap, or one made before seeing that the clock had moved the contest on."""
    state = moment.state
    if str(command.data.get("key", "")) in state.keys:
        return Outcome(True, "这一步已经做过了。", "step")
    seen = command.data.get("step")
    if command.do in _STEPS and seen is not None and seen != state.step:
        return Outcome(False, "刚才已经往前走了一步，看看现在到哪了再点。", "step")
    if state.paused and command.do not in _WHILE_PAUSED:
        return Outcome(False, "现在暂停着，先点“继续”。", "paused")
    return None
