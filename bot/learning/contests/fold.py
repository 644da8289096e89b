"""Folds the log into the state. What a line needs stands in the line itself, so a fold asks nobody and cannot fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.learning.contests.state import Entry, Given, Player, Ruling, State

Folder = Callable[[State, Entry], State]
MOVES = frozenset(
    {"begun", "round", "asked", "posed", "opened", "buzzed", "judged", "shown", "time_up", "finished", "overtime", "ended",
     "paused", "resumed"}
)  # fmt: skip
"""What moves a contest on; a host who acts on an older step is told so."""


def fold(state: State, entry: Entry) -> State:
    after = _FOLDERS[entry.kind](state, entry)
    step = after.step + (entry.kind in MOVES)
    keys = after.keys | {entry.data["key"]} if "key" in entry.data else after.keys
    return replace(after, seq=entry.seq, at=entry.at, step=step, keys=keys)


def fold_all(entries: Iterable[Entry], state: State | None = None) -> State:
    state = state or State()
    for entry in entries:
        state = fold(state, entry)
    return state


def _joined(state: State, entry: Entry) -> State:
    data = entry.data
    player = Player(entry.who, data["name"], data["team"], True, bool(data.get("guest")))
    return replace(state, players={**state.players, player.id: player})


def _left(state: State, entry: Entry) -> State:
    who = entry.data["player"]
    gone = replace(state.players[who], present=False, is_barred=bool(entry.data.get("barred")))
    return replace(state, players={**state.players, who: gone})


def _begun(state: State, _entry: Entry) -> State:
    return replace(state, phase="round")


def _round(state: State, entry: Entry) -> State:
    return replace(
        _cleared(state), phase="round", round=entry.data["round"], order=tuple(entry.data["order"]), taken=0
    )


def _asked(state: State, entry: Entry) -> State:
    """A question, or the stakes for one: then `question` is "" where it depends on the stake."""
    data = entry.data
    return replace(
        _cleared(state),
        phase=data["phase"],
        question=data["question"],
        asked=state.asked | ({data["question"]} - {""}),
        turn=data["turn"],
        taken=state.taken + 1,
        tied=tuple(data["tied"]),
        since=entry.at,
        **_clock(entry),
    )


def _staked(state: State, entry: Entry) -> State:
    return replace(state, stakes={**state.stakes, entry.data["contestant"]: entry.data["stake"]})


def _posed(state: State, entry: Entry) -> State:
    data = entry.data
    asked = state.asked | {data["question"]}
    return replace(
        state, phase=data["phase"], question=data["question"], asked=asked, since=entry.at, **_clock(entry)
    )


def _opened(state: State, entry: Entry) -> State:
    return replace(
        state, phase="open", turn="", player="", presses=(), given={}, since=entry.at, **_clock(entry)
    )


def _buzzed(state: State, entry: Entry) -> State:
    return replace(
        state,
        phase="answering",
        turn=entry.data["contestant"],
        player=entry.who,
        presses=((entry.who, 0),),
        tries=state.tries + 1,
        since=entry.at,
        **_clock(entry),
    )


def _pressed(state: State, entry: Entry) -> State:
    return replace(state, presses=(*state.presses, (entry.who, entry.data["ms"])))


def _fouled(state: State, entry: Entry) -> State:
    data = entry.data
    who = data["contestant"]
    ruling = Ruling(
        entry.seq, who, entry.who, state.question, True, False, data["points"], (0, data["points"])
    )
    return replace(
        _scored(state, {who: data["points"]}),
        out=state.out | {who},
        fouls={**state.fouls, who: state.fouls.get(who, 0) + 1},
        rulings=(*state.rulings, ruling),
    )


def _answered(state: State, entry: Entry) -> State:
    data = entry.data
    one = Given(data["contestant"], data["given"], data["score"], data["right"], data["seconds"])
    return replace(state, given={**state.given, entry.who: one})


def _judged(state: State, entry: Entry) -> State:
    """One contestant's answer to a question of their own, or for which they pressed."""
    data = entry.data
    who = data["contestant"]
    worth = (data["worth"][0], data["worth"][1])
    ruling = Ruling(
        entry.seq,
        who,
        data["player"],
        state.question,
        False,
        data["right"],
        data["points"],
        worth,
        data["tie"],
    )
    after = _scored(state, {who: data["points"]}, {who: data["tie"]})
    return replace(
        after,
        rulings=(*state.rulings, ruling),
        out=state.out | {who},
        results={**state.results, who: {"points": data["points"], "right": data["right"]}},
        deadline=None,
    )


