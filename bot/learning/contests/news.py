"""The log in words that everybody may read: what a player who was away for a minute is told, and a screen reader says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.learning.contests.plan import Plan
from bot.learning.contests.state import Entry, State

Teller = Callable[[Plan, State, Entry], str]


def news_of(plan: Plan, state: State, entry: Entry) -> str:
    """One line of the log as a sentence; "" for what is nobody's news, such as an answer that is still secret."""
    teller = _TELLERS.get(entry.kind)
    return teller(plan, state, entry) if teller else ""


def name_of(plan: Plan, state: State, contestant: str) -> str:
    player = state.players.get(contestant)
    return contestant if plan.is_team or player is None else player.name


def _round(plan: Plan, _state: State, entry: Entry) -> str:
    part = plan.rounds[entry.data["round"]]
    return f"第 {entry.data['round'] + 1} 轮，{part.name}：{part.title}。"


def _asked(plan: Plan, state: State, entry: Entry) -> str:
    turn = entry.data["turn"]
    if entry.data["phase"] == "staking":
        return f"{f'轮到{turn}选' if turn else '请各位选'}风险分。"
    return f"出题了，轮到{turn}。" if turn else "出题了。"


def _staked(plan: Plan, state: State, entry: Entry) -> str:
    """What individuals stake is theirs to know."""
    return f"{entry.data['contestant']}选了 {entry.data['stake']} 分。" if plan.is_team else ""


def _buzzed(_plan: Plan, state: State, entry: Entry) -> str:
    player = state.players[entry.who]
    return f"{f'{player.team}的' if player.team else ''}{player.name}抢到了。"


def _fouled(plan: Plan, state: State, entry: Entry) -> str:
    points = entry.data["points"]
    return f"{name_of(plan, state, entry.data['contestant'])}抢早了，这一题不能再抢{f'，扣 {-points} 分' if points else ''}。"


def _judged(plan: Plan, state: State, entry: Entry) -> str:
    data = entry.data
    verdict = "答对" if data["right"] else "超时" if data.get("by_clock") else "答错"
    points = f"，{data['points']:+d} 分" if data["points"] else ""
    return f"{name_of(plan, state, data['contestant'])}{verdict}{points}。"


def _shown(_plan: Plan, _state: State, entry: Entry) -> str:
    results = entry.data["results"].values()
    if not results:
        return "公布答案。"
    people = sum(one.get("people", 1) for one in results if one.get("answered", True))
    rights = sum(one.get("rights", int(one["right"])) for one in results)
    return f"公布答案，{people} 人答了，{rights} 人答对。" if people else "没有人答，公布答案。"


def _paused(_plan: Plan, _state: State, entry: Entry) -> str:
    if entry.data["cause"] == "restart":
        return "刚才断了一下，已经自动暂停，这一题的时间会重新给足。"
    return "主持人按了暂停。"


def _corrected(plan: Plan, state: State, entry: Entry) -> str:
    data = entry.data
    return (
        f"主持人更正：{name_of(plan, state, data['contestant'])} {data['delta']:+d} 分。原因：{data['why']}"
    )


def _voided(_plan: Plan, _state: State, entry: Entry) -> str:
    return f"有一题作废，得的扣的都退回。原因：{entry.data['why']}"


def _overtime(plan: Plan, state: State, entry: Entry) -> str:
    return f"加时：{'、'.join(name_of(plan, state, one) for one in entry.data['tied'])}并列第一。"


def _always(words: str) -> Teller:
    return lambda _plan, _state, _entry: words


_TELLERS: Mapping[str, Teller] = {
    "begun": _always("竞赛开始了。"),
    "round": _round,
    "asked": _asked,
    "staked": _staked,
    "posed": _always("出题了。"),
    "opened": _always("开始抢答。"),
    "buzzed": _buzzed,
    "fouled": _fouled,
    "judged": _judged,
    "shown": _shown,
    "time_up": _always("时间到，请主持人判。"),
    "paused": _paused,
    "resumed": _always("继续。"),
    "corrected": _corrected,
    "voided": _voided,
    "finished": _always("题都问完了，主持人在核对。"),
    "overtime": _overtime,
    "ended": _always("竞赛结束，成绩单出来了。"),
}
