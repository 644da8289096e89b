"""The certificate as a PDF for whom it belongs to, and the public page that says whether one holds."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.console.certificates_pdf import Sheet, certificate_pdf
from bot.console.pages import HEADERS, Pages
from bot.console.visitors import Refused, Visitor, Visitors
from bot.desks.building import Learning
from bot.learning.curricula.certificates import STATE_NAMES, Certificate, masked_name

NUMBER = re.compile(r"AX\d{6}-[2-9A-HJ-NP-Z]{8}")
_NOT_YOURS = Refused(403, "这张证书不是您的，也不是您带的人的。", "要核验真假，打开证书上的核验页就行。")


def build_certificate_pages(learning: Learning, visitors: Visitors, pages: Pages, public: str) -> APIRouter:
    """GET /certificates/….pdf and /check/…. `public` is the address that phones open our pages at."""
    router = APIRouter()
    curricula = learning.courses.curricula

    @router.get("/certificates/{number}.pdf")
    def pdf(number: str, request: Request) -> Response:
        visitor = visitors.require(request)
        one = _find(number)
        if one is None:
            raise Refused(404, "没有这张证书。", "对一下编号，字母不分大小写。")
        if not _may_see(visitor, one):
            raise _NOT_YOURS
        if one.revoked:
            raise Refused(
                410,
                f"这张证书 {one.revoked} 撤销了：{one.revoked_why}。",
                "有疑问请找管理员；可以重新学一遍。",
            )
        headers = {**HEADERS, "Content-Disposition": f'inline; filename="{one.number}.pdf"'}
        return Response(certificate_pdf(_sheet(one)), media_type="application/pdf", headers=headers)

    @router.get("/check")
    @router.get("/check/{number}")
    def check(request: Request, number: str = "") -> Response:
        """For anybody with a number: no login, and no more of a person than their surname."""
        asked = (number or request.query_params.get("number", "")).strip()
        one = _find(asked)
        state = one.state(curricula.today(learning.clock())) if one else ""
        return pages.render(
            "certificates_check.html.j2", request, 404 if asked and not one else 200, asked=asked[:40], one=one,
            state=state, word=STATE_NAMES[one.state(curricula.today(learning.clock()))] if one else "",
            name=masked_name(one.name) if one else "",
        )  # fmt: skip

    def _find(number: str) -> Certificate | None:
        plain = number.strip().upper()
        return curricula.certificate(plain) if NUMBER.fullmatch(plain) else None

    def _may_see(visitor: Visitor, one: Certificate) -> bool:
        if visitor.may("admin") or visitor.learner == one.person:
            return True
        return any(person.id == one.person for person in learning.staff.led_by(visitor.learner))

    def _sheet(one: Certificate) -> Sheet:
        person, course = learning.staff.get(one.person), curricula.courses.get(one.curriculum)
        post = f"{person.department} {person.team}，{person.post}".replace(" ，", "，") if person else ""
        modules = len(course.modules) if course else 0
        address = f"{public}/check/{one.number}"
        return Sheet(one.number, one.name, post, one.title, modules, one.issued, one.until, address)

    return router
