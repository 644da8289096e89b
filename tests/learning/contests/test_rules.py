"""The rules of a contest, one promise at a time."""

from __future__ import annotations

import pytest

from bot.learning.contests.ranking import ranking
from bot.learning.contests.viewing import public_view
from tests.learning.contests.stage import GRADER, Stage, a_round, points_in, spoken

TEAMS = ("城东队", "城西队")


def buzzer(**other: object) -> Stage:
    stage = Stage.of(a_round("buzzer", 3, wrong=5, foul=5, **other))
    stage.begin("周敏", "李强", "王芳")
    return stage


def test_first_press_has_floor() -> None:
    """Who arrives first answers; who comes later is told by how many milliseconds."""
    stage = buzzer()
    stage.do("open")
    first = stage.do("buzz", "李强")
    stage.wait(0.038)
    later = stage.do("buzz", "周敏")

    assert (True, "floor") == (first.ok, first.code)
    assert (False, "李强先到，比您早 38 毫秒。答错了还有机会。") == (later.ok, later.words)
    assert "李强" == stage.state.player


def test_early_press_is_foul() -> None:
    """Pressing before 开始抢答 locks out of the question; the first time is free, the second costs."""
    stage = buzzer()
    assert "抢早了：主持人还没说开始。这一题不能再抢。" == stage.do("buzz", "周敏").words
    stage.do("open")
    assert "locked" == stage.do("buzz", "周敏").code
    stage.do("close")
    stage.do("next")

    assert "抢早了：主持人还没说开始。这一题不能再抢，扣 5 分。" == stage.do("buzz", "周敏").words
    assert {"周敏": -5} == stage.scores()


def test_travelling_press_is_no_foul() -> None:
    """A press meant for the last question that arrives in the next one is not counted against anybody."""
    stage = buzzer()
    last = stage.state.question
    stage.do("close")
    stage.do("next")

    assert "closed" == stage.do("buzz", "周敏", question=last).code
    assert {} == stage.scores() and not stage.state.out


def test_wrong_answer_opens_again() -> None:
    """A wrong answer costs, and the others may press once more; the one who was wrong may not."""
    stage = buzzer()
    stage.do("open")
    stage.do("buzz", "周敏")
    stage.do("answer", "周敏", given=stage.wrong())

    assert "open" == stage.state.phase
    assert "locked" == stage.do("buzz", "周敏").code
    assert "floor" == stage.do("buzz", "李强").code
    stage.do("answer", "李强", given=stage.right())
    assert {"周敏": -5, "李强": 10} == stage.scores()
    assert "shown" == stage.state.phase


def test_wrong_answer_may_close() -> None:
    """Where the script says so, a wrong answer ends the question for all."""
    stage = buzzer(after_wrong="close")
    stage.do("open")
    stage.do("buzz", "周敏")
    stage.do("answer", "周敏", given=stage.wrong())

    assert "shown" == stage.state.phase


def test_late_answer_is_refused() -> None:
    """After the time and its grace an answer is not counted, and the person is told so."""
    stage = Stage.of(a_round("required", 2, seconds=20))
    stage.begin("周敏", "李强")
    stage.wait(20.5)
    in_time = stage.do("answer", "周敏", given=stage.right())
    stage.wait(0.5)
    late = stage.do("answer", "李强", given=stage.right())

    assert in_time.ok
    assert "时间到了，这个答案没赶上，没有算进来。看下一题。" == late.words
    assert {"周敏": 10, "李强": 0} == stage.scores()


def test_second_answer_counts_nothing() -> None:
    """The first answer stands, whatever is sent after it."""
    stage = Stage.of(a_round("required", 2))
    stage.begin("周敏", "李强")
    stage.do("answer", "周敏", given=stage.wrong())
    again = stage.do("answer", "周敏", given=stage.right())
    stage.do("answer", "李强", given=stage.right())

    assert "您的答案收到了，一题只算第一次。" == again.words
    assert {"周敏": 0, "李强": 10} == stage.scores()


def test_unreadable_answer_asks_again() -> None:
    """What is no answer to this question costs nobody their one try."""
    stage = Stage.of(a_round("required", 2))
    stage.begin("周敏", "李强")

    assert "unread" == stage.do("answer", "周敏", given="我想想").code
    assert stage.do("answer", "周敏", given=stage.right()).ok


def test_everybody_answered_shows() -> None:
    """Nobody waits for a clock once all have answered."""
    stage = Stage.of(a_round("required", 2))
    stage.begin("周敏", "李强")
    stage.do("answer", "周敏", given=stage.right())
    assert "collecting" == stage.state.phase
    stage.do("answer", "李强", given=stage.right())

    assert "shown" == stage.state.phase


