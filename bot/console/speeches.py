"""The speech kit: an outline from a case, a timer, and a contest that colleagues mark on their phones."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from bot.console.hazards_form import Form, read_form
from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitor, Visitors
from bot.content.awareness import Slogan
from bot.content.models import CaseStudy
from bot.desks.building import Learning
from bot.desks.speeches import Meeting
from bot.errors import BadInput
from bot.learning.awareness.speeches import BEST, MARKS, PACE, outline

MINUTES = (3, 5, 8)


def build_speech_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /speech, /speech/<code>; POST /speech, /speech/<code>/mark, /speech/<code>/close."""
    router, speeches, awareness = APIRouter(), learning.speeches, learning.awareness

    def desk(request: Request, problem: str = "", case: str = "", minutes: int = 5) -> Response:
        visitor, chosen = visitors.of(request), awareness.cases.get(case)
        parts = []
        if chosen is not None:
            minutes = minutes if minutes in MINUTES else 5
            parts = outline(chosen, _closing(chosen, awareness.slogans), minutes)
        leads = visitor.may("trainer", "manager")
        return pages.render(
            "speech.html.j2", request, 422 if problem else 200, cases=list(awareness.cases.values()), chosen=chosen,
            minutes=minutes, choices=MINUTES, parts=parts, pace=PACE, leads=leads, problem=problem,
            meetings=speeches.recent() if visitor.person or leads else [],
        )  # fmt: skip

    def meeting_of(code: str) -> Meeting:
        found = speeches.get(code)
        if found is None:
            raise Refused(404, "没有这一场演讲，或者过了一个月。", "打开 /speech 看有哪些。")
        return found

    def room(request: Request, meeting: Meeting, visitor: Visitor, problem: str = "") -> Response:
        leads = visitor.may("trainer", "manager")
        own = visitor.person.id if visitor.person else ""
        return pages.render(
            "speech_room.html.j2", request, 422 if problem else 200, meeting=meeting, problem=problem, leads=leads, own=own,
            marks=MARKS, best=BEST, done=speeches.marked_by(meeting, own), over=speeches.closed(meeting),
            standings=speeches.standings(meeting) if leads else [],
        )  # fmt: skip

    @router.get("/speech")
    def kit(request: Request, case: str = "", minutes: int = 5) -> Response:
        return desk(request, case=case, minutes=minutes)

    @router.post("/speech")
    async def open_one(request: Request) -> Response:
        visitors.same_origin(request)
        visitor = visitors.require(request, "trainer", "manager")
        form = await read_form(request)

        def act() -> Response:
            try:
                lines = form.get("speakers").splitlines()
                code = speeches.open(visitor.learner, form.get("title"), lines)
            except BadInput as error:
                return desk(request, str(error))
            return RedirectResponse(f"/speech/{code}", 303)

        return await run_in_threadpool(act)

    @router.get("/speech/{code}")
    def one(code: str, request: Request) -> Response:
        return room(request, meeting_of(code), visitors.require(request))

    @router.post("/speech/{code}/mark")
    async def mark(code: str, request: Request) -> Response:
        visitors.same_origin(request)
        visitor = visitors.require(request)
        form = await read_form(request)

        def act() -> Response:
            meeting = meeting_of(code)
            if visitor.person is None:
                raise Refused(401, "打分要先知道您是谁。", "在聊天里说“绑定”加绑定码。")
            try:
                speeches.mark(meeting, visitor.person, _whole(form, "speaker", -1), _marks(form))
            except BadInput as error:
                return room(request, meeting, visitor, str(error))
            return RedirectResponse(f"/speech/{code}", 303)

        return await run_in_threadpool(act)

    @router.post("/speech/{code}/close")
    async def close(code: str, request: Request) -> Response:
        visitors.same_origin(request)
        visitors.require(request, "trainer", "manager")
        await run_in_threadpool(lambda: speeches.close(meeting_of(code)))
        return RedirectResponse(f"/speech/{code}", 303)

    return router


def _closing(case: CaseStudy, slogans: Sequence[tuple[str, Slogan]]) -> str:
    """A slogan that rests on a source of the case, or else one of its topic."""
    near = [one.text for _, one in slogans if one.card in case.cards]
    near = near or [one.text for topic, one in slogans if topic == case.topic]
    return near[len(case.title) % len(near)] if near else case.manager_changes


def _marks(form: Form) -> dict[str, int]:
    return {name: _whole(form, name, 0) for name in MARKS}


def _whole(form: Form, name: str, otherwise: int) -> int:
    given = form.get(name)
    return int(given) if given.isdecimal() and len(given) < 4 else otherwise
