"""Contests in chat: 竞赛 shows what is on, 加入竞赛 1234 joins one, 群竞赛：… plays one in a group chat.

In a group the order in which messages arrive is the order of the buzzer. Whoever answers takes part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.desks import contest_words as words
from bot.desks.contest_floor import ContestFloor, Live
from bot.desks.desk import Reply, Visit
from bot.errors import BadInput
from bot.learning.contests.moment import Command, Do, Outcome, question_of
from bot.learning.people.person import Person
from bot.messages import Block, Choice, ChoicesBlock, Message, TextBlock, say

SHOW = frozenset({"竞赛", "知识竞赛", "有什么竞赛", "有竞赛吗", "看竞赛", "开竞赛"})
_JOIN = re.compile(r"^(?:加入|参加|进入?)竞赛\s*[：:]?\s*(?P<code>\d{4})?$")
_GROUP = re.compile(r"^群竞赛(?:\s*[：:\s]\s*(?P<title>\S.{0,20}))?$")
_ANSWER = re.compile(r"^(?:抢\s*)?(?:[A-Fa-f](?:[\s,，、]*[A-Fa-f]){0,5}|对|错|不会|答\s*\S.{0,40})$")
_NEXT = frozenset({"下一题", "开始", "开始竞赛", "第一题", "继续竞赛"})
_SHOW_ANSWER = frozenset({"公布", "公布答案", "收题"})
_END = frozenset({"结束竞赛", "竞赛结束"})
_WHERE = frozenset({"题目", "看题", "现在到哪了", "第几题了"})
_RANKING = frozenset({"排名", "竞赛排名", "分数"})
_LEAVE = frozenset({"退出竞赛", "离开竞赛"})
_DURING = _NEXT | _SHOW_ANSWER | _END | _WHERE | _RANKING | _LEAVE | {"抢", "抢答"}


class ContestDesk:
    name = "contest"
    together: re.Pattern[str] | None = _GROUP

    def __init__(self, floor: ContestFloor) -> None:
        self._floor = floor

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if text in SHOW or _JOIN.match(text) or _GROUP.match(text):
            return True
        return bool(state) and (text in _DURING or bool(_ANSWER.match(text)))

    def receive(self, visit: Visit) -> Reply:
        text = visit.said.text.strip()
        try:
            if _JOIN.match(text) or _GROUP.match(text) or not visit.state:
                return self._opened(visit, text)
            live = self._floor.find(str(visit.state.get("contest", "")))
            if live is None or text in SHOW:
                return Reply(self._on_now(visit.person), dict(visit.state) if live else None)
            return self._during(visit, live, text)
        except BadInput as error:
            return Reply(say(f"{error.message}{error.remedy}", "notice"), dict(visit.state) or None)

    def _opened(self, visit: Visit, text: str) -> Reply:
        if match := _JOIN.match(text):
            return self._join(visit, match["code"] or "")
        if match := _GROUP.match(text):
            return self._group(visit, (match["title"] or "").strip())
        return Reply(self._on_now(visit.person))

    def _on_now(self, person: Person | None) -> Message:
        may_host = person is not None and person.may("trainer", "manager")
        contests = [one for one in self._floor.store.listed(over=False, limit=6) if not one.conversation]
        return words.on_now(contests, may_host, self._group_titles())

    def _group_titles(self) -> list[str]:
        short = sorted(self._floor.scripts.values(), key=lambda one: one.minutes)
        return [one.title for one in short if any(part.kind in ("required", "buzzer") for part in one.rounds)]

    # -- one person

    def _join(self, visit: Visit, code: str) -> Reply:
        live = self._floor.by_code(code) if code else None
        if live is None:
            return Reply(say("没有这个号码的竞赛。看看大屏或问主持人，再发：加入竞赛 号码。", "notice"))
        if visit.person is None and not live.plan.guests:
            return Reply(say("这一场要先知道您是谁。发“绑定”加绑定码，再加入。", "notice"))
        if live.plan.is_team or visit.person is None:
            message = words.joined(live, "请在答题页上选队、写称呼。")
            return Reply(message, {"contest": live.record.id})
        told = self._act(live, visit, "join", name=visit.person.name)
        return Reply(words.joined(live, told.words), {"contest": live.record.id} if told.ok else None)

    # -- a group

    def _group(self, visit: Visit, title: str) -> Reply:
        if visit.person is None or not visit.person.may("trainer", "manager"):
            return Reply(say("群竞赛由培训师或主管来开。您可以请他们在群里发“群竞赛”。", "notice"))
        running = self._floor.store.in_chat(visit.said.conversation)
        if running and (live := self._floor.find(running)):
            opening = words.group_opening(live) if live.state.phase == "lobby" else self._still_on(live)
            return Reply(opening, {"contest": running, "group": True})
        titles = self._group_titles()
        script = next((one.id for one in self._floor.scripts.values() if one.title == title), "")
        if not script:
            choices = [Choice(label=one, send=f"群竞赛：{one}") for one in titles[:5]]
            return Reply(Message(blocks=[ChoicesBlock(prompt="群里玩哪一场？", choices=choices)]))
        record = self._floor.open(script, visit.person.id, conversation=visit.said.conversation)
        live = self._floor.find(record.id)
        assert live is not None  # noqa: S101  it was opened a line above
        return Reply(words.group_opening(live), {"contest": record.id, "group": True})

    def _still_on(self, live: Live) -> Message:
        text = f"群里的{live.plan.title}还没结束。接着玩就发“下一题”，不玩了发“结束竞赛”。"
        choices = [Choice(label="下一题", send="下一题"), Choice(label="结束", send="结束竞赛")]
        return Message(blocks=[TextBlock(text=text, tone="notice"), ChoicesBlock(choices=choices)])

    # -- while it is on

    def _during(self, visit: Visit, live: Live, text: str) -> Reply:
        keep = None if live.state.is_over else dict(visit.state)
        if live.state.is_over:
            return Reply(Message(blocks=[TextBlock(text=words.standing(live))]), None)
        if text in _WHERE:
            return Reply(words.now(live, self._floor.grader), keep)
        if text in _RANKING:
            return Reply(say(words.standing(live)), keep)
        if text in _LEAVE and not visit.state.get("group"):
            return Reply(say(self._act(live, visit, "leave").words), None)
        if text in _NEXT | _SHOW_ANSWER | _END:
            return self._hosted(visit, live, text, keep)
        return Reply(self._played(visit, live, text), keep)

    def _hosted(self, visit: Visit, live: Live, text: str, keep: dict[str, Any] | None) -> Reply:
        if visit.person is None or not visit.person.may("trainer", "manager"):
            return Reply(say("这一步由主持人来。", "notice"), keep)
        if not visit.state.get("group"):
            return Reply(say("这一场在网页上主持，请到主持页上点。", "notice"), keep)
        before = live.state.seq
        if text in _END:
            self._act(live, visit, "end", host=True, key=f"{visit.said.message_id}:end")
        elif text in _SHOW_ANSWER or live.state.phase in ("collecting", "open"):
            told = self._act(live, visit, "close", host=True, key=f"{visit.said.message_id}:close")
            if not told.ok:
                return Reply(say("现在没有要公布的题，发“下一题”往下走。", "notice"), keep)
        else:
            self._go_on(visit, live)
        return Reply(self._happened(live, before), None if live.state.is_over else keep)

    def _go_on(self, visit: Visit, live: Live) -> None:
        """To the next question: past the opening and the beginnings of rounds. After the last one it is over."""
        key = visit.said.message_id
        if live.state.phase == "lobby":
            self._act(live, visit, "begin", host=True, key=f"{key}:begin")
        if live.state.phase == "answering":
            self._act(live, visit, "rule", host=True, key=f"{key}:rule", right=False)
            return
        self._act(live, visit, "next", host=True, key=f"{key}:next")
        if live.state.phase == "round":
            self._act(live, visit, "next", host=True, key=f"{key}:next-round")
        if live.state.phase == "finish":
            self._act(live, visit, "end", host=True, key=f"{key}:finish")

    def _played(self, visit: Visit, live: Live, text: str) -> Message:
        if visit.person is None and not live.plan.guests:
            return say(
                f"{visit.said.speaker or '您'}还没绑定，这一场要绑定了才能答。发“绑定”加绑定码。", "notice"
            )
        before = live.state.seq
        told = self._floor.act(live.record.id, self._plays(visit, live, text))
        answered = told[-1]
        who = f"{visit.said.speaker}，" if visit.said.speaker else ""
        if not answered.ok:
            refused = next((one for one in told if not one.ok), answered)
            return say(f"{who}{refused.words}", "notice")
        if answered.code == "taken":
            return say(f"{who}{answered.words}（{len(live.state.given)} 人答了）")
        if answered.code == "floor":
            return say(f"{who}{answered.words}")
        return self._happened(live, before)

    def _plays(self, visit: Visit, live: Live, text: str) -> list[Command]:
        """Who answers takes part; an answer while the floor is open presses first."""
        name = visit.said.speaker or (visit.person.name if visit.person else "")
        commands = []
        if visit.learner not in live.state.players or not live.state.players[visit.learner].present:
            commands.append(self._command(visit, "join", name=name, guest=visit.person is None))
        given = re.sub(r"^(?:抢答?|答)\s*", "", text)
        if live.state.phase in ("open", "reading") or not given:
            commands.append(self._command(visit, "buzz", question=live.state.question))
        if given:
            commands.append(self._command(visit, "answer", given=given, question=live.state.question))
        return commands

    def _happened(self, live: Live, before: int) -> Message:
        """What the last message led to, in words, with the question that is open now."""
        state, entries = live.state, live.since(before)
        one = question_of(live.plan, state.question)
        text = words.news(live, entries)
        blocks: list[Block] = [TextBlock(text=text)] if text else []
        if state.phase == "shown" and one:
            blocks.append(TextBlock(text=words.shown(one, self._floor.grader)))
            blocks.append(TextBlock(text=words.standing(live)))
            blocks.append(ChoicesBlock(choices=[Choice(label="下一题", send="下一题")]))
        elif state.is_over:
            blocks.append(TextBlock(text=words.standing(live)))
        elif one and any(entry.kind in ("asked", "opened") for entry in entries):
            blocks.append(words.question(live, one, live.plan.rounds[state.round]))
        return Message(
            blocks=blocks or [TextBlock(text="这一步已经做过了，发“题目”看现在到哪了。", tone="notice")]
        )

    def _act(self, live: Live, visit: Visit, do: Do, *, host: bool = False, **data: Any) -> Outcome:
        return self._floor.act(live.record.id, [self._command(visit, do, host=host, **data)])[0]

    def _command(self, visit: Visit, do: Do, *, host: bool = False, **data: Any) -> Command:
        return Command(do, visit.learner, visit.at, host, data)
