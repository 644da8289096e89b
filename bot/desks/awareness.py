"""Small things that keep people alert: 今日标语, 今日案例, 放松一下, 压力自测, 出发前查一查."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.awareness import Checklist, Slogan, SloganSet
from bot.content.models import TOPIC_NAMES, CaseStudy
from bot.desks.desk import Reply, Visit
from bot.desks.records import Records
from bot.learning.awareness.breathing import BREATHING, LIMITS, QUESTIONS, URGENT, advice
from bot.learning.awareness.today import of_the_day
from bot.learning.clock import day_of
from bot.learning.events import Event
from bot.learning.people.person import Person
from bot.learning.quizzes.reading import read_truth
from bot.messages import Block, CardBlock, Choice, ChoicesBlock, Message, PageLink, TextBlock, say

SLOGAN = frozenset({"今日标语", "标语", "安全标语", "今天的标语"})
CASE = frozenset({"今日案例", "案例", "今天的案例"})
QUIET = frozenset({"放松一下", "深呼吸", "歇一口气", "缓一缓"})
STRESS = frozenset({"压力自测", "测压力"})
SPEECH = frozenset({"演讲", "安全演讲", "演讲比赛", "演讲稿"})
LOOK = frozenset({"出发前查一查", "查一查", "出门前查一查"})
_CASE = re.compile(r"^案例[：:]\s*(?P<title>.{2,40})$")
_LOOK = re.compile(r"^(?:出发前)?查一查[：:]\s*(?P<title>.{2,10})$")
ALL_GOOD = frozenset({"都好", "都有", "全好", "没问题", "都查了", "都看过了"})
_STOP = frozenset({"停", "算了", "不做了", "结束"})
_NUMBERS = re.compile(r"^[\d\s,，、.]+$")


class AwarenessDesk:
    name = "awareness"
    together: re.Pattern[str] | None = None

    def __init__(
        self,
        slogans: Mapping[str, SloganSet],
        cases: Mapping[str, CaseStudy],
        checklists: Mapping[str, Checklist],
        records: Records,
        zone: ZoneInfo,
        weakest: Callable[[str, Person | None, datetime], str] = lambda *_: "",
    ) -> None:
        """`weakest` names the topic somebody most needs, "" where nothing of them is known yet."""
        self.slogans: list[tuple[str, Slogan]] = [
            (one.topic, each) for one in slogans.values() for each in one.slogans
        ]
        self.cases, self._checklists = cases, checklists
        self._records, self._zone, self._weakest = records, zone, weakest

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if text in SLOGAN | CASE | QUIET | STRESS | LOOK | SPEECH or _CASE.match(text) or _LOOK.match(text):
            return True
        if "look" in state:
            return text in ALL_GOOD | _STOP or bool(_NUMBERS.match(text))
        return "asked" in state and (text in _STOP or read_truth(text) is not None or text in ("有", "没有"))

    def receive(self, visit: Visit) -> Reply:
        text = visit.said.text
        if text in SLOGAN:
            return Reply(self._slogan(visit))
        if text in QUIET:
            return Reply(_breathing())
        if text in SPEECH:
            return Reply(_speech())
        if text in STRESS:
            return Reply(_stress_question(0, first=True), {"asked": 0, "yes": 0})
        if text in LOOK or (match := _LOOK.match(text)):
            return self._look("" if text in LOOK else match["title"])  # type: ignore[index]
        if text in CASE or _CASE.match(text):
            return Reply(self._case(visit))
        if "look" in visit.state:
            return Reply(self._looked(visit))
        if "asked" in visit.state:
            return self._stress(visit)
        return Reply(self._offer())

    def team(self, visit: Visit) -> str:
        return visit.person.team or visit.person.department if visit.person else ""

    def _slogan(self, visit: Visit) -> Message:
        weak = self._weakest(visit.learner, visit.person, visit.at)
        fitting = [one for one in self.slogans if one[0] == weak]
        found = of_the_day(fitting or self.slogans, day_of(visit.at, self._zone), self.team(visit))
        if found is None:
            return say("还没有标语。在 knowledge/slogans/ 里写几条就有。", "notice")
        topic, slogan = found
        number = self.slogans.index(found)
        card = CardBlock(
            title=slogan.text, status=TOPIC_NAMES[topic], lines=[slogan.why, *(["挑这一条，因为这一块是您眼下最要补的。"] if fitting else [])], picture=f"/posters/{number}.svg?size=phone",
            picture_alt=f"海报：{slogan.text}", link=PageLink(label="海报，可以打印", path="/posters"),
        )  # fmt: skip
        return Message(blocks=[card])

    def _case(self, visit: Visit) -> Message:
        match = _CASE.match(visit.said.text)
        day = day_of(visit.at, self._zone)
        found = (
            next(
                (
                    one
                    for one in self.cases.values()
                    if one.title == match["title"] or match["title"] in one.title
                ),
                None,
            )
            if match
            else of_the_day(list(self.cases.values()), day, self.team(visit))
        )
        if found is None:
            return say("没有这个案例。说“今日案例”看今天这一个。", "notice")
        self._records.publish(
            Event(
                f"case:{visit.learner}:{found.id}:{day}",
                "case.read",
                visit.learner,
                visit.at,
                found.topic,
                found.id,
                1.0,
            )
        )
        story = "\n".join(f"{one.when}：{one.what}" for one in found.timeline)
        card = CardBlock(
            title=found.title, status=TOPIC_NAMES[found.topic], lines=[story, f"根子：{found.root_cause}", f"当时可以：{found.should_have}"],
            link=PageLink(label="案例长廊", path=f"/gallery/{found.id}"),
        )  # fmt: skip
        talk = TextBlock(text="班会上聊聊：\n" + "\n".join(f"· {one}" for one in found.discussion))
        return Message(blocks=[card, talk])

    def _look(self, title: str) -> Reply:
        found = next((one for one in self._checklists.values() if title and title in one.title), None)
        if found is None:
            choices = [
                Choice(label=one.title, send=f"查一查：{one.title}") for one in self._checklists.values()
            ]
            return Reply(Message(blocks=[ChoicesBlock(prompt="这趟去做什么？", choices=choices)]))
        looks = "\n".join(f"{n}. {one.ask}" for n, one in enumerate(found.looks, 1))
        blocks: list[Block] = [
            TextBlock(text=f"{found.title}，三十秒看一圈：\n{looks}"),
            ChoicesBlock(
                prompt="都好就说“都好”，哪条没有就回它的数字，如 2 5。",
                choices=[Choice(label="都好", send="都好")],
            ),
        ]
        return Reply(Message(blocks=blocks), {"look": found.id})

    def _looked(self, visit: Visit) -> Message:
        found = self._checklists.get(str(visit.state["look"]))
        if found is None or visit.said.text in _STOP:
            return say("好，路上当心。")
        numbers = {int(one) for one in re.findall(r"\d", visit.said.text)}
        missing = [one for n, one in enumerate(found.looks, 1) if n in numbers]
        key = f"checklist:{visit.said.conversation}:{visit.said.message_id}"[:160]
        share = 1 - len(missing) / len(found.looks)
        self._records.publish(
            Event(key, "checklist.done", visit.learner, visit.at, found.topic, found.id, share)
        )
        if not missing:
            return say(found.go)
        lines = [f"· {one.ask}（多半是{one.trap}）：{one.if_not}" for one in missing]
        return Message(
            blocks=[
                TextBlock(text="先把这几样补上再走：\n" + "\n".join(lines)),
                TextBlock(text=found.go, tone="notice"),
            ]
        )

    def _stress(self, visit: Visit) -> Reply:
        """Nothing of it outlives the conversation's half day: neither answers nor result become an event's details."""
        text, asked = visit.said.text, int(visit.state["asked"]) + 1
        if text in _STOP:
            return Reply(say("好，不问了。想说话的时候随时来。"))
        yes = int(visit.state["yes"]) + (text == "有" or read_truth(text) is True)
        if asked < len(QUESTIONS):
            return Reply(_stress_question(asked, first=False), {"asked": asked, "yes": yes})
        key = f"selfcheck:{visit.said.conversation}:{visit.said.message_id}"[:160]
        self._records.publish(Event(key, "selfcheck.done", visit.learner, visit.at))
        blocks: list[Block] = [
            TextBlock(text=f"{len(QUESTIONS)} 条里有 {yes} 条是。{advice(yes)}"),
            TextBlock(text=URGENT, tone="notice"),
            ChoicesBlock(
                choices=[
                    Choice(label="缓一口气", send="放松一下"),
                    Choice(label="练一句最怕的", send="开始练习"),
                ]
            ),
        ]
        return Reply(Message(blocks=blocks))

    def _offer(self) -> Message:
        choices = [
            Choice(label=words, send=words)
            for words in ("今日标语", "今日案例", "出发前查一查", "放松一下", "压力自测")
        ]
        return Message(blocks=[ChoicesBlock(prompt="想来点什么？", choices=choices)])


def _speech() -> Message:
    lines = ["挑个案例，给您搭好提纲；试讲有表掐时间，比赛时同事在手机上打分。"]
    link = PageLink(label="打开演讲那一页", path="/speech")
    return Message(blocks=[CardBlock(title="安全演讲", status="", lines=lines, link=link)])


def _breathing() -> Message:
    steps = "\n".join(f"{n}. {one}" for n, one in enumerate(BREATHING, 1))
    return Message(blocks=[TextBlock(text=steps)])


def _stress_question(number: int, first: bool) -> Message:
    blocks: list[Block] = [TextBlock(text=LIMITS, tone="notice")] if first else []
    ask = ChoicesBlock(
        prompt=f"{number + 1}/{len(QUESTIONS)} {QUESTIONS[number]}",
        choices=[
            Choice(label="是", send="是"),
            Choice(label="不是", send="不是"),
            Choice(label="不做了", send="不做了"),
        ],
    )
    return Message(blocks=[*blocks, ask])
