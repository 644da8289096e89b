"""Courses in chat: 我的课程, 继续学习, 课程：…, lessons screen by screen, 完成, and the mentor's 签字 and 退回."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.content.loader import Knowledge
from bot.content.models import RegulationCard
from bot.desks import curricula_showing as show
from bot.desks.curricula import READ, Curricula
from bot.desks.curricula_showing import BACK, DONE, FORWARD, GO_ON, MINE, SIGN_PLEASE
from bot.desks.curricula_signing import Signing
from bot.desks.desk import Reply, Visit
from bot.desks.staff import Staff
from bot.learning.curricula.progress import Progress, StepProgress
from bot.learning.curricula.screens import Screen, case_screens, lesson_screens
from bot.learning.people.person import Person
from bot.messages import Message, say

LED = "我的徒弟"
_COURSE = re.compile(r"^课程[：:]\s*(?P<title>\S.{0,30})$")
_SIGN_UP = re.compile(r"^报名课程[：:]\s*(?P<title>\S.{0,30})$")
_SIGN = re.compile(r"^(?P<what>签字|退回)\s*(?P<code>\d{4})\s*(?P<reason>.{0,300})$", re.DOTALL)
_REVOKE = re.compile(r"^撤销证书\s*(?P<number>AX\d{6}-[A-Z0-9]{8})\s*(?P<why>.{0,100})$", re.IGNORECASE)
_OPENING = (MINE, GO_ON, LED, SIGN_PLEASE, "我的证书", "我带的人", "签字", "待签字")
_PAGING = (FORWARD, BACK, DONE, "学完了", "读完了", "看完了")
_LABELS = {
    "verified": "",
    "second_hand": "（二手资料，以当地现行文件为准）",
    "company_rule": "（公司规定，以本单位为准）",
}
_BIND_FIRST = "课程记在本人名下，要先绑定：发“绑定”加绑定码。没有码，向管理员或师傅要一个。"


class CurriculaDesk:
    name = "curricula"
    together: re.Pattern[str] | None = None

    def __init__(self, curricula: Curricula, signing: Signing, staff: Staff, knowledge: Knowledge) -> None:
        self._curricula, self._signing, self._staff, self._knowledge = curricula, signing, staff, knowledge

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if state and text in _PAGING:
            return True
        return text in _OPENING or any(one.match(text) for one in (_COURSE, _SIGN_UP, _SIGN, _REVOKE))

    def receive(self, visit: Visit) -> Reply:
        text, person = visit.said.text.strip("。.!！ "), visit.person
        if person is None:
            return Reply(self._stranger(text))
        if match := _SIGN.match(text):
            signs = match["what"] == "签字"
            return self._keep(
                visit, self._signing.answer(person, match["code"], signs, match["reason"], visit.at)
            )
        if match := _REVOKE.match(text):
            return self._keep(visit, self._revoke(person, match["number"].upper(), match["why"], visit))
        if not (text in _PAGING and visit.state):
            self._curricula.invite([person], visit.at)
        if match := _SIGN_UP.match(text):
            return Reply(self._sign_up(person, match["title"], visit))
        if match := _COURSE.match(text):
            return Reply(self._course(person, match["title"], visit))
        if text in (LED, "我带的人"):
            return Reply(self._led(person, visit))
        if text in ("签字", "待签字"):
            return Reply(self._signing.answer(person, "", True, "", visit.at))
        if text == SIGN_PLEASE:
            return Reply(self._sign_please(person, visit))
        if text in _PAGING and visit.state:
            return self._page(person, text, visit)
        return self._go_on(person, visit) if text == GO_ON else Reply(self._mine(person, visit))

    def _mine(self, person: Person, visit: Visit) -> Message:
        mine = self._curricula.progress(person.id)
        held = self._curricula.certificates(person.id)
        taken = {one.curriculum.id for one in mine} | {one.curriculum for one in held}
        open_ = [one for one in self._curricula.courses.values() if one.id not in taken]
        return show.courses(mine, held, open_, self._curricula.today(visit.at))

    def _go_on(self, person: Person, visit: Visit) -> Reply:
        """The step that is due first; where one is in the middle of something, that."""
        found = self._under_way(person, visit) or self._curricula.next_of(person.id)
        if found is None:
            return Reply(self._mine(person, visit))
        progress, one = found
        page = int(visit.state.get("page", 0)) if visit.state.get("ref") == one.ref else 0
        return self._show(person, progress, one, page)

    def _show(self, person: Person, progress: Progress, one: StepProgress, page: int) -> Reply:
        step = one.step
        state = {"ref": one.ref, "enrolment": progress.enrolment.id, "page": page}
        if step.kind in ("lesson", "case"):
            screens = self._screens(one)
            page = max(0, min(page, len(screens) - 1))
            message = show.screen(progress, one, screens[page], page, len(screens), self._sources(step.cites))
            return Reply(message, {**state, "page": page})
        if step.kind == "reading":
            return Reply(show.reading(progress, one, self._questions(step.cites)), state)
        if step.kind == "quiz":
            return Reply(show.quiz(progress, one, self._curricula.quiz_words(person.id, progress, step)))
        if step.kind == "practice":
            return Reply(show.practice(progress, one, self._knowledge.scenarios[str(step.scenario)].title))
        if step.kind == "drill":
            return Reply(show.drill(progress, one, self._knowledge.drills[str(step.drill)].title))
        return Reply(self._task(person, progress, one), state)

    def _task(self, person: Person, progress: Progress, one: StepProgress) -> Message:
        last = self._signing.last(person.id, progress.enrolment.id, one.ref)
        mentor = self._staff.get(last.mentor) if last else self._signing.mentor_of(person)
        state = last.state if last and last.state in ("asked", "returned") else ""
        return show.task(progress, one, state, last.reason if last else "", mentor.name if mentor else "师傅")

    def _page(self, person: Person, text: str, visit: Visit) -> Reply:
        found = self._under_way(person, visit)
        if found is None:
            return Reply(say("这一步已经过去了。说“继续学习”，接着往下走。"))
        progress, one = found
        page = int(visit.state.get("page", 0))
        if text in (FORWARD, BACK):
            return self._show(person, progress, one, page + (1 if text == FORWARD else -1))
        if one.step.kind not in READ:
            return self._show(person, progress, one, page)
        if one.step.kind != "reading" and page < len(self._screens(one)) - 1:
            return self._show(person, progress, one, page + 1)
        self._curricula.read(person.id, progress, one, visit.at)
        return Reply(self._after(person, progress, one))

    def _after(self, person: Person, before: Progress, one: StepProgress) -> Message:
        """A course that was finished just now is no longer among those under way."""
        now = next(
            (p for p in self._curricula.progress(person.id) if p.enrolment.id == before.enrolment.id), None
        )
        if now is None:
            held = [c for c in self._curricula.certificates(person.id) if c.enrolment == before.enrolment.id]
            return show.certificate_earned(held[0]) if held else say("记下了。说“我的课程”看看还有什么。")
        return show.step_done(now, one, self._curricula.next_of(person.id))

    def _under_way(self, person: Person, visit: Visit) -> tuple[Progress, StepProgress] | None:
        """What this conversation was in the middle of, if it is still to be done."""
        for progress in self._curricula.progress(person.id):
            if progress.enrolment.id == visit.state.get("enrolment"):
                found = progress.find(str(visit.state.get("ref")))
                return (progress, found[1]) if found and not found[1].done else None
        return None

    def _course(self, person: Person, title: str, visit: Visit) -> Message:
        course = self._curricula.named(title)
        if course is None:
            return self._no_such(title)
        today = self._curricula.today(visit.at)
        for progress in self._curricula.progress(person.id):
            if progress.curriculum.id == course.id:
                return show.outline(progress, today)
        held = [one for one in self._curricula.certificates(person.id) if one.curriculum == course.id]
        newest = held[-1] if held else None
        return show.brochure(
            course, newest is not None and self._curricula.renewable(newest, visit.at), newest, today
        )

    def _sign_up(self, person: Person, title: str, visit: Visit) -> Message:
        course = self._curricula.named(title)
        if course is None:
            return self._no_such(title)
        self._curricula.sign_up(person.id, course.id, visit.at)
        return self._course(person, course.title, visit)

    def _sign_please(self, person: Person, visit: Visit) -> Message:
        found = self._under_way(person, visit)
        if found is None or found[1].step.kind != "task":
            found = self._open_task(person)
        if found is None:
            return say("眼下没有要签字的实操。说“继续学习”，看看下一步是什么。")
        return self._signing.ask(person, *found, visit.at)

    def _open_task(self, person: Person) -> tuple[Progress, StepProgress] | None:
        for progress in self._curricula.progress(person.id):
            for module in progress.modules:
                for one in module.steps:
                    if module.open and one.step.kind == "task" and not one.done:
                        return progress, one
        return None

    def _led(self, person: Person, visit: Visit) -> Message:
        people = [one for one in self._staff.led_by(person.id) if one.id != person.id]
        if not people:
            return say("名单上没有您带的人。带了新徒弟，请管理员在人员表里写上“师傅工号”。")
        today = self._curricula.today(visit.at)
        progress = self._curricula.progress_of([one.id for one in people])
        rows = [(one.name, progress.get(one.id, [])) for one in people]
        rows.sort(key=lambda row: -sum(len(one.late(today)) for one in row[1]))
        return show.led(rows, len(self._signing.waiting(person.id)), today)

    def _revoke(self, person: Person, number: str, why: str, visit: Visit) -> Message:
        if not person.may("admin"):
            return say("撤销证书要管理员来办。发现有问题，请把编号和原因告诉管理员。", "notice")
        if not why.strip():
            return say(f"请写上原因，例如：撤销证书 {number} 代考。", "notice")
        if not self._curricula.revoke(number, why.strip(), visit.at):
            return say(f"没有编号 {number} 的有效证书，对一下编号再发。", "notice")
        return say(f"{number} 撤销了，核验页上会写明。本人可以重新学一遍再考。")

    def _stranger(self, text: str) -> Message:
        match = _COURSE.match(text)
        course = self._curricula.named(match["title"]) if match else None
        if course is None:
            return say(_BIND_FIRST, "notice")
        return say(f"“{course.title}”：{course.about}\n{_BIND_FIRST}")

    def _no_such(self, title: str) -> Message:
        names = "、".join(one.title for one in self._curricula.courses.values())
        return say(f"没有叫“{title}”的课。现有：{names}。")

    def _screens(self, one: StepProgress) -> list[Screen]:
        if one.step.kind == "case":
            return case_screens(self._knowledge.cases[str(one.step.case)])
        return lesson_screens(one.step)

    def _sources(self, refs: Sequence[str]) -> str:
        """What a lesson rests on, with the laws first; "" for none."""
        cards = [self._knowledge.cards[ref] for ref in refs if ref in self._knowledge.cards]
        named = [f"《{card.law}》{_LABELS[card.status]}" for card in cards]
        return f"依据：{'、'.join(dict.fromkeys(named))}" if named else ""

    def _questions(self, refs: Sequence[str]) -> list[tuple[str, str]]:
        """(what it is about, what one asks to read it)."""
        found = []
        for ref in refs:
            source = (
                self._knowledge.cards.get(ref)
                or self._knowledge.faqs.get(ref)
                or self._knowledge.cases.get(ref)
            )
            if source is not None:
                title = source.title if isinstance(source, RegulationCard) else source.questions[0]
                found.append((title, source.questions[0]))
        return found

    def _keep(self, visit: Visit, message: Message) -> Reply:
        """Signing something in the middle of a lesson does not end the lesson."""
        return Reply(message, dict(visit.state) or None)
