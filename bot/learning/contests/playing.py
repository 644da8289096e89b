"""What players do: join, leave, press, answer, stake. The first to arrive is first; what comes twice counts once."""

from __future__ import annotations

from bot.learning.contests.hosting import offers, pose
from bot.learning.contests.judging import judge, show
from bot.learning.contests.moment import Command, Moment, Outcome
from bot.learning.contests.state import Player

MOST_PLAYERS = 250
LONGEST_NAME = 12


def join(moment: Moment, command: Command) -> Outcome:
    state, data = moment.state, command.data
    if state.is_over:
        return Outcome(False, "这一场已经结束了。下一场开了，主持人会报新的号码。")
    team = str(data.get("team", ""))
    before = state.players.get(command.who)
    if moment.plan.is_team and team not in moment.plan.teams:
        team = before.team if before else ""
        if not team:
            return Outcome(False, f"先选一队：{'、'.join(moment.plan.teams)}。", "team")
    if before and before.is_barred:
        return Outcome(False, "主持人请您先离场。要回来，当面跟主持人说一声。")
    if before and state.phase != "lobby":
        team = before.team
    if before and before.present and before.team == team:
        return Outcome(True, "您已经在场上了。")
    if before is None and len(state.players) >= MOST_PLAYERS:
        return Outcome(False, f"一场最多 {MOST_PLAYERS} 人，已经满了。可以看大屏，下一场早点来。")
    guest = bool(data.get("guest"))
    name = before.name if before else _free_name(moment, str(data.get("name", "")), guest)
    if not name:
        return Outcome(False, f"写一个称呼，{LONGEST_NAME} 个字以内。", "name")
    moment.add("joined", command.who, name=name, team=team if moment.plan.is_team else "", guest=guest)
    return Outcome(True, "进来了，等主持人开始。" if state.phase == "lobby" else "进来了，从下一题起一起答。")


def _free_name(moment: Moment, wished: str, guest: bool) -> str:
    """Nobody plays under a colleague's name: guests are marked, and a name that is taken gets a number."""
    wished = "".join(sign for sign in wished if sign.isprintable()).strip()[:LONGEST_NAME]
    if not wished:
        return ""
    wished += "（客）" if guest else ""
    taken = {one.name for one in moment.state.players.values()}
    number, name = 1, wished
    while name in taken:
        number += 1
        name = f"{wished}{number}"
    return name


def leave(moment: Moment, command: Command) -> Outcome:
    player = moment.state.players.get(command.who)
    if player and player.present and not moment.state.is_over:
        moment.add("left", command.who, player=player.id)
    return Outcome(True, "您离场了，得的分还在。用同一个号码随时能回来。")


def buzz(moment: Moment, command: Command) -> Outcome:
    """`question` is what the player was looking at: a press that was on its way too long is no foul in the next one."""
    player, refusal = _on_stage(moment, command)
    if player is None:
        return refusal
    state, who = moment.state, moment.contestant(player)
    if state.player == player.id and state.phase == "answering":
        return Outcome(True, "您抢到了，请答。", "floor")
    if state.phase not in ("reading", "open", "answering") or _is_other(moment, command):
        return Outcome(False, "这会儿不用抢，等主持人念题。", "closed")
    if not moment.may_press(who):
        return Outcome(False, _locked(moment, who), "locked")
    if state.phase == "reading":
        return _foul(moment, player, who)
    if state.phase == "answering":
        return _behind(moment, player)
    part = moment.part
    assert part is not None  # noqa: S101  a floor is open in a round only
    moment.add("buzzed", player.id, contestant=who, seconds=part.seconds)
    return Outcome(True, f"您抢到了，{part.seconds} 秒内作答。", "floor")


def _locked(moment: Moment, who: str) -> str:
    if moment.is_overtime and who not in moment.state.tied:
        return "加时在并列的几位之间进行，这一轮请看着。"
    return "这一题您已经没有机会了，下一题再来。"


def _foul(moment: Moment, player: Player, who: str) -> Outcome:
    part = moment.part
    assert part is not None  # noqa: S101  a question is being read out in a round only
    free = moment.state.fouls.get(who, 0) < part.free_fouls
    points = 0 if free or moment.is_overtime else -part.foul
    moment.add("fouled", player.id, contestant=who, points=points)
    cost = f"，扣 {-points} 分" if points else ""
    return Outcome(False, f"抢早了：主持人还没说开始。这一题不能再抢{cost}。", "foul")


