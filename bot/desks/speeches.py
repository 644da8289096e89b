"""Speech contests: opened by a trainer, marked by colleagues on their phones, once each, and closed with a ranking."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.desks.records import Records
from bot.desks.staff import Staff
from bot.errors import BadInput
from bot.learning.awareness.speeches import Standing, standings, total_of
from bot.learning.clock import Clock
from bot.learning.events import Event
from bot.learning.people.person import Person
from bot.stores.learning.events import StoredEvent
from bot.text import mask_personal_data

LASTS = timedelta(days=30)
MOST_SPEAKERS = 40
LONGEST = 40


@dataclass(frozen=True)
class Speaker:
    """`person` is their number, "" for somebody the house does not know."""

    name: str
    person: str


@dataclass(frozen=True)
class Meeting:
    code: str
    title: str
    host: str
    speakers: tuple[Speaker, ...]
    event: StoredEvent


class Speeches:
    """Everything stands in the events: what was opened, each sheet, and the scores at the end."""

    def __init__(self, records: Records, staff: Staff, clock: Clock) -> None:
        self._records, self._staff, self._clock = records, staff, clock

    def open(self, host: str, title: str, lines: Sequence[str]) -> str:
        """Its code. A line is a name or a number. Raises BadInput for none, too many, doubles, or a name that several people have."""
        title, wanted = mask_personal_data(title.strip()), [one.strip() for one in lines if one.strip()]
        if not title or len(title) > LONGEST:
            raise BadInput(f"题目要写，{LONGEST} 个字以内。", "比如：春季安全演讲。")
        if not 1 <= len(wanted) <= MOST_SPEAKERS:
            raise BadInput(f"演讲的人写 1 到 {MOST_SPEAKERS} 个，一行一个。", "写姓名或工号。")
        speakers = [self._speaker(one) for one in wanted]
        if len({one.person or one.name for one in speakers}) < len(speakers):
            raise BadInput("有人写了两回。", "一个人留一行。")
        code = secrets.token_hex(5)
        said = {"title": title, "speakers": [[one.name, one.person] for one in speakers]}
        self._records.publish(
            Event(f"speech:{code}", "speech.opened", host, self._clock(), ref=code, details=said)
        )
        return code

    def get(self, code: str) -> Meeting | None:
        """None for no such meeting, or one of more than a month ago."""
        return next((one for one in self.recent() if one.code == code), None)

    def recent(self) -> list[Meeting]:
        """Those of the last month, newest first."""
        opened = self._records.store.since(self._clock() - LASTS, ["speech.opened"])
        return [_meeting(one) for one in reversed(opened)]

    def mark(self, meeting: Meeting, scorer: Person, number: int, marks: Mapping[str, int]) -> bool:
        """False when they had marked this speaker before: the first sheet stands. Raises BadInput."""
        if not 0 <= number < len(meeting.speakers):
            raise BadInput("没有这位演讲的人。", "回到那一页再选一次。")
        speaker = meeting.speakers[number]
        if scorer.id == speaker.person:
            raise BadInput("自己的不能自己打。", "给别人打就好。")
        if self.closed(meeting):
            raise BadInput("这一场已经收分了。", "要改，请主持的人另开一场。")
        try:
            total = total_of(marks)
        except ValueError:
            raise BadInput("五样都要打，一到五分。", "把没打的补上，再交。") from None
        key = f"speech:{meeting.code}:{number}:{scorer.id}"
        details = {"speaker": number, "marks": dict(marks)}
        return self._records.publish(
            Event(key, "speech.marked", scorer.id, self._clock(), ref=meeting.code, value=total / 100, details=details)
        )  # fmt: skip

    def marked_by(self, meeting: Meeting, person: str) -> set[int]:
        """The speakers this person has marked, by their place in the list."""
        return {int(one.details["speaker"]) for one in self._sheets(meeting) if one.person == person}

    def standings(self, meeting: Meeting) -> list[Standing]:
        names = [str(n) for n in range(len(meeting.speakers))]
        return standings(
            names, [(str(one.details["speaker"]), 100 * one.value) for one in self._sheets(meeting)]
        )

    def close(self, meeting: Meeting) -> None:
        """No sheet counts after it; who is of the house gets the score in their record, once."""
        self._records.publish(
            Event(f"speech:{meeting.code}:closed", "speech.closed", meeting.host, self._clock(), ref=meeting.code)
        )  # fmt: skip
        for one in self.standings(meeting):
            speaker = meeting.speakers[int(one.speaker)]
            if speaker.person and one.score is not None:
                key = f"speech:{meeting.code}:scored:{speaker.person}"
                details = {"title": meeting.title, "place": one.place, "sheets": one.sheets}
                self._records.publish(
                    Event(
                        key,
                        "speech.scored",
                        speaker.person,
                        self._clock(),
                        ref=meeting.code,
                        value=one.score / 100,
                        details=details,
                    )
                )

    def closed(self, meeting: Meeting) -> bool:
        found = self._records.store.since(meeting.event.at, ["speech.closed"])
        return any(one.ref == meeting.code for one in found)

    def _sheets(self, meeting: Meeting) -> list[StoredEvent]:
        found = self._records.store.since(meeting.event.at, ["speech.marked"])
        return [one for one in found if one.ref == meeting.code]

    def _speaker(self, line: str) -> Speaker:
        if person := self._staff.get(line):
            return Speaker(person.name, person.id)
        named = [one for one in self._staff.all() if one.name == line]
        if len(named) > 1:
            raise BadInput(f"叫{line}的有 {len(named)} 位。", "这一位写工号。")
        if named:
            return Speaker(named[0].name, named[0].id)
        if len(line) > LONGEST:
            raise BadInput("有一行太长了。", "一行只写一个人的姓名或工号。")
        return Speaker(mask_personal_data(line), "")


def _meeting(event: StoredEvent) -> Meeting:
    speakers = tuple(Speaker(name, person) for name, person in event.details["speakers"])
    return Meeting(event.ref, str(event.details["title"]), event.person, speakers, event)
