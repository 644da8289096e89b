"""What is said about hazards: advice first, then what is missing, then what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.hazards import HazardSign
from bot.content.models import TOPIC_NAMES
from bot.learning.hazards.severity import LETTERS, NAMES, RULE, TAKE_UP_WITHIN
from bot.learning.hazards.words import Draft
from bot.learning.hazards.workflow import STATUS_NAMES, STEP_NAMES
from bot.messages import Block, CardBlock, CardRow, Choice, ChoicesBlock, Message, PageLink, TextBlock, say
from bot.stores.learning.hazards import Hazard, HazardStep

CANCEL, ANYWAY, SAME, SEND = "不报了", "照样报", "就是这条", "提交"
ASK = {
    "what": "看到什么了？一句话就行，比如：三号楼表箱门掉了，线露在外面。",
    "place": "在哪儿？写到别人找得着：哪个小区几号楼、哪条路几号杆、哪个营业厅。",
}
_PILL = {"closed": "current", "declined": "superseded", "same": "superseded"}
NameOf = Callable[[str], str]


def severity_name(name: str) -> str:
    return NAMES.get(name, name)  # type: ignore[call-overload, no-any-return]


def advice(signs: Sequence[HazardSign], question_of: Callable[[str], str]) -> list[Block]:
    """What to do before anything else, by the first sign, and a way to the card that it rests on."""
    if not signs:
        return []
    sign = signs[0]
    said = [*sign.advice, *(other.advice[0] for other in signs[1:2])]
    lines = "\n".join(f"· {line}" for line in said)
    blocks: list[Block] = [TextBlock(text=f"先顾人，再报：\n{lines}", tone="notice")]
    if question := question_of(sign.cards[0]):
        blocks.append(ChoicesBlock(choices=[Choice(label="为什么这样做", send=question)]))
    return blocks


def ask(draft: Draft, anonymous: bool, heard: str) -> list[Block]:
    """The next question; what was understood already is repeated, so that one sees it was heard."""
    known = [part for part in (draft.place, draft.what) if part]
    begin = "匿名报，隐患台账里不记您是谁。" if anonymous and not known else ""
    so_far = f"记下了：{'，'.join(known)}。\n" if known else ""
    if draft.missing != "severity":
        return [TextBlock(text=begin + so_far + ASK[draft.missing])]
    hint = f"听您说“{heard}”，像是 A；您在现场，您说了算。\n" if heard else ""
    choices = [
        Choice(label=f"{letter} {severity_name(name)}：{RULE[name]}", send=letter)
        for letter, name in LETTERS.items()
    ]  # fmt: skip
    lines = "\n".join(f"{one.label}" for one in choices)
    text = TextBlock(text=f"{so_far}{hint}有多急？回复一个字母。\n{lines}")
    return [text, ChoicesBlock(choices=choices)]


def ask_same(found: Sequence[Hazard]) -> list[Block]:
    """Whether it is one of those that are there; nothing is decided for the person."""
    lines = "\n".join(f"{one.id} 号：{one.place}，{one.what}（{STATUS_NAMES[one.status]}）" for one in found)  # type: ignore[index]
    choices = [Choice(label=f"就是 {one.id} 号，补充进去", send=f"{SAME} {one.id}") for one in found]
    return [
        TextBlock(text=f"好像有人报过：\n{lines}"),
        ChoicesBlock(prompt="是同一件事吗？", choices=[*choices, Choice(label="不是，照样报", send=ANYWAY)]),
    ]


def ask_to_send(draft: Draft) -> list[Block]:
    """Before an anonymous report goes in, what goes in."""
    rows = [CardRow(label="什么", value=draft.what), CardRow(label="在哪儿", value=draft.place)]
    rows.append(CardRow(label="多急", value=severity_name(draft.severity or "")))
    lines = [
        "这些会交上去，不带您的名字、工号和部门，时间只记到几点。",
        "电话、证件号已经遮住；话里要是有别的能认出您的，改了再报。",
        "这几句还留在聊天记录里，管数据库的人查得到；一点都不想留，用网页报，不用登录。",
    ]
    link = PageLink(label="改用网页报", path="/hazards/new?anonymous=1")
    choices = [Choice(label="提交", send=SEND), Choice(label="不报了", send=CANCEL)]
    return [
        CardBlock(title="匿名报之前，看一眼", rows=rows, lines=lines, link=link),
        ChoicesBlock(choices=choices),
    ]


def received(hazard: Hazard, receipt: str, is_bound: bool) -> list[Block]:
    """Thanks, the number or the code, and what happens next."""
    rows = [
        CardRow(label="什么", value=hazard.what),
        CardRow(label="在哪儿", value=hazard.place),
        CardRow(label="多急", value=severity_name(hazard.severity)),
    ]
    if receipt:
        rows.insert(0, CardRow(label="回执码", value=receipt))
        lines = [f"想知道后来怎样，发“隐患进度 {receipt}”。码只给这一次，请记下来；没有码就查不到，隐患台账里没有您的名字。",
                 "匿名报的不记积分。"]  # fmt: skip
        link = PageLink(label="补照片、看进度", path=f"/hazards/receipt?code={receipt}")
        return [
            CardBlock(
                title="匿名隐患收到了，谢谢您说出来", status="等核实", rows=rows, lines=lines, link=link
            )
        ]
    lines = [f"{_limit(hazard.severity)}内有人核实、派人，每一步都告诉您。"]
    if not is_bound:
        lines.append("这个账号还没绑定，后来的消息送不到您；发“隐患 " + str(hazard.id) + "”可以自己看。")
    link = PageLink(label="补一张照片", path=f"/hazards/{hazard.id}", personal=True)
    title = f"隐患 {hazard.id} 号收到了，谢谢您说出来"
    return [CardBlock(title=title, status="等核实", rows=rows, lines=lines, link=link)]


def shown(
    hazard: Hazard, steps: Sequence[HazardStep], name_of: NameOf, zone: ZoneInfo, hints: Sequence[str] = ()
) -> CardBlock:
    """One hazard with what became of it; of an anonymous one nobody is named as reporter."""
    rows = [
        CardRow(label="什么", value=hazard.what),
        CardRow(label="在哪儿", value=hazard.place),
        CardRow(label="多急", value=severity_name(hazard.severity)),
    ]
    if hazard.topic:
        rows.append(CardRow(label="专题", value=TOPIC_NAMES.get(hazard.topic, hazard.topic)))
    if hazard.assignee:
        rows.append(CardRow(label="谁在处理", value=name_of(hazard.assignee)))
    if hazard.same_as:
        rows.append(CardRow(label="相同的一条", value=f"{hazard.same_as} 号"))
    lines = [step_line(one, name_of, zone) for one in steps[-6:]]
    link = PageLink(label="打开这条", path=f"/hazards/{hazard.id}", personal=True)
    return CardBlock(
        title=f"隐患 {hazard.id} 号",
        status=STATUS_NAMES[hazard.status],  # type: ignore[index]
        status_kind=_PILL.get(hazard.status, "unverified"),  # type: ignore[arg-type]
        rows=rows,
        lines=[*lines, *hints],
        link=link,
    )


def progress(hazard: Hazard, steps: Sequence[HazardStep], zone: ZoneInfo) -> Message:
    """What somebody with a receipt code may know: no names."""
    card = shown(hazard, steps, lambda _number: "已有人", zone)
    return Message(blocks=[card.model_copy(update={"title": "您匿名报的隐患", "link": None})])


def step_line(step: HazardStep, name_of: NameOf, zone: ZoneInfo) -> str:
    who = f"{name_of(step.who)}：" if step.who and step.step != "report" else ""
    note = f"，{step.note}" if step.note else ""
    return f"{when(step.at, zone)} {who}{STEP_NAMES.get(step.step, step.step)}{note}"


def when(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.month} 月 {local.day} 日 {local:%H:%M}"


def listed(title: str, hazards: Sequence[Hazard], none: str) -> Message:
    if not hazards:
        return say(none, "notice")
    lines = [
        f"{one.id} 号 {STATUS_NAMES[one.status]}·{severity_name(one.severity)}：{one.place}，{one.what[:24]}"  # type: ignore[index]
        for one in hazards[:8]
    ]
    more = [f"还有 {len(hazards) - 8} 条，在网页里。"] if len(hazards) > 8 else []
    choices = [Choice(label=f"{one.id} 号", send=f"隐患 {one.id}") for one in hazards[:4]]
    card = CardBlock(
        title=title, lines=[*lines, *more], link=PageLink(label="在网页里看", path="/hazards", personal=True)
    )
    return Message(blocks=[card, ChoicesBlock(choices=choices)])


def told_leaders(hazard: Hazard, note: str = "") -> Message:
    """To those who lead: something to confirm, or to check."""
    fixed = hazard.status == "fixed"
    head = f"隐患 {hazard.id} 号{'处理完了，请复核' if fixed else f'（{severity_name(hazard.severity)}），请核实'}。"
    limit = "" if fixed else f"{_limit(hazard.severity)}内要派人。"
    does = f"\n处理：{note}" if fixed and note else f"\n说明：{note}" if note else ""
    how = (
        f"复核：隐患 {hazard.id} 复核通过；不行就：隐患 {hazard.id} 退回 哪里不行"
        if fixed
        else f"属实：隐患 {hazard.id} 属实 派 工号；不属实：隐患 {hazard.id} 不属实 为什么"
    )
    words = TextBlock(text=f"{head}{limit}\n{hazard.place}，{hazard.what}{does}\n{how}")
    return Message(blocks=[words, ChoicesBlock(choices=[Choice(label="看这条", send=f"隐患 {hazard.id}")])])


def assigned_to(hazard: Hazard, step: str, note: str) -> Message:
    back = step == "return"
    why = f"\n{note}" if note else ""
    take = "" if back else f"接手了说一声：隐患 {hazard.id} 接了。"
    text = (
        f"隐患 {hazard.id} 号（{severity_name(hazard.severity)}）{'复核没通过，退回来了' if back else '派给您'}："
        f"{hazard.place}，{hazard.what}{why}\n{take}弄好了说怎么弄的：隐患 {hazard.id} 已处理 换了箱门，线包好了"
    )
    choice = (
        Choice(label="看这条", send=f"隐患 {hazard.id}")
        if back
        else Choice(label="接了", send=f"隐患 {hazard.id} 接了")
    )
    return Message(blocks=[TextBlock(text=text), ChoicesBlock(choices=[choice])])


def acknowledged(hazard: Hazard, step: str, note: str) -> Message:
    """To the reporter: what became of it, and thanks for what it was worth."""
    why = f"：{note}" if note else ""
    said = {
        "confirm": f"您报的隐患 {hazard.id} 号核实属实（{severity_name(hazard.severity)}），已经派人去处理{why}。谢谢您说出来。",
        "decline": f"您报的隐患 {hazard.id} 号核实下来不成立{why}。看见了就说是对的，下回照样报；觉得不对，发“隐患 {hazard.id} 重新打开 为什么”。",
        "same": f"您报的隐患 {hazard.id} 号和 {hazard.same_as} 号是同一件，并在一起处理{why}。",
        "pass": f"您报的隐患 {hazard.id} 号处理好了，复核通过{why}。要是又坏了，发“隐患 {hazard.id} 重新打开 怎么了”。",
    }[step]
    return Message(
        blocks=[
            TextBlock(text=said),
            ChoicesBlock(choices=[Choice(label="看这条", send=f"隐患 {hazard.id}")]),
        ]
    )


def late(hazard: Hazard, hours: float) -> Message:
    waiting = "没人核实" if hazard.status == "reported" else "派了人，还没接手"
    time = f"{hours * 60:.0f} 分钟" if hours < 1 else f"{hours:.0f} 小时"
    time = f"最多 {time}（匿名的时间只记到几点）" if hazard.is_anonymous else f" {time}"
    text = (
        f"隐患 {hazard.id} 号（{severity_name(hazard.severity)}）等了{time}，{waiting}：{hazard.place}，{hazard.what}\n"
        f"请现在定个人：隐患 {hazard.id} {'属实' if hazard.status == 'reported' else '改'}{' ' if hazard.status == 'reported' else ''}派 工号"
    )
    return Message(
        blocks=[
            TextBlock(text=text),
            ChoicesBlock(choices=[Choice(label="看这条", send=f"隐患 {hazard.id}")]),
        ]
    )


def _limit(severity: str) -> str:
    limit = TAKE_UP_WITHIN.get(severity)  # type: ignore[call-overload]
    minutes = int(limit.total_seconds() // 60) if limit else 0
    return (
        f"{minutes} 分钟"
        if minutes < 120
        else f"{minutes // 60} 小时"
        if minutes < 2880
        else f"{minutes // 1440} 天"
    )
