"""What the clock does. A deadline is the server's; what was sent in time and travelled a moment still counts."""

from __future__ import annotations

from datetime import timedelta

from bot.learning.contests.hosting import pose
from bot.learning.contests.judging import judge, show
from bot.learning.contests.moment import Moment

GRACE = timedelta(seconds=0.6)
"""For the way from a phone to here: the clock that people see ends this much earlier."""
STALE = timedelta(seconds=5)
"""So long after a deadline somebody should have noticed: nobody was there, the server was down."""


def expire(moment: Moment) -> None:
    """Ends what has run out of time. A contest that nobody watched over, as after a restart, is paused with the whole
    time given again: nobody loses a question to a power cut."""
    state = moment.state
    if state.paused or state.deadline is None or moment.arrived <= state.deadline + GRACE:
        return
    if not moment.plan.in_chat and moment.arrived > state.deadline + GRACE + STALE:
        whole = (state.deadline - state.since).total_seconds() if state.since else 0.0
        moment.add("paused", cause="restart", left=whole)
        return
    if state.phase == "answering":
        _too_slow(moment)
    elif state.phase == "staking":
        pose(moment)
    elif state.phase in ("collecting", "open"):
        show(moment) if state.phase == "collecting" else moment.add("shown", results={})


def _too_slow(moment: Moment) -> None:
    """A spoken answer may be on somebody's lips: the host decides."""
    question = moment.question
    if question and question.item is None:
        moment.add("time_up")
    else:
        judge(moment, False, "", by_clock="1")
