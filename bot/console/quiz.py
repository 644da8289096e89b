"""Pages of the quiz: how each question fares, for trainers; and the pictures that questions show."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, Response

from bot.console.pages import Pages
from bot.console.visitors import Visitors
from bot.content.models import TOPIC_NAMES
from bot.desks.building import Learning
from bot.learning.quizzes.statistics import FEWEST_ANSWERS, item_statistics

_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
MOST_ROWS = 200


def build_quiz_pages(learning: Learning, visitors: Visitors, pages: Pages, pictures: Path) -> APIRouter:
    """GET /quiz/stats for trainers and managers; GET /pictures/<name>.svg for everybody."""
    router = APIRouter()

    @router.get("/quiz/stats")
    def stats(request: Request) -> Response:
        visitors.require(request, "trainer", "manager")
        known = learning.quizzes.items
        found = item_statistics(learning.quizzes.answers(), {name: item for name, (_, item) in known.items()})
        return pages.render(
            "quiz_stats.html.j2",
            request,
            rows=[(one, *known[one.item], TOPIC_NAMES[known[one.item][0]]) for one in found[:MOST_ROWS]],
            flagged=sum(bool(one.flags) for one in found),
            answered=len(found),
            total=len(known),
            fewest=FEWEST_ANSWERS,
        )

    @router.get("/pictures/{name}.svg")
    def picture(name: str) -> Response:
        path = pictures / f"{name}.svg"
        if not _NAME.fullmatch(name) or not path.is_file():
            raise HTTPException(404, {"error": "没有这张图。", "remedy": "题目可能改过，重新做一遍这道题。"})
        return FileResponse(path, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    return router