def test_team_gets_members_share() -> None:
    """Of three members two are right: the team gets two thirds, rounded to whole points."""
    stage = Stage.of(a_round("required", 2, points=20), teams=TEAMS)
    stage.seat("甲", "乙", "丙", team="城东队")
    stage.seat("丁", team="城西队")
    stage.do("begin")
    stage.do("next")
    for who in ("甲", "乙"):
        stage.do("answer", who, given=stage.right())
    for who in ("丙", "丁"):
        stage.do("answer", who, given=stage.wrong())

    assert {"城东队": 13, "城西队": 0} == stage.scores()


def test_teams_take_turns() -> None:
    """Each team has its own questions, and only its members may answer them."""
    stage = Stage.of(a_round("required", 4, turn="in_turn"), teams=TEAMS)
    stage.seat("甲", team="城东队")
    stage.seat("丁", team="城西队")
    stage.do("begin")
    turns = []
    for _ in range(4):
        stage.do("next")
        turns.append(stage.state.turn)
        other = "丁" if stage.state.turn == "城东队" else "甲"
        assert "locked" == stage.do("answer", other, given=stage.right()).code
        stage.do("answer", "甲" if other == "丁" else "丁", given=stage.right())
    stage.do("next")

    assert ["城东队", "城西队", "城东队", "城西队"] == turns
    assert "finish" == stage.state.phase
    assert {"城东队": 20, "城西队": 20} == stage.scores()


def test_stake_is_won_or_lost() -> None:
    """The team behind chooses first; what it stakes it gains or loses, and the question has that level."""
    stage = Stage.of(a_round("required", 2), a_round("risk", 6), teams=TEAMS)
    stage.seat("甲", team="城东队")
    stage.seat("丁", team="城西队")
    stage.do("begin")
    stage.do("next")
    stage.do("answer", "甲", given=stage.right())
    stage.do("answer", "丁", given=stage.wrong())
    stage.do("next")
    stage.do("answer", "甲", given=stage.wrong())
    stage.do("answer", "丁", given=stage.wrong())
    for _ in range(2):
        stage.do("next")
    assert ("staking", "城西队") == (stage.state.phase, stage.state.turn)
    assert "locked" == stage.do("stake", "甲", stage=30).code
    assert stage.do("stake", "丁", stake=30).ok
    assert 3 == stage.question.level
    stage.do("answer", "丁", given=stage.right())
    stage.do("next")
    stage.do("stake", "甲", stake=20)
    stage.do("answer", "甲", given=stage.wrong())

    assert {"城东队": -10, "城西队": 30} == stage.scores()


def test_individuals_stake_together() -> None:
    """Everybody stakes before seeing the question; who stakes nothing and says nothing loses nothing."""
    stage = Stage.of(a_round("risk", 2, seconds=20))
    stage.begin("周敏", "李强", "王芳")
    assert "" == stage.state.question
    stage.do("stake", "周敏", stake=30)
    stage.do("stake", "李强", stake=20)
    stage.do("close")
    stage.do("answer", "周敏", given=stage.right())
    stage.tick(21)

    assert {"周敏": 30, "李强": -20, "王芳": 0} == stage.scores()


def test_overtime_is_sudden_death() -> None:
    """Who share the first place press for it: no points change, the one who is wrong falls behind."""
    stage = Stage.of(a_round("required", 1), a_round("overtime", 2))
    stage.begin("周敏", "李强", "王芳")
    for who in ("周敏", "李强"):
        stage.do("answer", who, given=stage.right())
    stage.do("answer", "王芳", given=stage.wrong())
    stage.do("next")
    assert stage.do("overtime").ok
    stage.do("next")
    stage.do("open")
    assert "locked" == stage.do("buzz", "王芳").code
    stage.do("buzz", "李强")
    stage.do("answer", "李强", given=stage.wrong())
    places = [(one.rank, one.name, one.score) for one in ranking(stage.plan, stage.state)]

    assert [(1, "周敏", 10), (2, "李强", 10), (3, "王芳", 0)] == places
    assert not stage.do("overtime").ok


def test_host_rules_spoken_answer() -> None:
    """An answer said aloud is the host's to judge, also after the time."""
    stage = Stage.of(a_round("buzzer", 0, spoken=(spoken(1),), seconds=10))
    stage.begin("周敏")
    stage.do("open")
    stage.do("buzz", "周敏")
    stage.tick(11)
    assert "answering" == stage.state.phase
    assert stage.do("rule", right=True).ok

    assert {"周敏": 10} == stage.scores()


def test_correction_is_new_line() -> None:
    """A ruling put right adds a line that says why; the first one stays in the log."""
    stage = buzzer()
    stage.do("open")
    stage.do("buzz", "周敏")
    stage.do("answer", "周敏", given=stage.wrong())
    before = list(stage.log)
    ruling = stage.state.rulings[-1]
    assert not stage.do("correct", ruling=ruling.seq, contestant="周敏", right=True).ok
    told = stage.do("correct", ruling=ruling.seq, contestant="周敏", right=True, why="选项有歧义")

    assert "更正了，+15 分。" == told.words
    assert before == stage.log[: len(before)]
    assert {"周敏": 10} == stage.scores() == points_in(stage.log)


