"""The pages that links from a chat open: what an answer rests on, and the door into the widget.

Drawn on the server without a script, so that the old browsers inside chat apps show them; no login, no cookie to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from bot.channels.chat.links import Links
from bot.channels.web.sessions import Sessions
from bot.errors import BadInput
from bot.services import Services

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
GONE = BadInput("这条资料已经不在了。", "可能改了名或撤下了，回到聊天里再问一次。")


def build_citation_page(services: Services, links: Links, sessions: Sessions) -> APIRouter:
    """GET /c/…, GET and POST /continue/…."""
    router = APIRouter(include_in_schema=False)

    @router.get("/c/{token}")
    def citation(token: str) -> Response:
        try:
            cited = links.read(token)
            source = services.source(cited.source)
            if source is None:
                raise GONE
        except BadInput as error:
            return _trouble(error)
        picture = f"/c/{token}/page.png" if source.get("pictures") else ""
        return _page(title=source["title"], source=_readable(source), picture=picture)

    @router.get("/c/{token}/page.png")
    def picture(token: str) -> Response:
        try:
            drawn = services.source_page(links.read(token).source, None)
            if drawn is None:
                raise GONE
        except BadInput as error:
            return _trouble(error)
        return Response(drawn, media_type="image/png", headers=HEADERS)

    @router.get("/continue/{token}")
    def ask(token: str) -> Response:
        """One tap more: chat apps look at links before people do, and would spend it."""
        try:
            links.check(token)
        except BadInput as error:
            return _trouble(error)
        return _page(title="接着聊", token=token)

    @router.post("/continue/{token}")
    def go_on(token: str, request: Request) -> Response:
        try:
            conversation = links.spend(token)
        except BadInput as error:
            return _trouble(error)
        answer = RedirectResponse("/", 303, headers=HEADERS)
        sessions.adopt(request, answer, conversation)
        return answer

    return router


def _page(status: int = 200, **fields: Any) -> Response:
    return HTMLResponse(_template().render(**fields), status, HEADERS)


def _trouble(error: BadInput) -> Response:
    """410: it was there once, or pretends so; nothing more is told to who tries."""
    return _page(410, title="打不开了", problem=error.message, remedy=error.remedy)


@cache
def _template() -> Any:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("citation.html.j2")


def _readable(source: dict[str, Any]) -> dict[str, Any]:
    """With each section's list as `points`, and its text in pieces, marked or not."""
    sections = [
        {
            "heading": section["heading"],
            "law": section.get("law", False),
            "text": section.get("text", ""),
            "points": section.get("items", []),
            "pieces": _pieces(section.get("text", ""), section.get("marks", ())),
        }
        for section in source["sections"]
    ]
    return source | {"sections": sections}


def _pieces(text: str, marks: Sequence[Sequence[int]]) -> list[tuple[str, bool]]:
    found, at = [], 0
    for start, end in sorted((mark[0], mark[1]) for mark in marks):
        if at <= start < end <= len(text):
            found += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [piece for piece in [*found, (text[at:], False)] if piece[0]]
