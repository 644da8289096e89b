"""Drills in chat: 演练, 演练：<title> alone, 群演练：<title> together, 加入演练 1234 from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.content.drills import ROLES, Drill
from bot.desks.desk import Reply, Visit
from bot.desks.drill_room import DrillRooms, Running
from bot.desks.drill_showing import briefing, choices, heard, review_message, status
from bot.learning.drills.reading import read
from bot.learning.drills.record import Entry, open_decisions
from bot.learning.drills.running import decide, end, join, leave, note, wait
from bot.messages import Block, Choice, ChoicesBlock, Message, TextBlock, say

LIST = frozenset({"演练", "有哪些演练", "应急演练"})
BEST = frozenset({"演练榜", "演练表彰"})
_ALONE = re.compile(r"^演练[：:]\s*(?P<title>.{2,20})$")
_TOGETHER = re.compile(r"^群演练[：:]\s*(?P<title>.{2,20})$")
_JOIN = re.compile(r"^加入演练\s*(?P<code>\d{4})$")
_ROLE = re.compile(rf"^(?:我是|我来当|我演|我做)\s*(?P<role>{'|'.join(ROLES)})(?:的|部门|部)?$")
_NOTE = re.compile(r"^(?:记一笔|备注)[：:]\s*(?P<text>.{2,200})$")
STATUS = frozenset({"情况", "现在什么情况", "看情况"})
WAIT = frozenset({"等一等", "等等", "再等等", "先等着"})
END = frozenset({"结束演练", "演练结束"})
PAUSE = frozenset({"暂停演练"})
RESUME = frozenset({"继续演练"})
LEAVE = frozenset({"退出演练", "我先走"})
REVIEW = frozenset({"复盘", "复盘单"})
_UNDER_WAY = STATUS | WAIT | END | PAUSE | LEAVE | REVIEW
_QUESTION = re.compile(r"[？?]$")


class DrillDesk:
    name = "drill"
    together: re.Pattern[str] | None = _TOGETHER

    def __init__(self, rooms: DrillRooms) -> None:
        self._rooms = rooms

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if text in LIST | BEST | RESUME or any(p.match(text) for p in (_ALONE, _TOGETHER, _JOIN)):
            return True
        if not state or state.get("paused"):
            return False
        return (
            text in _UNDER_WAY or bool(_ROLE.match(text) or _NOTE.match(text)) or not _QUESTION.search(text)
        )

    def receive(self, visit: Visit) -> Reply:
        text, state = visit.said.text, dict(visit.state)
        if state.get("last", {}).get("id") == visit.said.message_id:
            return Reply(Message.model_validate(state["last"]["message"]), state)
        if opened := self._opened(text, visit):
            return opened
        running = self._rooms.find(str(state.get("code", "")))
        if running is None:
            return Reply(self._list())
        if text in RESUME:
            return self._shown(
                running, [TextBlock(text="接着来。"), *status(running)], {**state, "paused": False}, visit
            )
        if text in PAUSE:
            return Reply(
                say("演练先停在这儿，哪天说“继续演练”都接得上。", "notice"), {**state, "paused": True}
            )
        return self._moved(running, text, state, visit)

    def _opened(self, text: str, visit: Visit) -> Reply | None:
        if text in LIST:
            return Reply(self._list(), dict(visit.state) or None)
        if text in BEST:
            return Reply(self._best(visit), dict(visit.state) or None)
        if match := _JOIN.match(text):
            return self._join_room(match["code"], visit)
        match = _ALONE.match(text) or _TOGETHER.match(text)
        if match is None:
            return None
        drill = self._rooms.named(match["title"].strip())
        if drill is None:
            return Reply(self._list(f"没有叫“{match['title']}”的演练，有这些："))
        return self._begin(drill, visit, alone=text.startswith("演练"))

    def _begin(self, drill: Drill, visit: Visit, alone: bool) -> Reply:
        team = visit.person.team or visit.person.department if visit.person else ""
        running = self._rooms.open(drill, visit.learner, team, visit.at)
        blocks: list[Block] = [briefing(running, alone), *heard(running.drill, running.record)]
        return self._shown(running, blocks, {"code": running.room.code, "alone": alone}, visit)

    def _join_room(self, code: str, visit: Visit) -> Reply:
        running = self._rooms.find(code)
        if running is None or running.now.over:
            return Reply(say(f"没有正在进行的 {code} 号演练，核对一下四位数字。", "notice"))
        return self._shown(
            running, [briefing(running, False), *status(running)], {"code": code, "alone": False}, visit
        )

    def _moved(self, running: Running, text: str, state: dict[str, Any], visit: Visit) -> Reply:
        """Everything that is said while a drill is under way."""
        me, name, code = self._me(visit), _name(visit), running.room.code
        if running.now.over or text in REVIEW:
            return (
                Reply(review_message(running, self._rooms))
                if running.now.over
                else self._shown(running, status(running), state, visit)
            )
        if text in STATUS:
            return self._shown(running, status(running), state, visit)
        if match := _ROLE.match(text):
            return self._take_role(running, match["role"], state, visit)
        if text in LEAVE:
            running, _ = self._rooms.move(code, lambda d, r: leave(d, r, me, name, visit.at), visit.at)
            return Reply(
                say(f"{name}先走，空出来的角色我来顶。想回来就说“加入演练 {code}”。"),
                None if not visit.said.speaker else state,
            )
        if text in END:
            running, _ = self._rooms.move(code, lambda d, r: end(d, r, visit.at), visit.at)
            return Reply(review_message(running, self._rooms))
        if text in WAIT:
            running, new = self._rooms.move(code, lambda d, r: wait(d, r, me, name, visit.at), visit.at)
            return self._after(running, new, [TextBlock(text="又过了十分钟。", tone="notice")], state, visit)
        if match := _NOTE.match(text):
            running, _ = self._rooms.move(
                code, lambda d, r: note(d, r, me, name, match["text"], visit.at), visit.at
            )
            return self._shown(running, [TextBlock(text="记下了。", tone="notice")], state, visit)
        return self._decided(running, text, state, visit)

    def _take_role(self, running: Running, role: str, state: dict[str, Any], visit: Visit) -> Reply:
        me, name = self._me(visit), _name(visit)
        taken = running.now.players.get(role)
        if role not in {one.role for one in running.drill.roles}:
            there = "、".join(one.role for one in running.drill.roles)
            return self._shown(
                running, [TextBlock(text=f"这场没有{role}，有：{there}。", tone="notice")], state, visit
            )
        if taken and taken[0] != me:
            return self._shown(
                running, [TextBlock(text=f"{role}已经是{taken[1]}了，换一个。", tone="notice")], state, visit
            )
        running, _ = self._rooms.move(
            running.room.code, lambda d, r: join(d, r, me, name, role, visit.at), visit.at
        )
        brief = next(one for one in running.drill.roles if one.role == role)
        words = TextBlock(text=f"好，{name}是{role}。你知道的：{brief.knows}你能做的：{brief.may}")
        return self._shown(running, [words], state, visit)

    def _decided(self, running: Running, text: str, state: dict[str, Any], visit: Visit) -> Reply:
        me, name = self._me(visit), _name(visit)
        role = running.now.role_of(me)
        alone = bool(state.get("alone"))
        mine = open_decisions(running.drill, running.now, "" if alone or not role else role)
        meant = read(text, mine, open_decisions(running.drill, running.now))
        if meant.maybe:
            asked = ChoicesBlock(
                prompt="你说的是哪一样？",
                choices=[Choice(label=one.label, send=one.label) for one in meant.maybe[:5]],
            )
            return Reply(Message(blocks=[asked]), state)
        if meant.decision is None:
            return self._shown(
                running,
                [TextBlock(text="没听出是要做哪一件。换个说法，或者从下面选。", tone="notice")],
                state,
                visit,
            )
        owner = running.now.players.get(meant.decision.role)
        if not alone and role and meant.decision.role != role:
            whom = (
                f"{owner[1]}（{meant.decision.role}）"
                if owner
                else f"{meant.decision.role}（没人演，我来顶）"
            )
            return self._shown(
                running, [TextBlock(text=f"这一件是{whom}的事，请他来定。", tone="notice")], state, visit
            )
        chosen = meant.decision
        running, new = self._rooms.move(
            running.room.code, lambda d, r: decide(d, r, chosen.id, me, name, text, visit.at), visit.at
        )
        return self._after(running, new, [], state, visit)

    def _after(
        self, running: Running, new: list[Entry], blocks: list[Block], state: dict[str, Any], visit: Visit
    ) -> Reply:
        blocks = [*blocks, *heard(running.drill, new)]
        if running.now.over:
            return Reply(Message(blocks=[*blocks, *review_message(running, self._rooms).blocks]))
        return self._shown(running, blocks, state, visit)

    def _shown(self, running: Running, blocks: list[Block], state: dict[str, Any], visit: Visit) -> Reply:
        """With what can be decided now; kept, so that a message that comes again gets the same answer."""
        if running.now.over:
            return Reply(Message(blocks=[*blocks, *review_message(running, self._rooms).blocks]))
        role = "" if state.get("alone") else running.now.role_of(self._me(visit))
        message = Message(blocks=[*blocks, choices(running, role)])
        state["last"] = {"id": visit.said.message_id, "message": message.model_dump(mode="json")}
        return Reply(message, state)

    def _me(self, visit: Visit) -> str:
        """In a group everybody is somebody: by account, or by the name the group sees."""
        return (
            visit.learner
            if not visit.said.speaker or visit.said.account
            else f"{visit.learner}:{visit.said.speaker}"
        )

    def _list(
        self, prompt: str = "演哪一场？一个人演，别的角色我来；要一起演，在群里说“群演练：名字”。"
    ) -> Message:
        offered = [
            Choice(label=f"{one.title}", send=f"演练：{one.title}") for one in self._rooms.drills.values()
        ]
        if not offered:
            return say("还没有演练脚本。培训师在 knowledge/drills/ 里写一份就能演。", "notice")
        return Message(blocks=[ChoicesBlock(prompt=prompt, choices=offered)])

    def _best(self, visit: Visit) -> Message:
        ranked = self._rooms.best(visit.at)
        if not ranked:
            return say("最近九十天还没有班组做完演练。")
        lines = [
            f"{place}. {team}：平均 {score} 分，{count} 场"
            for place, (team, score, count) in enumerate(ranked[:5], 1)
        ]
        return Message(blocks=[TextBlock(text="最近九十天演练做得好的：\n" + "\n".join(lines))])


def _name(visit: Visit) -> str:
    return visit.said.speaker or (visit.person.name if visit.person else "我")
