"""How a drill looks in chat: the briefing, what comes in, where things stand, what can be decided, and the review."""

from __future__ import annotations

from collections.abc import Sequence

from bot.content.drills import Drill
from bot.desks.drill_room import PLAYED, DrillRooms, Running
from bot.learning.drills.reading import KEYS
from bot.learning.drills.record import Entry, open_decisions
from bot.learning.drills.review import Finding, clock
from bot.messages import (
    Block,
    CardBlock,
    CardRow,
    Choice,
    ChoicesBlock,
    Message,
    PageLink,
    TextBlock,
)

MOST_SHOWN = 6


def briefing(running: Running, alone: bool) -> CardBlock:
    drill = running.drill
    roles = "、".join(one.role for one in drill.roles)
    how = (
        "你一个人演，想做什么就说什么，别的角色我来顶，他们也会出错，看见了要拦。"
        if alone
        else f"每人说“我是信息”这样的话认一个角色（{roles}），没人认的我来顶。别处的人发“加入演练 {running.room.code}”。"
    )
    return CardBlock(
        title=drill.title,
        status="演练",
        status_kind="unverified",
        rows=[CardRow(label="房间", value=running.room.code), CardRow(label="要练的", value=drill.meant)],
        lines=[drill.about, how, "说“情况”看现在怎样，说“等一等”过十分钟，说“结束演练”就复盘。"],
        link=PageLink(label="打开时间线", path=f"/drill/{running.room.code}", personal=True),
    )


def heard(drill: Drill, entries: Sequence[Entry]) -> list[Block]:
    """What came of the last move, in order: decisions with their consequence, injects with their source, phases."""
    decisions = {one.id: one for one in drill.decisions}
    blocks: list[Block] = []
    for entry in entries:
        if entry.kind == "decide":
            who = f"{entry.role}（{entry.who}）" if entry.role else entry.who
            blocks.append(
                TextBlock(text=f"{clock(entry.minute)} {who}：{entry.text}。\n{decisions[entry.ref].then}")
            )
        elif entry.kind == "inject":
            blocks.append(CardBlock(title=f"{clock(entry.minute)} {entry.who}", lines=[entry.text]))
        elif entry.kind == "phase" and entry.minute:
            blocks.append(TextBlock(text=f"—— 进入“{entry.ref}” ——", tone="notice"))
    return blocks


def status(running: Running) -> list[Block]:
    """What is known by now."""
    drill, now = running.drill, running.now
    gauges = [
        CardRow(label=one.name, value=f"{now.gauges[one.id]}{one.unit}（开始时 {one.start}）")
        for one in drill.gauges
    ]
    players = [CardRow(label=role, value=name) for role, (_, name) in now.players.items()]
    injects = {one.id: one for one in drill.injects}
    last = [f"{injects[ref].source}：{injects[ref].text}" for ref in now.heard[-3:]]
    card = CardBlock(
        title=f"{drill.title}：{now.phase}，第 {clock(now.minute)}",
        rows=[*gauges, *players],
        lines=["最近听到的：", *last] if last else [],
    )
    return [card]


def choices(running: Running, role: str) -> ChoicesBlock:
    offered = open_decisions(running.drill, running.now, role)[: len(KEYS)]
    shown = [
        Choice(label=f"{KEYS[n]}. {one.label}" + ("" if role else f"（{one.role}）"), send=one.label)
        for n, one in enumerate(offered[:MOST_SHOWN])
    ]
    prompt = f"{running.now.phase}。可以选，也可以用自己的话说要做什么："
    return ChoicesBlock(prompt=prompt, choices=[*shown, Choice(label="等一等", send="等一等")])


def review_message(running: Running, rooms: DrillRooms) -> Message:
    """The heart of the review in one card, and the way to the whole sheet."""
    found = rooms.review(running)
    whole = running.now.phase in PLAYED
    earlier = [one.score for one in rooms.earlier(running) if one.score is not None]
    met, missed = [one for one in found.findings if one.met], [one for one in found.findings if not one.met]
    rows = [
        CardRow(label="得分", value=_score(found.score, earlier) if whole else "没演到恢复就停了，不记成绩"),
        CardRow(label="用时", value=f"{clock(found.minutes)}（演练里的时间）"),
        *(CardRow(label=name, value=f"{start} → {last}{unit}") for name, start, last, unit in found.gauges),
    ]
    card = CardBlock(
        title=f"复盘：{running.drill.title}",
        rows=rows,
        lines=[*_good(met), *_open(missed)],
        link=PageLink(label="看整张复盘单", path=f"/drill/{running.room.code}/review", personal=True),
    )
    questions = TextBlock(text="坐下来聊聊：\n" + "\n".join(f"· {one}" for one in running.drill.debrief))
    again = ChoicesBlock(
        choices=[
            Choice(label="再演一遍", send=f"演练：{running.drill.title}"),
            Choice(label="换一场", send="演练"),
        ]
    )
    return Message(blocks=[card, questions, again])


def _score(score: int, earlier: Sequence[int]) -> str:
    return f"{score}（上回 {earlier[0]}）" if earlier else str(score)


def _good(met: Sequence[Finding]) -> list[str]:
    best = sorted(met, key=lambda one: (-one.check.weight, one.by_bot))[:3]
    return ["做到了的：", *(f"· {one.check.what}" for one in best)] if best else []


def _open(missed: Sequence[Finding]) -> list[str]:
    worst = sorted(missed, key=lambda one: -one.check.weight)[:4]
    return (
        ["下回要改的：", *(f"· {one.check.what}。{one.check.change}" for one in worst)]
        if worst
        else ["该做的都做到了。"]
    )