def _shown(state: State, entry: Entry) -> State:
    """The answer is shown; where everybody answered, this is also the ruling on all of them."""
    results: Mapping[str, Mapping[str, Any]] = entry.data["results"]
    rulings = tuple(
        Ruling(entry.seq, who, "", state.question, False, one["right"], one["points"], tuple(one["worth"]))
        for who, one in results.items()
    )
    after = _scored(state, {who: one["points"] for who, one in results.items()})
    return replace(
        after,
        phase="shown",
        rulings=state.rulings + rulings,
        results={**state.results, **results},
        deadline=None,
        left=None,
    )


def _time_up(state: State, _entry: Entry) -> State:
    return replace(state, deadline=None)


def _paused(state: State, entry: Entry) -> State:
    left = (state.deadline - entry.at).total_seconds() if state.deadline else None
    if entry.data.get("left") is not None:
        left = entry.data["left"]
    return replace(state, paused=True, cause=entry.data["cause"], left=left, deadline=None)


def _resumed(state: State, entry: Entry) -> State:
    deadline = entry.at + timedelta(seconds=max(0.0, state.left)) if state.left is not None else None
    return replace(state, paused=False, cause="", left=None, deadline=deadline)


def _corrected(state: State, entry: Entry) -> State:
    data = entry.data
    after = _scored(state, {data["contestant"]: data["delta"]}, {data["contestant"]: data["tie"]})
    return replace(
        after, rulings=tuple(_put_right(one, entry) for one in state.rulings), results=_shown_now(state, data)
    )


def _put_right(one: Ruling, entry: Entry) -> Ruling:
    data = entry.data
    if (one.seq, one.contestant) != (data["ruling"], data["contestant"]):
        return one
    return replace(
        one,
        right=data["right"],
        points=one.points + data["delta"],
        tie=one.tie + data["tie"],
        corrected=True,
    )


def _shown_now(state: State, data: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    ruling = state.ruling(data["ruling"], data["contestant"])
    if ruling is None or ruling.is_foul or ruling.question != state.question:
        return state.results
    now = {"points": ruling.points + data["delta"], "right": data["right"]}
    return {**state.results, data["contestant"]: {**state.results.get(data["contestant"], {}), **now}}


def _voided(state: State, entry: Entry) -> State:
    """A question that was wrong itself: everything it gave and took is given back; fouls stay fouls."""
    question = entry.data["question"]
    after = _scored(state, entry.data["deltas"], entry.data["ties"])
    rulings = tuple(
        replace(one, points=0, tie=0, void=True) if one.question == question and not one.is_foul else one
        for one in state.rulings
    )
    return replace(after, rulings=rulings, results={} if question == state.question else state.results)


def _finished(state: State, _entry: Entry) -> State:
    return replace(_cleared(state), phase="finish")


def _overtime(state: State, entry: Entry) -> State:
    return replace(
        _cleared(state),
        phase="round",
        round=entry.data["round"],
        order=(),
        taken=0,
        tied=tuple(entry.data["tied"]),
    )


def _ended(state: State, _entry: Entry) -> State:
    return replace(_cleared(state), phase="ended")


def _cleared(state: State) -> State:
    """Nothing of the question before."""
    return replace(
        state, question="", turn="", player="", since=None, deadline=None, left=None, paused=False, cause="", stakes={},
        given={}, out=frozenset(), tries=0, presses=(), results={},
    )  # fmt: skip


def _clock(entry: Entry) -> dict[str, Any]:
    seconds = entry.data["seconds"]
    return {"deadline": entry.at + timedelta(seconds=seconds) if seconds else None}


def _scored(state: State, points: Mapping[str, int], ties: Mapping[str, int] | None = None) -> State:
    scores, breakers = dict(state.scores), dict(state.ties)
    for who, more in points.items():
        scores[who] = scores.get(who, 0) + more
    for who, more in (ties or {}).items():
        breakers[who] = breakers.get(who, 0) + more
    return replace(state, scores=scores, ties=breakers)


_FOLDERS: Mapping[str, Folder] = {
    "joined": _joined, "left": _left, "begun": _begun, "round": _round, "asked": _asked, "staked": _staked,
    "posed": _posed, "opened": _opened, "buzzed": _buzzed, "pressed": _pressed, "fouled": _fouled,
    "answered": _answered, "judged": _judged, "shown": _shown, "time_up": _time_up, "paused": _paused,
    "resumed": _resumed, "corrected": _corrected, "voided": _voided, "finished": _finished, "overtime": _overtime,
    "ended": _ended,
}  # fmt: skip
