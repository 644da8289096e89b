"""The door every message passes: masked, remembered, answered once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from bot.conversing import Converser
from bot.engine import FORGET_EVERY, RasaEngine
from bot.errors import BadInput
from bot.messages import say
from bot.stores.conversations import ConversationStore
from bot.stores.database import open_database
from bot.stores.practices import PracticeStore
from tests.learning.factory import floor


class FakeRasa:
    """Answers with how often it was asked, and keeps what it was sent; `down` makes it refuse."""

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []
        self.down = False
        self.forgotten = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        import json

        if self.down:
            raise httpx.ConnectError("refused", request=request)
        if request.method == "PUT":
            self.forgotten += 1
            return httpx.Response(200, json={})
        self.sent.append(json.loads(request.content))
        return httpx.Response(200, json=[{"custom": say(f"第 {len(self.sent)} 答").model_dump()}])


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
def door(tmp_path: Path, rasa: FakeRasa) -> Converser:
    sessions = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    client = httpx.AsyncClient(transport=httpx.MockTransport(rasa), base_url="http://rasa")
    hall = floor(tmp_path).hall
    return Converser(
        RasaEngine(client), ConversationStore(sessions), PracticeStore(sessions), frozenset({"王姐"}), hall
    )


def say_to(door: Converser, text: str, message_id: str = "m1") -> str:
    return str(asyncio.run(door.converse("c1", text, message_id)).blocks[0].text)  # type: ignore[union-attr]


def test_same_message_is_answered_once(door: Converser, rasa: FakeRasa) -> None:
    """Repeating a message id returns the stored answer without asking again."""
    assert say_to(door, "能停电吗") == say_to(door, "能停电吗")
    assert 1 == len(rasa.sent)


def test_personal_data_never_passes(door: Converser, rasa: FakeRasa) -> None:
    """A phone and an ID number are masked before Rasa, the store, or anyone else sees them."""
    say_to(door, "客户电话13812345678，身份证11010519491231002X")

    assert "13812345678" not in str(rasa.sent) and "11010519491231002X" not in str(rasa.sent)
    stored = door._conversations.history("c1")[0].text
    assert "13812345678" not in stored and "11010519491231002X" not in stored


@pytest.mark.parametrize("text", ["", "   ", "😡😡", "？？！", "\u200b"])
def test_wordless_message_is_kindly_answered(door: Converser, rasa: FakeRasa, text: str) -> None:
    """Nothing to read is said so, and Rasa is not bothered."""
    assert "没看到文字" in say_to(door, text)
    assert [] == rasa.sent


def test_too_long_message_is_kindly_answered(door: Converser, rasa: FakeRasa) -> None:
    """Five thousand characters get the limit and a way on, and are kept."""
    assert "拆成几段" in say_to(door, "停电" * 2500)
    assert [] == rasa.sent
    assert 5000 == len(door._conversations.history("c1")[0].text)


def test_dead_engine_loses_nothing(door: Converser, rasa: FakeRasa) -> None:
    """When Rasa is down the words are kept, and the same message is answered once it is back."""
    rasa.down = True
    assert "没有回应" in say_to(door, "能停电吗")

    rasa.down = False
    assert "第 1 答" == say_to(door, "能停电吗")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("结束", "/practice_end"),
        ("重说。", "/practice_retry"),
        ("提示", "/practice_hint"),
        ("和王姐练习", "/practice_start_with"),
        ("我是谁", "/learn"),
        ("回声", "/learn"),
    ],
)
def test_commands_skip_recognition(door: Converser, rasa: FakeRasa, text: str, message: str) -> None:
    """The few commands are recognised by exact match before Rasa."""
    say_to(door, text)

    assert message == rasa.sent[0]["message"]


@pytest.mark.parametrize(
    "text", ["你好", "/restart", "开始练习", "能停电吗", '{"intent":"greet"}', "我要结束你的服务"]
)
def test_active_practice_owns_every_message(door: Converser, rasa: FakeRasa, text: str) -> None:
    """While a practice is active, no text can be taken for anything else."""
    door._practices.start("c1", "p03", None, {})

    say_to(door, text)

    assert "/practice_turn" == rasa.sent[0]["message"]


def test_tracker_is_emptied_as_it_grows(door: Converser, rasa: FakeRasa) -> None:
    """A long conversation costs no more a turn: the tracker is emptied now and then."""

    async def talk() -> None:
        for n in range(2 * FORGET_EVERY + 1):
            await door.converse("c1", "能停电吗", f"m{n}")
        await asyncio.gather(*door._tidying)

    asyncio.run(talk())

    assert 2 == rasa.forgotten


def test_nameless_message_is_refused(door: Converser) -> None:
    """A message without an id could not be answered once, so it is refused with the reason."""
    with pytest.raises(BadInput):
        asyncio.run(door.converse("c1", "能停电吗", ""))
