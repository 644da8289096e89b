"""A contest on a table: a small script with its own questions, a clock that tests move, and the log as it grows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.content.contests import Contest, Round, Spoken
from bot.content.quizzes import Item, Option
from bot.desks.contest_grading import QuizGrader
from bot.learning.contests.decide import decide
from bot.learning.contests.fold import fold_all
from bot.learning.contests.moment import Command, Do, Outcome, question_of
from bot.learning.contests.plan import Plan, Question, plan_contest
from bot.learning.contests.state import Entry, State

NINE = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
GRADER = QuizGrader()


def single(number: int, level: int = 1) -> Item:
    """The right one says 先核实; it is never told by its letter, as options are shuffled."""
    return Item(
        id=f"own-{number}", kind="single", stem=f"第 {number} 题：客户说电费多收了，先做哪一样？", explanation="先核实，再答复。",
        cards=("fc-over-30-days",), level=level,  # type: ignore[arg-type]
        options=(
            Option(text="先核实", correct=True),
            Option(text="先道歉退钱", misconception="以为认错就能息事"),
            Option(text="先挂电话", misconception="以为不接就没事"),
        ),
    )  # fmt: skip


def spoken(number: int) -> Spoken:
    return Spoken(
        id=f"spoken-{number}", stem="口答：停电要占齐哪两样？", answer="逾期超过30日，催过还没交。", explanation="缺一样都不行。",
        cards=("fc-over-30-days",),
    )  # fmt: skip


def a_round(kind: str = "required", questions: int = 2, **other: Any) -> Round:
    first = {"required": 100, "buzzer": 200, "risk": 300, "overtime": 400}[kind]
    own = tuple(single(first + n, n % 3 + 1) for n in range(questions))
    return Round(**{"kind": kind, "title": kind, "own": own, **other})


def script(*rounds: Round, teams: tuple[str, ...] = (), guests: bool = False) -> Contest:
    mode = "team" if teams else "individual"
    return Contest(
        id="test-match", title="小试", about="试一试。", mode=mode, minutes=5, teams=teams, guests=guests, rounds=rounds,
        reviewed_on=date(2026, 11, 27),
    )  # fmt: skip


@dataclass
class Stage:
    plan: Plan
    now: datetime = NINE
    state: State = field(default_factory=State)
    log: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, *rounds: Round, teams: tuple[str, ...] = (), in_chat: bool = False) -> Stage:
        return cls(plan_contest(script(*rounds, teams=teams), {}, 7, GRADER, in_chat=in_chat))

    def do(self, do: Do, who: str = "host", **data: Any) -> Outcome:
        command = Command(do, who, self.now, who == "host", data)
        self.state, entries, outcome = decide(self.plan, self.state, command, GRADER)
        self.log += entries
        return outcome

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def tick(self, seconds: float = 0) -> None:
        self.wait(seconds)
        self.do("tick", "")

    def seat(self, *players: str, team: str = "") -> None:
        for one in players:
            assert self.do("join", one, name=one, team=team).ok

    def begin(self, *players: str) -> None:
        """These are seated, and the first question is asked."""
        self.seat(*players)
        assert self.do("begin").ok and self.do("next").ok

    @property
    def question(self) -> Question:
        found = question_of(self.plan, self.state.question)
        assert found is not None
        return found

    def right(self) -> str:
        return "ABC"[self.question.options.index("先核实")]

    def wrong(self) -> str:
        return "ABC"[self.question.options.index("先挂电话")]

    def scores(self) -> dict[str, int]:
        return dict(self.state.scores)

    def replayed(self) -> State:
        return fold_all(self.log)


def points_in(log: list[Entry]) -> dict[str, int]:
    """The score by contestant, added up from the lines of the log alone."""
    totals: dict[str, int] = {}
    for entry in log:
        data = entry.data
        gains = {
            "judged": lambda d: {d["contestant"]: d["points"]},
            "fouled": lambda d: {d["contestant"]: d["points"]},
            "shown": lambda d: {who: one["points"] for who, one in d["results"].items()},
            "corrected": lambda d: {d["contestant"]: d["delta"]},
            "voided": lambda d: d["deltas"],
        }.get(entry.kind, lambda _: {})(data)
        for who, more in gains.items():
            totals[who] = totals.get(who, 0) + more
    return totals
