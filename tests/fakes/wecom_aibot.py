"""WeCom's 智能机器人 on the loopback: the gateway of the long connection, and the poster of the HTTP callback.

Both behave as WeCom's pages 101463, 101031 and 100719 say. test_aibot_socket.py proves the gateway with WeCom's own
Python SDK first; the poster encrypts and decrypts with wechatpy.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import datetime
import hashlib
import ipaddress
import json
import logging
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from wechatpy.crypto import _get_signature
from wechatpy.enterprise.crypto import PrpCrypto

from tests.fakes.wire import abort

_quiet = logging.getLogger("tests.fakes.wecom")
_quiet.setLevel(logging.CRITICAL)  # a test of what our side logs must not read the far side's log

STREAM_S = 360.0
MOST_BYTES = 20_480
A_MINUTE, AN_HOUR = 30, 1000


@dataclass(eq=False)
class Client:
    """One connected client. A deaf one is not read any more."""

    number: int
    socket: ServerConnection
    subscribed: bool = False
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    deaf: bool = False

    @property
    def open(self) -> bool:
        return self.socket.state.name == "OPEN" and not self.deaf


Hook = Callable[[Client], Awaitable[bool | None]]
"""Something that happens to a client; after True the gateway goes on as if it had not."""


def close_with(code: int) -> Hook:
    """The gateway ends the connection with this close code."""

    async def end(client: Client) -> None:
        await client.socket.close(code)

    return end


async def reset(client: Client) -> None:
    """TCP reset: no close frame, no FIN."""
    abort(client.socket)


async def go_deaf(client: Client) -> None:
    """TCP stays open, nothing is read and nothing answered any more."""
    client.deaf = True
    client.socket.transport.pause_reading()


@dataclass(eq=False)
class Bubble:
    """A stream as the person sees it."""

    chat: str
    began: float
    text: str = ""
    finished: bool = False
    times: list[float] = field(default_factory=list)


@dataclass
class AibotGateway:
    """An async context manager; everything runs in the loop that enters it.

    `greeting` is used up one by one for each new connection, then `always_greeting` applies; `subscribing` the same for
    the error code that answers a subscription. `before` and `after` are asked for each frame of a client by its cmd and
    used up: `before` acts instead of the frame being read, `after` once it was read and before it is answered.
    """

    bot_id: str = "aibDemoBot"
    secret: str = "socket-secret-无人知晓".encode().hex()
    now: Callable[[], float] = time.monotonic
    tls: ssl.SSLContext | None = None
    greeting: deque[Hook | None] = field(default_factory=deque)
    always_greeting: Hook | None = None
    subscribing: deque[int] = field(default_factory=deque)
    always_subscribing: int | None = None
    before: dict[str, deque[Hook]] = field(default_factory=dict)
    after: dict[str, deque[Hook]] = field(default_factory=dict)
    answering: dict[str, deque[int]] = field(default_factory=dict)
    pongs: bool = True
    clients: list[Client] = field(default_factory=list)
    subscriptions: list[float] = field(default_factory=list)
    pings: int = 0
    bubbles: dict[str, Bubble] = field(default_factory=dict)
    welcomes: list[str] = field(default_factory=list)
    pushed: list[tuple[str, str, str]] = field(default_factory=list)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    codes: list[tuple[str, int]] = field(default_factory=list)
    kicked: int = 0
    faults: list[str] = field(default_factory=list)

    async def __aenter__(self) -> AibotGateway:
        self._count = 0
        self._spoke: set[str] = set()
        self._sent: dict[str, list[float]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server = await serve(
            self._connected,
            "127.0.0.1",
            0,
            ssl=self.tls,
            ping_interval=None,
            close_timeout=0.2,
            max_size=1 << 22,
            logger=_quiet,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self.clients:
            client.socket.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"wss://localhost:{port}" if self.tls else f"ws://127.0.0.1:{port}"

    @property
    def live(self) -> list[Client]:
        """Clients that are subscribed and can be reached."""
        return [client for client in self.clients if client.open and client.subscribed]

    @property
    def seen(self) -> list[str]:
        """All that people were told for good: finished bubbles, then messages of their own."""
        done = [bubble.text for bubble in self.bubbles.values() if bubble.finished]
        return done + [text for _, kind, text in self.pushed if kind == "markdown"]

    async def until(self, true: Callable[[], Any], patience: float = 5.0) -> None:
        """Waits for something to become true; an AssertionError when it does not."""
        try:
            async with asyncio.timeout(patience):
                while not true():
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise AssertionError(
                f"did not happen within {patience} s; seen: {self.seen}, codes: {self.codes}"
            ) from None

    # What WeCom pushes

    async def say(self, text: str, msgid: str = "", user: str = "zhangsan", chat: str = "") -> str:
        """A person speaks to the bot, in a group when `chat` is given; returns the req_id."""
        body = message(text, msgid or f"msg{self._count + 1}", user, chat)
        return await self.push("aibot_msg_callback", body)

    async def enter(self, user: str = "zhangsan") -> str:
        return await self.push("aibot_event_callback", event("enter_chat", f"enter{self._count + 1}", user))

    async def push(self, cmd: str, body: dict[str, Any], client: Client | None = None) -> str:
        """Raises when no client is there: what is missed offline is never sent again."""
        self._count += 1
        client = client or self.live[-1]
        req_id = f"req{self._count}"
        client.asked[req_id] = {"cmd": cmd, "body": body, "at": self.now(), "answered": False}
        if cmd == "aibot_msg_callback":
            self._spoke.add(body.get("chatid") or body["from"]["userid"])
        frame = {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}
        await client.socket.send(json.dumps(frame, ensure_ascii=False))
        return req_id

    async def kick(self) -> None:
        """Somebody else subscribes with the same bot."""
        await self._push_out(self.live[-1])

    # How WeCom answers

    async def _connected(self, connection: ServerConnection) -> None:
        client = Client(len(self.clients) + 1, connection)
        self.clients.append(client)
        greet = self.greeting.popleft() if self.greeting else self.always_greeting
        try:
            if greet is not None:
                await greet(client)
            async for raw in connection:
                if client.deaf:
                    await asyncio.Event().wait()
                frame = json.loads(raw)
                await self._frame(client, frame)
        except ConnectionClosed:
            pass

    async def _frame(self, client: Client, frame: dict[str, Any]) -> None:
        cmd, req_id, body = frame["cmd"], frame["headers"]["req_id"], frame.get("body") or {}
        if self.before.get(cmd) and not await self.before[cmd].popleft()(client):
            return
        if self.answering.get(cmd):
            code, answer = self.answering[cmd].popleft(), {}
        else:
            code, answer = await self._act(client, cmd, req_id, body)
        if self.after.get(cmd) and not await self.after[cmd].popleft()(client):
            return
        if cmd == "ping" and not self.pongs:
            return
        self.codes.append((cmd, code))
        reply: dict[str, Any] = {
            "headers": {"req_id": req_id},
            "errcode": code,
            "errmsg": "ok" if not code else "no",
        }
        await client.socket.send(json.dumps(reply | ({"body": answer} if answer else {})))

    async def _act(
        self, client: Client, cmd: str, req_id: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        if cmd == "aibot_subscribe":
            return await self._subscribe(client, body), {}
        if not client.subscribed:
            return 846609, {}
        if cmd == "ping":
            self.pings += 1
            return 0, {}
        if cmd == "aibot_respond_msg":
            return self._respond(client, req_id, body), {}
        if cmd == "aibot_respond_welcome_msg":
            return self._welcome(client, req_id, body), {}
        if cmd == "aibot_send_msg":
            return self._send(body), {}
        if cmd.startswith("aibot_upload_media_"):
            return self._upload(cmd, body)
        self.faults.append(f"unknown cmd {cmd}")
        return 40000, {}

    async def _subscribe(self, client: Client, body: dict[str, Any]) -> int:
        self.subscriptions.append(self.now())
        code = self.subscribing.popleft() if self.subscribing else self.always_subscribing
        if code:
            return code
        if (body.get("bot_id"), body.get("secret")) != (self.bot_id, self.secret):
            return 853000
        for other in self.live:
            await self._push_out(other)
        client.subscribed = True
        return 0

    async def _push_out(self, client: Client) -> None:
        self.kicked += 1
        gone = {"msgid": "gone", "create_time": 1, "aibotid": self.bot_id, "msgtype": "event"}
        client.subscribed = False
        frame = {
            "cmd": "aibot_event_callback",
            "headers": {"req_id": "gone"},
            "body": gone | {"event": {"eventtype": "disconnected_event"}},
        }
        await client.socket.send(json.dumps(frame))
        task = asyncio.create_task(client.socket.close(1000))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _respond(self, client: Client, req_id: str, body: dict[str, Any]) -> int:
        asked = client.asked.get(req_id)
        if asked is None or asked["cmd"] != "aibot_msg_callback":
            return 846605
        chat = asked["body"].get("chatid") or asked["body"]["from"]["userid"]
        if body["msgtype"] != "stream":
            self.faults.append(f"answered with {body['msgtype']}")
            return 40000
        said = body["stream"]
        if "msg_item" in said:
            self.faults.append("msg_item is not supported over the long connection")
        if len(said["content"].encode()) > MOST_BYTES:
            return 40058
        bubble = self.bubbles.setdefault(said["id"], Bubble(chat, self.now()))
        if bubble.finished or self.now() - bubble.began > STREAM_S:
            return 846608
        if not self._allowed(chat):
            return 45009
        bubble.text, bubble.finished = said["content"], said["finish"]
        bubble.times.append(self.now())
        return 0

    def _welcome(self, client: Client, req_id: str, body: dict[str, Any]) -> int:
        asked = client.asked.get(req_id)
        entered = asked is not None and asked["body"].get("event", {}).get("eventtype") == "enter_chat"
        if not asked or not entered or asked["answered"] or self.now() - asked["at"] > 5:
            return 846605
        asked["answered"] = True
        self.welcomes.append(body["text"]["content"])
        return 0

    def _send(self, body: dict[str, Any]) -> int:
        if body["chatid"] not in self._spoke:
            return 93006
        if body["chat_type"] not in (1, 2):
            self.faults.append("chat_type is 1 or 2")
        if not self._allowed(body["chatid"]):
            return 45009
        kind = body["msgtype"]
        if kind == "markdown":
            content = body["markdown"]["content"]
            if len(content.encode()) > MOST_BYTES:
                return 40058
        elif kind == "image":
            content = body["image"]["media_id"]
            if content not in self.pictures:
                return 40007
        else:
            return 40008
        self.pushed.append((body["chatid"], kind, content))
        return 0

    def _upload(self, cmd: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        step = cmd.removeprefix("aibot_upload_media_")
        if step == "init":
            id = f"upload{len(self.uploads) + 1}"
            self.uploads[id] = body | {"pieces": {}}
            return 0, {"upload_id": id}
        upload = self.uploads.get(body.get("upload_id", ""))
        if upload is None:
            return 40007, {}
        if step == "chunk":
            try:
                piece = base64.b64decode(body["base64_data"], validate=True)
            except binascii.Error:
                return 40000, {}
            upload["pieces"][body["chunk_index"]] = piece
            return (0 if len(piece) <= 512 * 1024 else 40000), {}
        whole = b"".join(upload["pieces"].get(n, b"") for n in range(upload["total_chunks"]))
        digest = hashlib.md5(whole, usedforsecurity=False).hexdigest()
        if len(whole) != upload["total_size"] or digest != upload["md5"]:
            return 40000, {}
        media = f"media{len(self.pictures) + 1}"
        self.pictures[media] = whole
        return 0, {"type": upload["type"], "media_id": media, "created_at": "1380000000"}

    def _allowed(self, chat: str) -> bool:
        """30 a minute and 1,000 an hour for each chat, every update counted: the strictest reading."""
        sent = self._sent.setdefault(chat, [])
        now = self.now()
        sent.append(now)
        if sum(1 for at in sent if at > now - 60) <= A_MINUTE and len(sent) <= AN_HOUR:
            return True
        self.faults.append(f"too much said in {chat}")
        return False


def message(text: str, msgid: str, user: str = "zhangsan", chat: str = "", **more: Any) -> dict[str, Any]:
    """A text as WeCom pushes it; in a group the mention is part of what was typed."""
    body: dict[str, Any] = {
        "msgid": msgid,
        "aibotid": "aibDemoBot",
        "chattype": "group" if chat else "single",
        "from": {"userid": user},
        "msgtype": "text",
        "text": {"content": text},
    }
    return body | ({"chatid": chat} if chat else {}) | more


def event(kind: str, msgid: str, user: str = "zhangsan", **more: Any) -> dict[str, Any]:
    return {
        "msgid": msgid,
        "create_time": 1_760_000_000,
        "aibotid": "aibDemoBot",
        "from": {"userid": user},
        "msgtype": "event",
        "event": {"eventtype": kind} | more,
    }


@dataclass
class AibotPoster:
    """What WeCom does over HTTP: checks the address, posts messages, and asks for a stream until it is finished."""

    client: httpx.AsyncClient
    token: str = "RasaBot2026"  # noqa: S105  of the published vectors
    key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    path: str = "/channels/wecom/aibot"
    now: Callable[[], float] = time.time

    async def check(self, echo: str = "1616140317555161061") -> httpx.Response:
        return await self.client.get(
            self.path, params=self._signed(encrypted := self.encrypt(echo)) | {"echostr": encrypted}
        )

    async def post(self, body: dict[str, Any] | str) -> httpx.Response:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        encrypted = self.encrypt(text)
        return await self.client.post(self.path, params=self._signed(encrypted), json={"encrypt": encrypted})

    async def push(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """What WeCom understands of the answer; an AssertionError when it cannot."""
        response = await self.post(body)
        assert response.status_code == 200, response.status_code
        return self.opened(response)

    async def poll(self, stream: str) -> dict[str, Any]:
        body = message("", f"poll-{stream}") | {"msgtype": "stream", "stream": {"id": stream}}
        body.pop("text")
        answer = await self.push(body)
        assert answer is not None and answer["msgtype"] == "stream"
        return answer["stream"]

    def opened(self, response: httpx.Response) -> dict[str, Any] | None:
        if not response.content:
            return None
        answer = response.json()
        assert set(answer) == {"encrypt", "msgsignature", "timestamp", "nonce"}
        assert isinstance(answer["timestamp"], int)
        assert answer["nonce"] == response.request.url.params["nonce"]
        signed = _get_signature(self.token, str(answer["timestamp"]), answer["nonce"], answer["encrypt"])
        assert signed == answer["msgsignature"]
        stream = json.loads(PrpCrypto(self._aes).decrypt(answer["encrypt"], ""))
        content = stream.get("stream", {})
        assert len(content.get("content", "").encode()) <= MOST_BYTES
        assert content.get("finish", True) or "msg_item" not in content
        assert len(content.get("msg_item", [])) <= 10
        return stream

    def encrypt(self, text: str, receiver: str = "") -> str:
        return PrpCrypto(self._aes).encrypt(text, receiver).decode()

    def _signed(self, encrypted: str) -> dict[str, str]:
        timestamp, nonce = str(int(self.now())), "nonce123456"
        signature = _get_signature(self.token, timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    @property
    def _aes(self) -> bytes:
        return base64.b64decode(self.key + "=")


@contextmanager
def official_client(
    gateway: AibotGateway, trusting: ssl.SSLContext, secret: str = "", **options: Any
) -> Iterator[Any]:
    """WeCom's own SDK, pointed at the fake, which must speak TLS; it is the caller who lets it connect."""
    import aibot
    import aibot.ws

    class Mute:
        def debug(self, *_: Any) -> None: ...

        info = warn = error = debug

    real, aibot.ws._SSL_CONTEXT = aibot.ws._SSL_CONTEXT, trusting
    client = aibot.WSClient(
        aibot.WSClientOptions(
            gateway.bot_id, secret or gateway.secret, ws_url=gateway.url, logger=Mute(), **options
        )
    )
    try:
        yield client
    finally:
        client.disconnect()
        aibot.ws._SSL_CONTEXT = real


def self_signed(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for localhost: of the server, and of a client that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "localhost.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))
