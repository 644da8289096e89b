"""Points as chat, pages and commands handle them: awarding by the rules, reversing, contesting, bonuses, safe days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.content.points import RuleBook, edition_of
from bot.desks import points_words as words
from bot.desks.notices import Notices
from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.errors import BadInput
from bot.learning.clock import Clock, day_begins, day_of
from bot.learning.events import Event
from bot.learning.people.person import Person
from bot.learning.points.awards import Award, Earned, Past, awards, history_from
from bot.learning.points.periods import Period, period
from bot.learning.points.places import Place, Standing, placed
from bot.stores.learning.points import (
    Decision,
    Entry,
    NewBonus,
    NewEntry,
    Objection,
    PointsStore,
    StoredBonus,
    Wanted,
)  # fmt: skip
from bot.text import mask_personal_data

MOST_CORRECTED = 100
MOST_OPEN = 5
"""So many objections of one person can wait at a time."""


@dataclass(frozen=True)
class Own:
    """What a person sees first: the balance, this month, and the place in the department this month."""

    balance: int
    month: int
    place: int
    people: int


class PointsOffice:
    def __init__(
        self,
        store: PointsStore,
        staff: Staff,
        records: Records,
        notices: Notices,
        books: Mapping[str, RuleBook],
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self.store = store
        self._staff, self._records, self._notices = staff, records, notices
        self._books, self._clock, self._zone = books, clock, zone

    def note(self, event: Event) -> None:
        """Listens to what people do. Told twice, it gives once; guests and people who left get nothing."""
        person = None if event.person.startswith("guest-") else self._staff.get(event.person)
        day = day_of(event.at, self._zone)
        if person is None or (person.left and person.left <= day):
            return
        book = edition_of(self._books.values(), day)
        if book is None or all(rule.event != event.kind for rule in book.rules):
            return
        earned = Earned(event.key, event.kind, day, event.ref, event.topic, event.value, event.details)
        ever = [rule.id for rule in book.rules if rule.caps.ever or book.caps.ever]
        wanted = Wanted(history_from(day), event.ref, ever)
        self.store.award(
            person.id, event.key, wanted, self._clock(), lambda before: _decide(book, earned, before)
        )

    def own(self, person: Person) -> Own:
        now = self.period("month")
        places = self.places(now, department=person.department)
        mine = next((one for one in places if one.standing.person == person.id), None)
        month = mine.standing.points if mine else 0
        return Own(self.store.balance(person.id), month, mine.place if mine else 0, len(places))

    def period(self, name: str) -> Period:
        return period(name, day_of(self._clock(), self._zone))

    def places(self, span: Period, **where: str) -> list[Place]:
        """Everybody who is on the staff, by points in a period."""
        ranked = self.store.ranking(span.first, span.last, **{k: v for k, v in where.items() if v})
        return placed([Standing(r.person, r.name, r.department, r.team, r.post, r.points) for r in ranked])

    def book(self) -> RuleBook | None:
        """The rules of today."""
        return edition_of(self._books.values(), day_of(self._clock(), self._zone))

    def titles(self) -> dict[str, str]:
        """What the editions of the rule book are called."""
        return {book.id: book.title for book in self._books.values()}

    def kinds(self) -> dict[str, str]:
        """Rule → the kind of event it is about, in every edition."""
        return {rule.id: rule.event for book in self._books.values() for rule in book.rules}

    def reverse(self, number: int, by: Person, why: str, at: datetime) -> Entry:
        """A manager takes an entry back, with a reason the person reads."""
        entry = self._entry(number)
        self._leader_of(entry.person, by, "冲回积分")
        if len(why.strip()) < 4:
            raise BadInput("还差理由。", "写清为什么冲回，本人要看得懂。")
        reversal = self.store.reverse(
            number, f"冲回 {number} 号：{mask_personal_data(why.strip())}", by.id, at
        )
        self._notices.send(
            entry.person, words.told_reversed(entry, reversal), f"points:{reversal.id}:told", at
        )
        return reversal

    def object_to(self, number: int | None, person: Person, why: str, at: datetime) -> Objection:
        """Somebody contests an entry of theirs, or (None) that one is missing."""
        why = mask_personal_data(why.strip())[:500]
        if len(why) < 4:
            raise BadInput("还差理由。", "说一句哪里不对，例如：申诉 1203 那天我打了两通，只记了一通。")
        if number is not None and self._entry(number).person != person.id:
            raise BadInput(f"{number} 号不是您的积分。", "编号在“积分明细”每行的开头。")
        if len(self.store.objections("open", person.id)) >= MOST_OPEN:
            raise BadInput(f"您有 {MOST_OPEN} 条申诉还没答复。", "等答复了再申诉下一条；急的话直接找主管。")
        objection = self.store.object_to(number, person.id, why, at)
        if objection is None:
            raise BadInput(f"{number} 号申诉过了，一笔只裁定一次。", "有新的情况，直接找主管说。")
        for leader in self._deciders(person):
            self._notices.send(
                leader, words.told_objection(objection, person), f"objection:{objection.id}:{leader}", at
            )
        return objection

    def decide(
        self, number: int, by: Person, outcome: str, why: str, at: datetime, points: int = 0
    ) -> Objection:
        """Answers an objection: rejected, corrected (by `points` more), or reversed (the contested entry is taken back)."""
        objection = self.store.objection(number)
        if objection is None:
            raise BadInput(f"没有 {number} 号申诉。", "发“申诉待办”看看编号。")
        self._leader_of(objection.person, by, "裁定申诉")
        if len(why.strip()) < 2:
            raise BadInput("还差理由。", "成立不成立都要说一句为什么。")
        if outcome == "corrected" and not 1 <= points <= MOST_CORRECTED:
            raise BadInput(
                f"补的分要在 1 到 {MOST_CORRECTED} 之间。", f"例如：裁定 {number} 补 5 分 那通漏记了。"
            )
        if outcome == "reversed" and objection.entry is None:
            raise BadInput(
                "这条申诉说的是漏记，没有可冲回的一笔。", f"要补分：裁定 {number} 补 5 分 为什么。"
            )
        decided = self.store.decide_objection(number, outcome, by.id, mask_personal_data(why.strip()), at)
        if decided is None:
            raise BadInput(f"{number} 号申诉已经裁定过了。", "再有新情况，请本人当面说。")
        self._carry_out(decided, by, points, at)
        self._notices.send(
            decided.person, words.told_decision(decided, by, points), f"objection:{number}:decided", at
        )
        return decided

    def decide_bonus(self, number: int, by: Person, agreed: bool, why: str, at: datetime) -> StoredBonus:
        """A manager says yes or no to a proposed bonus; never to their own."""
        known = next((one for one in self.store.bonuses() if one.id == number), None)
        if known is None:
            raise BadInput(f"没有 {number} 号奖金建议。", "发“奖金建议”看看编号。")
        if not by.may("manager"):
            raise BadInput("奖金由主管批。", "请主管来定。")
        self._leader_of(known.person, by, "批奖金")
        if not agreed and len(why.strip()) < 2:
            raise BadInput("不同意要说一句为什么。", f"例如：奖金 {number} 不同意 同一件事已经奖过。")
        decided = self.store.decide_bonus(
            number, "approved" if agreed else "declined", by.id, why.strip(), at
        )
        if decided is None:
            raise BadInput(f"{number} 号已经批过了。", "发“奖金建议”看看还有哪些没批。")
        self._notices.send(decided.person, words.told_bonus(decided, by), f"bonus:{number}:decided", at)
        return decided

    def confirm_safe(
        self, by: Person, month: date, days: int, people: Sequence[str], at: datetime
    ) -> tuple[list[str], list[str]]:
        """A manager confirms days without an accident of a month that is over: (who is new, who was confirmed before).

        Only people they lead, never themselves; an administrator may confirm anybody else.
        """
        self.check_safe(by, month, days, people, at)
        last = _last_day(month)
        new: list[str] = []
        known: list[str] = []
        for number in dict.fromkeys(people):
            event = Event(
                f"safe:{number}:{month:%Y-%m}", "day.safe", number, day_begins(last, self._zone),
                "work_safety", f"safe-{month:%Y-%m}", 1.0, {"days": days, "confirmed_by": by.id},
            )  # fmt: skip
            (new if self._records.publish(event) else known).append(number)
        return new, known

    def check_safe(self, by: Person, month: date, days: int, people: Sequence[str], at: datetime) -> None:
        """Raises BadInput with what is against confirming this; for a look before it is written."""
        if not by.may("manager"):
            raise BadInput("安全天数由主管确认。", "请主管来确认。")
        if not 1 <= days <= 31:
            raise BadInput(f"{days} 天不对。", "写这个月实际出勤又没出事的天数，1 到 31。")
        today = day_of(at, self._zone)
        if (month.year, month.month) >= (today.year, today.month):
            raise BadInput("这个月还没过完。", "过完了再确认，免得月底出了事还算安全。")
        for number in people:
            self._leader_of(number, by, "确认安全天数")
            person = self._staff.get(number)
            if person and person.joined > _last_day(month):
                raise BadInput(f"{person.name} {person.joined} 才入职。", "把他去掉，再确认别人的。")

    def leads(self, by: Person) -> list[Person]:
        """Whose objections, bonuses and safe days this person decides."""
        people = self._staff.all() if by.role == "admin" else self._staff.led_by(by.id)
        return [one for one in people if one.id != by.id]

    def _carry_out(self, objection: Objection, by: Person, points: int, at: datetime) -> None:
        if objection.status == "reversed" and objection.entry is not None:
            self.store.reverse(
                objection.entry, f"申诉 {objection.id} 号裁定：冲回 {objection.entry} 号", by.id, at
            )
        if objection.status == "corrected":
            reason = f"申诉 {objection.id} 号裁定：补 {points} 分"
            day = day_of(at, self._zone)
            new = NewEntry(
                f"objection:{objection.id}", points, reason, day, event=f"objection:{objection.id}", by=by.id
            )
            self.store.add(objection.person, new, at)

    def _entry(self, number: int) -> Entry:
        entry = self.store.entry(number) if 0 < number < 2**31 else None
        if entry is None:
            raise BadInput(f"没有 {number} 号这笔积分。", "编号在“积分明细”每行的开头。")
        return entry

    def _leader_of(self, number: str, by: Person, what: str) -> None:
        """Raises BadInput unless `by` leads that person (or nobody else does) and is somebody else."""
        if by.id == number:
            raise BadInput(f"自己的不能自己{what}。", "请另一位主管来。")
        person = self._staff.get(number)
        if by.role == "admin" or (
            person and by.may("trainer", "manager") and by.id in self._deciders(person)
        ):
            return
        raise BadInput(f"{person.name if person else number}不归您带，不能{what}。", "请他的培训师或主管来。")

    def _deciders(self, person: Person) -> list[str]:
        """The person's trainer and manager; where there is none, the managers of the department, else the administrators."""
        own = [
            self._staff.get(number) for number in dict.fromkeys((person.manager, person.trainer)) if number
        ]
        found = [
            one.id
            for one in own
            if one and one.left is None and one.may("trainer", "manager") and one.id != person.id
        ]
        if found:
            return found
        everybody = [one for one in self._staff.all() if one.id != person.id]
        near = [one.id for one in everybody if one.role == "manager" and one.department == person.department]
        return near or [one.id for one in everybody if one.role == "admin"]


def _decide(book: RuleBook, event: Earned, before: Sequence[Entry]) -> Decision:
    past = [Past(one.rule, one.ref, one.day, one.points) for one in before]
    given = awards(book, event, past)
    return [_entry_of(one, event) for one in given], [_bonus_of(one, event) for one in given if one.bonus]


def _entry_of(award: Award, event: Earned) -> NewEntry:
    return NewEntry(
        f"{event.key}:{award.rule}", award.points, award.reason, event.day, award.rule, award.edition, event.key,
        event.ref,
    )  # fmt: skip


def _bonus_of(award: Award, event: Earned) -> NewBonus:
    assert award.bonus is not None  # noqa: S101  the caller looked
    key = f"bonus:{event.key}:{award.rule}"
    return NewBonus(key, award.bonus.yuan, award.bonus.why, award.rule, award.edition, event.key)


def _last_day(month: date) -> date:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
