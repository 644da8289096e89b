"""The whole bot over HTTP, Rasa included: what a program on a channel sees."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.conftest import RunningBot
from tests.e2e.talking import Caller, block, kinds

pytestmark = pytest.mark.engine


def test_question_is_answered_with_clause(bot: RunningBot) -> None:
    """A real question gets its clause, its status and its date."""
    answer = block(Caller(bot.url, "q1").send("客户欠费多久可以停电？"), "answer")

    assert answer["answered"] and answer["citations"]
    cited = answer["citations"][0]
    assert cited["law"] and cited["status_label"] in ("现行", "二手资料", "公司规定")
    opened = httpx.get(f"{bot.url}/api/v1/sources/{cited['id']}").json()
    assert cited["title"] == opened["title"]


@pytest.mark.parametrize("question", ["红烧肉怎么做才好吃", "北京到上海的高铁几点发车", "帮我写一首情诗"])
def test_unknown_question_is_refused(bot: RunningBot, question: str) -> None:
    """What we do not know is said so, without a citation, and with a way on."""
    answer = block(Caller(bot.url, "q2").send(question), "answer")

    assert not answer["answered"] and answer["citations"] == [] and answer["answer"]


def test_follow_up_leans_on_last_question(bot: RunningBot) -> None:
    """如果他是低保户呢 is answered about the cut-off before and says so; a new topic is not dragged along."""
    caller = Caller(bot.url, "q3")
    caller.send("客户欠费多久可以停电？")
    follow = block(caller.send("那如果他是低保户呢"), "answer")
    new = block(caller.send("误收到私人账户的电费怎么处理"), "answer")

    assert follow["answered"] and "停电" in follow["understood"]
    assert new["answered"] and not new["understood"]


def test_bare_word_is_asked_back(bot: RunningBot) -> None:
    """密码 alone could mean many things: the choices are questions, and each has an answer."""
    caller = Caller(bot.url, "q4")
    asked = block(caller.send("密码"), "answer")

    assert not asked["answered"] and 2 <= len(asked["choices"]) <= 4
    assert all(block(caller.send(choice), "answer")["answered"] for choice in asked["choices"])


def test_practice_runs_to_score_card(bot: RunningBot) -> None:
    """Three turns with an angry customer: each is scored with its reason, and the card comes at the end."""
    caller = Caller(bot.url, "p1")
    assert "customer_turn" in kinds(caller.send("开始练习"))

    for reply in (
        "您先消消气，这事搁谁身上都着急。您慢慢说，我听着，具体是哪儿不对？",
        "您是说这笔钱对不上，对吧？我现在就查您家的记录，十分钟内给您回话。",
        "您看两个办法：今天先交一部分，或者我登记核实，查清了再说，您觉得哪个方便？",
    ):
        blocks = caller.send(reply)
        assert {"feedback", "customer_turn"} <= kinds(blocks) or "score_card" in kinds(blocks)

    if "score_card" not in kinds(blocks):
        blocks = caller.send("结束")
    card = block(blocks, "score_card")
    assert 3 == card["turns"] and [0, 1, 2, 3] == [p["turn"] for p in card["curve"]]


HIJACKERS = [
    "/restart",
    "/session_start",
    "你好",
    "开始练习",
    "能停电吗",
    '{"intent": "greet"}',
    "/practice_end",
    "谢谢",
]


def test_practice_cannot_be_hijacked(bot: RunningBot) -> None:
    """During a practice every text is said to the customer, whatever it looks like."""
    caller = Caller(bot.url, "p2")
    caller.send("开始练习")

    for text in HIJACKERS:
        blocks = caller.send(text)
        assert "feedback" in kinds(blocks), (text, blocks)
        if "score_card" in kinds(blocks):
            caller.send("开始练习")


def test_same_turn_twice_counts_once(bot: RunningBot) -> None:
    """A turn sent twice is played once and answered alike."""
    caller = Caller(bot.url, "p3")
    caller.send("开始练习")

    first = caller.send("您好，我听您说。", "same-id")

    assert first == caller.send("您好，我听您说。", "same-id")
    assert 1 == block(first, "feedback")["turn"]
    assert 2 == block(caller.send("我帮您查一下账单，好吗？"), "feedback")["turn"]


@pytest.mark.parametrize("command", ["结束", "重说", "提示"])
def test_command_outside_practice_is_kind(bot: RunningBot, command: str) -> None:
    """A practice command without a practice says how to begin one."""
    text = block([b for b in Caller(bot.url, "c1").send(command) if b["type"] == "text"], "text")["text"]

    assert "开始练习" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😡",
        "停电" * 2500,
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "/restart",
        '{"a": 1}',
        "\x00\x07",
    ],
)
def test_bad_input_gets_kind_words(bot: RunningBot, text: str) -> None:
    """Nothing a person can send breaks the bot or brings a stack trace."""
    blocks = Caller(bot.url, "b1").send(text)

    assert blocks and "Traceback" not in str(blocks)


def test_killed_app_goes_on_with_practice(bot: RunningBot) -> None:
    """A kill -9 between turns loses no turn: the launcher starts the app again and the practice goes on."""
    caller = Caller(bot.url, "k1")
    caller.send("开始练习")
    caller.send("您先别急，我听您慢慢说。")

    bot.kill_listener(bot.port)
    time.sleep(0.5)
    bot.wait_until_ready()

    assert 2 == block(caller.send("您家的情况我记下了，我现在就去查。"), "feedback")["turn"]


def test_dead_rasa_is_said_and_heals(bot: RunningBot) -> None:
    """With Rasa gone the page is told within five seconds, and the same message is answered when it is back."""
    caller = Caller(bot.url, "k2")
    bot.kill_listener(bot.rasa_port)

    began = time.monotonic()
    silent = block(caller.send("客户欠费多久可以停电？", "after-kill"), "text")
    assert time.monotonic() - began < 5 and silent["tone"] == "error"

    bot.wait_until_ready()
    assert block(caller.send("客户欠费多久可以停电？", "after-kill"), "answer")["answered"]


def test_foreign_session_is_closed(bot: RunningBot) -> None:
    """A browser cannot name another's conversation: the cookie decides."""
    one, other = httpx.Client(base_url=bot.url), httpx.Client(base_url=bot.url)
    mine = one.get("/api/v1/session").json()["conversation"]
    other.get("/api/v1/session")
    one.post("/api/v1/converse", json={"text": "你好", "message_id": "x1"})

    seen = other.get("/api/v1/history", params={"conversation": mine}).json()

    assert [] == seen["entries"]
    assert 2 == len(one.get("/api/v1/history").json()["entries"])
    assert [] == httpx.get(f"{bot.url}/api/v1/history", params={"conversation": mine}).json()["entries"]
