"""WeCom's API on the loopback or in the process: tokens, app messages, pictures, group pushes; it counts and misbehaves.

It behaves as the document pages do (path/91039, 90236, 90253, 94888, 99110); test_client.py proves it with wechatpy.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.serving import served

GETTOKEN, SEND, UPLOAD = "gettoken", "message/send", "media/upload"
UPDATE, WEBHOOK = "message/update_template_card", "webhook/send"

Fault = int | str | None
"""None is no fault. An errcode with HTTP 200; `500`-like strings are that status; `hang` never answers; `taken` takes the message, then
hangs; `html`, `list`, `bare` are answers with 200 that are no JSON, no object, and without errcode."""

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


@dataclass(frozen=True)
class Delivered:
    """What a member sees; `text` after WeCom has cut it."""

    kind: str
    text: str
    body: dict[str, Any]


@dataclass
class WecomApi:
    """One corporation with one app and one group robot.

    `faults[path]` are used up one by one, then `always[path]` applies. `sent` are messages WeCom said yes to, `chats` what
    each member has of them: over 30 a minute nothing arrives, and WeCom does not say so. That the check for repeated
    messages also sees those sent without it is an assumption; the document does not say.
    """

    corp_id: str = "wwcorp0001"
    secret: str = b"nobody knows this one".hex()
    agent_id: int = 1000002
    robot_key: str = "robot-key-693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    members: tuple[str, ...] = ("zhangsan", "lisi", "WangWu")
    unlicensed: tuple[str, ...] = ()
    now: Callable[[], float] = time.time
    slow_s: float = 0.0
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    always: dict[str, Fault] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    chats: dict[str, list[Delivered]] = field(default_factory=lambda: defaultdict(list))
    pictures: dict[str, bytes] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    pushed: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""

    def __post_init__(self) -> None:
        self._expires = 0.0
        self._tokens = 0
        self._codes: set[str] = set()
        self._arrivals: dict[str, list[float]] = defaultdict(list)
        self._pushes: list[float] = []
        self._hashes: dict[str, float] = {}

    @property
    def app(self) -> Starlette:
        routes = {
            GETTOKEN: ("GET", self._gettoken),
            SEND: ("POST", self._with_token(self._send)),
            UPLOAD: ("POST", self._with_token(self._upload)),
            UPDATE: ("POST", self._with_token(self._update)),
            WEBHOOK: ("POST", self._push),
        }
        return Starlette(
            routes=[
                Route(f"/cgi-bin/{path}", self._faulty(path, handle), methods=[method])
                for path, (method, handle) in routes.items()
            ]
        )

    def revoke_token(self) -> None:
        """WeCom may do so at any time."""
        self.token = ""

    def served(self) -> AbstractContextManager[str]:
        """A real server on the loopback, in a thread of its own; its address."""
        return served(self.app)

    def _faulty(
        self, path: str, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            self.calls[path] += 1
            fault = self.faults[path].popleft() if self.faults[path] else self.always.get(path)
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            if fault is None:
                return await handle(request)
            if isinstance(fault, int):
                return _error(fault)
            if fault == "taken":
                await handle(request)
            if fault in ("hang", "taken"):
                await asyncio.Event().wait()
            if fault in ("html", "list", "bare"):
                return Response({"html": "<html>登录</html>", "list": "[]", "bare": "{}"}[fault])
            return Response("bad", int(fault))

        return answer

    def _with_token(
        self, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            given = request.query_params.get("access_token", "")
            if not given:
                return _error(41001)
            if given != self.token:
                return _error(40014)
            return await handle(request) if self.now() < self._expires else _error(42001)

        return checked

    async def _gettoken(self, request: Request) -> Response:
        query = request.query_params
        if query.get("corpid") != self.corp_id:
            return _error(40013)
        if query.get("corpsecret") != self.secret:
            return _error(40001)
        if not self.token or self.now() >= self._expires:
            self._tokens += 1
            self.token = f"access-token-{self._tokens}"
            self._expires = self.now() + 7200
        return _ok(access_token=self.token, expires_in=round(self._expires - self.now()))

    async def _send(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        if body.get("agentid") != self.agent_id:
            return _error(40056)
        to = str(body.get("touser", ""))
        names = self.members if to == "@all" else tuple(name for name in to.split("|") if name)
        known = {one.casefold(): one for one in self.members}
        reached = [known[name.casefold()] for name in names if name.casefold() in known]
        unlicensed = [name for name in reached if name in self.unlicensed]
        if not reached:
            return _error(81013)
        code, text = self._read(body)
        if code:
            return _error(code)
        if body.get("enable_duplicate_check") == 1 and self._is_repeated(body):
            return _ok(msgid=f"msg-{len(self.sent)}")
        told: dict[str, Any] = {"msgid": f"msg-{len(self.sent) + 1}"}
        if body["msgtype"] == "template_card":
            task_id = body["template_card"]["task_id"]
            if task_id in self.cards:
                return _error(40058)  # the document forbids it and names no code
            self.cards[task_id] = body["template_card"]
            told["response_code"] = self._response_code()
        self._hashes[_content(body)] = self.now()
        self.sent.append(body)
        for name in reached:
            if name not in unlicensed and self._counts(name):
                self.chats[name].append(Delivered(body["msgtype"], text, body))
        invalid = "|".join(name.lower() for name in names if name.casefold() not in known)
        return _ok(invaliduser=invalid, unlicenseduser="|".join(unlicensed).lower(), **told)

    def _read(self, body: dict[str, Any]) -> tuple[int, str]:
        """The errcode of a malformed message, and what would be shown of it."""
        kind = body.get("msgtype")
        if kind in ("text", "markdown"):
            content = str(body.get(kind, {}).get("content", ""))
            if not content.strip():
                return 44004, ""
            if kind == "markdown" and len(content.encode()) > 2048:
                return 40058, ""
            return 0, content.encode()[:2048].decode(errors="ignore")
        if kind == "image":
            media = body["image"]["media_id"]
            return (0, media) if media in self.pictures else (40007, "")
        if kind == "template_card":
            return (
                (0, body["template_card"]["main_title"]["title"])
                if _is_card(body["template_card"])
                else (40058, "")
            )
        return 40008, ""

    def _is_repeated(self, body: dict[str, Any]) -> bool:
        since = self._hashes.get(_content(body))
        return since is not None and self.now() - since <= body.get("duplicate_check_interval", 1800)

    def _counts(self, member: str) -> bool:
        """Whether one more message reaches a member: 30 a minute, 1,000 an hour."""
        now, arrived = self.now(), self._arrivals[member]
        arrived.append(now)
        return sum(at > now - 60 for at in arrived) <= 30 and sum(at > now - 3600 for at in arrived) <= 1000

    def _response_code(self) -> str:
        code = f"response-code-{len(self.sent)}"
        self._codes.add(code)
        return code

    def press(self, task_id: str) -> str:
        """The response_code that comes with the press of a button."""
        assert task_id in self.cards
        code = f"pressed-{task_id}-{len(self._codes)}"
        self._codes.add(code)
        return code

    async def _upload(self, request: Request) -> Response:
        if request.query_params.get("type") != "image":
            return _error(40004)
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + await request.body())
        files = [part for part in form.iter_parts() if _field(part) == "media"]  # type: ignore[attr-defined]
        if len(files) != 1 or not files[0].get_filename():
            return _error(41005)
        png = files[0].get_payload(decode=True)
        if not 5 < len(png) <= 10 * 1024 * 1024:
            return _error(40009)
        media = f"media-{len(self.pictures) + 1}"
        self.pictures[media] = png
        return _ok(type="image", media_id=media, created_at=str(int(self.now())))

    async def _update(self, request: Request) -> Response:
        body = await request.json()
        if body.get("agentid") != self.agent_id or not body.get("userids"):
            return _error(40058)
        if body.get("response_code") not in self._codes:
            return _error(40058)  # used, or never given; the document names no code
        self._codes.discard(body["response_code"])
        self.updates.append(body)
        return _ok()

    async def _push(self, request: Request) -> Response:
        if request.query_params.get("key") != self.robot_key:
            return _error(93000)
        body = await request.json()
        kind = body.get("msgtype")
        most = {"text": 2048, "markdown": 4096}.get(kind)
        if most is None or not body.get(kind, {}).get("content"):
            return _error(40008)
        if len(body[kind]["content"].encode()) > most:
            return _error(40058)
        now = self.now()
        if sum(at > now - 60 for at in self._pushes) >= 20:
            return _error(45009)
        self._pushes.append(now)
        self.pushed.append(body)
        return _ok()


def _is_card(card: dict[str, Any]) -> bool:
    """Stricter than WeCom, which only recommends the lengths: its clients cut what is longer."""
    buttons = card.get("button_list", [])
    keys = [button.get("key", "") for button in buttons]
    return (
        card.get("card_type") == "button_interaction"
        and _TASK_ID.fullmatch(card.get("task_id", "")) is not None
        and 0 < len(card.get("main_title", {}).get("title", "")) <= 36
        and len(card.get("sub_title_text", "")) <= 160
        and 1 <= len(buttons) <= 6
        and all(0 < len(button.get("text", "").strip()) and len(button["text"]) <= 10 for button in buttons)
        and all(0 < len(key.encode()) <= 1024 for key in keys)
        and len(set(keys)) == len(keys)
    )


def _content(body: dict[str, Any]) -> str:
    about = {name: value for name, value in body.items() if "duplicate" not in name}
    return json.dumps(about, sort_keys=True)


def _field(part: Message) -> str:
    return str(part.get_param("name", header="content-disposition"))


def _ok(**fields: Any) -> Response:
    return JSONResponse({"errcode": 0, "errmsg": "ok", **fields})


def _error(code: int) -> Response:
    hint = "hint: [1760000000_12_abcdef], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com/devtool"
    return JSONResponse({"errcode": code, "errmsg": f"refused, {hint}"})
