"""Where contests are played: what arrives is decided in the order of arrival, written to the log, and told to who watches.

Several threads and several processes may act on one contest. Within a process a lock keeps the order; between processes
the database does: PostgreSQL lets one after the other at the log, and a line's number and claim are unique anyway.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.content.contests import Contest
from bot.content.quizzes import QuizSet
from bot.errors import BadInput, EngineError
from bot.learning.clock import Clock
from bot.learning.contests.decide import decide
from bot.learning.contests.fold import fold_all
from bot.learning.contests.moment import Command, Outcome, claim_of
from bot.learning.contests.plan import Grader, Plan, from_json, plan_contest, to_json
from bot.learning.contests.ranking import Place, ranking
from bot.learning.contests.state import Entry, Player, State
from bot.stores.learning.contests import ContestRecord, ContestStore, Overtaken, StoredLine

TRIES = 60
KEPT = 40
FORGOTTEN_AFTER = timedelta(hours=12)
"""A contest nobody ended by then is ended by the clock, with the points as they stand."""
Watcher = Callable[[str], None]

log = structlog.get_logger()


@dataclass
class Live:
    """One contest in memory. `log` only grows; `state` is its fold, exchanged as a whole."""

    record: ContestRecord
    plan: Plan
    state: State = field(default_factory=State)
    log: list[Entry] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    ranked: tuple[int, list[Place]] = (-1, [])

    def places(self) -> list[Place]:
        """The ranking, reckoned once for each line of the log."""
        state = self.state
        if self.ranked[0] != state.seq:
            self.ranked = (state.seq, ranking(self.plan, state))
        return self.ranked[1]

    def since(self, seq: int) -> list[Entry]:
        return self.log[seq:] if seq >= 0 else list(self.log)


class ContestFloor:
    """`over` is told the id of each contest that this process ended."""

    def __init__(
        self,
        store: ContestStore,
        scripts: Mapping[str, Contest],
        quizzes: Mapping[str, QuizSet],
        topics: Mapping[str, str],
        grader: Grader,
        clock: Clock,
        over: Watcher = lambda _contest: None,
    ) -> None:
        self.store, self.scripts, self.grader, self.clock = store, scripts, grader, clock
        self._quizzes, self._topics, self._over = quizzes, topics, over
        self._live: dict[str, Live] = {}
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Told the id of a contest after each change, from whichever thread made it."""
        self._watchers.append(watcher)

    def open(
        self, script: str, host: str, *, teams: Sequence[str] = (), guests: bool | None = None, conversation: str = ""
    ) -> ContestRecord:  # fmt: skip
        """Draws the questions and opens the lobby. Raises BadInput for a script nobody wrote, or without questions."""
        if script not in self.scripts:
            raise BadInput("没有这个竞赛脚本。", "从竞赛页上选一个，或请培训师写进 knowledge/contests。")
        plan = plan_contest(
            self.scripts[script], self._quizzes, secrets.randbits(48), self.grader, teams=teams, guests=guests,
            in_chat=bool(conversation), topics=self._topics,
        )  # fmt: skip
        record = ContestRecord(
            f"{script}-{secrets.token_hex(4)}", "", script, plan.title, host, conversation, self.clock(), None, False,
            to_json(plan),
        )  # fmt: skip
        for _ in range(TRIES):
            record = replace(record, code=f"{1000 + secrets.randbelow(9000)}")
            if self.store.create(record):
                return record
        raise EngineError("号码都用着。", "先结束几场不用的竞赛，再开新的。")

    def find(self, contest: str) -> Live | None:
        """From memory, or folded from its log; None for one that never was."""
        with self._lock:
            live = self._live.get(contest)
        if live is not None:
            return live
        record = self.store.get(contest)
        if record is None:
            return None
        entries = _entries(self.store.tail(contest))
        live = Live(record, from_json(record.plan or {}), fold_all(entries), entries)
        with self._lock:
            self._make_room()
            return self._live.setdefault(contest, live)

    def by_code(self, code: str) -> Live | None:
        contest = self.store.by_code(code)
        return self.find(contest) if contest else None

    def player(self, contest: str, who: str) -> Player | None:
        live = self.find(contest)
        return live.state.players.get(who) if live else None

    def act(self, contest: str, commands: Sequence[Command]) -> list[Outcome]:
        """Decides commands in their order and writes what came of them in one go; durable when it returns.

        Raises BadInput for a contest nobody opened, and whatever the database raises: then nothing counts, and sending
        the same again is harmless.
        """
        live = self.find(contest)
        if live is None:
            raise BadInput("没有这一场竞赛。", "看看号码，或请主持人再报一次。")
        with live.lock:
            outcomes, ended = self._act(live, commands)
        if ended:
            self._over(contest)
        return outcomes

    def _act(self, live: Live, commands: Sequence[Command]) -> tuple[list[Outcome], bool]:
        for _ in range(TRIES):
            with contextlib.suppress(Overtaken):
                return self._decided(live, commands)
        raise EngineError("这一下没有记上。", "请再按一次。")

    def _decided(self, live: Live, commands: Sequence[Command]) -> tuple[list[Outcome], bool]:
        """On top of whatever other processes have written by now."""
        before, outcomes, entries = live.state.seq, list[Outcome](), list[Entry]()
        with self.store.turn(live.record.id, before) as turn:
            missed = _entries(turn.missed)
            state = fold_all(missed, live.state)
            for command in commands:
                state, more, outcome = decide(live.plan, state, command, self.grader)
                entries.extend(more)
                outcomes.append(outcome)
            if entries:
                turn.write(entries, [claim_of(one) for one in entries])
        if missed or entries:
            live.log.extend([*missed, *entries])
            live.state = state
            self._tell(live.record.id)
        return outcomes, bool(entries) and state.is_over

    def refresh(self, contest: str) -> bool:
        """Reads what other processes wrote; whether there was anything."""
        live = self.find(contest)
        if live is None or self.store.head(contest) <= live.state.seq:
            return False
        with live.lock:
            missed = _entries(self.store.tail(contest, live.state.seq))
            live.log.extend(missed)
            live.state = fold_all(missed, live.state)
        self._tell(contest)
        return bool(missed)

    def end_forgotten(self) -> int:
        """Ends what was opened half a day ago and never ended; how many they were."""
        now = self.clock()
        forgotten = self.store.listed(over=False, limit=100, before=now - FORGOTTEN_AFTER)
        for one in forgotten:
            self.act(one.id, [Command("end", "", now, True, {"cause": "forgotten"})])
        return len(forgotten)

    def _tell(self, contest: str) -> None:
        for watcher in self._watchers:
            try:
                watcher(contest)
            except RuntimeError as error:  # the loop that watched is gone
                log.warning("contest.watcher.failed", contest=contest, error=type(error).__name__)

    def _make_room(self) -> None:
        over = [name for name, one in self._live.items() if one.state.is_over]
        for name in over[: max(0, len(self._live) - KEPT)]:
            del self._live[name]


def _entries(lines: Sequence[StoredLine]) -> list[Entry]:
    return [Entry(one.seq, one.kind, one.who, one.at, one.data) for one in lines]  # type: ignore[arg-type]  # our own words
