"""DingTalk's Stream gateway on the loopback: hands out tickets, pushes frames, records acknowledgements, fails on demand.

It behaves as the protocol page of DingTalk's developerpedia says; test_stream.py proves it with the official SDK first.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.fakes.wire import abort

_quiet = logging.getLogger("tests.fakes.dingtalk")
_quiet.setLevel(logging.CRITICAL)  # a test of what our side logs must not read the far side's log

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"

Answer = Literal[
    "ok", "400", "401", "403", "429", "500", "hang", "garbage", "list", "reset", "stale", "plain"
]
"""What /connections/open does: `stale` is a ticket that has expired, `plain` an address that is no WebSocket."""


@dataclass(eq=False)
class Link:
    """One connected client, oldest first by `number`. A silent one gets no more pushes."""

    number: int
    socket: ServerConnection
    silent: bool = False
    deaf: bool = False

    @property
    def open(self) -> bool:
        return self.socket.state.name == "OPEN" and not self.deaf


Greeting = Callable[[Link], Awaitable[None]]


def close_with(code: int) -> Greeting:
    """The gateway ends the connection with this close code."""

    async def greet(link: Link) -> None:
        await link.socket.close(code)

    return greet


async def reset(link: Link) -> None:
    """TCP reset: no close frame, no FIN."""
    abort(link.socket)


async def go_deaf(link: Link) -> None:
    """TCP stays open, nothing is read and nothing answered any more, not even a ping of the WebSocket."""
    link.deaf = True
    link.socket.transport.pause_reading()


@dataclass
class DingtalkGateway:
    """An async context manager; everything runs in the loop that enters it.

    `opening` and `greeting` are used up one by one, then `always_opening` and `always_greeting` apply.
    """

    app_key: str = "dingtestkey"
    app_secret: str = "appSecret-无人知晓".encode().hex()
    now: Callable[[], float] = time.monotonic
    ticket_s: float = 90.0
    silence_s: float = 10.0
    resend_s: float = 60.0
    opening: deque[Answer] = field(default_factory=deque)
    always_opening: Answer = "ok"
    greeting: deque[Greeting | None] = field(default_factory=deque)
    always_greeting: Greeting | None = None
    opened: list[dict[str, Any]] = field(default_factory=list)
    tickets: dict[str, float] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    refused_tickets: int = 0
    links: list[Link] = field(default_factory=list)
    acks: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def __aenter__(self) -> DingtalkGateway:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._unacknowledged: dict[str, asyncio.Task[None]] = {}
        self._pushed = 0
        self._http = await asyncio.start_server(self._request, "127.0.0.1", 0)
        self._websocket = await serve(
            self._connected,
            "127.0.0.1",
            0,
            process_request=self._admit,
            ping_interval=None,
            close_timeout=0.2,
            logger=_quiet,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for link in self.links:
            link.socket.transport.abort()
        self._http.close()
        self._websocket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._websocket.wait_closed()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._http.sockets[0].getsockname()[1]}"

    @property
    def endpoint(self) -> str:
        return f"ws://127.0.0.1:{next(iter(self._websocket.sockets)).getsockname()[1]}/connect"

    @property
    def live(self) -> list[Link]:
        return [link for link in self.links if link.open]

    async def until(self, true: Callable[[], Any], patience: float = 5.0) -> None:
        """Waits for something to become true; an AssertionError when it does not."""
        try:
            async with asyncio.timeout(patience):
                while not true():
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"did not happen within {patience} s; acks: {self.acks}") from None

    # What the gateway pushes

    async def say(
        self,
        text: str,
        msg_id: str = "",
        message_id: str = "",
        link: Link | None = None,
        topic: str = ROBOT_TOPIC,
        **more: Any,
    ) -> str:
        """A person of the chat speaks to the robot; returns the frame's messageId."""
        self._pushed += 1
        data = robot_message(text, msg_id or f"msg{self._pushed}") | more
        return await self.push("CALLBACK", topic, json.dumps(data, ensure_ascii=False), message_id, link)

    async def ping(self, opaque: str, link: Link | None = None) -> str:
        return await self.push("SYSTEM", "ping", json.dumps({"opaque": opaque}), "", link)

    async def event(self, data: str = '{"userId": ["015"]}', message_id: str = "") -> str:
        """An event of the address book; it is sent again while it is not acknowledged."""
        message_id = await self.push("EVENT", "*", data, message_id)
        self._unacknowledged[message_id] = self._spawn(self._send_again(message_id, data))
        return message_id

    async def disconnect(self, link: Link | None = None) -> Link:
        """Asks the client to go: no more pushes on this connection, and the TCP connection ends after `silence_s`."""
        link = link or self._one()
        link.silent = True
        await link.socket.send(
            json.dumps(
                {
                    "specVersion": "1.0",
                    "type": "SYSTEM",
                    "headers": {"topic": "disconnect", "contentType": "application/json"},
                    "data": json.dumps({"reason": "connection is expired"}),
                }
            )
        )
        self._spawn(self._end(link))
        return link

    async def push(
        self, kind: str, topic: str, data: str, message_id: str = "", link: Link | None = None
    ) -> str:
        self._pushed += 1
        message_id = message_id or f"213d841d_{self._pushed}_1898bb26334"
        headers = {
            "topic": topic,
            "messageId": message_id,
            "contentType": "application/json",
            "time": str(int(time.time() * 1000)),
            "appId": "1305d5f5",
        }
        if kind == "EVENT":
            headers |= {"eventType": "user_add_org", "eventId": "e1", "eventBornTime": "1683533823336"}
        await self.raw(
            json.dumps(
                {"specVersion": "1.0", "type": kind, "headers": headers, "data": data}, ensure_ascii=False
            ),
            link,
        )
        return message_id

    async def raw(self, text: str | bytes, link: Link | None = None) -> None:
        """Anything at all, to one connection: a random one, as the real gateway chooses."""
        await (link or self._one()).socket.send(text, text=isinstance(text, bytes) or None)

    def _one(self) -> Link:
        listening = [link for link in self.live if not link.silent]
        assert listening, "nobody is connected"
        return random.choice(listening)

    async def _send_again(self, message_id: str, data: str) -> None:
        while True:
            await asyncio.sleep(self.resend_s)
            with suppress(AssertionError, ConnectionClosed):
                await self.push("EVENT", "*", data, message_id)

    async def _end(self, link: Link) -> None:
        await asyncio.sleep(self.silence_s)
        link.socket.transport.close()

    # What clients do

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One HTTP request for each TCP connection; enough for a client that asks for a ticket."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            status, answer = await self._open(line, body, writer)
            writer.write(
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json;charset=utf-8\r\n"
                f"Content-Length: {len(answer)}\r\nConnection: close\r\n\r\n".encode()
                + answer
            )
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _open(self, line: str, body: bytes, writer: asyncio.StreamWriter) -> tuple[int, bytes]:
        if not line.startswith("POST /v1.0/gateway/connections/open "):
            return 404, b'{"code":"InvalidAction.NotFound"}'
        asked = json.loads(body)
        self.opened.append(asked)
        answer = self.opening.popleft() if self.opening else self.always_opening
        if answer == "hang":
            await asyncio.sleep(3600)
        if answer == "reset":
            writer.transport.abort()
            raise ConnectionResetError
        if answer == "garbage":
            return 200, "<html>维护中</html>".encode()
        if answer == "list":
            return 200, b"[]"
        if answer.isdigit():
            return int(answer), json.dumps({"code": "serviceFault", "message": body.decode()}).encode()
        if (asked.get("clientId"), asked.get("clientSecret")) != (self.app_key, self.app_secret):
            return 401, b'{"code":"authFailed","message":"invalid clientId or clientSecret"}'
        wanted = {(s.get("type"), s.get("topic")) for s in asked.get("subscriptions", [])}
        if ("CALLBACK", ROBOT_TOPIC) not in wanted:
            return 400, b'{"code":"param.error","message":"no subscription"}'
        ticket = f"票+{len(self.issued)}/7724109a=&ea43"  # characters that must be quoted in an address
        self.issued.append(ticket)
        self.tickets[ticket] = self.now() + (-1 if answer == "stale" else self.ticket_s)
        endpoint = self.endpoint.replace("ws://", "ftp://") if answer == "plain" else self.endpoint
        return 200, json.dumps({"endpoint": endpoint, "ticket": ticket}).encode()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """A ticket opens one connection, within its time."""
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        expires = self.tickets.pop(ticket, None)
        if expires is None or self.now() >= expires:
            self.refused_tickets += 1
            return connection.respond(HTTPStatus.UNAUTHORIZED, "ticket\n")
        return None

    async def _connected(self, socket: ServerConnection) -> None:
        link = Link(len(self.links) + 1, socket)
        self.links.append(link)
        greet = self.greeting.popleft() if self.greeting else self.always_greeting
        with suppress(ConnectionClosed):
            if greet is not None:
                await greet(link)
            async for raw in socket:
                self._heard(link, raw)

    def _heard(self, link: Link, raw: str | bytes) -> None:
        """Notes an acknowledgement, and as a fault whatever the protocol page does not allow."""
        try:
            ack = json.loads(raw)
            if link.silent and "messageId" not in ack["headers"]:
                return  # the official SDK answers a disconnect, which has no id; that is not needed and does no harm
            assert ack["code"] in (200, 400, 404, 500)
            assert ack["headers"]["contentType"] == "application/json" and ack["headers"]["messageId"]
            assert isinstance(ack["message"], str) and isinstance(ack["data"], str)
            json.loads(ack["data"])
        except (ValueError, KeyError, TypeError, AssertionError) as error:
            self.faults.append(f"{error!r}: {raw!r}")
            return
        self.acks.append((link.number, ack))
        again = self._unacknowledged.pop(ack["headers"]["messageId"], None)
        if again is not None:
            again.cancel()

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def robot_message(text: str, msg_id: str) -> dict[str, Any]:
    """What `data` holds when 张伟 writes to the robot in a single chat."""
    sent = int(time.time() * 1000)
    return {
        "conversationId": "cidAsXSBLnA==",
        "conversationType": "1",
        "chatbotCorpId": "ding9f50b15b",
        "chatbotUserId": "$:LWCP_v1:$bot",
        "robotCode": "dingtestkey",
        "msgId": msg_id,
        "createAt": sent,
        "senderId": "$:LWCP_v1:$zhangwei",
        "senderStaffId": "zhangwei",
        "senderNick": "张伟",
        "senderCorpId": "ding9f50b15b",
        "isAdmin": False,
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=76da36b4",
        "sessionWebhookExpiredTime": sent + 5_400_000,
        "msgtype": "text",
        "text": {"content": text},
    }


