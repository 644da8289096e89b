"""What every drill keeps, however it is played."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.drills import PHASES, Drill
from bot.content.loader import load_knowledge
from bot.learning.drills.reading import read, recognised
from bot.learning.drills.record import Entry, from_json, open_decisions, situation, to_json
from bot.learning.drills.review import review
from bot.learning.drills.running import begin, decide, end, join, leave, wait
from tests.learning.factory import MONDAY_MORNING
from tests.roleplay.factory import KNOWLEDGE

DRILLS = load_knowledge(KNOWLEDGE).drills
each = pytest.mark.parametrize("drill", DRILLS.values(), ids=list(DRILLS))
AT = MONDAY_MORNING


def play(drill: Drill, wish: dict[str, bool | None], most: int = 80) -> list[Entry]:
    """Everybody by one person: what is good is done at once, or what is bad, by `wish`; else ten minutes pass."""
    record = join(drill, begin(drill, AT), "1", "周敏", drill.roles[0].role, AT)
    for role in drill.roles[1:]:
        record = [
            *record,
            *join(drill, record, f"p{role.role}", f"演{role.role}的", role.role, AT)[len(record) :],
        ]
    for _ in range(most):
        now = situation(drill, record)
        if now.over:
            break
        open_now = [one for one in open_decisions(drill, now) if one.good is wish["good"]]
        record = (
            decide(drill, record, open_now[0].id, "1", "周敏", "", AT)
            if open_now
            else wait(drill, record, "1", "周敏", AT)
        )
    return end(drill, record, AT)


@each
def test_drill_played_well_scores_full(drill: Drill) -> None:
    """Every check can be met: who does everything that is good, in time, has nothing to change."""
    found = review(drill, play(drill, {"good": True}))

    assert [] == [one.check.id for one in found.findings if not one.met], found
    assert 100 == found.score


@each
def test_drill_played_badly_scores_low(drill: Drill) -> None:
    """Every check can be failed: who only does what is wrong, or nothing, is told so, with the line that shows it."""
    found = review(drill, play(drill, {"good": False}))

    assert found.score <= 20
    assert all(
        one.evidence
        for one in found.findings
        if not one.met
        and set(one.check.never) & {d.id for d in drill.decisions if d.good is False}
        and not one.check.done
    )


@each
def test_drill_ends_by_itself(drill: Drill) -> None:
    """With nobody doing anything the bot plays on, and every phase comes to its end."""
    record = begin(drill, AT)
    for _ in range(200):
        if situation(drill, record).over:
            break
        record = wait(drill, record, "1", "周敏", AT)

    assert situation(drill, record).over
    assert list(PHASES) == [entry.ref for entry in record if entry.kind == "phase"]


@each
def test_letters_and_own_words_are_understood(drill: Drill) -> None:
    """Every decision is recognised by its own label, and no label is taken for another one alone."""
    for one in drill.decisions:
        meant = read(one.label, drill.decisions)

        assert meant.decision is one, one.id
    assert sum(recognised(one.label, one) for one in drill.decisions) >= len(drill.decisions) - 3


@each
def test_drill_has_dilemmas(drill: Drill) -> None:
    """Some of what can be done is wrong, and the bot is wrong once where nobody watches."""
    bad = {one.id for one in drill.decisions if one.good is False}

    assert len(bad) >= 2 and any(move.decision in bad for move in drill.bot_moves)


moves = st.lists(
    st.tuples(st.sampled_from(["decide", "wait", "join", "leave", "end"]), st.integers(0, 30)), max_size=25
)


@settings(max_examples=80, deadline=None)
@given(drill=st.sampled_from(list(DRILLS.values())), moves=moves)
def test_record_decides_the_state(drill: Drill, moves: list[tuple[str, int]]) -> None:
    """Whatever is played in whatever order: gauges stay in bounds, time runs forward, nothing is decided twice, and the
    record, stored and read again, folds to the same state."""
    record = begin(drill, AT)
    for kind, number in moves:
        now = situation(drill, record)
        if now.over:
            break
        open_now = open_decisions(drill, now)
        role = drill.roles[number % len(drill.roles)].role
        if kind == "decide" and open_now:
            record = decide(drill, record, open_now[number % len(open_now)].id, "1", "周敏", "说了一句", AT)
        elif kind == "wait":
            record = wait(drill, record, "1", "周敏", AT)
        elif kind == "join":
            record = join(drill, record, f"p{number}", f"某{number}", role, AT)
        elif kind == "leave":
            record = leave(drill, record, f"p{number}", f"某{number}", AT)
        elif kind == "end":
            record = end(drill, record, AT)
    now = situation(drill, record)

    assert all(0 <= now.gauges[one.id] <= one.most for one in drill.gauges)
    assert [one.minute for one in record] == sorted(one.minute for one in record)
    assert len(now.decided) == len(set(now.decided)) and len(now.heard) == len(set(now.heard))
    assert now == situation(drill, from_json(to_json(record)))
    assert 0 <= review(drill, record).score <= 100
