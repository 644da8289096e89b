"""What courses look like in chat: plain functions from progress to messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.content.curricula import Curriculum
from bot.learning.curricula.certificates import STATE_NAMES, Certificate
from bot.learning.curricula.progress import ModuleProgress, Progress, StepProgress
from bot.learning.curricula.reminders import Due, Expiry
from bot.learning.curricula.screens import Screen
from bot.messages import (
    Block,
    CardBlock,
    CardRow,
    Choice,
    ChoicesBlock,
    Message,
    PageLink,
    Status,
    TextBlock,
    say,
)

GO_ON, MINE, DONE, FORWARD, BACK, SIGN_PLEASE = (
    "继续学习",
    "我的课程",
    "完成",
    "下一页",
    "上一页",
    "请师傅签字",
)
KINDS = {
    "lesson": "学", "reading": "读", "case": "案例", "quiz": "小测", "practice": "陪练", "task": "实操", "drill": "演练",
}  # fmt: skip
_STATES: dict[str, Status] = {"valid": "current", "expired": "unverified", "revoked": "superseded"}
MOST_COURSES = 4


def courses(
    mine: Sequence[Progress], held: Sequence[Certificate], open_: Sequence[Curriculum], today: date
) -> Message:
    """Courses under way, certificates, and what one may sign up for besides."""
    if not mine and not held:
        return _nothing_yet(open_)
    blocks: list[Block] = [_course(one, today) for one in mine[:MOST_COURSES]]
    blocks += [certificate_card(one, today) for one in held[-2:]]
    choices = [Choice(label="接着学", send=GO_ON)] if mine else []
    choices += [Choice(label=one.curriculum.title, send=f"课程：{one.curriculum.title}") for one in mine]
    choices += [Choice(label=f"也能学：{one.title}", send=f"课程：{one.title}") for one in open_[:3]]
    return Message(blocks=[*blocks, ChoicesBlock(choices=choices)] if choices else blocks)


def outline(progress: Progress, today: date) -> Message:
    """One course, module by module."""
    lines = [_module_line(one, today) for one in progress.modules if one.asked]
    card = CardBlock(
        title=progress.curriculum.title,
        status=_state(progress, today),
        status_kind="unverified" if progress.late(today) else "current",
        rows=[CardRow(label="做完", value=f"{progress.done}/{progress.total} 个模块")],
        lines=lines,
        link=PageLink(label="在网页里看", path=f"/learn/{progress.curriculum.id}", personal=True),
    )
    return Message(blocks=[card, ChoicesBlock(choices=[Choice(label="接着学", send=GO_ON)])])


def brochure(course: Curriculum, renewal: bool, held: Certificate | None, today: date) -> Message:
    """A course one is not in: what it is about and how to begin."""
    blocks: list[Block] = [
        CardBlock(
            title=course.title,
            rows=[
                CardRow(
                    label="多长",
                    value=f"{len(course.modules)} 个模块，{course.modules[-1].due_days} 天内做完",
                ),
                CardRow(label="证书", value=f"{course.valid_months} 个月有效"),
            ],
            lines=[course.about, *(one.title for one in course.modules)],
        )
    ]
    if held:
        blocks.append(certificate_card(held, today))
    if held is None or renewal:
        label = "重新认证" if held else "报名学这门"
        blocks.append(ChoicesBlock(choices=[Choice(label=label, send=f"报名课程：{course.title}")]))
    return Message(blocks=blocks)


def screen(
    progress: Progress, one: StepProgress, shown: Screen, page: int, pages: int, sources: str
) -> Message:
    """One screen of a lesson or a case."""
    last = page == pages - 1
    card = CardBlock(
        title=one.step.title,
        status=f"{page + 1}/{pages}",
        lines=[
            *([shown.heading] if shown.heading else []),
            *shown.lines,
            *([sources] if last and sources else []),
        ],
    )
    choices = [Choice(label="学完了" if last else "下一页", send=DONE if last else FORWARD)]
    if page:
        choices.append(Choice(label="上一页", send=BACK))
    return Message(blocks=[card, ChoicesBlock(prompt="" if page else _where(progress, one), choices=choices)])


def reading(progress: Progress, one: StepProgress, questions: Sequence[tuple[str, str]]) -> Message:
    """What to open and read: (title, what to ask to see it)."""
    card = CardBlock(
        title=one.step.title,
        status=KINDS["reading"],
        lines=["点开下面每一条看一遍，看完说“完成”。", *(title for title, _ in questions)],
    )
    choices = [Choice(label=title[:20], send=words) for title, words in questions]
    choices.append(Choice(label="看完了", send=DONE))
    return Message(blocks=[card, ChoicesBlock(prompt=_where(progress, one), choices=choices)])


def quiz(progress: Progress, one: StepProgress, words: Sequence[str]) -> Message:
    step = one.step
    lines = (
        [f"这份题要对 {step.pass_mark}%，最好的一次是 {round(one.seen.have)}%。"]
        if step.set
        else [f"要答对 {step.number} 道，已经答对 {round(one.seen.have)} 道。平时的每日五题里答对的也算。"]
    )
    choices = [Choice(label=one.removeprefix("测验："), send=one) for one in words]
    choices.append(Choice(label="每日五题", send="每日五题"))
    return _to_do(progress, one, lines, choices)


def practice(progress: Progress, one: StepProgress, scenario: str) -> Message:
    best = f"最好的一次 {round(one.seen.have)} 分。" if one.seen.have else ""
    lines = [
        f"跟这位客户打一通，{one.step.pass_mark} 分以上、不碰红线就算过。{best}",
        "不急，可以多练几通，取最好的一次。",
    ]
    return _to_do(progress, one, lines, [Choice(label=f"开始：{scenario}"[:20], send=f"练习：{scenario}")])


def drill(progress: Progress, one: StepProgress, title: str) -> Message:
    lines = ["走完一次演练，到复盘那一步就算做完。"]
    return _to_do(progress, one, lines, [Choice(label=f"开始：{title}"[:20], send=f"演练：{title}")])


def task(progress: Progress, one: StepProgress, state: str, reason: str, mentor: str) -> Message:
    """`state` is how the last request for a signature stands: asked, returned, or "" for none."""
    lines = [f"□ {line}" for line in one.step.checklist]
    if state == "asked":
        lines.append(f"已经请{mentor}签字了，签好会告诉您。")
    elif state == "returned":
        lines.append(f"上次{mentor}退回来了：{reason or '没写原因，当面问一句'}。补好再请他签。")
    label = "再请一次" if state == "returned" else "做完了，请师傅签字"
    choices = [] if state == "asked" else [Choice(label=label, send=SIGN_PLEASE)]
    return _to_do(progress, one, lines, choices)


def step_done(progress: Progress, one: StepProgress, next_: tuple[Progress, StepProgress] | None) -> Message:
    """After a step: where one stands, and the next."""
    found = progress.find(one.ref)
    module_done = found is not None and found[0].done
    said = f"“{found[0].module.title}”这一块做完了。" if module_done and found else "记下了。"
    said += f"这门课做完 {progress.done}/{progress.total} 个模块。"
    if progress.finished:
        return Message(blocks=[TextBlock(text=f"{said}整门课都学完了，证书马上到。")])
    if next_ is None:
        return say(f"{said}后面的要等别的步骤，晚点再来看。")
    choices = [Choice(label=f"{KINDS[next_[1].step.kind]}：{next_[1].step.title}"[:20], send=GO_ON)]
    return Message(
        blocks=[TextBlock(text=said), ChoicesBlock(prompt="接着来，或者歇一会儿：", choices=choices)]
    )


def certificate_card(one: Certificate, today: date) -> CardBlock:
    state = one.state(today)
    rows = [CardRow(label="编号", value=one.number), CardRow(label="有效至", value=f"{one.until:%Y-%m-%d}")]
    if one.revoked:
        rows.append(CardRow(label="撤销", value=f"{one.revoked:%Y-%m-%d}，{one.revoked_why}"))
    return CardBlock(
        title=f"证书：{one.title}",
        status=STATE_NAMES[state],
        status_kind=_STATES[state],
        rows=rows,
        link=PageLink(label="打开证书（PDF）", path=f"/certificates/{one.number}.pdf", personal=True),
    )


def certificate_earned(one: Certificate) -> Message:
    said = f"{one.name}，“{one.title}”学完了，这是您的证书。扫上面的码，谁都能查它是真的。"
    check = CardBlock(
        title="给别人核验用的页面",
        rows=[CardRow(label="编号", value=one.number)],
        link=PageLink(label="打开核验页", path=f"/check/{one.number}"),
    )
    return Message(blocks=[TextBlock(text=said), certificate_card(one, one.issued), check])


def reminder(name: str, due: Sequence[Due], ending: Sequence[Expiry]) -> Message:
    """One message for everything there is to say today."""
    lines = [_due_line(one) for one in due[:4]] + [_expiry_line(one) for one in ending[:2]]
    blocks: list[Block] = [
        TextBlock(text="\n".join([f"{name}，课程上有几件事：" if len(lines) > 1 else f"{name}：", *lines]))
    ]
    choices = [Choice(label="接着学", send=GO_ON)] if due else []
    choices += [
        Choice(label=f"重新认证：{one.certificate.title}"[:20], send=f"课程：{one.certificate.title}")
        for one in ending
    ]
    choices.append(Choice(label="看全部课程", send=MINE))
    return Message(blocks=[*blocks, ChoicesBlock(choices=choices)])


def led(people: Iterable[tuple[str, Sequence[Progress]]], waiting: int, today: date) -> Message:
    """Everybody one leads, the latest first; `waiting` signatures are asked for."""
    rows = [CardRow(label=name, value=_where_they_are(mine, today)) for name, mine in people]
    card = CardBlock(
        title="我带的人",
        rows=rows[:12],
        lines=[f"还有 {len(rows) - 12} 位，在网页里看。"] if len(rows) > 12 else [],
        link=PageLink(label="在网页里看", path="/team", personal=True),
    )
    ask = [TextBlock(text=f"有 {waiting} 件实操等您签字。")] if waiting else []
    return Message(blocks=[card, *ask])


def _nothing_yet(open_: Sequence[Curriculum]) -> Message:
    if not open_:
        return say("眼下没有给您排的课，新课来了会告诉您。")
    choices = [Choice(label=one.title, send=f"课程：{one.title}") for one in open_]
    return Message(
        blocks=[
            TextBlock(text="眼下没有给您排的课。想学的话，这几门都可以自己报："),
            ChoicesBlock(choices=choices),
        ]
    )


def _course(progress: Progress, today: date) -> CardBlock:
    rows = [CardRow(label="做完", value=f"{progress.done}/{progress.total} 个模块")]
    if module := progress.next_module():
        rows.append(CardRow(label="接着", value=module.module.title))
        rows.append(CardRow(label="最好在", value=f"{module.due:%m月%d日}前"))
    return CardBlock(
        title=progress.curriculum.title + ("（复审）" if progress.enrolment.renewal else ""),
        status=_state(progress, today),
        status_kind="unverified" if progress.late(today) else "current",
        rows=rows,
        link=PageLink(label="在网页里看", path=f"/learn/{progress.curriculum.id}", personal=True),
    )


def _to_do(progress: Progress, one: StepProgress, lines: list[str], choices: list[Choice]) -> Message:
    card = CardBlock(title=one.step.title, status=KINDS[one.step.kind], lines=lines)
    blocks: list[Block] = [card]
    if choices:
        blocks.append(ChoicesBlock(prompt=_where(progress, one), choices=choices))
    return Message(blocks=blocks)


def _where(progress: Progress, one: StepProgress) -> str:
    found = progress.find(one.ref)
    module = found[0].module.title if found else ""
    return f"{progress.curriculum.title} · {module}，大约 {one.step.minutes} 分钟"


def _module_line(one: ModuleProgress, today: date) -> str:
    if one.done:
        return f"✓ {one.module.title}"
    if one.handed_in:
        return f"○ {one.module.title}（等师傅签字）"
    if one.is_late(today):
        return f"○ {one.module.title}（过了 {(today - one.due).days} 天）"
    if not one.open:
        return f"· {one.module.title}（先做完前面的）"
    return f"○ {one.module.title}（{one.due:%m月%d日}前）"


def _state(progress: Progress, today: date) -> str:
    late = len(progress.late(today))
    return f"{late} 块过了日子" if late else "在学"


def _due_line(one: Due) -> str:
    name = f"“{one.progress.curriculum.title}”里的“{one.module.module.title}”"
    if one.days > 0:
        return f"{name}明天到日子，还要{_takes(one.module)}。"
    if one.days == 0:
        return f"{name}今天到日子，还要{_takes(one.module)}。"
    return f"{name}过了 {-one.days} 天，忙完手上的再补，不晚。"


def _takes(module: ModuleProgress) -> str:
    minutes = sum(one.step.minutes for one in module.steps if not one.done)
    return f"大约 {minutes} 分钟" if minutes < 90 else f"大约 {round(minutes / 60)} 个钟头"


def _expiry_line(one: Expiry) -> str:
    name = f"“{one.certificate.title}”的证书"
    if one.days > 0:
        return f"{name}还有 {one.days} 天到期，复审只考不重读。"
    return f"{name}今天到期。" if one.days == 0 else f"{name}到期了，复审通过就续上。"


def _where_they_are(mine: Sequence[Progress], today: date) -> str:
    if not mine:
        return "没有在学的课"
    first = mine[0]
    late = sum(len(one.late(today)) for one in mine)
    said = f"{first.curriculum.title} {first.done}/{first.total}"
    return f"{said}，{late} 块过了日子" if late else said
