"""Questions in chat: 每日五题, 错题, 测验：<set>. One round at a time; a question in between is answered elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.quizzes import Item, QuizSet
from bot.desks.desk import Reply, Visit
from bot.desks.quiz_showing import Cite, ask_again, question, result, round_over
from bot.desks.records import Records
from bot.learning.clock import day_of
from bot.learning.events import Event
from bot.learning.people.person import Person
from bot.learning.quizzes.grading import Grade, ReplyJudge, grade, order_for, unknown
from bot.learning.quizzes.memory import Memory, rate, recall, review
from bot.learning.quizzes.picking import DAILY, pick_daily, streak
from bot.learning.quizzes.reading import DONT_KNOW, SKIP, STOP
from bot.messages import Block, Choice, ChoicesBlock, Message, TextBlock, say
from bot.stores.learning.quizzes import QuizStore, StoredAnswer, StoredMemory

Priorities = Callable[[str, Person | None, datetime], Mapping[str, float]]
"""How much each topic should be asked of a learner."""

DAILY_WORDS = frozenset({"每日五题", "今日五题", "每天五题", "来五题", "做题", "出题", "考考我"})
AGAIN_WORDS = frozenset({"再来五题", "接着来", "再来几题"})
WRONG_WORDS = frozenset({"错题", "昨天的错题", "错题本", "错题再来一遍", "我的错题"})
_SET = re.compile(r"^(?:测验|小测)[：:]\s*(?P<title>.{2,20})$")
SETS_WORDS = frozenset({"测验", "小测", "有哪些测验"})
WRONG_SINCE = timedelta(days=30)
LONGEST_WAIT_S = 900.0
"""Whoever went for lunch in the middle of a question did not think for an hour."""
_FREE = ("fill", "reply")
_QUESTION = re.compile(r".{8,}[？?]$|^(?:请问|问一下)")


class QuizDesk:
    name = "quiz"
    together: re.Pattern[str] | None = None

    def __init__(
        self,
        sets: Mapping[str, QuizSet],
        store: QuizStore,
        records: Records,
        judge: ReplyJudge,
        cite: Cite,
        priorities: Priorities,
        zone: ZoneInfo,
    ) -> None:
        self._sets, self._store, self._records = sets, store, records
        self._judge, self._cite, self._priorities, self._zone = judge, cite, priorities, zone
        self.items: dict[str, tuple[str, Item]] = {
            item.id: (one.topic, item) for one in sets.values() for item in one.items
        }
        self._titles = {one.title: one for one in sets.values()}

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if text in DAILY_WORDS | AGAIN_WORDS | WRONG_WORDS | SETS_WORDS or _SET.match(text):
            return True
        if not state:
            return False
        if text in DONT_KNOW | SKIP | STOP:
            return True
        found = self.items.get(str(state["items"][state["at"]]))
        if found is None:
            return False
        item = found[1]
        if item.kind == "reply":
            return True
        if item.kind == "fill":
            return not _QUESTION.search(text) and len(text) <= 40
        return len(text) <= 12 and not _QUESTION.search(text)

    def receive(self, visit: Visit) -> Reply:
        text = visit.said.text
        if not self.items:
            return Reply(say("题库里还没有题。管理员在 knowledge/quizzes/ 里写一组就能做。", "notice"))
        if visit.state and visit.state.get("last", {}).get("id") == visit.said.message_id:
            return Reply(Message.model_validate(visit.state["last"]["message"]), dict(visit.state))
        if opened := self._opened(text, visit):
            return opened
        if not visit.state:
            return self._daily(visit, fresh=False)
        if text in STOP:
            return Reply(say("好，先停。没做的下回再来，做过的都记下了。"))
        return self._answered(visit)

    def answers(self) -> Sequence[StoredAnswer]:
        """Everybody's, oldest first."""
        return self._store.answers()

    def ask_in(self, visit: Visit, title: str, items: Sequence[str], mode: str, set_id: str = "") -> Reply:
        """Begins a round of these items."""
        state: dict[str, Any] = {
            "mode": mode, "title": title, "set": set_id, "items": list(items), "at": 0, "right": 0, "answered": 0,
            "showing": visit.said.message_id, "shown_at": visit.at.isoformat(),
        }  # fmt: skip
        return self._with_question([], state, visit)

    def _opened(self, text: str, visit: Visit) -> Reply | None:
        if text in DAILY_WORDS:
            return self._daily(visit, fresh=False)
        if text in AGAIN_WORDS:
            return self._daily(visit, fresh=True)
        if text in WRONG_WORDS:
            return self._wrong(visit)
        if text in SETS_WORDS:
            return Reply(self._list())
        match = _SET.match(text)
        return self._set(visit, match["title"].strip()) if match else None

    def _daily(self, visit: Visit, fresh: bool) -> Reply:
        """`fresh` is another five on the same day."""
        today = day_of(visit.at, self._zone)
        if not fresh and today in self._store.days(visit.learner, today):
            choices = [Choice(label="再来五题", send="再来五题"), Choice(label="错题", send="错题")]
            return Reply(
                Message(blocks=[TextBlock(text="今天的五题做过了。"), ChoicesBlock(choices=choices)])
            )
        days = (today - visit.person.joined).days if visit.person else None
        seed = f"{visit.learner} {today} {visit.said.message_id if fresh else ''}"
        picked = pick_daily(
            self._store.due(visit.learner, visit.at, 4 * DAILY),
            self._store.seen(visit.learner),
            self.items,
            self._priorities(visit.learner, visit.person, visit.at),
            visit.person.post if visit.person else "",
            days,
            seed,
        )
        if not picked:
            return Reply(say("题库里的您都做过了，还没有到该复习的。想练嘴就说“开始练习”。"))
        return self.ask_in(visit, "再来五题" if fresh else "每日五题", picked, "daily")

    def _wrong(self, visit: Visit) -> Reply:
        wrong = [
            one
            for one in self._store.wrong(visit.learner, visit.at - WRONG_SINCE, 2 * DAILY)
            if one in self.items
        ]
        if not wrong:
            return Reply(say("最近没有错题。要做新的就说“每日五题”。"))
        return self.ask_in(visit, "错题", wrong[:DAILY], "wrong")

    def _set(self, visit: Visit, title: str) -> Reply:
        chosen = self._titles.get(title)
        if chosen is None:
            near = [one for one in self._titles if title in one or one in title][:5]
            choices = [Choice(label=one, send=f"测验：{one}") for one in near]
            blocks: list[Block] = [
                TextBlock(text=f"没有叫“{title}”的测验。说“测验”看有哪些。", tone="notice")
            ]
            return Reply(Message(blocks=[*blocks, *([ChoicesBlock(choices=choices)] if choices else [])]))
        return self.ask_in(visit, chosen.title, [item.id for item in chosen.items], "set", chosen.id)

    def _list(self) -> Message:
        choices = [
            Choice(label=f"{one.title}（{len(one.items)} 题）", send=f"测验：{one.title}")
            for one in self._sets.values()
        ]
        return Message(blocks=[ChoicesBlock(prompt="挑一组做：", choices=choices)])

    def _answered(self, visit: Visit) -> Reply:
        state, text = dict(visit.state), visit.said.text
        topic, item = self.items[state["items"][state["at"]]]
        order = order_for(item, visit.learner, f"{state['showing']}-{state['at']}")
        if text in SKIP:
            return self._next([TextBlock(text="这题先跳过。", tone="notice")], state, visit)
        graded = unknown(item) if text in DONT_KNOW else grade(item, text, order, self._judge)
        if graded is None:
            return Reply(say(ask_again(item), "notice"), state)
        self._keep(visit, state, topic, item, graded)
        state["right"] += graded.right
        state["answered"] += 1
        return self._next([result(item, graded, order, self._cite)], state, visit)

    def _keep(self, visit: Visit, state: Mapping[str, Any], topic: str, item: Item, graded: Grade) -> None:
        """Answer, memory and event, each once for a message."""
        key = f"{visit.said.conversation}:{visit.said.message_id}"[:150]
        stored = self._store.memory(visit.learner, item.id)
        before = Memory(**asdict(stored)) if stored else None
        seconds = _seconds(state, visit.at)
        after = review(before, rate(graded.score, graded.right, seconds, before is None), visit.at)
        predicted = recall(before, visit.at) if before else None
        answer = StoredAnswer(
            key,
            visit.learner,
            item.id,
            visit.at,
            graded.score,
            graded.right,
            graded.chosen,
            seconds,
            predicted,
        )
        self._store.keep_answer(answer, StoredMemory(**asdict(after)))
        details = {
            "correct": graded.right, "seconds": seconds, "predicted": predicted, "cards": list(item.cards),
            "mode": "set" if state["mode"] == "set" else "daily", "level": item.level,
        }  # fmt: skip
        value = 1.0 if graded.right else min(graded.score, 0.99)
        self._records.publish(
            Event(f"quiz:{key}", "quiz.answered", visit.learner, visit.at, topic, item.id, value, details)
        )

    def _next(self, blocks: list[Block], state: dict[str, Any], visit: Visit) -> Reply:
        state["at"] += 1
        if state["at"] < len(state["items"]):
            return self._with_question(blocks, {**state, "shown_at": visit.at.isoformat()}, visit)
        return Reply(Message(blocks=[*blocks, *self._over(state, visit)]))

    def _with_question(self, blocks: list[Block], state: dict[str, Any], visit: Visit) -> Reply:
        """Passes over items that the library has lost meanwhile."""
        while state["at"] < len(state["items"]) and state["items"][state["at"]] not in self.items:
            state["at"] += 1
        if state["at"] >= len(state["items"]):
            return Reply(Message(blocks=[*blocks, *self._over(state, visit)]))
        _, item = self.items[state["items"][state["at"]]]
        order = order_for(item, visit.learner, f"{state['showing']}-{state['at']}")
        title = f"{state['title']} {state['at'] + 1}/{len(state['items'])}"
        message = Message(blocks=[*blocks, question(item, order, title)])
        state["last"] = {"id": visit.said.message_id, "message": message.model_dump(mode="json")}
        return Reply(message, state)

    def _over(self, state: Mapping[str, Any], visit: Visit) -> list[Block]:
        today = day_of(visit.at, self._zone)
        is_daily = state["mode"] == "daily"
        if is_daily and state["answered"]:
            self._store.done_on(visit.learner, today)
        if state["mode"] == "set" and state["answered"] == len(state["items"]):
            key = f"quizset:{visit.said.conversation}:{visit.said.message_id}"[:160]
            topic = self._sets[state["set"]].topic if state["set"] in self._sets else ""
            share = state["right"] / len(state["items"])
            self._records.publish(
                Event(key, "quiz.finished", visit.learner, visit.at, topic, state["set"], share)
            )
        days = streak(self._store.days(visit.learner, today - timedelta(days=120)), today) if is_daily else 0
        due = self._store.count_due(visit.learner, visit.at)
        return round_over(state["title"], state["right"], state["answered"], days, due, is_daily)


def _seconds(state: Mapping[str, Any], at: datetime) -> float | None:
    """Since the question was shown; None where nobody can tell: after a long break, or when the clock went back."""
    took = (at - datetime.fromisoformat(state["shown_at"])).total_seconds()
    return took if 0 <= took <= LONGEST_WAIT_S else None