def test_void_question_gives_back() -> None:
    """A question that was wrong itself changes nobody's points in the end."""
    stage = Stage.of(a_round("required", 2, wrong=5))
    stage.begin("周敏", "李强")
    stage.do("answer", "周敏", given=stage.right())
    stage.do("answer", "李强", given=stage.wrong())
    stage.do("void", question=stage.state.question, why="题干少了一个字")

    assert {"周敏": 0, "李强": 0} == stage.scores() == points_in(stage.log)
    assert not stage.do("void", question=stage.state.question, why="再来一次").ok


def test_pause_stops_clock() -> None:
    """While paused nothing runs out and no press is a foul; going on leaves the time there was."""
    stage = Stage.of(a_round("required", 2, seconds=20))
    stage.begin("周敏")
    stage.wait(5)
    stage.do("pause")
    stage.tick(600)
    assert "paused" == stage.do("answer", "周敏", given="A").code
    stage.do("resume")
    stage.tick(15.3)
    assert "collecting" == stage.state.phase
    stage.tick(0.5)

    assert "shown" == stage.state.phase


def test_unwatched_clock_pauses() -> None:
    """Where nobody was there to see a deadline pass, as after a power cut, the time is given again."""
    stage = Stage.of(a_round("required", 2, seconds=20))
    stage.begin("周敏")
    stage.tick(90)

    assert (True, "restart", 20) == (stage.state.paused, stage.state.cause, stage.state.left)
    stage.do("resume")
    assert stage.do("answer", "周敏", given=stage.right()).ok


def test_second_tap_moves_nothing() -> None:
    """A host who taps 下一题 twice skips no question."""
    stage = Stage.of(a_round("required", 3))
    stage.seat("周敏")
    stage.do("begin")
    step = stage.state.step
    assert stage.do("next", step=step).ok
    again = stage.do("next", step=step)

    assert "刚才已经往前走了一步，看看现在到哪了再点。" == again.words
    assert 1 == stage.state.taken


def test_players_cannot_host() -> None:
    """A player who sends a host's commands is refused."""
    stage = buzzer()

    assert "host" == stage.do("open", "周敏").code
    assert "reading" == stage.state.phase


def test_names_stay_apart() -> None:
    """Nobody plays under a colleague's name: the second of a name gets a number, a guest a mark."""
    stage = Stage.of(a_round("required", 1))
    stage.do("join", "1001", name="周敏")
    stage.do("join", "1002", name="周敏")
    stage.do("join", "guest-1", name="周敏", guest=True)

    assert ["周敏", "周敏2", "周敏（客）"] == [one.name for one in stage.state.players.values()]


def test_leaver_keeps_points() -> None:
    """Who leaves is no longer waited for, keeps what they have, and may come back."""
    stage = Stage.of(a_round("required", 2))
    stage.begin("周敏", "李强")
    stage.do("answer", "周敏", given=stage.right())
    stage.do("leave", "李强")
    stage.do("close")
    stage.do("next")
    assert stage.do("join", "李强", name="李强").ok

    assert {"周敏": 10} == stage.scores()
    assert stage.do("answer", "李强", given=stage.right()).ok


def test_removed_player_stays_out() -> None:
    """Whom the host sends away does not come back by the same code."""
    stage = buzzer()
    stage.do("remove", player="王芳")

    assert "主持人请您先离场。要回来，当面跟主持人说一声。" == stage.do("join", "王芳", name="王芳").words


def test_chat_opens_as_it_asks() -> None:
    """In a group chat nobody reads a question out: pressing is open with the question."""
    stage = Stage.of(a_round("buzzer", 2), in_chat=True)
    stage.begin("周敏")

    assert "open" == stage.state.phase


@pytest.mark.parametrize("kind", ["required", "buzzer", "risk"])
def test_answer_stays_secret(kind: str) -> None:
    """No view that players or the screen get tells the answer before it is shown."""
    stage = Stage.of(a_round(kind, 2))
    stage.begin("周敏", "李强")
    if kind == "risk":
        stage.do("close")
    hidden = public_view(stage.plan, stage.state, GRADER)
    stage.do("open" if kind == "buzzer" else "close")
    if kind == "buzzer":
        hidden = public_view(stage.plan, stage.state, GRADER)
        stage.do("close")

    assert hidden["shown"] is None and "再答复" not in str(hidden) and "correct" not in str(hidden)
    assert "先核实" in public_view(stage.plan, stage.state, GRADER)["shown"]["answer"]
