"""Hazards in pages: what is mine, the board of those who lead, one hazard with its steps, and reporting with a photo."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse, Response

from bot.console.hazards_form import MOST_WITH_PHOTO, Form, read_form
from bot.console.hazards_stats import build_hazards_stats
from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitor, Visitors
from bot.content.models import TOPIC_NAMES
from bot.desks.building import Learning
from bot.desks.hazard_office import Report, leads, report_key
from bot.desks.hazard_words import severity_name, when
from bot.errors import BadInput
from bot.learning.hazards.receipts import new_receipt, read_receipt
from bot.learning.hazards.severity import NAMES, RULE
from bot.learning.hazards.workflow import OPEN, STATUS_NAMES, STEP_NAMES, Step, may, steps_from
from bot.learning.people.person import Person
from bot.stores.learning.hazards import Hazard

MOST = 40
"""So many are listed at once; more than that nobody reads, and each is one look away by its number."""
SUGGESTED = 200
_BOARD = ("reported", "assigned", "taken", "fixed")


def build_hazards_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /hazards, /hazards/new, /hazards/receipt, /hazards/stats, /hazards/{number}; POST to report, step and add photos."""
    router = APIRouter()
    router.include_router(build_hazards_stats(learning, visitors, pages))
    view = _View(learning)

    @router.get("/hazards")
    def mine(request: Request) -> Response:
        visitor = visitors.of(request)
        own = learning.hazards.office.of(visitor.learner)
        leader = visitor.may("trainer", "manager")
        board = _by_urgency(learning.hazards.office.store.with_status(OPEN)) if leader else []
        waiting = {status: [one for one in board if one.status == status] for status in _BOARD}
        return pages.render(
            "hazards.html.j2", request, own=[view.row(one) for one in own[:MOST]], leader=leader,
            columns=[
                (STATUS_NAMES[status], len(ones), [view.row(one) for one in ones[:MOST]])  # type: ignore[index]
                for status, ones in waiting.items()
            ],
        )  # fmt: skip

    @router.get("/hazards/new")
    def new(request: Request, anonymous: bool = False) -> Response:
        return _new_page(pages, request, anonymous, Form(), "", [])

    @router.post("/hazards/new")
    async def report(request: Request) -> Response:
        visitors.same_origin(request)
        form = await read_form(request, MOST_WITH_PHOTO)
        return await run_in_threadpool(_report, learning, visitors, pages, view, request, form)

    @router.get("/hazards/receipt")
    def receipt(request: Request, code: str = "") -> Response:
        hazard = _by_code(learning, visitors.of(request), code) if code else None
        steps = learning.hazards.office.store.steps(hazard.id) if hazard else []
        return pages.render(
            "hazards_receipt.html.j2", request, code=read_receipt(code), asked=bool(code),
            hazard=view.row(hazard) if hazard else None, photo_count=len(view.photos(hazard)) if hazard else 0,
            steps=[(when(s.at, learning.zone), STEP_NAMES.get(s.step, s.step), s.note) for s in steps],
        )  # fmt: skip

    @router.post("/hazards/receipt")
    async def receipt_photo(request: Request) -> Response:
        visitors.same_origin(request)
        form = await read_form(request, MOST_WITH_PHOTO)
        return await run_in_threadpool(_photo_by_code, learning, visitors, request, form)

    @router.get("/hazards/photos/{name}")
    def photo(request: Request, name: str) -> Response:
        kept = learning.hazards.office.store.photo(name)
        path = learning.hazards.office.photos.path(name)
        if kept is None or path is None:
            raise Refused(404, "没有这张照片。", "回到那条隐患再点一次。")
        _seen(learning, visitors.of(request), kept.hazard)
        headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, media_type="image/jpeg", headers=headers)

    @router.get("/hazards/{number}")
    def one(request: Request, number: int) -> Response:
        visitor = visitors.of(request)
        return _hazard_page(learning, pages, view, request, visitor, _seen(learning, visitor, number), "")

    @router.post("/hazards/{number}/step")
    async def step(request: Request, number: int) -> Response:
        visitors.same_origin(request)
        form = await read_form(request)
        return await run_in_threadpool(_step, learning, visitors, pages, view, request, number, form)

    @router.post("/hazards/{number}/photo")
    async def add_photo(request: Request, number: int) -> Response:
        visitors.same_origin(request)
        form = await read_form(request, MOST_WITH_PHOTO)
        return await run_in_threadpool(_photo, learning, visitors, pages, view, request, number, form)

    return router


