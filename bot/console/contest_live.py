"""The wires of a contest: a stream of server-sent events for each screen, a long poll where streams are held back, and
one door for what players and hosts do.

Streams and posts, not web sockets: they pass the proxies and the old in-app browsers that our people have, a browser
takes a stream up again by itself with the number of the last event it saw, and a post that was lost can be sent again.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

import structlog
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from bot.channels.web.sessions import COOKIE
from bot.console.contest_hub import Hub, Role
from bot.console.visitors import Refused, Visitor, Visitors
from bot.desks.contest_floor import Live
from bot.learning.clock import Clock
from bot.learning.contests.moment import Command, Outcome
from bot.text import mask_personal_data, normalise

PLAYERS_DO = frozenset({"buzz", "answer", "stake", "leave"})
HOSTS_DO = frozenset(
    {"begin", "next", "open", "close", "rule", "correct", "void", "pause", "resume", "overtime", "end", "remove", "stake"}
)  # fmt: skip
MOST_BYTES = 4_000
KNOWN_FOR = timedelta(seconds=60)
"""How long a browser is who it was: asking the database at each press would cost what a press has."""
MOST_KNOWN = 2_000
_WORDS = {"given": 200, "question": 16, "contestant": 80, "player": 80, "why": 100}
_NUMBERS = ("stake", "step", "ruling")
_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no", "X-Robots-Tag": "noindex"}
Endpoint = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger()


@dataclass(frozen=True)
class _Known:
    visitor: Visitor
    until: datetime


class Wires:
    def __init__(self, hub: Hub, visitors: Visitors, clock: Clock) -> None:
        self._hub, self._visitors, self._clock = hub, visitors, clock
        self._known: dict[str, _Known] = {}

    async def stream(self, request: Request) -> Response:
        live, role, player = await self._watcher(request)
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after"))
        messages = self._hub.stream(live, role, player, after)
        return StreamingResponse(messages, media_type="text/event-stream", headers=_HEADERS)

    async def poll(self, request: Request) -> Response:
        live, role, player = await self._watcher(request)
        text = await self._hub.poll(live, role, player, _number(request.query_params.get("after")))
        return Response(text or "{}", media_type="application/json", headers=_HEADERS)

    async def act(self, request: Request) -> Response:
        """Arrives at this moment, whatever happens to it afterwards: that is the order of the buzzer."""
        at = self._clock()
        self._visitors.same_origin(request)
        body = await _body(request)
        visitor = await self._visitor(request)
        do, as_host = str(body.get("do", "")), body.get("host") is True
        if do not in (HOSTS_DO if as_host else PLAYERS_DO):
            raise Refused(422, "没有这个动作。", "刷新这一页，再试一次。")
        if as_host and not visitor.may("trainer", "manager"):
            raise Refused(403, "主持由培训师或主管来。", "请他们打开主持页。")
        live = await self._live(request)
        command = Command(do, visitor.learner, at, as_host, _data(body))  # type: ignore[arg-type]  # looked up above
        try:
            outcome = await self._hub.act(live.record.id, command)
        except Exception as error:
            log.error("contest.act.failed", contest=live.record.id, do=do, error=type(error).__name__)
            outcome = Outcome(False, "这一下没有记上，正在重发。", "again")
        told: dict[str, Any] = {
            "ok": outcome.ok,
            "words": outcome.words,
            "code": outcome.code,
            "seq": live.state.seq,
        }
        if not as_host:
            told["me"] = self._hub.own(live, visitor.learner)
        return JSONResponse(told, 503 if outcome.code == "again" else 200)

    async def _watcher(self, request: Request) -> tuple[Live, Role, str]:
        role = request.path_params["role"]
        if role not in get_args(Role):
            raise Refused(404, "没有这一页。", "从竞赛页进。")
        visitor = await self._visitor(request)
        if role == "host" and not visitor.may("trainer", "manager"):
            raise Refused(403, "主持页给培训师和主管看。", "参加的话，从竞赛页用号码进。")
        return await self._live(request), role, visitor.learner

    async def _live(self, request: Request) -> Live:
        live = await self._hub.find(request.path_params["contest"])
        if live is None:
            raise Refused(404, "没有这一场竞赛。", "看看号码，从竞赛页再进一次。")
        return live

    async def _visitor(self, request: Request) -> Visitor:
        cookie, now = request.cookies.get(COOKIE, ""), self._clock()
        known = self._known.get(cookie)
        if cookie and known and known.until > now and "authorization" not in request.headers:
            return known.visitor
        visitor = await run_in_threadpool(self._visitors.of, request)
        if cookie:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[cookie] = _Known(visitor, now + KNOWN_FOR)
        return visitor


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw[:MOST_BYTES]) if len(raw) <= MOST_BYTES else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(422, "这一下没看懂。", "刷新这一页，再试一次。")
    return body


def _data(body: dict[str, Any]) -> dict[str, Any]:
    """Only what commands know, of the type they expect; words are masked before anything keeps them."""
    data: dict[str, Any] = {}
    for name, most in _WORDS.items():
        if isinstance(value := body.get(name), str):
            data[name] = (
                mask_personal_data(normalise(value[:most])) if name in ("given", "why") else value[:most]
            )
    for name in _NUMBERS:
        if isinstance(value := body.get(name), int) and not isinstance(value, bool):
            data[name] = value
    if isinstance(right := body.get("right"), bool):
        data["right"] = right
    return data


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
