"""Posters to print or for a phone, and the gallery of cases (安全文化长廊) with its drawings. Open to everybody."""

from __future__ import annotations

import zlib
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitors
from bot.content.models import TOPIC_NAMES, CaseStudy
from bot.desks.building import Learning
from bot.learning.awareness.pictures import PICTURES, STROKES, inked
from bot.learning.awareness.posters import PAPER, Poster, Size, draw
from bot.learning.awareness.today import of_the_day
from bot.learning.clock import day_of

KINDS = {"incident": "出了事的", "near_miss": "差点出事的", "good_example": "做得好的"}
_SVG = "image/svg+xml"


def build_awareness_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /posters, /posters/<n>.svg, /gallery, /gallery/<case>, /gallery/<case>.svg."""
    router, desk = APIRouter(), learning.awareness

    def source(card: str) -> str:
        cited = learning.cite(card)
        if cited is None:
            return ""
        law = f"《{cited.law}》" if cited.law else ""
        return f"{law}{cited.title}（{cited.status_label}）"

    @router.get("/posters")
    def posters(request: Request, topic: str = "") -> Response:
        visitor = visitors.of(request)
        team = (visitor.person.team or visitor.person.department) if visitor.person else ""
        today = of_the_day(desk.slogans, day_of(learning.clock(), learning.zone), team)
        shown = [(n, one[0], one[1]) for n, one in enumerate(desk.slogans) if topic in ("", one[0])]
        first = desk.slogans.index(today) if today else None
        return pages.render(
            "awareness_posters.html.j2", request, shown=shown, topics=TOPIC_NAMES, topic=topic, today=first, source=source
        )  # fmt: skip

    @router.get("/posters/{number:int}.svg")
    def poster(number: int, size: Literal["a3", "phone"] = "a3") -> Response:
        if not 0 <= number < len(desk.slogans):
            raise Refused(404, "没有这张海报。", "打开 /posters 看有哪些。")
        topic, slogan = desk.slogans[number]
        chosen: Size = size
        drawn = draw(Poster(slogan.text, slogan.why, source(slogan.card), topic), chosen)
        return Response(drawn, media_type=_SVG, headers={"Cache-Control": "max-age=3600"})

    @router.get("/gallery")
    def gallery(request: Request, topic: str = "", kind: str = "") -> Response:
        cases = [one for one in desk.cases.values() if topic in ("", one.topic) and kind in ("", one.kind)]
        return pages.render(
            "awareness_gallery.html.j2", request, cases=cases, topics=TOPIC_NAMES, kinds=KINDS, topic=topic, kind=kind
        )  # fmt: skip

    @router.get("/gallery/{name}.svg")
    def picture(name: str) -> Response:
        case = desk.cases.get(name)
        if case is None:
            raise Refused(404, "没有这个案例。", "打开 /gallery 看有哪些。")
        return Response(_drawing(case), media_type=_SVG, headers={"Cache-Control": "max-age=3600"})

    @router.get("/gallery/{name}")
    def case_page(name: str, request: Request) -> Response:
        case = desk.cases.get(name)
        if case is None:
            raise Refused(404, "没有这个案例。", "打开 /gallery 看有哪些。")
        rests = [(card, source(card)) for card in case.cards]
        return pages.render(
            "awareness_case.html.j2", request, case=case, topic=TOPIC_NAMES[case.topic], kind=KINDS[case.kind], rests=rests
        )  # fmt: skip

    return router


def _drawing(case: CaseStudy) -> str:
    """The topic's picture on paper whose colour, tilt and mark follow the case, so that neighbours do not look alike."""
    seed = zlib.crc32(case.id.encode())
    tilt, paper = seed % 13 - 6, PAPER[seed // 13 % len(PAPER)]
    mark = {
        "incident": '<path d="M150 22l18 34h-36z" class="strong"/><path d="M150 34v10"/>',
        "near_miss": '<circle cx="150" cy="40" r="17" class="strong"/><path d="M140 40h20"/>',
        "good_example": '<circle cx="150" cy="40" r="17" class="strong"/><path d="M142 40l6 7 10-13"/>',
    }[case.kind]
    moments = "".join(
        f'<circle cx="{118 + 64 * n / max(1, len(case.timeline) - 1):.0f}" cy="92" r="4" class="fill"/>' for n in range(len(case.timeline))
    )  # fmt: skip
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 112" role="img">'
        f'<rect width="200" height="112" fill="{paper}"/>'
        f'<g {STROKES} transform="translate(8 8) rotate({tilt} 48 48) scale(.96)">{inked(PICTURES[case.topic])}</g>'
        f'<g {STROKES}>{inked(mark)}<path d="M118 92h64"/>{inked(moments)}</g></svg>'
    )