def _behind(moment: Moment, player: Player) -> Outcome:
    """Noted once for each, so that “我明明先按了” has an answer in milliseconds."""
    state = moment.state
    if state.player and player.id not in {one for one, _ in state.presses} and state.since:
        behind = int((moment.at - state.since).total_seconds() * 1000)
        moment.add("pressed", player.id, ms=behind)
        first = state.players[state.player].name
        return Outcome(False, f"{first}先到，比您早 {behind} 毫秒。答错了还有机会。", "late")
    return Outcome(False, "已经有人在答了。答错了还有机会。", "late")


def answer(moment: Moment, command: Command) -> Outcome:
    player, refusal = _on_stage(moment, command)
    if player is None:
        return refusal
    state = moment.state
    if player.id in state.given and state.phase in ("collecting", "answering", "shown"):
        return Outcome(True, "您的答案收到了，一题只算第一次。", "taken")
    if _is_other(moment, command) or state.phase == "shown":
        return Outcome(False, "时间到了，这个答案没赶上，没有算进来。看下一题。", "late")
    if state.phase not in ("collecting", "answering"):
        is_race = state.phase in ("reading", "open")
        return Outcome(
            False, "这一题要先抢到，再答。" if is_race else "现在没有等着答的题，听主持人的。", "closed"
        )
    if state.phase == "answering" and not _has_the_floor(moment, player):
        return Outcome(False, "现在轮到别人答，先听着。", "locked")
    return _take(moment, player, str(command.data.get("given", "")))


def _has_the_floor(moment: Moment, player: Player) -> bool:
    state = moment.state
    return player.id == state.player if state.player else moment.contestant(player) == state.turn


def _take(moment: Moment, player: Player, text: str) -> Outcome:
    state, question = moment.state, moment.question
    if question is None or question.item is None:
        return Outcome(False, "这一题开口答，由主持人判。", "spoken")
    mark = moment.grader.mark(question.item, text[:200], question.order)
    if mark is None:
        return Outcome(False, "没看懂这个答案，按题目下面的写法再答一次。", "unread")
    who = moment.contestant(player)
    if state.phase == "answering" and any(one.contestant == who for one in state.given.values()):
        return Outcome(False, "你们队已经有人答了，一题只算第一次。", "taken")
    seconds = round((moment.at - state.since).total_seconds(), 3) if state.since else 0.0
    moment.add(
        "answered", player.id, contestant=who, given=mark.given, score=mark.score, right=mark.right, seconds=seconds,
    )  # fmt: skip
    if state.phase == "answering":
        judge(moment, mark.right, "")
        return Outcome(True, "答对了。" if mark.right else "不对。", "judged")
    if not moment.plan.in_chat and all(one.id in moment.state.given for one in moment.present()):
        show(moment)
    return Outcome(True, "收到了，等大家答完。", "taken")


def stake(moment: Moment, command: Command) -> Outcome:
    """By a member of the team whose turn it is, by each individual, or by the host for a team that says it aloud."""
    state = moment.state
    player = state.players.get(command.who)
    who = state.turn if command.is_host or player is None else moment.contestant(player)
    refusal = _cannot_stake(moment, command, player)
    if refusal:
        return refusal
    chosen = command.data.get("stake")
    if chosen not in offers(moment):
        return Outcome(False, f"可以选 {'、'.join(map(str, offers(moment)))} 分。", "unread")
    if who in state.stakes:
        return Outcome(True, f"已经选了 {state.stakes[who]} 分，不能再改。", "taken")
    moment.add("staked", command.who, contestant=who, stake=chosen)
    if state.turn or {moment.contestant(one) for one in moment.present()} <= set(moment.state.stakes):
        pose(moment)
    return Outcome(True, f"选了 {chosen} 分。", "taken")


def _cannot_stake(moment: Moment, command: Command, player: Player | None) -> Outcome | None:
    state = moment.state
    if command.is_host and state.turn and state.phase == "staking" and not state.paused:
        return None
    if player is None:
        return Outcome(False, "先用号码加入，再来选分。", "join")
    if state.phase != "staking" or state.paused:
        return Outcome(False, "这会儿不用选分，看主持人的安排。", "closed")
    if state.turn and moment.contestant(player) != state.turn:
        return Outcome(False, f"现在是{state.turn}选分，先等一等。", "locked")
    return None


def _on_stage(moment: Moment, command: Command) -> tuple[Player | None, Outcome]:
    player = moment.state.players.get(command.who)
    if player is None or not player.present:
        return None, Outcome(False, "先用号码加入这一场，再来答题。", "join")
    if moment.state.is_over:
        return None, Outcome(False, "这一场已经结束了，看看成绩单。", "over")
    if moment.state.paused:
        return None, Outcome(False, "主持人按了暂停，继续以后再来；这一下不算犯规。", "paused")
    return player, Outcome(True, "")


def _is_other(moment: Moment, command: Command) -> bool:
    seen = command.data.get("question")
    return seen is not None and seen != moment.state.question