class _View:
    """What templates show of a hazard, in words."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    def row(self, one: Hazard) -> dict[str, Any]:
        return {
            "id": one.id, "what": one.what, "place": one.place, "status": STATUS_NAMES[one.status],  # type: ignore[index]
            "state": one.status, "severity": severity_name(one.severity), "level": one.severity,
            "declared": severity_name(one.declared), "topic": TOPIC_NAMES.get(one.topic, "未分专题"),
            "at": when(one.at, self._learning.zone), "assignee": self.name(one.assignee) if one.assignee else "",
            "reporter": "匿名" if one.is_anonymous else self.name(one.reporter), "same_as": one.same_as,
            "late": one.escalated > 0,
        }  # fmt: skip

    def name(self, number: str) -> str:
        person = self._learning.staff.get(number)
        return person.name if person else "未绑定的同事"

    def photos(self, one: Hazard) -> list[tuple[str, str]]:
        kinds = {"report": "报的时候", "fix": "处理以后"}
        return [(p.name, kinds.get(p.kind, "")) for p in self._learning.hazards.office.store.photos(one.id)]

    def people(self, leader: Person, one: Hazard) -> list[Person]:
        """Whom to suggest: those who are led by the one who looks, and the reporter's department. Others by number."""
        near = self._learning.staff.led_by(leader.id)
        if one.department:
            near += [p for p in self._learning.staff.all() if p.department == one.department]
        return list({p.id: p for p in near}.values())[:SUGGESTED]


def _by_urgency(hazards: Sequence[Hazard]) -> list[Hazard]:
    order = {"urgent": 0, "serious": 1, "minor": 2}
    return sorted(hazards, key=lambda one: (order.get(one.severity, 3), one.at))


def _seen(learning: Learning, visitor: Visitor, number: int) -> Hazard:
    hazard = learning.hazards.office.store.get(number)
    office = learning.hazards.office
    allowed = hazard is not None and (
        visitor.is_program or office.may_see(hazard, visitor.person, visitor.learner)
    )
    if hazard is None or not allowed:
        raise Refused(
            404, f"没有隐患 {number} 号，或者不归您看。", "在聊天里发“我的隐患”，看看您报的和派给您的。"
        )
    return hazard


def _new_page(
    pages: Pages, request: Request, anonymous: bool, form: Form, problem: str, found: list[dict[str, Any]]
) -> Response:
    key = form.get("key") or secrets.token_hex(16)
    return pages.render(
        "hazards_new.html.j2", request, 422 if problem else 200, anonymous=anonymous, form=form.fields, problem=problem,
        found=found, key=key, levels=[(name, NAMES[name], RULE[name]) for name in ("urgent", "serious", "minor")],
    )  # fmt: skip


def _report(
    learning: Learning, visitors: Visitors, pages: Pages, view: _View, request: Request, form: Form
) -> Response:
    """Checks, suggests what is there already, and writes it down; the form's own key makes a second press harmless."""
    visitor, office, now = visitors.of(request), learning.hazards.office, learning.clock()
    hidden = form.get("anonymous") == "1"
    what, place, severity = form.get("what")[:500], form.get("place")[:60], form.get("severity")
    missing = [label for label, value in (("看到什么了", what), ("在哪儿", place)) if len(value) < 2]
    missing += [] if severity in NAMES else ["有多急"]
    if missing:
        return _new_page(pages, request, hidden, form, f"还差：{'、'.join(missing)}。", [])
    similar = office.similar(what, place, now)
    if similar and form.get("anyway") != "1":
        return _new_page(pages, request, hidden, form, "", [view.row(one) for one in similar])
    receipt = new_receipt() if hidden else ""
    who = visitor.learner if not hidden else ""
    key = report_key([who, form.get("key") or secrets.token_hex(16)])
    try:
        picture = office.photos.checked(form.photo) if form.photo else b""
        hazard = office.report(
            Report(key, what, place, severity, visitor.learner, visitor.person, receipt), now
        )
        if picture and not office.store.photos(hazard.id):
            office.add_photo(hazard, picture, "report", now)
    except BadInput as error:
        return _new_page(pages, request, hidden, form, f"{error.message}{error.remedy}", [])
    if hidden and office.by_receipt(receipt) is None:  # pressed twice: the first press has the code
        return pages.render("hazards_done.html.j2", request, receipt="", hazard=None)
    if hidden:
        return pages.render("hazards_done.html.j2", request, receipt=receipt, hazard=view.row(hazard))
    return RedirectResponse(f"/hazards/{hazard.id}", 303)


