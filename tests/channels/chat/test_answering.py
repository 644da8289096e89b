"""Whose conversation it is, and what was meant: groups, numbers, greetings, the way to the page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.channels.chat.answering import Answerer
from bot.channels.chat.dialects import WECOM_AIBOT, WECOM_APP
from bot.channels.chat.inbound import Inbound
from bot.channels.chat.links import Links
from bot.channels.chat.outbound import Words
from bot.channels.chat.people import read_staff
from bot.errors import BadInput
from bot.messages import CardBlock, Choice, ChoicesBlock, Message, PageLink, say
from bot.small_talk import SmallTalk
from bot.stores.database import open_database
from bot.stores.shared import SharedStore
from tests.learning.factory import floor, person


class Bot:
    """Notes what it is told; a group practises once somebody says 群练."""

    def __init__(self, shared: SharedStore, folder: Path) -> None:
        self.shared, self.small_talk = shared, SmallTalk()
        self.learning = floor(folder)
        self.told: list[tuple[str, str, str, str]] = []
        self.accounts: list[str] = []
        self.reply: Message | None = None
        self.together: set[str] = set()
        self.last: Message | None = None
        self.trouble: Exception | None = None

    async def converse(
        self, conversation: str, text: str, message_id: str, speaker: str = "", account: str = ""
    ) -> Message:
        if self.trouble:
            raise self.trouble
        self.told.append((conversation, text, message_id, speaker))
        self.accounts.append(account)
        if text == "群练":
            self.together.add(conversation)
        return self.reply or say("听到了。")

    def is_practising(self, conversation: str) -> bool:
        return conversation in self.together

    def last_message(self, _conversation: str) -> Message | None:
        return self.last


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return Bot(SharedStore(open_database(f"sqlite:///{tmp_path / 'a.db'}")), tmp_path)


@pytest.fixture
def answer(bot: Bot) -> Any:
    links = Links("s" * 40, "https://anxun.example.com", bot.shared)
    answerer = Answerer(bot, links, read_staff(None), lambda: 1_760_000_000.0)  # type: ignore[arg-type]

    def composed(text: str, dialect: Any = WECOM_AIBOT, **other: Any) -> str:
        fields = {
            "channel": "wecom-aibot",
            "key": f"k{len(bot.told)}",
            "chat": "群一",
            "person": "zhangsan",
            "name": "张三",
        }
        inbound = Inbound(**{**fields, "text": text, **other})
        parts = asyncio.run(answerer.compose(inbound, dialect))
        return "\n".join(part.text for part in parts if isinstance(part, Words))

    return composed


def test_in_a_group_everybody_has_their_own_talk(bot: Bot, answer: Any) -> None:
    """What one asks is no follow-up to what another asked."""
    answer("停电提前几天？", group=True)
    answer("那复电呢？", group=True, person="lisi", name="李四")

    assert 2 == len({conversation for conversation, *_ in bot.told})
    assert ["", ""] == [speaker for *_, speaker in bot.told]


def test_group_that_practises_together_shares_one_call(bot: Bot, answer: Any) -> None:
    """After 群练 everybody speaks to the same customer, under their own name."""
    answer("群练", group=True)
    answer("您别急。", group=True, person="lisi", name="李四")
    answer("我来说。", group=True, person="wangwu", name="")

    assert 1 == len({conversation for conversation, *_ in bot.told})
    assert ["张三", "李四"] == [speaker for *_, speaker in bot.told][:2]
    assert bot.told[2][3].startswith("同事")


def test_number_is_the_choice_of_that_number(bot: Bot, answer: Any) -> None:
    """Where choices were numbered, 2 means the second; any other number is what was said."""
    bot.last = Message(
        blocks=[
            ChoicesBlock(
                choices=[Choice(label="王姐", send="找王姐"), Choice(label="刘大爷", send="找刘大爷")]
            )
        ]
    )
    for text in ("2", " 1. ", "（2）", "7", "2026", "2个月没交"):
        answer(text)

    assert ["找刘大爷", "找王姐", "找刘大爷", "7", "2026", "2个月没交"] == [text for _, text, *_ in bot.told]


def test_same_delivery_has_the_same_message_id(bot: Bot, answer: Any) -> None:
    """A message answered again after a failure gets the stored answer, not a new turn."""
    answer("您别急。", key="7000000000000000001")
    answer("您别急。", key="7000000000000000001")

    assert bot.told[0] == bot.told[1]


def test_opening_the_app_is_greeted_once_a_day(answer: Any) -> None:
    """The first time a hello, the second time nothing."""
    opened = {"channel": "wecom", "event": "enter", "dialect": WECOM_APP}

    assert "我是安训" in answer("", **opened)
    assert "" == answer("", **opened)


def test_pictures_are_declined_kindly(bot: Bot, answer: Any) -> None:
    """With a way on, and without bothering the bot."""
    assert "打几个字" in answer("", event="media")
    assert bot.told == []


def test_way_to_the_page_is_given_alone_not_in_a_group(bot: Bot, answer: Any) -> None:
    """In a group others would go on with somebody's talk."""
    assert "https://anxun.example.com/continue/" in answer("网页")
    assert "/continue/" not in answer("网页", group=True)


@pytest.mark.parametrize(
    ("trouble", "said"), [(BadInput("太长了。", "拆成几段发。"), "拆成几段发"), (RuntimeError("数据库在/var/x"), "没有丢")]
)  # fmt: skip
def test_trouble_is_said_kindly(bot: Bot, answer: Any, trouble: Exception, said: str) -> None:
    """A remedy where there is one, and never what only a programmer wants to read."""
    bot.trouble = trouble
    told = answer("停电提前几天？")

    assert said in told and "/var/x" not in told


def test_account_is_the_person_not_the_chat(bot: Bot, answer: Any) -> None:
    """In a group as alone, on the app as with the robot, it is the same account."""
    answer("每日五题", group=True)
    answer("每日五题", chat="zhangsan", channel="wecom")

    assert ["wecom:zhangsan"] * 2 == bot.accounts


def test_named_account_needs_no_code(bot: Bot, tmp_path: Path) -> None:
    """Whom the firm's own list names is bound by their first message."""
    listed = tmp_path / "staff.csv"
    listed.write_text("channel,person,staff,name\nwecom,zhangsan,1001,周敏\n", encoding="utf-8")
    bot.learning.staff.save([person()])
    links = Links("s" * 40, "https://anxun.example.com", bot.shared)
    answerer = Answerer(bot, links, read_staff(listed), lambda: 1_760_000_000.0)  # type: ignore[arg-type]
    asyncio.run(answerer.compose(Inbound("wecom", "k1", "zhangsan", "zhangsan", "你好"), WECOM_APP))

    bound = bot.learning.staff.person_of("wecom:zhangsan")
    assert bound is not None and "1001" == bound.id


def test_group_sees_no_personal_link(bot: Bot, answer: Any) -> None:
    """A one-time link in a group would make the first who taps it somebody else."""
    link = PageLink(label="我的证书", path="/learn", personal=True)
    bot.reply = Message(blocks=[CardBlock(title="课程", link=link)])

    assert "/continue/" in answer("我的课程") and "to=%2Flearn" in answer("我的课程")
    assert "/continue/" not in answer("我的课程", group=True)
