"""DingTalk's addresses for answers, on the loopback or in the process: sessions, open interface, uploads, group pushes.

Sessions, uploads and pushes answer an errcode with HTTP 200, the open interface an HTTP status with a `code`.
test_client.py proves it with the official SDK; the group robot's signature is proved with the values in test_signing.py.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.serving import served

TOKEN, SESSION, PERSON = "oauth2/accessToken", "sendBySession", "oToMessages/batchSend"
GROUP, UPLOAD, PUSH = "groupMessages/send", "media/upload", "robot/send"
MOST_BODY_BYTES = 20_000

Fault = int | str
"""An errcode with HTTP 200; `html`, `list`, `bare` are answers with 200 that are no JSON, no object, and an empty one;
`hang` never answers; `403 SomeCode` is that status with that code, and the code may be left out."""


class DingtalkApi:
    """One app, its robot in a session, and one robot of a group: its token, its secret of 加签.

    `faults[path]` are used up one by one, then `always[path]` applies. `missed` says of each staff id which of
    `invalidStaffIdList` and `flowControlledStaffIdList` it is on.
    """

    def __init__(
        self, now: Callable[[], float] = time.time, group_robot: tuple[str, str] = ("t", "SECx")
    ) -> None:
        self.now, (self.robot_token, self.robot_secret) = now, group_robot
        self.app_key, self.app_secret = "dingkey000001", b"nobody knows".hex()
        self.session = "session-76da36b4"
        self.slow_s = 0.0
        self.calls: Counter[str] = Counter()
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.always: dict[str, Fault] = {}
        self.missed: dict[str, str] = {}
        self.sessions: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.pushed: list[tuple[str, dict[str, Any]]] = []
        self.pictures: dict[str, bytes] = {}
        self.tokens: dict[str, float] = {}
        self._pushes: list[float] = []
        self._blocked_until = 0.0
        routes = {
            "/v1.0/oauth2/accessToken": (TOKEN, self._token),
            "/robot/sendBySession": (SESSION, self._session),
            "/v1.0/robot/oToMessages/batchSend": (PERSON, self._person),
            "/v1.0/robot/groupMessages/send": (GROUP, self._group),
            "/media/upload": (UPLOAD, self._upload),
            "/robot/send": (PUSH, self._push),
        }  # fmt: skip
        self.app = Starlette(
            routes=[
                Route(path, self._faulty(name, handle), methods=["POST"])
                for path, (name, handle) in routes.items()
            ]
        )

    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(self.app)

    def revoke(self) -> None:
        """All tokens given out so far are refused from now on."""
        self.tokens.clear()

    def served(self) -> AbstractContextManager[str]:
        """A real server on the loopback, in a thread of its own; its address."""
        return served(self.app)

    def _faulty(
        self, name: str, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            self.calls[name] += 1
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            fault = self.faults[name].popleft() if self.faults[name] else self.always.get(name)
            if fault is None:
                return await handle(request)
            if isinstance(fault, int):
                return _errcode(fault)
            if fault == "hang":
                await asyncio.Event().wait()
            if fault in ("html", "list", "bare"):
                return Response({"html": "<html>登录</html>", "list": "[]", "bare": "{}"}[fault])
            status, _, code = fault.partition(" ")
            return _code(int(status), code or "SystemError")

        return answer

    async def _token(self, request: Request) -> Response:
        told = await request.json()
        if (told.get("appKey"), told.get("appSecret")) != (self.app_key, self.app_secret):
            return _code(400, "invalidClientIdOrSecret")
        token = f"access-token-{self.calls[TOKEN]}"
        self.tokens[token] = self.now() + 7200
        return JSONResponse({"accessToken": token, "expireIn": 7200})

    async def _session(self, request: Request) -> Response:
        if request.query_params.get("session") != self.session:
            return _errcode(300001)
        body = await request.body()
        if code := _refused(body):
            return _errcode(code)
        self.sessions.append(json.loads(body))
        return _errcode(0)

    async def _person(self, request: Request) -> Response:
        told = await request.json()
        people = told.get("userIds")
        if fault := self._refused_open(request, told, isinstance(people, list) and bool(people)):
            return fault
        missed = {
            name: [one for one in people if self.missed.get(one) == name] for name in self.missed.values()
        }
        if reached := [one for one in people if one not in self.missed]:
            self.sent.append({**told, "param": json.loads(told["msgParam"]), "to": reached})
        return JSONResponse({"processQueryKey": f"query-{len(self.sent)}", **missed})

    async def _group(self, request: Request) -> Response:
        told = await request.json()
        group = told.get("openConversationId")
        if fault := self._refused_open(request, told, isinstance(group, str) and bool(group)):
            return fault
        self.sent.append({**told, "param": json.loads(told["msgParam"]), "to": group})
        return JSONResponse({"processQueryKey": f"query-{len(self.sent)}"})

    def _refused_open(self, request: Request, told: dict[str, Any], addressed: bool) -> Response | None:
        if not self._is_good(request.headers.get("x-acs-dingtalk-access-token", "")):
            return _code(401, "InvalidAuthentication")
        needs = {"sampleText": {"content"}, "sampleMarkdown": {"title", "text"}}.get(told.get("msgKey", ""))
        if not (addressed and told.get("robotCode") and needs and isinstance(told.get("msgParam"), str)):
            return _code(400, "MissingParameter")
        param = json.loads(told["msgParam"])
        return None if needs <= {name for name in param if param[name]} else _code(400, "InvalidParameter")

    async def _upload(self, request: Request) -> Response:
        if not self._is_good(request.query_params.get("access_token", "")):
            return _errcode(40014)
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + await request.body())
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        media, kind = parts.get("media"), parts.get("type")
        if media is None or not media.get_filename() or kind is None:
            return _errcode(40035)
        if kind.get_payload(decode=True) != b"image":
            return _errcode(40004)
        name = f"@lADPDe7s{len(self.pictures) + 1}"
        self.pictures[name] = bytes(media.get_payload(decode=True))  # type: ignore[arg-type]
        return JSONResponse({"errcode": 0, "errmsg": "ok", "media_id": name, "type": "image"})

    async def _push(self, request: Request) -> Response:
        query, now = request.query_params, self.now()
        if query.get("access_token") != self.robot_token:
            return _errcode(300001)
        if not self._is_signed(query.getlist("timestamp"), query.getlist("sign")):
            return _errcode(310000)
        self._pushes = [at for at in self._pushes if at > now - 60] + [now]
        if len(self._pushes) > 20:
            self._blocked_until = now + 600
        if now < self._blocked_until:
            return _errcode(130101)
        body = await request.body()
        if code := _refused(body):
            return _errcode(code)
        self.pushed.append((str(request.url), json.loads(body)))
        return _errcode(0)

    def _is_good(self, token: str) -> bool:
        return self.now() < self.tokens.get(token, 0.0)

    def _is_signed(self, stamps: list[str], signs: list[str]) -> bool:
        if len(stamps) != 1 or len(signs) != 1 or abs(self.now() - int(stamps[0]) / 1000) > 3600:
            return False
        told = f"{stamps[0]}\n{self.robot_secret}".encode()
        digest = hmac.new(self.robot_secret.encode(), told, hashlib.sha256).digest()
        return base64.b64encode(digest).decode() == signs[0]


def _refused(body: bytes) -> int:
    """The errcode of a message that a robot does not take, 0 for a good one."""
    if len(body) > MOST_BODY_BYTES:
        return 460101
    told = json.loads(body)
    needs = {"text": ("content",), "markdown": ("title", "text"), "actionCard": ("title", "text", "btns")}
    kind = told.get("msgtype")
    if kind not in needs or not all(told.get(kind, {}).get(name) for name in needs[kind]):
        return 40035
    buttons = told[kind].get("btns", [])
    return 0 if all(one.get("title") and one.get("actionURL") for one in buttons) else 40035


def _errcode(code: int) -> Response:
    return JSONResponse(
        {"errcode": code, "errmsg": "description: refused, see https://open.dingtalk.com" if code else "ok"}
    )


def _code(status: int, code: str) -> Response:
    return JSONResponse({"code": code, "message": f"{code} of appKey", "requestid": "15r5h2"}, status)
