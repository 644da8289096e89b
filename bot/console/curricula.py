"""My courses, and one course with its lessons to read: the same steps as in chat, for a bigger screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitor, Visitors
from bot.content.curricula import Curriculum, Step
from bot.desks.building import Learning
from bot.desks.curricula import READ
from bot.desks.curricula_showing import KINDS
from bot.learning.curricula.certificates import STATE_NAMES
from bot.learning.curricula.progress import ModuleProgress, Progress, StepProgress
from bot.learning.curricula.screens import Screen, case_screens, lesson_screens
from bot.learning.people.person import Person
from bot.messages import TextBlock

_UNKNOWN = Refused(404, "没有这门课。", "回到“课程”那一页，从那里点进去。")
_DONE_BEFORE = "这一步做不了，可能已经做完了，或者还没轮到。"


@dataclass(frozen=True)
class StepView:
    """One step as the page shows it. `words` are what one says in chat to do it, "" where it is done here."""

    one: StepProgress
    kind: str
    screens: Sequence[Screen]
    words: str
    can_read: bool
    can_hand_in: bool


def build_curricula_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /learn and /learn/…; POST what is done there."""
    router = APIRouter()
    curricula, signing = learning.courses.curricula, learning.courses.signing
    knowledge = learning.courses.knowledge

    @router.get("/learn")
    def mine(request: Request) -> Response:
        """Guests see what there is; members of staff how far they are."""
        visitor, now = visitors.of(request), learning.clock()
        if visitor.person:
            curricula.invite([visitor.person], now)
        progress = curricula.progress(visitor.learner) if visitor.person else []
        held = curricula.certificates(visitor.learner) if visitor.person else []
        taken = {one.curriculum.id for one in progress}
        return pages.render(
            "curricula_mine.html.j2", request, mine=progress, held=list(reversed(held)), today=curricula.today(now),
            others=[one for one in curricula.courses.values() if one.id not in taken], states=STATE_NAMES,
        )  # fmt: skip

    @router.get("/learn/{course}")
    def one_course(course: str, request: Request) -> Response:
        visitor, now = visitors.of(request), learning.clock()
        found = _course(course)
        if visitor.person:
            curricula.invite([visitor.person], now)
        progress = _progress(visitor, course)
        if progress is None:
            held = [one for one in curricula.certificates(visitor.learner) if one.curriculum == course]
            may_join = visitor.person is not None and (not held or curricula.renewable(held[-1], now))
            return pages.render(
                "curricula_brochure.html.j2", request, course=found, kinds=KINDS, held=held[-1] if held else None,
                may_join=may_join, today=curricula.today(now), states=STATE_NAMES,
            )  # fmt: skip
        return pages.render(
            "curricula_course.html.j2", request, progress=progress, today=curricula.today(now),
            modules=[(one, [_view(visitor, progress, one, step) for step in one.steps]) for one in progress.modules],
        )  # fmt: skip

    @router.post("/learn/{course}/join")
    def join(course: str, request: Request) -> Response:
        visitors.same_origin(request)
        person = _person(request)
        curricula.sign_up(person.id, _course(course).id, learning.clock())
        return RedirectResponse(f"/learn/{course}", 303)

    @router.post("/learn/{course}/{module}/{step}/{what}")
    def act(course: str, module: str, step: str, what: str, request: Request) -> Response:
        """`done` for what was read, `sign` to ask the mentor for a signature."""
        visitors.same_origin(request)
        person, visitor = _person(request), visitors.of(request)
        progress = _progress(visitor, _course(course).id)
        found = progress.find(f"{course}/{module}/{step}") if progress else None
        if progress is None or found is None or not found[0].open:
            raise Refused(409, _DONE_BEFORE, "刷新这一页看看。")
        if what == "done" and found[1].step.kind in READ:
            curricula.read(person.id, progress, found[1], learning.clock())
        elif what == "sign" and found[1].step.kind == "task":
            said = signing.ask(person, progress, found[1], learning.clock())
            notices = [
                block for block in said.blocks if isinstance(block, TextBlock) and block.tone == "notice"
            ]
            if notices:
                raise Refused(409, notices[0].text, "补好以后再来请签字。")
        else:
            raise Refused(404, _DONE_BEFORE, "刷新这一页看看。")
        return RedirectResponse(f"/learn/{course}#{module}", 303)

    def _course(course: str) -> Curriculum:
        if course not in curricula.courses:
            raise _UNKNOWN
        return curricula.courses[course]

    def _person(request: Request) -> Person:
        person = visitors.require(request).person
        if person is None:
            raise Refused(403, "程序不能替人上课。", "请本人在网页或聊天里学。")
        return person

    def _progress(visitor: Visitor, course: str) -> Progress | None:
        if visitor.person is None:
            return None
        return next((p for p in curricula.progress(visitor.learner) if p.curriculum.id == course), None)

    def _view(visitor: Visitor, progress: Progress, module: ModuleProgress, one: StepProgress) -> StepView:
        step, todo = one.step, module.open and not one.done
        return StepView(
            one,
            KINDS[step.kind],
            _screens(step),
            _words(visitor, progress, step),
            can_read=todo and step.kind in READ,
            can_hand_in=todo and step.kind == "task" and not one.handed_in,
        )

    def _screens(step: Step) -> Sequence[Screen]:
        if step.kind == "lesson":
            return lesson_screens(step)
        if step.kind == "case":
            return case_screens(knowledge.cases[str(step.case)])
        if step.kind == "reading":
            return [Screen("看这几条", tuple(_read_aloud(step)))]
        return []

    def _read_aloud(step: Step) -> list[str]:
        """The cited cards and answers themselves, in our own words."""
        lines = []
        for ref in step.cites:
            if card := knowledge.cards.get(ref):
                lines.append(f"{card.title}。{card.summary}")
            elif faq := knowledge.faqs.get(ref):
                lines.append(f"{faq.question}{faq.answer}")
            elif case := knowledge.cases.get(ref):
                lines.append(f"{case.title}：{case.should_have}")
        return lines

    def _words(visitor: Visitor, progress: Progress, step: Step) -> str:
        if step.kind == "practice":
            return f"练习：{knowledge.scenarios[str(step.scenario)].title}"
        if step.kind == "quiz":
            words = curricula.quiz_words(visitor.learner, progress, step)
            return words[0] if words else "每日五题"
        return f"演练：{knowledge.drills[str(step.drill)].title}" if step.kind == "drill" else ""

    return router
