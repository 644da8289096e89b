"""The 智能机器人 over HTTP: WeCom posts and polls as it does, encrypted by wechatpy, and every question gets its answer."""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from bot.channels.chat.inbound import Inbound
from bot.channels.chat.outbound import DeliveryFailed, Part, Picture, Words
from bot.channels.wecom.aibot import (
    GOES_ON,
    LATE,
    LATE_BEGINS,
    MOST_BYTES,
    STILL_WORKING,
    TOO_LONG,
    WELCOME,
    WORKING,
    stream_id,
)
from bot.channels.wecom.aibot_callback import AibotCourier, build_aibot_callback
from bot.channels.wecom.crypto import MessageCrypt
from bot.channels.wecom.streams import GONE, MemoryShelf
from tests.fakes.wecom_aibot import AibotPoster, event, message

RESPONSE_URL = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=code-secret-1"


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: Any, **named: Any) -> None:
        asyncio.run(test(*args, **named))

    return run


@dataclass
class ResponseUrl:
    """WeCom's end of the response_url: takes one message for each code, and says so with HTTP 200."""

    answers: deque[httpx.Response | Exception] = field(default_factory=deque)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.answers:
            answer = self.answers.popleft()
            if isinstance(answer, Exception):
                raise answer
            return answer
        body = json.loads(await request.aread())
        content = body["markdown"]["content"]
        if len(content.encode()) > MOST_BYTES:
            return httpx.Response(200, json={"errcode": 40058, "errmsg": "too long"})
        if str(request.url) in self.used:
            return httpx.Response(200, json={"errcode": 40096, "errmsg": "response_code used"})
        self.used.add(str(request.url))
        self.said.append(content)
        return httpx.Response(200, json={"errcode": 0, "errmsg": "ok"})


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, far: ResponseUrl) -> None:
        self.handle_async_request = far.handle_async_request  # type: ignore[method-assign]


@dataclass
class World:
    """WeCom on one side, our application on the other, and a clock set by hand."""

    wecom: AibotPoster
    far: ResponseUrl
    shelf: MemoryShelf
    clock: list[float]
    arrived: dict[str, Inbound] = field(default_factory=dict)
    failing: bool = False

    async def accept(self, inbound: Inbound) -> bool:
        await asyncio.sleep(0)
        if self.failing:
            raise OSError("数据库忙")
        return self.arrived.setdefault(inbound.key, inbound) is inbound

    async def pressed(self, card: str, key: str) -> str | None:
        return {("card1", "b1"): "开始练习"}.get((card, key))

    @property
    def courier(self) -> AibotCourier:
        return AibotCourier(self.shelf, transport=_Transport(self.far), now=lambda: self.clock[0])

    async def answer(self, key: str, *parts: Part) -> None:
        """From what the database kept, by a courier of another process."""
        await self.courier.deliver(json.loads(json.dumps(self.arrived[key].reply_to)), parts)

    async def ask(self, text: str = "欠费多久能停电", key: str = "m1", **more: Any) -> dict[str, Any]:
        """The stream WeCom is given for a question."""
        answer = await self.wecom.push(message(text, key, response_url=RESPONSE_URL + key, **more))
        assert answer is not None and answer["msgtype"] == "stream"
        stream: dict[str, Any] = answer["stream"]
        return stream


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    clock = [1_760_000_000.0]

    def now() -> float:
        return clock[0]

    app = FastAPI()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://anxun.test") as client:
        here = World(AibotPoster(client, now=now), ResponseUrl(), MemoryShelf(now), clock)
        crypt = MessageCrypt(here.wecom.token, here.wecom.key, "")
        app.include_router(build_aibot_callback(crypt, here.accept, here.shelf, here.pressed, now=now))
        yield here


@in_a_loop
async def test_address_check_is_answered() -> None:
    """The console's check gets the plain text back, and nothing around it."""
    async with world() as here:
        response = await here.wecom.check("1616140317555161061")

    assert (200, b"1616140317555161061") == (response.status_code, response.content)


