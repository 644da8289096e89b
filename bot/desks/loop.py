"""The next lesson: 学什么. Keeps each person's risk up to date, chooses, says why, and plans a day for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.desks.desk import Reply, Visit
from bot.desks.records import AGAIN, Records
from bot.learning.clock import day_of
from bot.learning.events import Event
from bot.learning.loop.lessons import Candidate, asked_more, choose, priorities
from bot.learning.loop.lessons import Choice as Chosen
from bot.learning.loop.model import TOPICS, Risk, is_evidence
from bot.learning.loop.reasons import reason
from bot.learning.loop.teams import cells
from bot.learning.loop.weights import exposure
from bot.learning.people.person import Person
from bot.messages import Choice, ChoicesBlock, Message, TextBlock, say
from bot.stores.learning.loop import LessonPlan, LoopStore, TeamSnapshot


class Offers(Protocol):
    """What people could do now, whoever offers it."""

    def to(self, learner: str, person: Person | None, at: datetime) -> Iterable[Candidate]: ...

    def to_all(self, learners: Sequence[str], at: datetime) -> Callable[[str], Iterable[Candidate]]: ...


_ASK = re.compile(
    r"^(?:学什么|练什么|今天学什么|今天练什么|下一课)(?:\s*[（(]?(?P<minutes>\d{1,2})\s*分钟[)）]?)?$"
)
MINUTES = (3, 10, 20)
USUAL = 10


class LoopDesk:
    name = "loop"
    together: re.Pattern[str] | None = None

    def __init__(self, store: LoopStore, records: Records, offers: Offers, zone: ZoneInfo) -> None:
        self._store, self._records, self._offers, self._zone = store, records, offers, zone
        records.listen("loop", self.note)

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        return bool(_ASK.match(text))

    def receive(self, visit: Visit) -> Reply:
        match = _ASK.match(visit.said.text)
        minutes = int(match["minutes"]) if match and match["minutes"] else USUAL
        risk, weights = self.risk(visit.learner), self._exposure(visit.person)
        offered = self._offers.to(visit.learner, visit.person, visit.at)
        chosen = choose(risk, offered, weights, visit.at, max(minutes, MINUTES[0]))
        if not chosen:
            return Reply(say("眼下没有要补的，想练嘴就说“开始练习”，想做题就说“每日五题”。"))
        self._note_offer(visit, chosen[0])
        return Reply(_offer(chosen, reason(risk, chosen[0], visit.at, self._zone), minutes))

    def risk(self, learner: str) -> Risk:
        return Risk.from_dict(self._store.risk(learner))

    def note(self, event: Event) -> None:
        """Counts an event once, however often it is told."""
        if not is_evidence(event):
            return

        def change(stored: dict[str, Any]) -> dict[str, Any]:
            return Risk.from_dict(stored).after(event).to_dict()

        self._store.update(event.key, event.person, change, event.at)

    def priorities(self, learner: str, person: Person | None, at: datetime) -> dict[str, float]:
        """How much each topic should be asked about, summing to one."""
        return priorities(self.risk(learner), self._exposure(person), at)

    def weakest(self, learner: str, person: Person | None, at: datetime) -> str:
        """The topic they most need; "" while nothing they did says so, and for guests."""
        risk = self.risk(learner)
        if person is None or not any(topic in risk.known for topic in TOPICS):
            return ""
        needs = self.priorities(learner, person, at)
        return max(needs, key=lambda topic: needs[topic])

    def plan_day(self, people: Iterable[Person], at: datetime, minutes: float = USUAL) -> int:
        """Today's lesson for each of them, written down; how many there are."""
        return self._store.keep_plans(self._plans(list(people), at, minutes))

    def planned(self, learner: str, at: datetime) -> LessonPlan | None:
        return self._store.plan(learner, day_of(at, self._zone))

    def forget_keys(self, at: datetime) -> None:
        """What `catch_up` will not tell again any more."""
        self._store.forget_keys(at - 2 * AGAIN)

    def risks(self, people: Iterable[Person]) -> dict[str, Risk]:
        """Of those of whom anything is known."""
        stored = self._store.risks([one.id for one in people])
        return {learner: Risk.from_dict(risk) for learner, risk in stored if risk}

    def snapshot(self, people: Sequence[Person], at: datetime) -> None:
        """What teams know today, for the map's lines."""
        day = day_of(at, self._zone)
        found = cells(people, self.risks(people), at)
        self._store.keep_snapshots(
            TeamSnapshot(day, c.team, c.topic, c.people, c.seen, c.knowledge, c.awareness) for c in found
        )

    def snapshots(self, since: date) -> list[TeamSnapshot]:
        return self._store.snapshots(since)

    def _plans(self, people: list[Person], at: datetime, minutes: float) -> Iterator[LessonPlan]:
        by_id = {one.id: one for one in people}
        day, offered = day_of(at, self._zone), self._offers.to_all(list(by_id), at)
        for learner, stored in self._store.risks(by_id):
            person, risk = by_id[learner], Risk.from_dict(stored)
            for chosen in choose(risk, offered(learner), self._exposure(person), at, minutes, limit=1):
                one = chosen.candidate
                yield LessonPlan(
                    learner, day, one.id, one.title, one.words, reason(risk, chosen, at, self._zone)
                )

    def _exposure(self, person: Person | None) -> dict[str, float]:
        if person is None:
            return dict.fromkeys(TOPICS, 1.0)
        return asked_more(exposure(person.post, person.department, TOPICS), {})

    def _note_offer(self, visit: Visit, chosen: Chosen) -> None:
        self._records.publish(
            Event(
                f"next:{visit.said.conversation}:{visit.said.message_id}"[:160], "next.lesson", visit.learner,
                visit.at, chosen.subject if chosen.subject in TOPICS else "", chosen.candidate.id,
                details={"kind": chosen.candidate.kind, "gain": round(chosen.gain, 4)},
            )
        )  # fmt: skip


def _offer(chosen: list[Chosen], why: str, minutes: int) -> Message:
    first, *others = chosen
    choices = [
        Choice(label=f"{one.candidate.title}（{round(one.candidate.takes)} 分钟）", send=one.candidate.words)
        for one in [first, *others]
    ]
    choices += [
        Choice(label=f"我有 {one} 分钟", send=f"学什么 {one} 分钟") for one in MINUTES if one != minutes
    ]
    return Message(
        blocks=[TextBlock(text=why), ChoicesBlock(prompt="先做第一个最划算，换别的也行：", choices=choices)]
    )
