"""Rotation in pages: who is where when as a chart of weeks, a form to plan, and each plan with tasks and report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from bot.console.hazards_form import Form, read_form
from bot.console.pages import Pages
from bot.console.rotation_chart import chart
from bot.console.visitors import Refused, Visitor, Visitors
from bot.desks.building import Learning
from bot.errors import BadInput
from bot.learning.clock import day_of
from bot.learning.rotation.comparison import in_words
from bot.stores.learning.rotation import NewRotation, Rotation

SHOWN_BACK = timedelta(days=60)
SUGGESTED = 500
"""So many people the form suggests; everybody else goes by number."""


def build_rotation_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /rotation for trainers and managers, GET /rotation/{number} for those concerned; POST to plan, assess, call off."""
    router = APIRouter()

    @router.get("/rotation")
    def overview(request: Request) -> Response:
        visitors.require(request, "trainer", "manager")
        return _overview(learning, pages, request, Form(), "")

    @router.post("/rotation")
    async def plan(request: Request) -> Response:
        visitors.same_origin(request)
        form = await read_form(request)
        return await run_in_threadpool(_plan, learning, visitors, pages, request, form)

    @router.get("/rotation/{number}")
    def one(request: Request, number: int) -> Response:
        visitor = visitors.of(request)
        return _one(learning, pages, request, visitor, _seen(learning, visitor, number), "")

    @router.post("/rotation/{number}")
    async def act(request: Request, number: int) -> Response:
        visitors.same_origin(request)
        form = await read_form(request)
        return await run_in_threadpool(_act, learning, visitors, pages, request, number, form)

    return router


def _overview(learning: Learning, pages: Pages, request: Request, form: Form, problem: str) -> Response:
    office, today = learning.rotation.office, day_of(learning.clock(), learning.zone)
    plans = office.store.all(today - SHOWN_BACK)
    everybody = learning.staff.all(with_left=True)
    people = [one for one in everybody if one.left is None][:SUGGESTED]
    names = {one.id: one.name for one in everybody}
    rows = [_row(learning, one, names, today) for one in plans]
    return pages.render(
        "rotation.html.j2", request, 422 if problem else 200, rows=rows, people=people, form=form.fields,
        places=list(office.places.values()), problem=problem, today=today.isoformat(),
        chart=chart([(row["name"], row["place"], one.first, one.last) for row, one in zip(rows, plans, strict=True)], today),
        away=sum(one.first <= today <= one.last for one in plans),
    )  # fmt: skip


def _row(learning: Learning, one: Rotation, names: dict[str, str], today: date) -> dict[str, Any]:
    place = learning.rotation.office.places.get(one.place)
    rows = learning.rotation.office.rows(one, learning.clock())
    state = "还没开始" if today < one.first else "结束了" if today > one.last else "在外面"
    return {
        "id": one.id, "name": names.get(one.person, one.person), "place": place.department if place else one.place,
        "mentor": names.get(one.mentor, one.mentor), "first": one.first, "last": one.last, "state": state,
        "done": sum(row.done for row in rows), "of": len(rows), "late": sum(row.late for row in rows),
        "assessed": learning.rotation.office.store.assessment(one.id) is not None,
    }  # fmt: skip


def _plan(learning: Learning, visitors: Visitors, pages: Pages, request: Request, form: Form) -> Response:
    visitor = visitors.require(request, "trainer", "manager")
    if visitor.person is None:
        raise Refused(403, "轮岗要由人来排。", "用绑定了的培训师或主管账号打开这一页。")
    goals = tuple(line.strip()[:120] for line in form.get("goals").split("\n") if line.strip())[:5]
    try:
        first, last = _day(form.get("first")), _day(form.get("last"))
        new = NewRotation(
            _number(form.get("person")),
            form.get("place"),
            _number(form.get("mentor")),
            first,
            last,
            goals,
            visitor.person.id,
        )
        made = learning.rotation.office.plan(new, visitor.person, learning.clock())
    except BadInput as error:
        return _overview(learning, pages, request, form, f"{error.message}{error.remedy}")
    return RedirectResponse(f"/rotation/{made.id}", 303)


def _seen(learning: Learning, visitor: Visitor, number: int) -> Rotation:
    rotation = learning.rotation.office.store.get(number)
    if rotation is None or not (
        visitor.is_program or learning.rotation.office.may_see(rotation, visitor.person)
    ):
        raise Refused(404, f"没有 {number} 号轮岗计划，或者不归您看。", "在聊天里发“我的轮岗”。")
    return rotation


def _one(
    learning: Learning, pages: Pages, request: Request, visitor: Visitor, rotation: Rotation, problem: str
) -> Response:
    try:
        told = learning.rotation.office.report(rotation.id, learning.clock())
    except BadInput as error:
        raise Refused(404, error.message, error.remedy) from None
    names = {one.id: one.name for one in learning.staff.all(with_left=True)}
    own = visitor.person.id if visitor.person else ""
    return pages.render(
        "rotation_one.html.j2", request, 422 if problem else 200, told=told, problem=problem,
        row=_row(learning, rotation, names, day_of(learning.clock(), learning.zone)),
        comparison=[in_words(one) for one in told.comparison], mine=own == rotation.person,
        may_assess=own == rotation.mentor and told.assessment is None, leader=visitor.may("trainer", "manager"),
        numbers={row.task.id: number for number, row in enumerate(told.rows, 1)},
    )  # fmt: skip


def _act(
    learning: Learning, visitors: Visitors, pages: Pages, request: Request, number: int, form: Form
) -> Response:
    visitor = visitors.require(request)
    rotation, office, now = _seen(learning, visitor, number), learning.rotation.office, learning.clock()
    if visitor.person is None:
        raise Refused(403, "这一步要由人来做。", "用绑定了的账号打开这一页。")
    try:
        match form.get("act"):
            case "task":
                office.finish(rotation, form.get("task"), form.get("note"), visitor.person, now)
            case "assess":
                marks = {
                    name[5:]: int(value)
                    for name, value in form.fields.items()
                    if name.startswith("mark-") and value.isdecimal() and len(value) < 3
                }
                office.assess(number, visitor.person, marks, form.get("words"), now)
            case "cancel":
                office.cancel(number, visitor.person, form.get("why"), now)
                return RedirectResponse("/rotation", 303)
            case _:
                raise BadInput("没有这一步。", "从这一页的按钮里选。")
    except BadInput as error:
        return _one(learning, pages, request, visitor, rotation, f"{error.message}{error.remedy}")
    return RedirectResponse(f"/rotation/{number}", 303)


def _number(text: str) -> str:
    """The number before the name that the form suggests beside it."""
    return text.split(" ")[0]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"日期“{text}”不对。", "写成 2026-12-07 这样。") from None