@in_a_loop
async def test_published_vector_is_understood() -> None:
    """The message of vector D, encrypted long ago by another program, arrives."""
    encrypted = (
        "Q3stYC6hdFzMh9T8HCvyDIn7jLhbDAUrRWRsguZ8eAcjJMTICKwDxh91M0jlAnyTL64R7VuRb6bkVNBc5dWZJoJDMoO3oGoJc4Y+WI1Q8kBy"
        "FhzCWgjI7EQkMGvE/+Ds0f9M15H/PplRRdQnjCN+xdXAMpZZswOyGqavjOjPdo2ra0f4qCmqxzFtrbAu1iYXIhPrwbpEO/YP/ol+rli2Gg=="
    )
    query = {
        "msg_signature": "b96ff0f6b2f6cd7b8c1279274d026f64a7dd7eff",
        "timestamp": "1760000000",
        "nonce": "nonce123456",
    }
    async with world() as here:
        response = await here.wecom.client.post(here.wecom.path, params=query, json={"encrypt": encrypted})
        answer = here.wecom.opened(response)

    assert ("你好", "zhangsan") == (here.arrived["m1"].text, here.arrived["m1"].chat)
    assert answer is not None and WORKING == answer["stream"]["content"]


@in_a_loop
async def test_question_is_answered_by_polling() -> None:
    """The first words come with the first answer, then the whole text, and then it is finished, once and for all."""
    async with world() as here:
        first = await here.ask()
        polled = await here.wecom.poll(first["id"])
        here.clock[0] += 16
        later = await here.wecom.poll(first["id"])
        await here.answer("m1", Words("满三十天，**先通知**。", True), Words("依据：第39条"))
        done = [await here.wecom.poll(first["id"]) for _ in range(2)]

    assert (WORKING, False) == (first["content"], first["finish"])
    assert first == polled
    assert (STILL_WORKING, False) == (later["content"], later["finish"])
    assert [("满三十天，**先通知**。\n\n依据：第39条", True)] * 2 == [
        (d["content"], d["finish"]) for d in done
    ]
    assert [] == here.far.asked


@in_a_loop
async def test_repeated_message_keeps_its_stream() -> None:
    """Sent four times, at once or after its answer, a message is one question with one stream."""
    async with world() as here:
        streams = await asyncio.gather(*(here.ask() for _ in range(4)))
        await here.answer("m1", Words("三十天。"))
        again = await here.ask()

    assert {stream_id("m1")} == {stream["id"] for stream in [*streams, again]}
    assert ["m1"] == list(here.arrived)
    assert ("三十天。", True) == (again["content"], again["finish"])


@in_a_loop
async def test_unkept_message_is_sent_again() -> None:
    """While the database is away WeCom is told so and comes back; nothing is answered that was not kept."""
    async with world() as here:
        here.failing = True
        with capture_logs() as logs:
            refused = await here.wecom.post(message("客户老张骂我", "m1"))
        here.failing = False
        stream = await here.ask()

    assert 503 == refused.status_code
    assert ["wecom.aibot.not_kept"] == [line["event"] for line in logs]
    assert "老张" not in repr(logs)
    assert not stream["finish"]


@in_a_loop
async def test_late_answer_comes_by_the_response_url() -> None:
    """Before six minutes are over the stream ends with a kind word, and the answer comes as one message later."""
    async with world() as here:
        stream = await here.ask()
        here.clock[0] += 345
        open_still = await here.wecom.poll(stream["id"])
        here.clock[0] += 10
        ended = await here.wecom.poll(stream["id"])
        await here.answer("m1", Words("三十天。"), Picture(b"png", "曲线：先升后降"))

    assert not open_still["finish"]
    assert (LATE, True) == (ended["content"], ended["finish"])
    assert [f"{LATE_BEGINS}三十天。\n\n曲线：先升后降"] == here.far.said


@in_a_loop
async def test_repetition_does_not_move_the_end() -> None:
    """WeCom counts its six minutes from the first delivery, and so do we."""
    async with world() as here:
        await here.ask()
        here.clock[0] += 300
        await here.ask()
        here.clock[0] += 55
        ended = await here.wecom.poll(stream_id("m1"))

    assert (LATE, True) == (ended["content"], ended["finish"])


