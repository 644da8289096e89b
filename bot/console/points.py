"""Points in pages: my statement, rankings, what trainers and managers decide, and the export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from bot.console.hazards_form import Form, read_form
from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitors
from bot.desks.building import Learning
from bot.desks.hazard_words import when
from bot.desks.points_export import PointsExport
from bot.desks.points_words import STATUS, caps_words, rule_line
from bot.errors import BadInput
from bot.learning.people.person import Person
from bot.learning.points.periods import NAMES
from bot.learning.points.places import grouped
from bot.stores.learning.points import Entry

SHOWN = 30
LISTED = 300
"""So many people can be ticked on the page; a large house confirms by command."""
BY = {"person": "个人", "department": "部门", "team": "班组", "post": "岗位"}
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def build_points_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /points, /points/ranking, /points/team, /points/export.csv and .xlsx; POST /points/object and /points/team."""
    router = APIRouter()
    office = learning.points.office

    @router.get("/points")
    def mine(request: Request, before: int | None = None) -> Response:
        return _mine(learning, visitors, pages, request, before, "")

    @router.post("/points/object")
    async def object_to(request: Request) -> Response:
        visitors.same_origin(request)
        form = await read_form(request)
        return await run_in_threadpool(_object, learning, visitors, pages, request, form)

    @router.get("/points/ranking")
    def ranking(request: Request, by: str = "person", span: str = "month", department: str = "") -> Response:
        visitor = visitors.require(request)
        by, span = by if by in BY else "person", span if span in NAMES else "month"
        leader = visitor.may("trainer", "manager")
        people = office.places(office.period(span))
        own = visitor.person.id if visitor.person else ""
        departments = sorted({one.standing.department for one in people})
        if department in departments:
            people = office.places(office.period(span), department=department)
        groups = grouped([one.standing for one in people], by) if by != "person" else []
        best = max((group.mean for group in groups), default=0) or 1
        shown = [one for one in people if one.standing.points > 0]
        return pages.render(
            "points_ranking.html.j2", request, by=by, span=span, spans=NAMES, ways=BY, department=department,
            departments=departments, leader=leader, own=own, total=len(people), active=len(shown),
            places=shown if leader else shown[:10], here=next((p for p in people if p.standing.person == own), None),
            groups=[(group, round(100 * max(group.mean, 0) / best)) for group in groups],
        )  # fmt: skip

    @router.get("/points/team")
    def team(request: Request) -> Response:
        return _team(learning, pages, request, _leader(visitors, request), "", "")

    @router.post("/points/team")
    async def decide(request: Request) -> Response:
        visitors.same_origin(request)
        form = await read_form(request)
        return await run_in_threadpool(_decide, learning, visitors, pages, request, form)

    @router.get("/points/export.{kind}")
    def export(request: Request, kind: str, span: str = "year", department: str = "") -> Response:
        visitor = visitors.require(request, "manager")
        if kind not in _KINDS:
            raise Refused(404, "没有这种格式。", "用 export.xlsx 或者 export.csv。")
        if visitor.person and visitor.person.role != "admin":
            department = (
                visitor.person.department
            )  # a manager's own department; all of them for administrators
        table = PointsExport(office, learning.staff, learning.zone).of(
            office.period(span), learning.clock(), department
        )
        data = table.xlsx() if kind == "xlsx" else table.csv()
        name = f"points-{span if span in NAMES else 'month'}.{kind}"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        }
        return Response(data, media_type=_KINDS[kind], headers=headers)

    return router


def _mine(
    learning: Learning, visitors: Visitors, pages: Pages, request: Request, before: int | None, problem: str
) -> Response:
    visitor, office = visitors.of(request), learning.points.office
    book = office.book()
    rules = [rule_line(rule) for rule in book.rules] if book else []
    together = caps_words(book.caps) if book else ""
    if visitor.person is None:
        return pages.render("points_guest.html.j2", request, rules=rules, together=together, book=book)
    entries = office.store.statement(visitor.person.id, SHOWN, before)
    taken_back = office.store.reversed_among([one.id for one in entries])
    objections = office.store.objections(person=visitor.person.id)
    return pages.render(
        "points.html.j2", request, 422 if problem else 200, own=office.own(visitor.person), entries=entries,
        taken_back=taken_back, more=entries[-1].id if len(entries) == SHOWN else 0, first=before is None,
        contested={one.entry for one in objections if one.entry}, objections=objections[::-1], words=STATUS,
        bonuses=office.store.bonuses(person=visitor.person.id), rules=rules, together=together, book=book,
        problem=problem, leader=visitor.may("trainer", "manager"), name=_name_of(learning), editions=office.titles(),
    )  # fmt: skip


