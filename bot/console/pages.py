"""Renders templates as pages with our headers; a page that may not be seen says so kindly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.console.visitors import Refused, Visitors

HERE = Path(__file__).resolve().parent
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin"}


class Pages:
    """Templates find `visitor`, `path` and `nav` beside their own fields."""

    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, request: Request, status: int = 200, **fields: Any) -> Response:
        visitor = self._visitors.of(request)
        known = {"visitor": visitor, "path": request.url.path, "nav": _nav(visitor.may("trainer", "manager"))}
        page = self._environment.get_template(template).render(**known, **fields)
        response = HTMLResponse(page, status, HEADERS)
        self._visitors.remember(request, response)
        return response

    def refuse(self, request: Request, error: Refused) -> Response:
        """JSON for a script, a page for a person."""
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"error": error.problem, "remedy": error.remedy}, error.status)
        return self.render(
            "refused.html.j2", request, error.status, problem=error.problem, remedy=error.remedy
        )


def _nav(leads: bool) -> list[tuple[str, str]]:
    """(path, name) of the pages everybody has, and of those for trainers and managers."""
    everybody = [
        ("/", "聊天"), ("/learn", "课程"), ("/contest", "竞赛"), ("/hazards", "隐患"), ("/points", "积分"),
        ("/gallery", "案例长廊"), ("/posters", "海报"), ("/games", "小游戏"), ("/speech", "演讲"),
    ]  # fmt: skip
    leaders = [
        ("/team", "我带的人"),
        ("/map", "知识地图"),
        ("/rotation", "轮岗"),
        ("/quiz/stats", "题目统计"),
    ]
    return everybody + (leaders if leads else [])