@pytest.mark.parametrize("seconds", [0, 100, 339.9, 340, 345, 349.9, 350, 400, 3599])
@in_a_loop
async def test_no_answer_falls_between(seconds: float) -> None:
    """Whenever the answer is there, it is seen exactly once: in the stream or after it."""
    async with world() as here:
        stream = await here.ask()
        here.clock[0] += seconds
        await here.answer("m1", Words("三十天。"))
        here.clock[0] += 1
        polled = await here.wecom.poll(stream["id"]) if seconds < 349 else {"content": LATE}
        seen = [text for text in [polled["content"], *here.far.said] if "三十天" in text]

    assert 1 == len(seen)


@in_a_loop
async def test_pictures_come_with_the_end() -> None:
    """Ten pictures go into the finished stream with their digests; of more the words arrive."""
    pngs = [b"\x89PNG" + bytes([n]) * 100 for n in range(12)]
    async with world() as here:
        stream = await here.ask()
        await here.answer("m1", Words("练完了。"), *(Picture(png, f"第{n}张") for n, png in enumerate(pngs)))
        done = await here.wecom.poll(stream["id"])

    images = [item["image"] for item in done["msg_item"]]
    assert pngs[:10] == [base64.b64decode(image["base64"]) for image in images]
    assert [hashlib.md5(png, usedforsecurity=False).hexdigest() for png in pngs[:10]] == [
        i["md5"] for i in images
    ]
    assert "练完了。\n\n第10张\n\n第11张" == done["content"]


@in_a_loop
async def test_long_answer_goes_on_in_a_message() -> None:
    """What a stream cannot hold follows by the response_url, cut at a sentence, and nothing is lost."""
    whole = "".join(f"第{n}条：欠费用户要先通知，再停电。" for n in range(700))
    async with world() as here:
        stream = await here.ask()
        await here.answer("m1", Words(whole, True))
        done = await here.wecom.poll(stream["id"])

    head = done["content"].removesuffix(GOES_ON)
    assert head != done["content"]
    assert head.endswith("。")
    assert whole == head + "".join(here.far.said)


@in_a_loop
async def test_endless_answer_says_that_it_goes_on() -> None:
    """What does not even fit into both is not cut off without a word."""
    async with world() as here:
        await here.ask()
        await here.answer("m1", Words("第一条：先通知，再停电。" * 2000))

    assert here.far.said[0].endswith(TOO_LONG)


@in_a_loop
async def test_long_answer_without_response_url_says_so() -> None:
    """Where there is no second way the stream itself says that there would be more."""
    async with world() as here:
        answer = await here.wecom.push(message("全部", "m1"))
        assert answer is not None
        await here.answer("m1", Words("第一条：先通知，再停电。" * 1000))
        done = await here.wecom.poll(answer["stream"]["id"])

    assert done["content"].endswith(TOO_LONG)


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (httpx.Response(200, json={"errcode": -1}), True),
        (httpx.Response(200, json={"errcode": 45009}), True),
        (httpx.Response(200, json={"errcode": 40096}), False),
        (httpx.Response(200, json=[]), False),
        (httpx.Response(200, text="<html>代理</html>"), False),
        (httpx.Response(502), True),
        (httpx.Response(429), True),
        (httpx.Response(404), False),
        (httpx.ConnectError("code-secret-1"), True),
        (httpx.ReadTimeout("code-secret-1"), True),
    ],
)
@in_a_loop
async def test_refused_response_is_told(answer: httpx.Response | Exception, again: bool) -> None:
    """HTTP 200 is not enough; what may help is said, and the secret of the address is not."""
    async with world() as here:
        await here.ask()
        here.clock[0] += 345
        here.far.answers.append(answer)
        with pytest.raises(DeliveryFailed) as failed:
            await here.answer("m1", Words("三十天。"))

    assert again == failed.value.again
    assert "code-secret-1" not in str(failed.value) + repr(failed.value.__cause__)