def _object(learning: Learning, visitors: Visitors, pages: Pages, request: Request, form: Form) -> Response:
    visitor = visitors.require(request)
    if visitor.person is None:
        raise Refused(403, "申诉要由本人来。", "用绑定了的账号打开这一页。")
    number = _number(form.get("entry"))
    try:
        learning.points.office.object_to(number or None, visitor.person, form.get("why"), learning.clock())
    except BadInput as error:
        return _mine(learning, visitors, pages, request, None, f"{error.message}{error.remedy}")
    return RedirectResponse("/points#objections", 303)


def _leader(visitors: Visitors, request: Request) -> Person:
    visitor = visitors.require(request, "trainer", "manager")
    if visitor.person is None:
        raise Refused(403, "这一页要由人来定。", "用绑定了的培训师或主管账号打开。")
    return visitor.person


def _team(
    learning: Learning, pages: Pages, request: Request, leader: Person, problem: str, done: str
) -> Response:
    office = learning.points.office
    people = office.leads(leader)
    led = {one.id for one in people}
    objections = [one for one in office.store.objections("open") if one.person in led]
    contested: dict[int, Entry] = {
        one.entry: entry for one in objections if one.entry and (entry := office.store.entry(one.entry))
    }
    manages = leader.may("manager")
    last = office.period("last").first
    return pages.render(
        "points_team.html.j2", request, 422 if problem else 200, people=people[:LISTED], more=max(0, len(people) - LISTED), objections=objections,
        contested=contested, manages=manages, problem=problem, done=done, name=_name_of(learning),
        bonuses=[one for one in office.store.bonuses("proposed") if one.person in led] if manages else [],
        decided=[one for one in office.store.bonuses() if one.person in led and one.status != "proposed"][:20],
        when=lambda at: when(at, learning.zone), month=f"{last // 100:04d}-{last % 100:02d}", words=STATUS,
    )  # fmt: skip


def _decide(learning: Learning, visitors: Visitors, pages: Pages, request: Request, form: Form) -> Response:
    leader = _leader(visitors, request)
    acts: dict[str, Callable[[Learning, Person, Form], str]] = {
        "objection": _decide_objection, "bonus": _decide_bonus, "safe": _confirm_safe, "reverse": _reverse,
    }  # fmt: skip
    act = acts.get(form.get("act"))
    try:
        if act is None:
            raise BadInput("没有这一步。", "从这一页的按钮里选。")
        done = act(learning, leader, form)
    except BadInput as error:
        return _team(learning, pages, request, leader, f"{error.message}{error.remedy}", "")
    return _team(learning, pages, request, leader, "", done)


def _decide_objection(learning: Learning, leader: Person, form: Form) -> str:
    decided = learning.points.office.decide(
        _number(form.get("number")), leader, form.get("outcome") if form.get("outcome") in STATUS else "rejected",
        form.get("why"), learning.clock(), _number(form.get("points")),
    )  # fmt: skip
    return f"{decided.id} 号申诉裁定了：{STATUS[decided.status]}。"


def _decide_bonus(learning: Learning, leader: Person, form: Form) -> str:
    agreed = form.get("answer") == "yes"
    decided = learning.points.office.decide_bonus(
        _number(form.get("number")), leader, agreed, form.get("why"), learning.clock()
    )
    return f"{decided.id} 号奖金建议：{STATUS[decided.status]}。"


def _confirm_safe(learning: Learning, leader: Person, form: Form) -> str:
    people = form.all("person")
    if not people:
        raise BadInput("没有勾人。", "逐个勾上这个月确实没出事的人，再确认。")
    try:
        month = date.fromisoformat(f"{form.get('month')}-01")
    except ValueError:
        raise BadInput("月份不对。", "写成 2026-10 这样。") from None
    new, known = learning.points.office.confirm_safe(
        leader, month, _number(form.get("days")), people, learning.clock()
    )
    again = f"，{len(known)} 人以前确认过，没有再记" if known else ""
    return f"{month:%Y-%m} 确认了 {len(new)} 人{again}。"


def _reverse(learning: Learning, leader: Person, form: Form) -> str:
    reversal = learning.points.office.reverse(
        _number(form.get("number")), leader, form.get("why"), learning.clock()
    )
    return f"冲回了：{reversal.id} 号，{reversal.points:+d} 分。"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _name_of(learning: Learning) -> Callable[[str], str]:
    def name(number: str) -> str:
        person: Any = learning.staff.get(number)
        return person.name if person else number

    return name
