"""Figures about hazards: by severity, topic and place, with the numbers and the median time to the passed check."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.console.pages import Pages
from bot.console.visitors import Visitors
from bot.content.models import TOPIC_NAMES
from bot.desks.building import Learning
from bot.desks.hazard_words import severity_name
from bot.learning.hazards.statistics import FEW, Known, Line, counted, hours_to_fix, in_words

SPANS = {30: "近 30 天", 90: "近 90 天", 365: "近一年"}
MOST = 12


def build_hazards_stats(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    router = APIRouter()

    @router.get("/hazards/stats")
    def stats(request: Request, days: int = 90) -> Response:
        visitors.require(request, "trainer", "manager")
        days = days if days in SPANS else 90
        known = [
            one
            for one in learning.hazards.office.store.since(learning.clock() - timedelta(days=days))
            if one.status != "same"
        ]
        groups = [
            ("多急", counted(known, lambda one: severity_name(one.severity))),
            ("哪一类", counted(known, lambda one: TOPIC_NAMES.get(one.topic, "未分专题"))),
            ("在哪儿", counted(known, place_of)[:MOST]),
        ]
        most = max((line.reported for _, lines in groups for line in lines), default=1)
        return pages.render(
            "hazards_stats.html.j2", request, days=days, spans=SPANS, total=len(known), few=FEW,
            anonymous=sum(one.is_anonymous for one in known), middle=in_words(hours_to_fix(known)),
            closed=sum(one.status == "closed" for one in known),
            groups=[(title, [_row(line, most) for line in lines]) for title, lines in groups],
        )  # fmt: skip

    return router


def place_of(one: Known) -> str:
    """Places as they were written; only spaces do not tell them apart."""
    return one.place.replace(" ", "") or "没写"


def _row(line: Line, most: int) -> dict[str, object]:
    return {
        "name": line.name,
        "reported": line.reported,
        "real": line.real,
        "open": line.open,
        "closed": line.closed,
        "middle": in_words(line.median_hours),
        "few": line.is_few,
        "width": round(100 * line.reported / most),
    }