@in_a_loop
async def test_second_try_repeats_nothing() -> None:
    """When only the rest could not be sent, trying again sends the rest, however late it has become."""
    whole = "".join(f"第{n}条：欠费用户要先通知，再停电。" for n in range(700))
    async with world() as here:
        stream = await here.ask()
        here.far.answers.append(httpx.Response(502))
        with pytest.raises(DeliveryFailed):
            await here.answer("m1", Words(whole))
        here.clock[0] += 400
        await here.answer("m1", Words(whole))
        done = await here.wecom.poll(stream["id"])

    assert whole == done["content"].removesuffix(GOES_ON) + "".join(here.far.said)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://qyapi.weixin.qq.com/x",
        "https://evil.example.com/cgi-bin/aibot/response",
        "https://qyapi.weixin.qq.com.evil.example/",
        "https://qyapi.weixin.qq.com@evil.example/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
@in_a_loop
async def test_response_url_elsewhere_is_not_called(url: str) -> None:
    """An address in a message leads to WeCom or nowhere."""
    async with world() as here:
        await here.wecom.push(message("好", "m1", response_url=url))
        here.clock[0] += 345
        with pytest.raises(DeliveryFailed) as failed:
            await here.answer("m1", Words("三十天。"))

    assert not failed.value.again
    assert [] == here.far.asked


@in_a_loop
async def test_response_url_is_dead_after_an_hour() -> None:
    """After the hour nothing is tried any more."""
    async with world() as here:
        await here.ask()
        here.clock[0] += 3601
        with pytest.raises(DeliveryFailed) as failed:
            await here.answer("m1", Words("三十天。"))

    assert not failed.value.again
    assert [] == here.far.asked


@in_a_loop
async def test_unknown_stream_ends() -> None:
    """A stream nobody knows any more is ended with a word, so that WeCom stops asking."""
    async with world() as here:
        done = await here.wecom.poll(stream_id("没有问过"))

    assert (GONE, True) == (done["content"], done["finish"])


@in_a_loop
async def test_who_enters_is_welcomed() -> None:
    """The welcome is the answer itself, as WeCom wants it, and needs no database."""
    async with world() as here:
        here.failing = True
        answer = await here.wecom.push(event("enter_chat", "e1"))

    assert {"msgtype": "text", "text": {"content": WELCOME}} == answer


@in_a_loop
async def test_pressed_button_is_answered_by_the_response_url() -> None:
    """A button means its words; a card cannot be answered with a stream, so the answer is a message."""
    card = {"template_card_event": {"task_id": "card1", "event_key": "b1"}}
    async with world() as here:
        pressed = event("template_card_event", "m1", **card) | {"response_url": RESPONSE_URL}
        answer = await here.wecom.push(pressed)
        await here.answer("m1", Words("第一句怎么说？"))

    assert answer is None
    assert "开始练习" == here.arrived["m1"].text
    assert ["第一句怎么说？"] == here.far.said


@pytest.mark.parametrize(
    "body",
    [
        event("feedback_event", "e1", feedback_event={"id": "f", "type": 2, "content": "不准"}),
        event("将来的事件", "e1"),
        event("template_card_event", "e1", template_card_event={"task_id": "card9", "event_key": "b1"}),
    ],
)
@in_a_loop
async def test_other_events_are_let_pass(body: dict[str, Any]) -> None:
    """What needs no answer gets an empty one, and WeCom does not send it again."""
    async with world() as here:
        assert None is await here.wecom.push(body)

    assert {} == here.arrived


@pytest.mark.parametrize("kind", ["image", "file", "video", "将来的类型"])
@in_a_loop
async def test_media_is_handed_on(kind: str) -> None:
    """What we cannot see is declined like any question is answered: in its stream."""
    async with world() as here:
        stream = await here.ask("", msgtype=kind, **{kind: {"url": "https://x"}})

    assert "media" == here.arrived["m1"].event
    assert not stream["finish"]


# What is refused


@in_a_loop
async def refused(send: Callable[[World], Coroutine[Any, Any, httpx.Response]], status: int) -> None:
    async with world() as here:
        with capture_logs() as logs:
            response = await send(here)

        assert status == response.status_code
        assert b"" == response.content
        assert {} == here.arrived
        assert 1 == len(logs)
        for secret in (here.wecom.token, here.wecom.key, "停电"):
            assert secret not in repr(logs)


