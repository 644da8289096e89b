"""The hall in front of the desks: whose words these are, which desk wants them, and what is kept for next time."""

from __future__ import annotations

import hashlib
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
MENU_WORDS = frozenset({"菜单", "学习", "我的学习", "还能做什么", "都能做什么"})
_LOST = "这件事已经过去了。要接着做什么，从下面挑一个就行。"


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
            return "menu"
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
        name = self.desk_for(said.conversation, said.text)
        return self.menu(said) if name in (None, "menu") else self.at(str(name), said)

    def at(self, name: str, said: Incoming) -> Message:
        """A named desk answers, whatever the words: for what was recognised from free speech."""
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

    def menu(self, _said: Incoming) -> Message:
        """What there is to do beside asking and practising."""
        choices = [Choice(label=label, send=words) for label, words in MENU if self._knows(words)]
        return Message(blocks=[TextBlock(text="除了问和练，还能做这些："), ChoicesBlock(choices=choices)])

    def _knows(self, words: str) -> bool:
        return any(desk.wants(words, {}) for desk in self._desks.values())

    def _under_way(self, conversation: str) -> list[tuple[str, dict[str, Any]]]:
        return self._states.under_way(conversation, self._clock() - REMEMBERED)


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
