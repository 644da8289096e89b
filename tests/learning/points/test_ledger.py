"""The ledger on real databases: sums, nothing twice, reversals, caps, and nobody who can edit it."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from bot.errors import BadInput
from bot.learning.points.awards import Past, awards, history_from
from bot.stores.database import open_database
from bot.stores.learning.people import PeopleStore, StaffRecord
from bot.stores.learning.points import Entry, NewBonus, NewEntry, PointsStore, Wanted
from tests.learning.points import books

NOON = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
BOOK = books.book(
    [books.rule(points=3, caps={"day": 7, "month": 20, "ref": 6}), books.rule(id="first", points=5, when={"first_time": True})],
    caps={"day": 12},
)  # fmt: skip


def give(store: PointsStore, person: str, key: str, day: int, ref: str) -> list[Entry]:
    """Awards as the office does it."""
    one = books.event(key, day, ref=ref)

    def decide(before: list[Entry]) -> tuple[list[NewEntry], list[NewBonus]]:
        past = [Past(e.rule, e.ref, e.day, e.points) for e in before]
        found = awards(BOOK, one, past)
        return [
            NewEntry(f"{key}:{a.rule}", a.points, a.reason, one.day, a.rule, a.edition, key, ref)
            for a in found
        ], []

    return store.award(person, key, Wanted(history_from(one.day), ref), NOON, decide)


class Ledger(RuleBasedStateMachine):
    """Awards, corrections and reversals in any order, by several people, told once or again."""

    opened: Callable[[], PointsStore]

    def __init__(self) -> None:
        super().__init__()
        self.store = self.opened()
        self.mark = uuid4().hex[:12]
        self.seen: dict[int, Entry] = {}
        self.keys: set[str] = set()

    @initialize()
    def begin(self) -> None:
        self.people = [f"{self.mark}-{n}" for n in range(2)]

    @rule(who=st.integers(0, 1), number=st.integers(0, 12), day=st.integers(0, 3), ref=st.sampled_from("ab"))
    def award(self, who: int, number: int, day: int, ref: str) -> None:
        key = f"{self.mark}:{who}:{number}"
        new = give(self.store, self.people[who], key, day, ref)

        assert not new or key not in self.keys
        if new:
            self.keys.add(key)
        self.seen |= {one.id: one for one in new}

    @rule(who=st.integers(0, 1), points=st.integers(-9, 9), number=st.integers(0, 5))
    def correct(self, who: int, points: int, number: int) -> None:
        key = f"{self.mark}:by-hand:{number}"
        one = self.store.add(self.people[who], NewEntry(key, points, "补", date(2026, 11, 30)), NOON)

        assert (one is not None) == (points != 0 and key not in self.keys)
        if one:
            self.keys.add(key)
            self.seen[one.id] = one

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        if not self.seen:
            return
        number = data.draw(st.sampled_from(sorted(self.seen)))
        before = {one.reverses for one in self.seen.values()}
        try:
            back = self.store.reverse(number, "记错了", "8001", NOON)
        except BadInput:
            assert number in before
            return

        assert number not in before
        assert (-self.seen[number].points, self.seen[number].day) == (back.points, back.day)
        self.seen[back.id] = back

    @invariant()
    def balance_is_the_sum(self) -> None:
        for person in getattr(self, "people", []):
            entries = self.store.statement(person, 1000)
            mine = {number: one for number, one in self.seen.items() if one.person == person}

            assert mine == {one.id: one for one in entries}
            assert sum(one.points for one in entries) == self.store.balance(person)
            assert self.store.balance(person) == self.store.in_months(person, 0, 999912)

    @invariant()
    def caps_hold(self) -> None:
        sums: dict[Any, int] = {}
        for one in self.seen.values():
            if one.rule == "right":
                for key in (
                    ("day", one.person, one.day),
                    ("ref", one.person, one.ref),
                    ("month", one.person),
                ):
                    sums[key] = sums.get(key, 0) + one.points
        most = {"day": 7, "ref": 6, "month": 20}
        again = any(self.seen[one.reverses].reverses for one in self.seen.values() if one.reverses)
        assert again or all(value <= most[key[0]] for key, value in sums.items())

    def teardown(self) -> None:
        assert not [name for name in self.store.differing() if name.startswith(self.mark)]


@pytest.fixture
def store(url: str) -> PointsStore:
    return PointsStore(open_database(url))


def test_any_history_adds_up(store: PointsStore) -> None:
    """Whatever is given, corrected and taken back: sums are balances, nothing counts twice, caps hold."""

    class Opened(Ledger):
        opened = staticmethod(lambda: store)

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Opened,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_two_at_once_stay_below_the_cap(store: PointsStore) -> None:
    """Eight threads award different events to one person at the same time: the cap of the day holds, and sums agree."""
    person = uuid4().hex[:12]
    begin = threading.Barrier(8)

    def work(number: int) -> None:
        begin.wait()
        for turn in range(3):
            give(store, person, f"{person}:{number}:{turn}", 0, f"ref-{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    entries = store.statement(person, 1000)

    assert 7 >= sum(one.points for one in entries if one.rule == "right")
    assert 12 == store.balance(person) == sum(one.points for one in entries)
    assert person not in store.differing()


def test_same_event_at_once_counts_once(store: PointsStore) -> None:
    """One event told by six threads at once, and one entry reversed by six: each happens once."""
    person = uuid4().hex[:12]
    begin, done = threading.Barrier(6), []

    def work() -> None:
        begin.wait()
        give(store, person, f"{person}:same", 0, "a")
        begin.wait()
        number = store.statement(person)[-1].id
        with contextlib.suppress(BadInput):
            done.append(store.reverse(number, "记错了", "8001", NOON))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert 1 == len(done) and 3 == len(store.statement(person, 100))
    assert 5 == store.balance(person)


def test_reversal_can_be_taken_back_once(store: PointsStore) -> None:
    """A mistaken reversal is itself reversed, by a new entry; each entry is taken back at most once."""
    person = uuid4().hex[:12]
    first = give(store, person, f"{person}:1", 0, "a")[0]
    back = store.reverse(first.id, "记错了", "8001", NOON)
    again = store.reverse(back.id, "其实没错", "8001", NOON)

    assert [3, -3, 3] == [first.points, back.points, again.points]
    for number in (first.id, back.id):
        with pytest.raises(BadInput, match="冲回过了"):
            store.reverse(number, "再来", "8001", NOON)
    with pytest.raises(BadInput, match="没有"):
        store.reverse(10**6, "没有的", "8001", NOON)
    assert {first.id: back.id, back.id: again.id} == store.reversed_among([first.id, back.id, again.id])


@pytest.mark.parametrize(
    "statement",
    ["UPDATE point_entries SET points = 999", "DELETE FROM point_entries",
     "UPDATE point_entries SET reason = 'x' WHERE id > 0"],
)  # fmt: skip
def test_database_refuses_edits(url: str, statement: str) -> None:
    """Nobody who comes in through the database can change or delete an entry either."""
    sessions = open_database(url)
    person = uuid4().hex[:12]
    give(PointsStore(sessions), person, f"{person}:1", 0, "a")

    with pytest.raises(DatabaseError, match="只增不改"), sessions.begin() as session:
        session.execute(text(statement))
    assert 8 == PointsStore(sessions).balance(person)


@pytest.mark.parametrize(
    "odd", [{"points": "-2"}, {"points": "0"}, {"person": "'else'"}, {"reverses": "999999"}]
)
def test_database_refuses_odd_reversals(url: str, odd: dict[str, str]) -> None:
    """A reversal of another amount, of another person, or of nothing does not get in, and neither do no points."""
    sessions = open_database(url)
    person = uuid4().hex[:12]
    first = give(PointsStore(sessions), person, f"{person}:1", 0, "a")[0]
    values = {"key": f"'{person}:odd'", "person": f"'{person}'", "points": str(-first.points), "reason": "''",
              "rule": "''", "edition": "''", "event": "''", "ref": "''", "day": "'2026-11-30'",
              "at": "'2026-11-30 00:00:00'", "by": "''", "reverses": str(first.id)}  # fmt: skip
    values |= odd
    columns = ", ".join(f'"{name}"' for name in values)

    with pytest.raises(DatabaseError, match="冲回要和原来"), sessions.begin() as session:
        session.execute(text(f"INSERT INTO point_entries ({columns}) VALUES ({', '.join(values.values())})"))  # noqa: S608


def test_ranking_leaves_out_who_left(store: PointsStore, url: str) -> None:
    """Everybody on the staff is in it, with 0 too; who left is not; months and departments narrow it."""
    mark = uuid4().hex[:8]
    people = [(f"{mark}a", "收费", None), (f"{mark}b", "抄表", None), (f"{mark}c", "收费", date(2026, 10, 1))]
    PeopleStore(open_database(url)).save(
        [StaffRecord(n, "某人", f"{mark}{d}", "员工", date(2020, 1, 1), left=left) for n, d, left in people]
    )
    for number, _, _ in people:
        give(store, number, f"{number}:1", 0, "a")
    give(store, people[1][0], f"{people[1][0]}:2", -60, "b")

    def shown(first: int, last: int, **where: str) -> dict[str, int]:
        return {
            r.person[-1]: r.points for r in store.ranking(first, last, **where) if r.person.startswith(mark)
        }

    assert {"a": 8, "b": 16} == shown(0, 999912)
    assert {"a": 8, "b": 8} == shown(202611, 202611)
    assert {"a": 0, "b": 8} == shown(202610, 202610)
    assert {"a": 8} == shown(202611, 202611, department=f"{mark}收费")


def test_objection_is_decided_once(store: PointsStore) -> None:
    """An entry is contested once and decided once, whoever comes second."""
    person = uuid4().hex[:12]
    entry = give(store, person, f"{person}:1", 0, "a")[0]
    first = store.object_to(entry.id, person, "少了", NOON)

    assert first is not None and store.object_to(entry.id, person, "还是少", NOON) is None
    assert store.object_to(None, person, "漏了一", NOON) and store.object_to(None, person, "漏了二", NOON)
    assert store.decide_objection(first.id, "rejected", "8001", "规则如此", NOON)
    assert store.decide_objection(first.id, "corrected", "8002", "该补", NOON) is None
    assert "rejected" == store.objections(person=person)[0].status


def test_bonus_is_proposed_once(store: PointsStore) -> None:
    """The same event proposes money once; a manager's answer stands."""
    person = uuid4().hex[:12]
    for _ in range(2):
        store.award(
            person, f"{person}:h", Wanted(date(2026, 11, 1), ""), NOON,
            lambda _before: ([], [NewBonus(f"bonus:{person}", 200, "报得及时", "r", "e", "h")]),
        )  # fmt: skip
    proposed = store.bonuses("proposed", person)

    assert [200] == [one.yuan for one in proposed]
    assert store.decide_bonus(proposed[0].id, "approved", "8001", "", NOON + timedelta(days=1))
    assert store.decide_bonus(proposed[0].id, "declined", "8001", "", NOON) is None


def test_folder_of_ledger_is_reopened() -> None:
    """What was written is there after a restart, with its totals."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'a.db'}"
        give(PointsStore(open_database(url)), "1001", "quiz:1", 0, "a")
        again = PointsStore(open_database(url))

        assert 8 == again.balance("1001") and [] == again.differing()
        assert [] == give(again, "1001", "quiz:1", 0, "a")