async def _posted(here: World, body: bytes, **query: str) -> httpx.Response:
    signed = here.wecom._signed("x") | query
    return await here.wecom.client.post(here.wecom.path, params=signed, content=body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"<xml><Encrypt>x</Encrypt></xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml/>',
        b"\xff\xfe",
        b"[" * 60_000,
    ],
)
def test_body_that_is_no_json_is_refused(body: bytes) -> None:
    """XML where JSON is due, nothing at all, or brackets without end: 400 and one line in the log."""
    refused(lambda here: _posted(here, body), 400)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"encrypt": null}', b'{"encrypt": 7}', b'{"encrypt": ""}', b'{"encrypt": "\\ud800"}']
)
def test_body_without_message_is_refused(body: bytes) -> None:
    """JSON that holds no message has no signature that fits."""
    refused(lambda here: _posted(here, body), 401)


def test_large_body_is_not_read() -> None:
    """Ten megabytes are refused after the first pieces."""
    pulled = []

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(160):
            pulled.append(1)
            yield b"a" * 65_536

    async def send(here: World) -> httpx.Response:
        return await here.wecom.client.post(here.wecom.path, content=pieces())

    refused(send, 413)

    assert 0 < len(pulled) < 10


def test_wrong_signature_is_refused() -> None:
    """A message somebody else signed, or nobody, does not come in."""
    refused(lambda here: _posted(here, b'{"encrypt": "%s"}' % here.wecom.encrypt("{}").encode()), 401)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_missing_query_is_refused(method: str) -> None:
    """A bare visit of the address is refused, by GET and by POST."""
    refused(lambda here: here.wecom.client.request(method, here.wecom.path, json={"encrypt": "x"}), 401)


async def _signed_post(here: World, encrypted: str) -> httpx.Response:
    query = here.wecom._signed(encrypted)
    return await here.wecom.client.post(here.wecom.path, params=query, json={"encrypt": encrypted})


@pytest.mark.parametrize(
    "encrypted", ["AAAA", "不是", "Q3stYC6hdFzMh9T8HCvyDIn7jLhbDAUrRWRsguZ8eAc=", "A" * 44 + "="]
)
def test_broken_encryption_is_refused(encrypted: str) -> None:
    """Signed, but cut off, padded wrongly or no base64: 400."""
    refused(lambda here: _signed_post(here, encrypted), 400)


def test_message_for_somebody_else_is_refused() -> None:
    """A 智能机器人 has an empty receiver id; a message to an app is not for it."""
    refused(lambda here: _signed_post(here, here.wecom.encrypt("{}", "wwcorp0001")), 400)


@pytest.mark.parametrize("seconds", [-601, 601, 86_400, -(10**9)])
def test_old_stamp_is_refused(seconds: int) -> None:
    """What was signed more than ten minutes ago, or will be, is a replay."""

    async def send(here: World) -> httpx.Response:
        here.wecom.now = lambda: here.clock[0] + seconds
        return await here.wecom.post(message("欠费多久能停电", "m1"))

    refused(send, 400)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "停电",
        "{}",
        json.dumps(message("停电", "")),
        '{"msgtype": "stream"}',
        '{"msgtype": "stream", "stream": {"id": "../x"}}',
    ],
)
def test_message_that_is_none_is_refused(text: str) -> None:
    """Encrypted and signed as it should be, and still no message: 400, and WeCom may say so to its people."""
    refused(lambda here: here.wecom.post(text), 400)


@in_a_loop
async def test_wrong_check_is_refused() -> None:
    """The console's check fails where the token differs, without a hint."""
    async with world() as here:
        here.wecom.token = "AnotherToken1"  # noqa: S105
        response = await here.wecom.check()

    assert (401, b"") == (response.status_code, response.content)


@in_a_loop
async def test_shelf_forgets_after_an_hour() -> None:
    """Memory does not grow with every question for ever."""
    async with world() as here:
        await here.ask()
        await here.answer("m1", Words("三十天。"))
        here.clock[0] += 3601
        await here.ask(key="m2")
        kept = len(here.shelf._held)

    assert 1 == kept