def _by_code(learning: Learning, visitor: Visitor, code: str) -> Hazard | None:
    """By a receipt code; guessing is slowed down."""
    if learning.hazards.tried(visitor.conversation or "program"):
        raise Refused(429, "试得太多了。", "请过一刻钟再查。")
    read = read_receipt(code)
    return learning.hazards.office.by_receipt(read) if read else None


def _photo_by_code(learning: Learning, visitors: Visitors, request: Request, form: Form) -> Response:
    code = read_receipt(form.get("code"))
    hazard = _by_code(learning, visitors.of(request), code)
    if hazard is None:
        raise Refused(404, "没有查到这个回执码。", "对一下那六位字母和数字。")
    try:
        learning.hazards.office.add_photo(hazard, form.photo, "report", learning.clock())
    except BadInput as error:
        raise Refused(422, error.message, error.remedy) from None
    return RedirectResponse(f"/hazards/receipt?code={code}", 303)


def _hazard_page(
    learning: Learning,
    pages: Pages,
    view: _View,
    request: Request,
    visitor: Visitor,
    hazard: Hazard,
    problem: str,
) -> Response:
    steps = learning.hazards.office.store.steps(hazard.id)
    leader = visitor.person is not None and leads(visitor.person)
    can = [
        step for step in steps_from(hazard.status)
        if visitor.person and not may(step, visitor.person.id, leader, hazard.reporter, hazard.assignee)
    ]  # fmt: skip
    line = [
        (when(s.at, learning.zone), STEP_NAMES.get(s.step, s.step),
         view.name(s.who) if s.who and s.step != "report" else "", s.note)
        for s in steps
    ]  # fmt: skip
    signs = learning.hazards.office.signs(f"{hazard.place}{hazard.what}")
    return pages.render(
        "hazards_one.html.j2", request, 422 if problem else 200, hazard=view.row(hazard), steps=line, can=can,
        leader=leader, people=view.people(visitor.person, hazard) if visitor.person and leader else [], photos=view.photos(hazard), problem=problem,
        advice=signs[0].advice if signs and hazard.status in OPEN else (), names=STEP_NAMES,
        levels=[(name, NAMES[name]) for name in ("urgent", "serious", "minor")],
        mine=visitor.learner in (hazard.reporter, hazard.assignee),
    )  # fmt: skip


def _step(
    learning: Learning,
    visitors: Visitors,
    pages: Pages,
    view: _View,
    request: Request,
    number: int,
    form: Form,
) -> Response:
    visitor = visitors.require(request)
    if visitor.person is None:
        raise Refused(403, "这一步要由人来做。", "用绑定了的账号打开这一页。")
    hazard, step = _seen(learning, visitor, number), form.get("step")
    try:
        if step not in STEP_NAMES or step in ("report", "escalate"):
            raise BadInput("没有这一步。", "回到这一页，从按钮里选。")
        same = form.get("same_as")
        chosen: Step = step  # type: ignore[assignment]  # one of the names that are ours
        learning.hazards.office.act(
            number, chosen, visitor.person, learning.clock(), form.get("note"), form.get("severity"),
            form.get("assignee").split(" ")[0], int(same) if same.isdecimal() and len(same) < 10 else None,
        )  # fmt: skip
    except BadInput as error:
        hazard = _seen(learning, visitor, number)
        return _hazard_page(learning, pages, view, request, visitor, hazard, f"{error.message}{error.remedy}")
    return RedirectResponse(f"/hazards/{number}", 303)


def _photo(
    learning: Learning,
    visitors: Visitors,
    pages: Pages,
    view: _View,
    request: Request,
    number: int,
    form: Form,
) -> Response:
    visitor = visitors.of(request)
    hazard = _seen(learning, visitor, number)
    kind = "fix" if visitor.learner == hazard.assignee else "report"
    try:
        learning.hazards.office.add_photo(hazard, form.photo, kind, learning.clock())
    except BadInput as error:
        return _hazard_page(learning, pages, view, request, visitor, hazard, f"{error.message}{error.remedy}")
    return RedirectResponse(f"/hazards/{number}", 303)
