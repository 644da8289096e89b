"""DingTalk's addresses for answers, on the loopback or in the process: sessions, open interface, uploads, group pushes.

It behaves as CHANNELS and the official client say: sessions answer an errcode with HTTP 200, the open interface answers
HTTP statuses with a `code`. test_client.py proves it with the official SDK first.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN, SESSION, PERSON = "oauth2/accessToken", "sendBySession", "oToMessages/batchSend"
GROUP, UPLOAD, PUSH = "groupMessages/send", "media/upload", "robot/send"


class DingtalkApi:
    """One app. `faults[path]` are used up one by one: an int is an errcode with HTTP 200, a str an HTTP status."""

    def __init__(self, app_key: str = "dingkey000001", app_secret: str = "s" * 40) -> None:
        self.app_key, self.app_secret = app_key, app_secret
        self.calls: Counter[str] = Counter()
        self.faults: dict[str, deque[int | str]] = defaultdict(deque)
        self.sessions: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.pushed: list[tuple[str, dict[str, Any]]] = []
        self.pictures: dict[str, bytes] = {}
        self.tokens: set[str] = set()
        self.app = Starlette(
            routes=[
                Route("/v1.0/oauth2/accessToken", self._token, methods=["POST"]),
                Route("/robot/sendBySession", self._session, methods=["POST"]),
                Route("/v1.0/robot/oToMessages/batchSend", self._open, methods=["POST"]),
                Route("/v1.0/robot/groupMessages/send", self._open, methods=["POST"]),
                Route("/media/upload", self._upload, methods=["POST"]),
                Route("/robot/send", self._push, methods=["POST"]),
            ]
        )

    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(self.app)

    def revoke(self) -> None:
        """All tokens given out so far are refused from now on."""
        self.tokens.clear()

    @contextmanager
    def served(self) -> Iterator[str]:
        """A real server on the loopback, in a thread of its own; its address."""
        server = uvicorn.Server(
            uvicorn.Config(self.app, "127.0.0.1", 0, log_level="critical", lifespan="off")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(5)

    def _fault(self, path: str) -> Response | None:
        self.calls[path] += 1
        if not self.faults[path]:
            return None
        fault = self.faults[path].popleft()
        if isinstance(fault, int):
            return JSONResponse({"errcode": fault, "errmsg": "no"})
        if fault == "html":
            return Response("<html>proxy</html>")
        return JSONResponse({"code": "Throttling.Api" if fault == "429" else "SystemError"}, int(fault))

    async def _token(self, request: Request) -> Response:
        if fault := self._fault(TOKEN):
            return fault
        told = await request.json()
        if (told.get("appKey"), told.get("appSecret")) != (self.app_key, self.app_secret):
            return JSONResponse({"code": "invalidClientIdOrSecret"}, 400)
        token = f"token-{self.calls[TOKEN]}"
        self.tokens.add(token)
        return JSONResponse({"accessToken": token, "expireIn": 7200})

    async def _session(self, request: Request) -> Response:
        if fault := self._fault(SESSION):
            return fault
        body = await request.body()
        if len(body) > 20_000:
            return JSONResponse({"errcode": 460101, "errmsg": "message too long"})
        told = json.loads(body)
        if not isinstance(told.get(told.get("msgtype")), dict):
            return JSONResponse({"errcode": 40035, "errmsg": "bad parameter"})
        if told["msgtype"] == "markdown" and not told["markdown"].get("title"):
            return JSONResponse({"errcode": 40035, "errmsg": "title is empty"})
        self.sessions.append(told)
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    async def _open(self, request: Request) -> Response:
        path = GROUP if "groupMessages" in request.url.path else PERSON
        if fault := self._fault(path):
            return fault
        if request.headers.get("x-acs-dingtalk-access-token") not in self.tokens:
            return JSONResponse({"code": "InvalidAuthentication"}, 401)
        told = await request.json()
        to = told.get("openConversationId") if path == GROUP else told.get("userIds")
        if not (told.get("robotCode") and told.get("msgKey") and to):
            return JSONResponse({"code": "MissingParameter"}, 400)
        self.sent.append({**told, "param": json.loads(told["msgParam"]), "to": to})
        return JSONResponse({"processQueryKey": "k"})

    async def _upload(self, request: Request) -> Response:
        if fault := self._fault(UPLOAD):
            return fault
        if request.query_params.get("access_token") not in self.tokens:
            return JSONResponse({"errcode": 40014, "errmsg": "invalid access token"})
        body = await request.body()
        name = f"@media{self.calls[UPLOAD]}"
        self.pictures[name] = body[body.index(b"\x89PNG") : body.index(b"IEND") + 8]
        return JSONResponse({"errcode": 0, "media_id": name, "type": "image"})

    async def _push(self, request: Request) -> Response:
        if fault := self._fault(PUSH):
            return fault
        self.pushed.append((str(request.url), await request.json()))
        return JSONResponse({"errcode": 0, "errmsg": "ok"})
