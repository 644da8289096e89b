"""What a host does: goes on, opens the floor, rules, corrects, pauses, decides a tie, ends."""

from __future__ import annotations

from bot.content.contests import STAKES
from bot.learning.contests.judging import LEAST_STAKE, judge, show
from bot.learning.contests.moment import Command, Moment, Outcome
from bot.learning.contests.plan import PlannedRound
from bot.learning.contests.ranking import ranking

STAKE_SECONDS = 20


def begin(moment: Moment, command: Command) -> Outcome:
    if moment.state.phase != "lobby":
        return _done_before()
    if not moment.present() and not moment.plan.in_chat:
        return Outcome(False, "还没有人加入。把号码报给大家，有人进来了再开始。")
    moment.add("begun", command.who, **_key(command))
    _go_to(moment, 0)
    return Outcome(True, "开始了。")


def go_on(moment: Moment, command: Command) -> Outcome:
    """The next question, the next round, or the end of the rounds."""
    state = moment.state
    if state.phase not in ("round", "shown"):
        return Outcome(False, "这一题还没完：先收题或判定，再往下走。")
    if _asks_more(moment):
        _ask(moment, command)
        return Outcome(True, "下一题。")
    following = state.round + 1
    if following < len(moment.plan.rounds) and moment.plan.rounds[following].kind != "overtime":
        _go_to(moment, following, command)
        return Outcome(True, "下一轮。")
    moment.add("finished", command.who, **_key(command))
    return Outcome(True, "题都问完了。核对判定，需要就加时，然后公布成绩。")


