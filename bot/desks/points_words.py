"""What is said about points: every line of a statement says why, and how to contest it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.content.points import Caps, Rule, RuleBook
from bot.learning.people.person import Person
from bot.learning.points.places import Place
from bot.messages import CardBlock, CardRow, Choice, ChoicesBlock, Message, PageLink, TextBlock, say
from bot.stores.learning.points import Entry, Objection, StoredBonus

if TYPE_CHECKING:
    from bot.desks.points_office import Own

PAGE = PageLink(label="在网页里看全部", path="/points", personal=True)
UNBOUND = "积分记在人名下，这个账号还没绑定。先发“绑定”加绑定码；学过的、练过的，绑定以后做的才记分。"
STATUS = {"open": "等裁定", "rejected": "不成立", "corrected": "成立，已补分", "reversed": "成立，已冲回",
          "proposed": "等主管批", "approved": "同意", "declined": "不同意"}  # fmt: skip


def line(entry: Entry, taken_back: Mapping[int, int] | None = None) -> str:
    """One entry: number, day, points, why; and whether it was taken back."""
    back = (taken_back or {}).get(entry.id)
    gone = f"（已被 {back} 号冲回）" if back else ""
    return f"{entry.id} 号 {entry.day.month} 月 {entry.day.day} 日 {entry.points:+d} {entry.reason}{gone}"


def mine(own: Own, entries: Sequence[Entry], taken_back: Mapping[int, int], department: str) -> Message:
    rows = [
        CardRow(label="累计", value=f"{own.balance} 分"),
        CardRow(label="本月", value=f"{own.month} 分"),
        CardRow(label=f"{department}本月", value=_place(own)),
    ]
    lines = [line(one, taken_back) for one in entries] or ["还没有记录。做一次每日五题、打一通陪练，就有了。"]
    card = CardBlock(title="我的积分", rows=rows, lines=lines, link=PAGE)
    choices = [
        Choice(label="积分明细", send="积分明细"), Choice(label="怎么得分", send="积分规则"), Choice(label="排名", send="积分排名"),
    ]  # fmt: skip
    return Message(blocks=[card, ChoicesBlock(choices=choices)])


def _place(own: Own) -> str:
    if own.month <= 0:
        return f"还没有分（共 {own.people} 人）"
    return f"第 {own.place} 名（共 {own.people} 人）"


def statement(entries: Sequence[Entry], taken_back: Mapping[int, int]) -> Message:
    if not entries:
        return say("还没有积分。做一次每日五题、打一通陪练，就有了。", "notice")
    lines = [line(one, taken_back) for one in entries]
    how = f"哪一笔不对，发：申诉 {entries[0].id} 为什么。该记没记的，发：申诉 漏记 哪天做了什么。"
    return Message(blocks=[CardBlock(title="积分明细", lines=[*lines, how], link=PAGE)])


def ranking(title: str, places: Sequence[Place], own: str) -> Message:
    """The first ten, and one's own place."""
    some = [one for one in places if one.standing.points > 0]
    if not some:
        return say(f"{title}还没有人得分。", "notice")
    lines = [
        f"{one.place}. {one.standing.name}（{one.standing.team or one.standing.post}）{one.standing.points} 分"
        for one in some[:10]
    ]
    here = next((one for one in places if one.standing.person == own), None)
    if here and here not in some[:10]:
        lines.append(
            f"您：{f'第 {here.place} 名，' if here.standing.points > 0 else ''}{here.standing.points} 分"
        )
    lines.append(f"共 {len(places)} 人，{len(some)} 人有分。分多分少看机会，不等于谁干得好。")
    return Message(blocks=[CardBlock(title=title, lines=lines, link=PAGE)])


def rules(book: RuleBook | None) -> Message:
    if book is None:
        return say("现在没有在用的积分规则。想知道什么时候有，问主管。", "notice")
    lines = [rule_line(rule) for rule in book.rules]
    together = caps_words(book.caps)
    card = CardBlock(
        title=book.title,
        status="公司规定",
        status_kind="unverified",
        lines=[*lines, *([f"所有的加在一起：{together}"] if together else []), book.about],
        link=PAGE,
    )
    return Message(blocks=[card])


