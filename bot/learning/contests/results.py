"""The result sheet: who stands where, round by round, and every line that made it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.learning.contests.moment import question_of
from bot.learning.contests.news import name_of, news_of
from bot.learning.contests.outcomes import answers
from bot.learning.contests.plan import Plan
from bot.learning.contests.ranking import ranking
from bot.learning.contests.state import Entry, State

Cell = str | int | float


@dataclass(frozen=True)
class Table:
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def places_table(plan: Plan, state: State) -> Table:
    """Best first; points by round add up to the score, corrections and void questions included."""
    rows: list[tuple[Cell, ...]] = []
    for place in ranking(plan, state):
        by_round = [_in_round(plan, state, place.contestant, number) for number in range(len(plan.rounds))]
        fouls = state.fouls.get(place.contestant, 0)
        rows.append((place.rank, place.name, place.score, *by_round, fouls, place.people))
    head = (
        "名次", "队" if plan.is_team else "姓名", "总分", *(f"{n}. {one.title}" for n, one in enumerate(plan.rounds, 1)),
        "犯规", "人数",
    )  # fmt: skip
    return Table("名次", head, tuple(rows))


def _in_round(plan: Plan, state: State, contestant: str, number: int) -> int:
    keys = {one.key for one in plan.rounds[number].questions}
    return sum(one.points for one in state.rulings if one.contestant == contestant and one.question in keys)


def players_table(plan: Plan, state: State, log: Sequence[Entry]) -> Table:
    """How often each person answered and was right, the most rights first."""
    given = answers(plan, state, log)
    rows = []
    for player in state.players.values():
        mine = [one for one in given if one.player == player.id]
        timed = [one.seconds for one in mine if one.seconds is not None]
        mean: Cell = round(sum(timed) / len(timed), 1) if timed else "—"
        rows.append((player.name, player.team, len(mine), sum(one.right for one in mine), mean))
    rows.sort(key=lambda row: (-row[3], row[2]))
    return Table("个人", ("姓名", "队", "答了几题", "答对", "平均用时（秒）"), tuple(rows))


def questions_table(plan: Plan, state: State, log: Sequence[Entry]) -> Table:
    """Every question that was asked, and how many got it right: what to go over together afterwards."""
    given = answers(plan, state, log)
    rows = []
    for part in plan.rounds:
        for question in part.questions:
            if question.key in state.asked:
                mine = [one.right for one in given if one.question == question.key]
                void = any(one.void for one in state.rulings if one.question == question.key)
                rows.append((part.title, question.stem, len(mine), sum(mine), "作废" if void else ""))
    return Table("题目", ("轮次", "题目", "答了几人", "答对", "备注"), tuple(rows))


def log_table(plan: Plan, state: State, log: Sequence[Entry]) -> Table:
    rows = [
        (one.seq, one.at.isoformat(timespec="milliseconds"), _who(state, one), words)
        for one in log
        if (words := news_of(plan, state, one) or _quiet(plan, state, one))
    ]
    return Table("过程", ("序号", "时间（UTC）", "谁", "发生了什么"), tuple(rows))


def _who(state: State, entry: Entry) -> str:
    player = state.players.get(entry.who)
    return player.name if player else "主持人" if entry.who else "系统"


def _quiet(plan: Plan, state: State, entry: Entry) -> str:
    """What was not said aloud at the time."""
    data = entry.data
    if entry.kind == "joined":
        return f"{data['name']}加入{data['team']}。"
    if entry.kind == "left":
        return f"{name_of(plan, state, data['player'])}离场。" if not plan.is_team else "有人离场。"
    if entry.kind == "answered":
        question = question_of(plan, str(data["question"]))
        return f"答“{question.stem[:16] if question else ''}…”：{data['given']}（{'对' if data['right'] else '错'}，{data['seconds']} 秒）"
    if entry.kind == "pressed":
        return f"晚 {data['ms']} 毫秒按下。"
    return f"选了 {data['stake']} 分。" if entry.kind == "staked" else ""