OFFICIAL = """
import asyncio, json, logging, os, sys
import dingtalk_stream
from dingtalk_stream import AckMessage, CallbackHandler, ChatbotMessage, Credential, DingTalkStreamClient, EventHandler

class Robot(CallbackHandler):
    async def process(self, callback):
        said = ChatbotMessage.from_dict(callback.data)
        print(json.dumps([said.message_id, said.sender_staff_id, said.text.content]), flush=True)
        return AckMessage.STATUS_OK, "OK"

class Events(EventHandler):
    async def process(self, event):
        print(json.dumps(["event", event.headers.event_type, ""]), flush=True)
        return AckMessage.STATUS_OK, "OK"

quiet = logging.getLogger("quiet")
quiet.setLevel(logging.CRITICAL + 1)
client = DingTalkStreamClient(Credential(sys.argv[1], os.environ["APP_SECRET"]), logger=quiet)
client.register_callback_handler(ChatbotMessage.TOPIC, Robot())
client.register_all_event_handler(Events())
asyncio.run(client.start())
"""


@dataclass
class OfficialClient:
    """The official SDK in a process of its own, as it reads its address when imported; `said` is what it handled."""

    said: list[list[str]] = field(default_factory=list)


@asynccontextmanager
async def official_client(gateway: DingtalkGateway) -> AsyncIterator[OfficialClient]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OFFICIAL,
        gateway.app_key,
        env={
            **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            "DINGTALK_OPENAPI_ENDPOINT": gateway.base,
            "APP_SECRET": gateway.app_secret,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    client = OfficialClient()

    async def listen() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            with suppress(ValueError):
                client.said.append(json.loads(line))

    listening = asyncio.create_task(listen())
    try:
        yield client
    finally:
        process.kill()
        await process.wait()
        await listening
