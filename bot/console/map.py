"""The knowledge map: topics by team, knowledge against awareness over time, and which training moved which measure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.console.pages import Pages
from bot.console.visitors import Visitor, Visitors
from bot.content.models import TOPIC_NAMES
from bot.desks.building import Learning
from bot.desks.records import as_event
from bot.learning.clock import day_of
from bot.learning.loop.effects import MEASURES, TRAININGS, Effect, effects
from bot.learning.loop.teams import FEWEST, Cell, cells
from bot.learning.people.person import Person
from bot.stores.learning.loop import TeamSnapshot

WEEKS = 12
LOOKS_BACK = timedelta(days=150)
WIDTH, HEIGHT, EDGE = 220, 96, 6
_TRAININGS = dict(zip(TRAININGS, ("课程", "演练", "竞赛"), strict=True))


@dataclass(frozen=True)
class Chart:
    """One topic of one team: the lines as points of an SVG, and the figures in words for who cannot see them."""

    topic: str
    cell: Cell
    knowledge: str
    awareness: str
    days: int


def build_map_page(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /map, for trainers, managers and administrators."""
    router = APIRouter()

    @router.get("/map")
    def knowledge_map(request: Request) -> Response:
        visitor = visitors.require(request, "trainer", "manager")
        at = learning.clock()
        people = _whom(visitor, learning)
        now = cells(people, learning.loop.risks(people), at)
        past = learning.loop.snapshots(day_of(at, learning.zone) - timedelta(weeks=WEEKS))
        names = learning.titles
        return pages.render(
            "map.html.j2",
            request,
            teams=_teams(now, past, day_of(at, learning.zone)),
            fewest=FEWEST,
            size=(WIDTH, HEIGHT, EDGE),
            effects=[(_TRAININGS[one.kind], names.get(one.ref, one.ref), one, _change(one)) for one in _moved(learning, people)],
        )  # fmt: skip

    return router


def _whom(visitor: Visitor, learning: Learning) -> list[Person]:
    """An administrator sees everybody; others the departments of those they lead, as a department's means are no
    person's."""
    everybody = learning.staff.all()
    if visitor.may("admin") or visitor.person is None:
        return everybody
    departments = {one.department for one in learning.staff.led_by(visitor.person.id)} | {
        visitor.person.department
    }
    return [one for one in everybody if one.department in departments]


def _teams(now: Sequence[Cell], past: Sequence[TeamSnapshot], today: date) -> dict[str, list[Chart]]:
    earlier: dict[tuple[str, str], list[TeamSnapshot]] = defaultdict(list)
    for one in past:
        if one.seen >= FEWEST:
            earlier[one.team, one.topic].append(one)
    teams: dict[str, list[Chart]] = defaultdict(list)
    for cell in now:
        teams[cell.team].append(_chart(cell, earlier[cell.team, cell.topic], today))
    return dict(teams)


def _chart(cell: Cell, past: Sequence[TeamSnapshot], today: date) -> Chart:
    known = [(one.day, one.knowledge) for one in past if one.day < today]
    alert = [(one.day, one.awareness) for one in past if one.day < today]
    if cell.shown:
        known.append((today, cell.knowledge))
        alert.append((today, cell.awareness))
    return Chart(TOPIC_NAMES[cell.topic], cell, _line(known, today), _line(alert, today), len(known))


def _line(points: Sequence[tuple[date, float]], today: date) -> str:
    """Points of a polyline: twelve weeks across, 0 to 1 upwards."""
    begins = today - timedelta(weeks=WEEKS)
    across, up = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    return " ".join(
        f"{EDGE + across * (day - begins) / (today - begins):.1f},{HEIGHT - EDGE - up * value:.1f}"
        for day, value in points
    )


def _moved(learning: Learning, people: Sequence[Person]) -> list[Effect]:
    """The ones an interval settles first."""
    ids = {one.id for one in people}
    kinds = [*TRAININGS, *(one.kind for one in MEASURES)]
    events = learning.records.store.since(learning.clock() - LOOKS_BACK, kinds)
    found = effects(as_event(one) for one in events if one.person in ids)
    return sorted(found, key=lambda one: (one.verdict == "还看不出", -abs(one.change)))


def _change(effect: Effect) -> str:
    """In points of a hundred for shares, in numbers for counts; with its interval."""
    scale, unit = (100, " 分") if effect.measure in ("答题对的份额", "陪练得分") else (1, " 次")
    shown = [round(scale * one, 0 if scale == 100 else 2) for one in (effect.change, effect.low, effect.high)]
    change, low, high = (f"{one:+g}" for one in shown)
    return f"{change}{unit}（{low} 到 {high}）"
