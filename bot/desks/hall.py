"""The hall in front of the desks: whose words these are, which desk wants them, and what is kept for next time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.desks.desk import Desk, Visit
from bot.desks.staff import Staff
from bot.learning.clock import Clock
from bot.messages import Choice, ChoicesBlock, Incoming, Message, TextBlock
from bot.stores.learning.desks import DeskStateStore

REMEMBERED = timedelta(hours=12)
"""A quiz left in the morning is no longer under way the next day."""
MENU_DESK = "menu"
MENU_WORDS = frozenset({"菜单", "学习", "我的学习", "还能做什么", "都能做什么"})


class Hall:
    def __init__(self, desks: Sequence[Desk], states: DeskStateStore, staff: Staff, clock: Clock) -> None:
        self._desks = {desk.name: desk for desk in desks}
        self._states, self._staff, self._clock = states, staff, clock

    def desk_for(self, conversation: str, text: str) -> str | None:
        """The desk these words belong to: first those with something under way, the last one used before the others."""
        for name, state in self._under_way(conversation):
            if name in self._desks and self._desks[name].wants(text, state):
                return name
        if text in MENU_WORDS:
            return MENU_DESK
        return next((name for name, desk in self._desks.items() if desk.wants(text, {})), None)

    def opens_together(self, text: str) -> bool:
        """Whether these words begin something for a whole group chat."""
        return any(desk.together and desk.together.match(text) for desk in self._desks.values())

    def is_shared(self, conversation: str) -> bool:
        """Whether a group chat has something under way together."""
        return any(
            name in self._desks and self._desks[name].together for name, _ in self._under_way(conversation)
        )

    def receive(self, said: Incoming) -> Message:
        """The words' own desk answers; raises nothing that a desk does not raise."""
        return self.at(self.desk_for(said.conversation, said.text) or MENU_DESK, said)

    def at(self, name: str, said: Incoming) -> Message:
        """A named desk answers, whatever the words: for what was recognised from free speech. An unknown one is the menu."""
        if name not in self._desks:
            return self.menu(said)
        state: Mapping[str, Any] = next(
            (state for desk, state in self._under_way(said.conversation) if desk == name), {}
        )
        person = self._staff.person_of(said.account or said.conversation)
        learner = person.id if person else guest(said.account or said.conversation)
        now = self._clock()
        reply = self._desks[name].receive(Visit(said, learner, person, now, state))
        if reply.state is not None or state:
            self._states.keep(said.conversation, name, reply.state, now)
        return reply.message

    def invited(self, name: str, text: str) -> bool:
        """Whether words that were recognised as an invitation to a desk also name it, in few words."""
        return len(text) <= LONGEST_INVITATION and bool(re.search(INVITING.get(name, "^$"), text))

    def menu(self, _said: Incoming) -> Message:
        """What there is to do beside asking and practising."""
        choices = [Choice(label=label, send=words) for label, words in MENU if self._knows(words)]
        return Message(blocks=[TextBlock(text="除了问和练，还能做这些："), ChoicesBlock(choices=choices)])

    def _knows(self, words: str) -> bool:
        return any(desk.wants(words, {}) for desk in self._desks.values())

    def _under_way(self, conversation: str) -> list[tuple[str, dict[str, Any]]]:
        return self._states.under_way(conversation, self._clock() - REMEMBERED)


INVITING: Mapping[str, str] = {
    "quiz": "题|测验|测试|测一测|考考",
    "hazard": "隐患|危险|报一下|不安全",
    "curricula": "课|培训|证书|徒弟",
    "points": "积分|第几|排行|排名|奖励|扣我的分|多少分",
    "contest": "竞赛|比赛|抢答",
    "drill": "演练|推演|突发事件",
    "rotation": "轮岗",
    "awareness": "标语|案例|长廊|放松|呼吸|缓一缓|压力|游戏|查一查|清单|查什么|演讲|海报",
    "loop": "学|补|弱|推荐|练什么|练点|提高",
    MENU_DESK: "菜单|功能|还能|能做什么|干什么|干点什么|栏目|学习系统",
}
"""What free speech must name for a desk to open: recognition alone takes one question of knowledge in forty for an
invitation, and a question that is not answered costs more than a desk that is not opened."""
LONGEST_INVITATION = 18

MENU = (
    ("每日五题", "每日五题"),
    ("今天学什么", "学什么"),
    ("我的课程", "我的课程"),
    ("报隐患", "报隐患"),
    ("出发前查一查", "出发前查一查"),
    ("演练", "演练"),
    ("竞赛", "竞赛"),
    ("我的积分", "我的积分"),
    ("今日标语", "今日标语"),
    ("今日案例", "今日案例"),
    ("歇一口气", "放松一下"),
)


def guest(account: str) -> str:
    """The learner's name of an account nobody has bound; a digest, as conversations are keys to themselves."""
    return f"guest-{hashlib.sha256(account.encode()).hexdigest()[:24]}"
