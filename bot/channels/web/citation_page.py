"""The pages that links from a chat open: what an answer rests on, and the door into the widget.

Drawn on the server without a script, so that the old browsers inside chat apps show them. A citation needs no login.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from bot.channels.chat.links import Cited, Links
from bot.channels.web.sessions import Sessions
from bot.errors import AnxunError, BadInput, NotReady
from bot.services import Services

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
"""The address is the key: it is kept on no phone that is passed round, found by no search, told to no other site."""

DAMAGED = NotReady("这条资料现在打不开。", "过一会儿再点一次；一直这样，请告诉管理员。")
ELSEWHERE = BadInput("这一步要在我们自己的网页上点。", "回到聊天里，点那条链接。")
_OWN_PAGE = re.compile(r"/(?:[\w.-]+(?:/[\w.-]+)*)?(?:\?[\w=&%-]*)?")
"""A path on this server; `//elsewhere` is another one."""
CAUTION = "提醒"
"""The section of a source that is to be read before the rest."""
GONE = BadInput("这条资料已经不在了。", "可能改了名或撤下了，回到聊天里再问一次。")


def build_citation_page(services: Services, links: Links, sessions: Sessions) -> APIRouter:
    """GET /c/…, GET and POST /continue/…."""
    router = APIRouter(include_in_schema=False)

    @router.get("/c/{token}")
    def citation(token: str) -> Response:
        try:
            cited = links.read(token)
            source = services.source(cited.source)
        except AnxunError as error:
            return _trouble(error)
        return _page(**_readable(source, cited), token=token) if source else _trouble(GONE)

    @router.get("/c/{token}/{page:int}.png")
    def picture(token: str, page: int) -> Response:
        try:
            drawn = services.source_page(links.read(token).source, page)
        except AnxunError as error:
            return _trouble(error)
        return Response(drawn, media_type="image/png", headers=HEADERS) if drawn else _trouble(GONE)

    @router.get("/continue/{token}")
    def ask(token: str, request: Request) -> Response:
        """One tap more: chat apps look at links before people do, and would spend it."""
        try:
            conversation = links.check(token)
        except BadInput as error:
            return _trouble(error)
        replaces = sessions.of_browser(request) not in (None, conversation)
        return _page(title="在网页里接着聊", handover=True, replaces=replaces)

    @router.post("/continue/{token}")
    def go_on(token: str, request: Request, to: str = "/") -> Response:
        """Only from our own page: another site must not put somebody into a conversation that others read."""
        try:
            if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
                raise ELSEWHERE
            conversation = links.spend(token)
        except BadInput as error:
            return _trouble(error)
        answer = RedirectResponse(to if _OWN_PAGE.fullmatch(to) else "/", 303, headers=HEADERS)
        sessions.adopt(request, answer, conversation)
        return answer

    return router


def _page(status: int = 200, **fields: Any) -> Response:
    return HTMLResponse(_template().render(**fields), status, HEADERS)


def _trouble(error: AnxunError) -> Response:
    """410 for a link that is no good, whatever the reason; 503, without the administrator's words, for our own faults."""
    status, said = (410, error) if isinstance(error, BadInput) else (503, DAMAGED)
    return _page(status, title="打不开了", problem=said.message, remedy=said.remedy)


@cache
def _template() -> Any:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("citation.html.j2")


def _readable(source: dict[str, Any], cited: Cited) -> dict[str, Any]:
    """The fields of the page; of each section the list as `points`, and the text in pieces, marked or not."""
    sections = [
        {
            "heading": section["heading"],
            "law": section.get("law", False),
            "points": section.get("items", []),
            "pieces": _pieces(section.get("text", ""), _narrowed(section.get("marks", ()), cited)),
        }
        for section in source["sections"]
        if section["heading"] != CAUTION
    ]
    caution = "".join(section["text"] for section in source["sections"] if section["heading"] == CAUTION)
    return {"title": source["title"], "source": source, "sections": sections, "caution": caution}


def _narrowed(marks: Sequence[Sequence[int]], cited: Cited) -> Sequence[Sequence[int]]:
    """Just what the answer quoted, where that lies within what the source marks; a card may have changed since."""
    at = cited.quote_at
    return [at] if at and any(mark[0] <= at[0] < at[1] <= mark[1] for mark in marks) else marks


def _pieces(text: str, marks: Sequence[Sequence[int]]) -> list[tuple[str, bool]]:
    """Marks are [start, end) in code points; one that does not fit is left out."""
    found, at = [], 0
    for start, end in sorted((mark[0], mark[1]) for mark in marks):
        if at <= start < end <= len(text):
            found += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [piece for piece in [*found, (text[at:], False)] if piece[0]]
