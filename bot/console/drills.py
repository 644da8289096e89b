"""Pages of a drill: its timeline while it runs, and the review sheet afterwards, printable and as a Word file."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from bot.console.hazards_form import read_form
from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitors
from bot.desks.building import Learning
from bot.desks.drill_room import Running
from bot.learning.drills.record import open_decisions
from bot.learning.drills.review import Review, clock, line_of
from bot.learning.drills.running import note

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_KINDS = ("decide", "inject", "phase", "note", "join", "leave", "wait")


def build_drill_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """/drill/<room>, /drill/<room>/review, /drill/<room>/review.docx; POST an inject by hand, or who changes what."""
    router, rooms = APIRouter(), learning.drills

    def found(code: str) -> Running:
        running = rooms.find(code)
        if running is None:
            raise Refused(404, f"没有 {code} 这场演练。", "在聊天里说“演练”，另开一场。")
        return running

    @router.get("/drill/{code}")
    def timeline(code: str, request: Request) -> Response:
        running = found(code)
        visitor = visitors.of(request)
        return pages.render(
            "drills_room.html.j2", request, running=running, entries=_lines(running), clock=clock,
            open_now=open_decisions(running.drill, running.now), leads=visitor.may("trainer", "manager"),
        )  # fmt: skip

    @router.get("/drill/{code}/version")
    def version(code: str) -> dict[str, int]:
        """What the page looks at to know whether something has happened."""
        return {"version": found(code).room.version}

    @router.post("/drill/{code}/note")
    async def by_hand(code: str, request: Request) -> Response:
        visitors.same_origin(request)
        visitor = await run_in_threadpool(visitors.require, request, "trainer", "manager")
        text = (await read_form(request)).get("text")[:200]
        name = visitor.person.name if visitor.person else "导演"
        if text.strip():
            at = learning.clock()
            await run_in_threadpool(
                rooms.move, code, lambda d, r: note(d, r, "", f"导演 {name}", text.strip(), at), at
            )
        return RedirectResponse(f"/drill/{code}", 303)

    @router.get("/drill/{code}/review")
    def sheet(code: str, request: Request) -> Response:
        running = found(code)
        return pages.render(
            "drills_review.html.j2", request, running=running, review=rooms.review(running), clock=clock,
            entries=_lines(running), earlier=rooms.earlier(running), plan=running.room.plan,
        )  # fmt: skip

    @router.post("/drill/{code}/plan")
    async def plan(code: str, request: Request) -> Response:
        visitors.same_origin(request)
        form = await read_form(request)
        check, owner, due = (form.get(name).strip() for name in ("check", "owner", "due"))
        if not await run_in_threadpool(rooms.plan, code, check, owner, due):
            raise Refused(404, "没记下来。", "回到复盘单再填一次。")
        return RedirectResponse(f"/drill/{code}/review#{check}", 303)

    @router.get("/drill/{code}/review.docx")
    def as_word(code: str) -> Response:
        running = found(code)
        body = _document(running, rooms.review(running))
        name = f"attachment; filename=drill-{code}.docx"
        return Response(body, media_type=WORD, headers={"Content-Disposition": name})

    return router


def _lines(running: Running) -> list[tuple[str, str, str]]:
    """(kind, the line, what came of it) of everything in the record, the newest last."""
    then = {one.id: one.then for one in running.drill.decisions}
    return [
        (one.kind, line_of(one) if one.kind != "phase" else f"进入“{one.ref}”", then.get(one.ref, "") if one.kind == "decide" else "")
        for one in running.record
        if one.kind in _KINDS
    ]  # fmt: skip


def _document(running: Running, review: Review) -> bytes:
    document = Document()
    document.add_heading(f"演练复盘单：{running.drill.title}", 1)
    document.add_paragraph(
        f"得分 {review.score}，用时 {clock(review.minutes)}（演练里的时间），{running.room.started_at:%Y-%m-%d}"
    )
    document.add_heading("想练的", 2)
    document.add_paragraph(running.drill.meant)
    document.add_heading("实际怎样", 2)
    for _, line, then in _lines(running):
        document.add_paragraph(f"{line}{'。' + then if then else ''}")
    document.add_heading("做到了和没做到的", 2)
    table = document.add_table(rows=1, cols=4)
    for cell, title in zip(
        table.rows[0].cells, ("该做的", "结果", "记录里的依据", "要改什么、谁改、几号前"), strict=True
    ):
        cell.text = title
    for one in review.findings:
        cells = table.add_row().cells
        plan = running.room.plan.get(one.check.id, {})
        who = f"{plan.get('owner', '')} {plan.get('due', '')}".strip()
        cells[0].text = one.check.what
        cells[1].text = "做到了" if one.met else "没做到"
        cells[2].text = one.evidence or "没有"
        cells[3].text = "" if one.met else f"{one.check.change} {who}".strip()
    document.add_heading("坐下来聊的", 2)
    for question in running.drill.debrief:
        document.add_paragraph(question, style="List Bullet")
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()
