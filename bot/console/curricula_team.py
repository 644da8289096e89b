"""The people somebody leads, who is late first, and the tasks that wait for their signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitor, Visitors
from bot.content.curricula import Step
from bot.desks.building import Learning
from bot.learning.curricula.certificates import Certificate
from bot.learning.curricula.progress import Progress
from bot.learning.people.person import Person
from bot.stores.learning.signatures import Signature

MOST = 300


@dataclass(frozen=True)
class Row:
    """One person; `late` counts modules whose day has passed."""

    person: Person
    courses: list[Progress]
    held: list[Certificate]
    late: int


@dataclass(frozen=True)
class Asked:
    signature: Signature
    name: str
    step: Step | None
    course: str
    days: int


def build_team_page(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /team; POST /team/…/sign and /team/…/return."""
    router = APIRouter()
    curricula, signing = learning.courses.curricula, learning.courses.signing

    @router.get("/team")
    def team(request: Request) -> Response:
        visitor, now = visitors.require(request), learning.clock()
        people = _whom(visitor)
        if not people and not visitor.may("trainer", "manager"):
            raise Refused(
                403, "这一页给师傅、培训师和主管看。", "带了徒弟，请管理员在人员表里写上“师傅工号”。"
            )
        today = curricula.today(now)
        rows = _rows(people, today)
        return pages.render(
            "curricula_team.html.j2", request, rows=rows[:MOST], more=max(0, len(rows) - MOST), today=today,
            late=sum(row.late > 0 for row in rows), asked=_asked(visitor, today),
        )  # fmt: skip

    @router.post("/team/{number}/{what}")
    async def answer(number: int, what: str, request: Request) -> Response:
        await run_in_threadpool(visitors.same_origin, request)
        fields = parse_qs((await request.body())[:4000].decode("utf-8", errors="replace"))
        reason = fields.get("reason", [""])[0]
        return await run_in_threadpool(_settle, number, what, reason, request)

    def _settle(number: int, what: str, reason: str, request: Request) -> Response:
        person = visitors.require(request).person
        found = (
            next((one for one in signing.waiting(person.id) if one.id == number), None) if person else None
        )
        if person is None or found is None or what not in ("sign", "return"):
            raise Refused(409, "这一件不在等您签字，可能已经签过了。", "回到“我带的人”看看。")
        signing.settle(person, found, what == "sign", reason, learning.clock())
        return RedirectResponse("/team", 303)

    def _whom(visitor: Visitor) -> list[Person]:
        """An administrator sees everybody who learns; others those they train or manage."""
        if visitor.person is None or visitor.person.role == "admin":
            return learning.staff.all()
        return [one for one in learning.staff.led_by(visitor.learner) if one.id != visitor.learner]

    def _rows(people: list[Person], today: date) -> list[Row]:
        numbers = [one.id for one in people]
        progress, held = curricula.progress_of(numbers), curricula.certificates_of(numbers)
        rows = [
            Row(
                one,
                courses := progress.get(one.id, []),
                held.get(one.id, []),
                sum(len(course.late(today)) for course in courses),
            )
            for one in people
        ]
        return sorted(rows, key=lambda row: (-row.late, not row.courses, row.person.id))

    def _asked(visitor: Visitor, today: date) -> list[Asked]:
        found = []
        for one in signing.waiting(visitor.learner):
            course, module, step = one.ref.split("/")
            known = curricula.courses.get(course)
            pair = known.step(module, step) if known else None
            person = learning.staff.get(one.person)
            name = person.name if person else one.person
            days = (today - curricula.today(one.asked_at)).days
            found.append(Asked(one, name, pair[1] if pair else None, known.title if known else course, days))
        return found

    return router
