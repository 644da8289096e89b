"""A contest under everything that people, hosts and clocks may do in any order: what must hold always holds."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.learning.contests.fold import fold_all
from bot.learning.contests.moment import claim_of
from bot.learning.contests.outcomes import events_of
from bot.learning.contests.ranking import ranking
from bot.learning.contests.results import places_table
from bot.learning.contests.timing import GRACE
from bot.learning.contests.viewing import host_view, own_view, public_view
from tests.learning.contests.stage import GRADER, Stage, a_round, points_in, spoken

PLAYERS = ("周敏", "李强", "王芳", "赵刚")
TEAMS = ("城东队", "城西队")
WHO = st.sampled_from(PLAYERS)
MOVES = st.sampled_from(["begin", "next", "open", "close", "resume", "pause", "overtime"])
SENSIBLE: dict[str, Any] = {
    "lobby": "begin", "round": "next", "shown": "next", "reading": "open", "open": "close", "collecting": "close",
    "staking": "close", "finish": "overtime",
}  # fmt: skip


class Contest(RuleBasedStateMachine):
    @initialize(team=st.booleans(), first=st.integers(0, 2))
    def set_up(self, team: bool, first: int) -> None:
        """Any of the rounds may come first, so that each is reached often."""
        rounds = [
            a_round("required", 4, wrong=3, turn="in_turn" if team else "everybody"),
            a_round("buzzer", 3, wrong=5, foul=4, tries=3, spoken=(spoken(1),)),
            a_round("risk", 4),
        ]
        rounds = [*rounds[first:], *rounds[:first]]
        self.stage = Stage.of(*rounds, a_round("overtime", 2), teams=TEAMS if team else ())
        for number, who in enumerate(PLAYERS[:3]):
            self.stage.do("join", who, name=who, team=TEAMS[number % 2])
        self.seen: list[Any] = []

    @rule(who=WHO, team=st.sampled_from([*TEAMS, ""]))
    def join(self, who: str, team: str) -> None:
        self.stage.do("join", who, name=who, team=team)

    @rule(who=WHO)
    def leave(self, who: str) -> None:
        self.stage.do("leave", who)

    @rule()
    def host_goes_on(self) -> None:
        """Does what the phase asks for."""
        state = self.stage.state
        self.host_taps("resume" if state.paused else SENSIBLE.get(state.phase, "pause"))

    @rule(right=st.booleans())
    def host_plays_a_question(self, right: bool) -> None:
        """From wherever it is to the next question, with an answer on the way where one is waited for."""
        for _ in range(3):
            who = self.stage.state.player or next(
                (one.id for one in self.stage.state.players.values() if one.team == self.stage.state.turn), ""
            )
            if self.stage.state.phase == "answering" and not self.stage.state.paused:
                self.stage.do("rule", right=right)
            elif self.stage.state.phase == "open" and who == "":
                self.people_press(list(PLAYERS))
            self.host_goes_on()

    @rule(do=MOVES)
    def host_taps(self, do: Any) -> None:
        before = self.stage.state
        told = self.stage.do(do, step=before.step)
        again = self.stage.do(do, step=before.step)
        assert not (told.ok and again.ok)

    @rule(right=st.booleans())
    def host_rules(self, right: bool) -> None:
        self.stage.do("rule", right=right)

    @rule(number=st.integers(0, 20), right=st.booleans())
    def host_corrects(self, number: int, right: bool) -> None:
        rulings = self.stage.state.rulings
        if rulings:
            one = rulings[number % len(rulings)]
            self.stage.do("correct", ruling=one.seq, contestant=one.contestant, right=right, why="重新核过")

    @rule(number=st.integers(0, 20))
    def host_voids(self, number: int) -> None:
        asked = sorted(self.stage.state.asked)
        if asked:
            self.stage.do("void", question=asked[number % len(asked)], why="题有误")

    @rule(seconds=st.sampled_from([0.01, 0.3, 3, 12, 31]))
    def time_passes(self, seconds: float) -> None:
        self.stage.tick(seconds)

    @rule(presses=st.lists(WHO, min_size=1, max_size=4))
    def people_press(self, presses: list[str]) -> None:
        """In the order of arrival, the first who may gets the floor; before it is open nobody does."""
        stage, before = self.stage, self.stage.state
        may = before.phase == "open" and not before.paused
        told = [(who, stage.do("buzz", who)) for who in presses]
        new = [one for one in stage.log if one.seq > before.seq and one.kind == "buzzed"]
        assert len(new) <= (1 if may else 0)
        floor = [who for who, one in told if one.code == "floor"]
        if new:
            assert floor[0] == new[0].who
            refused = [who for who, one in told[: presses.index(new[0].who)] if one.code != "locked"]
            assert all(
                who not in stage.state.players or not stage.state.players[who].present for who in refused
            )
        if before.phase == "reading" and not before.paused:
            assert not floor

    @rule(who=WHO, right=st.booleans(), twice=st.booleans())
    def somebody_answers(self, who: str, right: bool, twice: bool) -> None:
        stage = self.stage
        if not stage.state.question or not stage.question.options:
            return
        given = stage.right() if right else stage.wrong()
        late = stage.state.deadline is not None and stage.now > stage.state.deadline + GRACE
        before = len(stage.log)
        told = stage.do("answer", who, given=given)
        assert not (late and told.ok and any(one.kind == "answered" for one in stage.log[before:]))
        if twice:
            points = stage.scores()
            stage.do("answer", who, given=given)
            assert points == stage.scores()

    @rule(order=st.permutations(PLAYERS), rights=st.lists(st.booleans(), min_size=4, max_size=4))
    def everybody_plays(self, order: list[str], rights: list[bool]) -> None:
        """Whatever the question asks for, in any order of arrival."""
        for who, right in zip(order, rights, strict=True):
            self.stage.do("stake", who, stake=20 if right else 30)
        for who, right in zip(order, rights, strict=True):
            self.people_press([who])
            self.somebody_answers(who, right, twice=right)

    @rule(who=WHO, stake=st.sampled_from([10, 20, 30, 25, -10, None, "30"]))
    def somebody_stakes(self, who: str, stake: Any) -> None:
        self.stage.do("stake", who, stake=stake)
        assert set(self.stage.state.stakes.values()) <= {10, 20, 30}

    @invariant()
    def the_log_is_the_score(self) -> None:
        """Points are what the lines of the log add up to, and nothing else."""
        if hasattr(self, "stage"):
            scores = {who: points for who, points in self.stage.scores().items() if points}
            assert scores == {who: points for who, points in points_in(self.stage.log).items() if points}
            assert all(
                self.stage.state.of(who) == sum(one.points for one in self.stage.state.rulings if one.contestant == who)
                for who in self.stage.scores()
            )  # fmt: skip

    @invariant()
    def the_log_replays(self) -> None:
        """Folding the log again, in one go or from the middle, gives the same state."""
        if hasattr(self, "stage"):
            log, middle = self.stage.log, len(self.stage.log) // 2
            assert self.stage.state == self.stage.replayed()
            assert self.stage.state == fold_all(log[middle:], fold_all(log[:middle]))

    @invariant()
    def lines_are_counted_and_claimed_once(self) -> None:
        """Lines have no gaps, time never runs back, and nothing that may be claimed once is claimed twice."""
        if hasattr(self, "stage"):
            log = self.stage.log
            assert [one.seq for one in log] == list(range(1, len(log) + 1))
            assert all(first.at <= second.at for first, second in pairwise(log))
            claims = [claim for one in log if (claim := claim_of(one))]
            assert len(claims) == len(set(claims))

    @invariant()
    def everybody_sees_something(self) -> None:
        """Every view can be drawn at every moment, and ranks are 1, then as many as stand before."""
        if hasattr(self, "stage"):
            plan, state = self.stage.plan, self.stage.state
            places = ranking(plan, state)
            for place in places:
                better = sum((one.score, state.ties.get(one.contestant, 0)) > (place.score, state.ties.get(place.contestant, 0)) for one in places)  # fmt: skip
                assert place.rank == better + 1
            public_view(plan, state, GRADER, places)
            host_view(plan, state, GRADER)
            for who in PLAYERS:
                own_view(plan, state, who, GRADER, {one.contestant: one for one in places})

    def teardown(self) -> None:
        """However it went, it can be ended, and what goes into the records has one key each."""
        self.stage.do("end")
        assert self.stage.state.is_over
        events = events_of("t", self.stage.plan, self.stage.state, self.stage.log)
        assert len({one.key for one in events}) == len(events)
        assert len(self.stage.state.players) == sum(one.kind == "contest.finished" for one in events)
        for row in places_table(self.stage.plan, self.stage.state).rows:
            assert row[2] == sum(points for points in row[3:-2] if isinstance(points, int))


Contest.TestCase.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestContest = Contest.TestCase
