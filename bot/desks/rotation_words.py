"""What is said about rotation: this week's tasks first, then how it stands, then the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from bot.content.rotation import RotationPlace
from bot.learning.rotation.comparison import in_words
from bot.learning.rotation.tasks import Due
from bot.messages import CardBlock, CardRow, Choice, ChoicesBlock, Message, PageLink, TextBlock, say
from bot.stores.learning.rotation import Assessment, Rotation

if TYPE_CHECKING:
    from bot.desks.rotation_office import Report

NONE = "您现在没有轮岗计划。想去哪个部门看看，跟主管说；能去的有：{places}。"


def span(first: date, last: date) -> str:
    return f"{first.month} 月 {first.day} 日到 {last.month} 月 {last.day} 日"


def link(rotation: Rotation) -> PageLink:
    return PageLink(label="打开轮岗页", path=f"/rotation/{rotation.id}", personal=True)


def mine(
    rotation: Rotation,
    place: RotationPlace,
    rows: Sequence[Due],
    now: Sequence[Due],
    mentor: str,
    week: int,
    assessment: Assessment | None,
) -> Message:
    """The plan, what is to do this week with numbers to answer by, and how much is done."""
    done = sum(one.done for one in rows)
    card = CardBlock(
        title=f"{place.department}轮岗",
        status="还没开始" if week == 0 else "评定好了" if assessment else f"第 {week} 周",
        rows=[
            CardRow(label="时间", value=span(rotation.first, rotation.last)),
            CardRow(label="带教", value=mentor),
            CardRow(label="任务", value=f"{len(rows)} 项，做完 {done} 项"),
        ],
        lines=[f"目标：{goal}" for goal in rotation.goals],
        link=link(rotation),
    )
    numbers = {one.task.id: number for number, one in enumerate(rows, 1)}
    lines = [_task(numbers[one.task.id], one) for one in now]
    blocks = [card]
    if assessment:
        return Message(blocks=[card, _assessed(place, assessment)])
    how = "做完一项说一声，带上凭据：轮岗任务 1 做完 记了十二通，九通没说几点。" if week else ""
    text = "\n".join([*(lines or ["这一周的都做完了。"]), *([how] if how else [])])
    return Message(blocks=[*blocks, TextBlock(text=text)])


def _task(number: int, one: Due) -> str:
    mark = "做完了" if one.done else "晚了" if one.late else "要做"
    return f"{number}. [{mark}] {one.task.what}\n   看什么算做完：{one.task.proof}"


def finished(number: int, one: Due, left: int, was_new: bool) -> Message:
    if not was_new:
        return say(f"第 {number} 项以前就做完了，没有重记。", "notice")
    rest = f"还有 {left} 项。" if left else "全部做完了，等带教人评定。"
    return Message(
        blocks=[TextBlock(text=f"第 {number} 项记下了：{one.task.what}\n{rest}"),
                ChoicesBlock(choices=[Choice(label="我的轮岗", send="我的轮岗")])]
    )  # fmt: skip


def to_assess(guests: Sequence[Rotation], names: Mapping[str, str], open_ones: set[int]) -> Message:
    if not guests:
        return say("您现在没有带教轮岗的人。", "notice")
    lines = [
        f"{one.id} 号 {names.get(one.person, one.person)}，{span(one.first, one.last)}{'，等您评定' if one.id in open_ones else ''}"
        for one in guests[:8]
    ]
    choices = [
        Choice(label=f"评定{names.get(one.person, one.person)}", send=f"轮岗评定 {one.id}")
        for one in guests if one.id in open_ones
    ]  # fmt: skip
    return Message(
        blocks=[
            CardBlock(title="您带教的人", lines=lines),
            *([ChoicesBlock(choices=choices[:5])] if choices else []),
        ]
    )


def ask_marks(rotation: Rotation, place: RotationPlace, name: str, done: int, of: int) -> Message:
    """The criteria, with what 1 and what 5 look like, and how to answer in one line."""
    lines = [
        f"{number}. {one.name}\n   1 分：{one.low}\n   5 分：{one.high}"
        for number, one in enumerate(place.criteria, 1)
    ]
    example = " ".join("4535"[n % 4] for n in range(len(place.criteria)))
    text = f"给{name}评定（任务 {of} 项，做完 {done} 项）。每项 1 到 5 分：\n" + "\n".join(lines)
    return Message(
        blocks=[
            TextBlock(text=text),
            TextBlock(text=f"照顺序回一行，例如：{example}。现在不评，发“不评了”。"),
        ]
    )


def ask_words(marks: Mapping[str, int], place: RotationPlace) -> Message:
    said = "，".join(f"{one.name} {marks[one.id]}" for one in place.criteria)
    return say(f"记下了：{said}。再写一两句：一件做得好的，一件还要练的。本人会看到，写了就不改了。")


def told_goer(rotation: Rotation, place: RotationPlace, names: Mapping[str, str]) -> Message:
    text = (
        f"{span(rotation.first, rotation.last)}，您去{place.department}轮岗，带教人{names.get(rotation.mentor, rotation.mentor)}。\n"
        f"目标：{'；'.join(rotation.goals)}。每周做什么，发“我的轮岗”看。"
    )
    return Message(
        blocks=[TextBlock(text=text), ChoicesBlock(choices=[Choice(label="我的轮岗", send="我的轮岗")])]
    )


def told_mentor(rotation: Rotation, place: RotationPlace, names: Mapping[str, str]) -> Message:
    return say(
        f"{names.get(rotation.person, rotation.person)} {span(rotation.first, rotation.last)}来{place.department}轮岗，请您带教。"
        f"目标：{'；'.join(rotation.goals)}。最后一周请您评定，到时提醒您。"
    )


def told_cancelled(rotation: Rotation, why: str) -> Message:
    return say(f"{span(rotation.first, rotation.last)}的轮岗（{rotation.id} 号）取消了：{why}。")


def told_week(place: RotationPlace, week: int, rows: Sequence[Due]) -> Message:
    lines = "\n".join(f"· {one.task.what}" for one in rows)
    return Message(
        blocks=[TextBlock(text=f"{place.department}轮岗第 {week} 周，这周做：\n{lines}"),
                ChoicesBlock(choices=[Choice(label="我的轮岗", send="我的轮岗")])]
    )  # fmt: skip


def ask_mentor(rotation: Rotation, name: str) -> Message:
    return Message(
        blocks=[TextBlock(text=f"{name}的轮岗 {rotation.last.month} 月 {rotation.last.day} 日结束，请您评定，两分钟。"),
                ChoicesBlock(choices=[Choice(label="现在评定", send=f"轮岗评定 {rotation.id}")])]
    )  # fmt: skip


def told_assessed(place: RotationPlace, one: Assessment) -> Message:
    return Message(blocks=[TextBlock(text=f"您在{place.department}的轮岗评定好了。"), _assessed(place, one)])


def _assessed(place: RotationPlace, one: Assessment) -> CardBlock:
    rows = [CardRow(label=c.name, value=f"{one.marks.get(c.id, 0)} / 5") for c in place.criteria]
    return CardBlock(title="带教人的评定", rows=rows, lines=[one.words])


def report(told: Report, name: str, mentor: str) -> Message:
    """The report in chat: tasks, assessment, and before and after, honestly."""
    done = sum(one.done for one in told.rows)
    rows = [
        CardRow(label="时间", value=span(told.rotation.first, told.rotation.last)),
        CardRow(label="带教", value=mentor),
        CardRow(label="任务", value=f"{len(told.rows)} 项，做完 {done} 项"),
    ]
    if told.assessment:
        rows += [
            CardRow(label=c.name, value=f"{told.assessment.marks.get(c.id, 0)} / 5")
            for c in told.place.criteria
        ]
    lines = [told.assessment.words] if told.assessment else ["带教人还没评定。"]
    lines += [in_words(one) for one in told.comparison] if told.over else ["轮岗还没结束，前后成绩到时再比。"]
    card = CardBlock(
        title=f"{name}：{told.place.department}轮岗报告", rows=rows, lines=lines, link=link(told.rotation)
    )
    return Message(blocks=[card])