def rule_line(rule: Rule) -> str:
    per = "每天 " if rule.per == "days" else ""
    caps = caps_words(rule.caps)
    first = "同一项只记第一次" if rule.when.first_time else ""
    bonus = f"另建议奖金 {rule.bonus.yuan} 元，主管批" if rule.bonus else ""
    more = "；".join(filter(None, (first, caps, bonus)))
    return f"{rule.reason}：{per}{rule.points} 分{f'（{more}）' if more else ''}"


def caps_words(caps: Caps) -> str:
    named = (
        ("一天", caps.day),
        ("一周", caps.week),
        ("一个月", caps.month),
        ("同一项", caps.ref),
        ("总共", caps.ever),
    )
    return "，".join(f"{name}最多 {most} 分" for name, most in named if most)


def objected(objection: Objection) -> Message:
    return say(f"申诉收到了，编号 {objection.id}。裁定以后告诉您，成立不成立都会说为什么。")


def told_objection(objection: Objection, person: Person) -> Message:
    about = f"{objection.entry} 号积分" if objection.entry else "漏记的积分"
    n = objection.id
    text = (
        f"{person.name}的 {n} 号申诉（{about}）：{objection.why}\n"
        f"不成立：裁定 {n} 不成立 为什么；要补分：裁定 {n} 补 5 分 为什么"
        + (f"；这笔该冲回：裁定 {n} 冲回 为什么" if objection.entry else "")
    )
    return say(text)


def told_decision(objection: Objection, by: Person, points: int) -> Message:
    about = f"{objection.entry} 号积分" if objection.entry else "漏记的积分"
    result = {
        "rejected": "不成立", "corrected": f"成立，补 {points} 分", "reversed": f"成立，{objection.entry} 号冲回",
    }[objection.status]  # fmt: skip
    text = f"您的 {objection.id} 号申诉（{about}）裁定了：{result}。{by.name}说：{objection.decided_why}"
    return Message(
        blocks=[TextBlock(text=text), ChoicesBlock(choices=[Choice(label="积分明细", send="积分明细")])]
    )


def told_reversed(entry: Entry, reversal: Entry) -> Message:
    text = f"您的 {entry.id} 号积分（{entry.points:+d}，{entry.reason}）冲回了：{reversal.reason}。觉得不对，发：申诉 {reversal.id} 为什么。"
    return say(text)


def told_bonus(bonus: StoredBonus, by: Person) -> Message:
    if bonus.status == "approved":
        return say(f"奖金建议批了：{bonus.yuan} 元，因为{bonus.why}。{by.name}同意，怎么发按单位的规定走。")
    return say(f"奖金建议（{bonus.yuan} 元，{bonus.why}）没批。{by.name}说：{bonus.decided_why}。积分照记。")


def objections(open_ones: Sequence[Objection], names: Mapping[str, str]) -> Message:
    if not open_ones:
        return say("没有等您裁定的申诉。", "notice")
    lines = [
        f"{one.id} 号 {names.get(one.person, one.person)}，{f'{one.entry} 号积分' if one.entry else '漏记'}：{one.why[:60]}"
        for one in open_ones[:10]
    ]
    lines.append("这样裁定：裁定 3 不成立 为什么；裁定 3 补 5 分 为什么；裁定 3 冲回 为什么")
    return Message(blocks=[CardBlock(title="等裁定的申诉", lines=lines, link=TEAM)])


def bonuses(open_ones: Sequence[StoredBonus], names: Mapping[str, str]) -> Message:
    if not open_ones:
        return say("没有等您批的奖金建议。", "notice")
    lines = [
        f"{one.id} 号 {names.get(one.person, one.person)} {one.yuan} 元：{one.why}" for one in open_ones[:10]
    ]
    lines.append("这样批：奖金 3 同意；奖金 3 不同意 为什么")
    return Message(blocks=[CardBlock(title="等批的奖金建议", lines=lines, link=TEAM)])


TEAM = PageLink(label="在网页里批", path="/points/team", personal=True)
