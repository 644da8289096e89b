"""Making a chat account a member of staff: 绑定, 我是谁, 解绑."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.desks.desk import Reply, Visit
from bot.desks.staff import Staff
from bot.learning.people.person import ROLE_NAMES, Person
from bot.messages import Choice, ChoicesBlock, Message, TextBlock, say
from bot.stores.learning.people import Account

_BIND = re.compile(r"^绑定\s*[：:]?\s*(?P<code>[A-Za-z0-9\- ]{0,20})$")
WHO, LEAVE, SURE = "我是谁", "解绑", "确定解绑"
MOST_TRIES = 5
WINDOW = timedelta(minutes=15)
_HOW = "请发“绑定”加八位绑定码，例如：绑定 K7M2-QXRT。没有码，请向管理员或师傅要一个，一个码只能用一次。"
_STOP = "试得太多了，请过一刻钟再来。码不对的话，请向管理员再要一个新的。"

Tried = Callable[[str, timedelta], int]
"""Counts a try of an account within the window, and says how many that makes."""


class BindingDesk:
    name = "binding"
    together: re.Pattern[str] | None = None

    def __init__(self, staff: Staff, tried: Tried) -> None:
        self._staff, self._tried = staff, tried

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        return bool(_BIND.match(text)) or text in (WHO, LEAVE, SURE)

    def receive(self, visit: Visit) -> Reply:
        text = visit.said.text
        if text == WHO:
            return Reply(_who(visit.person))
        if text == LEAVE:
            return Reply(_ask_to_leave(visit.person))
        if text == SURE:
            return Reply(self._leave(visit))
        return Reply(self._bind(visit))

    def _bind(self, visit: Visit) -> Message:
        match = _BIND.match(visit.said.text)
        if match is None or not match["code"].strip():
            return say(_HOW, "notice")
        account = account_of(visit)
        if self._tried(account.account, WINDOW) > MOST_TRIES:
            return say(_STOP, "notice")
        person = self._staff.spend(match["code"], account, visit.at)
        if person is None:
            return say(f"这个绑定码用不了：可能打错了、用过了，或者过了七天。{_HOW}", "notice")
        hello = TextBlock(text=f"绑好了，{person.name}（{_post(person)}）。以后学的、练的都记在您名下。")
        return Message(blocks=[hello, ChoicesBlock(choices=[Choice(label="看看我的课程", send="我的课程")])])

    def _leave(self, visit: Visit) -> Message:
        if visit.person is None:
            return _who(None)
        self._staff.unbind(account_of(visit).account)
        return say("解开了。以前学的都还在，再绑定就接上。")


def account_of(visit: Visit) -> Account:
    """The account a message came from. Of a chat platform it is `channel:person`, so that notices find the way back."""
    account = visit.said.account or visit.said.conversation
    channel, _, address = account.partition(":")
    return Account(account, channel, address) if address else Account(account, "web", "")


def _post(person: Person) -> str:
    role = "" if person.role == "staff" else f"，{ROLE_NAMES[person.role]}"
    return f"{person.department}{person.team and ' ' + person.team}，{person.post}{role}"


def _who(person: Person | None) -> Message:
    if person is None:
        return say(f"这个账号还没有绑定，问答、练习照用，课程和积分要绑定以后才记得下来。{_HOW}", "notice")
    return say(
        f"您是{person.name}，工号 {person.id}，{_post(person)}。不对的话请告诉管理员；要换账号，发“解绑”。"
    )


def _ask_to_leave(person: Person | None) -> Message:
    if person is None:
        return _who(None)
    ask = ChoicesBlock(
        prompt="解绑以后，这个账号学的不再记在您名下，提醒也收不到。",
        choices=[Choice(label="确定解绑", send=SURE), Choice(label="算了", send=WHO)],
    )
    return Message(blocks=[ask])