def _asks_more(moment: Moment) -> bool:
    part, state = moment.part, moment.state
    if part is None or not moment.unasked():
        return False
    if part.kind == "overtime":
        return bool(moment.level())
    if part.kind == "risk" and part.in_turn:
        return state.taken < len(state.order)
    if part.in_turn:
        return state.taken < len(state.order) * (len(part.questions) // len(moment.plan.teams))
    return True


def _go_to(moment: Moment, number: int, command: Command | None = None) -> None:
    """Teams take turns in their own order; in a risk round those behind choose first."""
    part = moment.plan.rounds[number]
    places = ranking(moment.plan, moment.state)
    taking = {one.contestant for one in places}
    order = [team for team in moment.plan.teams if team in taking] if part.in_turn else []
    if part.in_turn and part.kind == "risk":
        behind = {one.contestant: n for n, one in enumerate(reversed(places))}
        order.sort(key=lambda team: behind[team])
    moment.add("round", command.who if command else "", round=number, order=order, **_key(command))


def _ask(moment: Moment, command: Command) -> None:
    part, state = moment.part, moment.state
    assert part is not None  # noqa: S101  _asks_more looked
    turn = state.order[state.taken % len(state.order)] if part.in_turn and state.order else ""
    key, seconds, phase = moment.unasked()[0].key, float(part.seconds), "collecting"
    if part.kind in ("buzzer", "overtime"):
        phase, seconds = "reading", 0.0
    elif part.kind == "risk":
        phase, seconds, key = "staking", float(STAKE_SECONDS), ""
    elif part.in_turn:
        phase = "answering"
    tied = list(moment.level()) if part.kind == "overtime" else []
    moment.add(
        "asked", command.who, question=key, turn=turn, phase=phase, seconds=seconds, tied=tied, **_key(command)
    )  # fmt: skip
    if phase == "reading" and moment.plan.in_chat:
        moment.add("opened", seconds=float(part.buzz_seconds))


def offers(moment: Moment) -> list[int]:
    """What can be staked: where the question depends on it, what there are questions left for."""
    part = moment.part
    if part is None or not part.in_turn:
        return list(STAKES)
    left = {one.level for one in moment.unasked()}
    return [points for points, level in STAKES.items() if level in left]


def pose(moment: Moment) -> None:
    """Staking is over: the question. A team that chose nothing stakes the least there is."""
    part, state = moment.part, moment.state
    assert part is not None  # noqa: S101  there are stakes in a round only
    left = moment.unasked()
    if not left:
        moment.add("shown", results={})
        return
    if part.in_turn and state.turn not in state.stakes:
        moment.add("staked", contestant=state.turn, stake=min(offers(moment)))
    level = STAKES[moment.state.stakes.get(state.turn, LEAST_STAKE)]
    question = next((one for one in left if one.level == level), left[0]) if part.in_turn else left[0]
    phase = "answering" if part.in_turn else "collecting"
    moment.add("posed", question=question.key, phase=phase, seconds=float(part.seconds))


def open_floor(moment: Moment, command: Command) -> Outcome:
    part = moment.part
    if moment.state.phase != "reading" or part is None:
        return _done_before()
    moment.add("opened", command.who, seconds=float(part.buzz_seconds), **_key(command))
    return Outcome(True, "开始抢答。")


def close(moment: Moment, command: Command) -> Outcome:
    """Ends waiting: answers are collected, stakes are closed, a question nobody presses for is given up."""
    phase = moment.state.phase
    if phase == "collecting":
        show(moment, **_key(command))
    elif phase == "staking":
        pose(moment)
    elif phase in ("open", "reading"):
        moment.add("shown", command.who, results={}, **_key(command))
    else:
        return _done_before()
    return Outcome(True, "收了。")


def rule(moment: Moment, command: Command) -> Outcome:
    if moment.state.phase != "answering":
        return Outcome(False, "现在没有等着判的回答。要改前面的判定，用“更正”。")
    right = bool(command.data.get("right"))
    judge(moment, right, command.who, **_key(command))
    return Outcome(True, "判对。" if right else "判错。")


def correct(moment: Moment, command: Command) -> Outcome:
    """A ruling is never edited: the correction is a line of its own, and says why."""
    data = command.data
    found = moment.state.ruling(int(data.get("ruling", 0)), str(data.get("contestant", "")))
    why = str(data.get("why", "")).strip()[:100]
    if found is None or found.void or moment.state.is_over:
        return Outcome(False, "没有这条判定，或这题已经作废；成绩公布以后不再改。")
    if not why:
        return Outcome(False, "写一句为什么改，大家看得到。")
    right = bool(data.get("right"))
    if right == found.right and found.points == found.worth[0 if right else 1]:
        return Outcome(False, "本来就是这样判的，没有动。")
    delta = found.worth[0 if right else 1] - found.points
    tie = ((1 if right else -1) - found.tie) if found.tie else 0
    moment.add(
        "corrected", command.who, ruling=found.seq, contestant=found.contestant, right=right, delta=delta, tie=tie, why=why,
        **_key(command),
    )  # fmt: skip
    return Outcome(True, f"更正了，{delta:+d} 分。")


def void(moment: Moment, command: Command) -> Outcome:
    """The question itself was wrong: nobody gains or loses by it."""
    key = str(command.data.get("question", ""))
    why = str(command.data.get("why", "")).strip()[:100]
    mine = [one for one in moment.state.rulings if one.question == key and not one.is_foul and not one.void]
    if not mine or moment.state.is_over:
        return Outcome(False, "这一题没有算过分，或已经作废了。")
    if not why:
        return Outcome(False, "写一句为什么作废，大家看得到。")
    deltas: dict[str, int] = dict.fromkeys((one.contestant for one in mine), 0)
    ties: dict[str, int] = {}
    for one in mine:
        deltas[one.contestant] -= one.points
        ties[one.contestant] = ties.get(one.contestant, 0) - one.tie
    moment.add("voided", command.who, question=key, deltas=deltas, ties=ties, why=why, **_key(command))
    return Outcome(True, "这一题作废，得的扣的都退回。")


def pause(moment: Moment, command: Command) -> Outcome:
    if moment.state.paused or moment.state.phase in ("lobby", "ended"):
        return _done_before()
    moment.add("paused", command.who, cause="host", **_key(command))
    return Outcome(True, "暂停了，时钟停在这里。")


def resume(moment: Moment, command: Command) -> Outcome:
    if not moment.state.paused:
        return _done_before()
    moment.add("resumed", command.who, **_key(command))
    return Outcome(True, "继续。")


def overtime(moment: Moment, command: Command) -> Outcome:
    last = len(moment.plan.rounds) - 1
    if moment.state.phase != "finish":
        return Outcome(False, "题都问完以后才加时。")
    if moment.plan.rounds[last].kind != "overtime":
        return Outcome(False, "这个脚本没有加时题。并列就并列，或当面商量。")
    level = moment.level()
    if not level:
        return Outcome(False, "第一名没有并列，不用加时。")
    if all(one.key in moment.state.asked for one in moment.plan.rounds[last].questions):
        return Outcome(False, "加时题用完了，还是并列，就并列第一。")
    moment.add("overtime", command.who, round=last, tied=list(level), **_key(command))
    return Outcome(True, "加时：先答对的胜，答错的出局。")


def end(moment: Moment, command: Command) -> Outcome:
    if moment.state.is_over:
        return _done_before()
    moment.add("ended", command.who, cause=str(command.data.get("cause", "host")), **_key(command))
    return Outcome(True, "结束了，成绩单出来了。")


def remove(moment: Moment, command: Command) -> Outcome:
    player = moment.state.players.get(str(command.data.get("player", "")))
    if player is None or player.is_barred or moment.state.is_over:
        return _done_before()
    moment.add("left", command.who, player=player.id, barred=True, **_key(command))
    return Outcome(True, f"{player.name}离场了。")


def part_points(part: PlannedRound) -> str:
    """What a question of a round is worth, in words."""
    if part.kind == "risk":
        return "选 10、20 或 30 分，答对加，答错扣"
    if part.kind == "overtime":
        return "先答对的胜，答错的出局，不计分"
    lost = f"，答错扣 {part.wrong} 分" if part.wrong else "，答错不扣"
    return f"答对 {part.points} 分{lost}"


def _key(command: Command | None) -> dict[str, str]:
    key = command.data.get("key") if command else None
    return {"key": str(key)} if key else {}


def _done_before() -> Outcome:
    return Outcome(False, "这一步已经做过了，看看现在到哪了。", "step")
