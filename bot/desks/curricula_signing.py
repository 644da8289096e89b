"""On-the-job tasks and their signatures: somebody asks, their mentor signs or returns it, nobody signs for themselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.desks.curricula import Curricula
from bot.desks.curricula_showing import GO_ON
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.learning.curricula.progress import Progress, StepProgress
from bot.learning.curricula.reminders import polite_time
from bot.learning.events import Event
from bot.learning.people.person import Person
from bot.messages import Block, CardBlock, CardRow, Choice, ChoicesBlock, Message, TextBlock, say
from bot.stores.learning.signatures import Signature, SignatureStore

DRAWS = 50
_WAITED = (timedelta(days=2), timedelta(days=7))
MOST_REASON = 200


class Signing:
    """`draw` gives the four digits of a request; tests hand in their own."""

    def __init__(
        self,
        curricula: Curricula,
        store: SignatureStore,
        records: Records,
        staff: Staff,
        notices: Notices,
        draw: Callable[[], str] = lambda: f"{secrets.randbelow(10_000):04}",
    ) -> None:
        self._curricula, self._store, self._records = curricula, store, records
        self._staff, self._notices, self._draw = staff, notices, draw

    def mentor_of(self, person: Person) -> Person | None:
        """Who signs: the mentor, or else the manager. Nobody is their own."""
        for number in (person.trainer, person.manager):
            found = self._staff.get(number) if number and number != person.id else None
            if found and found.left is None:
                return found
        return None

    def last(self, person: str, enrolment: int, ref: str) -> Signature | None:
        return next(
            (
                one
                for one in self._store.signatures_of(person)
                if (one.enrolment, one.ref) == (enrolment, ref)
            ),
            None,
        )

    def waiting(self, mentor: str) -> list[Signature]:
        return self._store.waiting(mentor)

    def ask(self, person: Person, progress: Progress, one: StepProgress, at: datetime) -> Message:
        """Puts the task before the mentor, once: asking again shows the request that waits."""
        mentor = self.mentor_of(person)
        if mentor is None:
            return say("系统里还没有您的师傅和主管，请管理员在人员表里补上“师傅工号”，再来请签字。", "notice")
        asked = self._put(person, mentor, progress.enrolment.id, one, at)
        if asked is None:
            return say("这会儿排不上号，过几分钟再说一次“请师傅签字”。", "notice")
        if asked.state == "signed":
            self._note_signed(asked)
            return say("这一件已经签过了，不用再请。接着说“继续学习”。")
        signer = self._staff.get(asked.mentor) or mentor
        self._send(signer.id, self._request(asked, person.name, one), f"sign:{asked.id}", at)
        return say(f"告诉{signer.name}了，签字码 {asked.code}。签好马上告诉您，这段时间先学别的。")

    def answer(self, mentor: Person, code: str, signs: bool, reason: str, at: datetime) -> Message:
        """What a mentor says to a code; only codes they were asked with are known to them."""
        found = self._store.signature(mentor.id, code)
        if found is None:
            return self._unknown(mentor, code)
        return self.settle(mentor, found, signs, reason, at)

    def settle(self, mentor: Person, found: Signature, signs: bool, reason: str, at: datetime) -> Message:
        """Signs or returns one request. The second answer changes nothing and says how it stands."""
        if mentor.id == found.person or mentor.id != found.mentor:
            return say("自己的实操不能自己签，请师傅或主管来签。", "notice")
        state = "signed" if signs else "returned"
        first = self._store.answer(found.id, state, reason.strip()[:MOST_REASON], at)
        now = self._store.by_id(found.id) or found
        if now.state == "signed":
            self._note_signed(now)
        person = self._staff.get(found.person)
        name, title = person.name if person else found.person, self._title(found.ref)
        if not first:
            how = "已经签过了" if now.state == "signed" else "已经退回了"
            return say(f"{name}的“{title}”{how}，不用再来一次。")
        self._send(found.person, self._told(now, mentor.name, title), f"signed:{found.id}", at)
        return say(f"好，{name}的“{title}”{'签了' if signs else '退回去了'}，已经告诉本人。")

    def remind(self, at: datetime) -> None:
        """Mentors whose signature somebody waits for: after two days, and once more after a week."""
        for one in self._store.all_waiting():
            waited = at - one.asked_at
            stage = sum(waited >= long for long in _WAITED)
            if stage and (person := self._staff.get(one.person)):
                days = waited.days
                text = f"{person.name}的“{self._title(one.ref)}”等您签字 {days} 天了，签字码 {one.code}。"
                message = Message(blocks=[TextBlock(text=text), _answers(one.code)])
                self._send(one.mentor, message, f"sign:{one.id}:{stage}", at)

    def _put(
        self, person: Person, mentor: Person, enrolment: int, one: StepProgress, at: datetime
    ) -> Signature | None:
        for _ in range(DRAWS):
            wish = Signature(0, enrolment, person.id, one.ref, mentor.id, self._draw(), "asked", "", at, None)
            if asked := self._store.ask(wish):
                return asked
        return None

    def _request(self, asked: Signature, name: str, one: StepProgress) -> Message:
        card = CardBlock(
            title=f"请您签字：{one.step.title}",
            status=asked.code,
            rows=[CardRow(label="谁", value=name)],
            lines=[f"□ {line}" for line in one.step.checklist],
        )
        return Message(blocks=[card, _answers(asked.code)])

    def _told(self, found: Signature, mentor: str, title: str) -> Message:
        if found.state == "signed":
            said = f"{mentor}给“{title}”签字了。"
        else:
            said = (
                f"{mentor}把“{title}”退回来了：{found.reason or '没写原因，当面问一句'}。补好再请他签一次。"
            )
        blocks: list[Block] = [
            TextBlock(text=said),
            ChoicesBlock(choices=[Choice(label="接着学", send=GO_ON)]),
        ]
        return Message(blocks=blocks)

    def _unknown(self, mentor: Person, code: str) -> Message:
        waiting = self._store.waiting(mentor.id)
        if not waiting:
            missing = f"没有等您签字的 {code}。" if code else "眼下没有等您签字的。"
            return say(f"{missing}签字只能由本人的师傅或主管用自己的账号来签。", "notice")
        said = f"没有 {code} 这个码，等您签字的是：" if code else "等您签字的是："
        choices = [Choice(label=self._label(one), send=f"签字 {one.code}") for one in waiting[:5]]
        return Message(blocks=[TextBlock(text=said, tone="notice"), ChoicesBlock(choices=choices)])

    def _label(self, one: Signature) -> str:
        person = self._staff.get(one.person)
        return f"{person.name if person else one.person}：{self._title(one.ref)}"[:20]

    def _title(self, ref: str) -> str:
        course, module, step = (*ref.split("/"), "", "")[:3]
        found = (
            self._curricula.courses[course].step(module, step) if course in self._curricula.courses else None
        )
        return found[1].title if found else ref

    def _note_signed(self, found: Signature) -> None:
        self._records.publish(
            Event(
                f"task:{found.id}", "task.signed", found.person, found.answered_at or found.asked_at, ref=found.ref,
                value=1.0, details={"mentor": found.mentor, "title": self._title(found.ref)},
            )
        )  # fmt: skip

    def _send(self, person: str, message: Message, key: str, at: datetime) -> None:
        self._notices.send(person, message, key, polite_time(at, self._curricula.zone))


def _answers(code: str) -> ChoicesBlock:
    choices = [
        Choice(label="都做到了，签字", send=f"签字 {code}"),
        Choice(label="还差点，退回", send=f"退回 {code}"),
    ]
    return ChoicesBlock(
        prompt="退回时可以写上原因，如“退回 1234 手套没挤气”。".replace("1234", code), choices=choices
    )
