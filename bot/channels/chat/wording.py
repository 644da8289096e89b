"""Each block in words, in a platform's dialect. Called by rendering.py, which makes messages of them.

What people typed is made harmless first, as a platform's Markdown would read signs in it as links, mentions or colours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.channels.chat.dialects import Dialect
from bot.channels.chat.pictures import signed
from bot.content.numerals import article_label
from bot.messages import (
    AnswerBlock,
    Block,
    CardBlock,
    Citation,
    ComparisonBlock,
    CustomerTurnBlock,
    FeedbackBlock,
    PageLink,
    QuizBlock,
    QuizResultBlock,
    ScoreCardBlock,
    SittingBlock,
    TextBlock,
)


@dataclass(frozen=True)
class Addresses:
    """Makes the address of a citation's page, and of a page of ours; a personal one is a one-time link."""

    citation: Callable[[Citation], str]
    page: Callable[[PageLink], str]


FACES = ("🙂", "😕", "😠", "😡", "🤬")
BAR = 10
MOST_REASONS = 3
_SHOWN_AS = str.maketrans("<>[]*`#|\\@", "＜＞［］＊｀＃｜＼＠")
_WRITTEN_AS = (
    (r"&(?=#?\w{1,12};)", "＆"),
    (r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", "＿"),
    (r"~(?=~)|(?<=~)~", "～"),
    (r"(?m)^[-=]{2,}[ \t]*$", "——"),
    (r"\n\s*\n", "\n\n"),
)
"""Signs that are markup only in their place: entities, emphasis, struck-out words and rules."""
_ADDRESS = re.compile(r"(https?://[!-~]+)")
LONGEST_QUESTION = 40
_COLOURS = {"current": "info", "superseded": "warning", "unverified": "comment"}


@dataclass
class Draft:
    """Text in the making. `marked` is whether it holds Markdown, and so must be sent as such.

    No markup is put around nothing: `bold("")` is "".
    """

    dialect: Dialect
    paragraphs: list[str] = field(default_factory=list)
    marked: bool = False

    def say(self, *lines: str) -> None:
        """One paragraph of lines; empty lines are left out, and so is a paragraph of none."""
        if said := "\n".join(line for line in lines if line):
            self.paragraphs.append(said)

    def bold(self, text: str) -> str:
        if self.dialect.markdown == "none" or not text:
            return text
        self.marked = True
        return f"**{_on_one_line(text)}**"

    def quoted(self, text: str) -> str:
        """The words of the customer or of a clause: a quotation, or in quotation marks."""
        if not text:
            return ""
        if self.dialect.markdown == "none":
            return f"“{text}”"
        self.marked = True
        return "\n".join(f"> {line}" for line in text.split("\n"))

    def coloured(self, text: str, colour: str) -> str:
        if not text:
            return ""
        if self.dialect.markdown != "wecom":
            return f"【{_on_one_line(text)}】"
        self.marked = True
        return f'<font color="{colour}">{_on_one_line(text)}</font>'

    def linked(self, text: str, url: str) -> str:
        if self.dialect.markdown == "none":
            return f"{text} {url}"
        self.marked = True
        return f"[{_on_one_line(text)}]({url})"


def write(block: Block, draft: Draft, link: Addresses, group: bool) -> None:
    """Adds what a block says to `draft`. Choices are not written here: they may be buttons."""
    if isinstance(block, TextBlock):
        draft.say(plain(block.text))
    elif isinstance(block, AnswerBlock):
        _answer(block, draft, link, group)
    elif isinstance(block, CustomerTurnBlock):
        _customer(block, draft)
    elif isinstance(block, FeedbackBlock):
        _feedback(block, draft)
    elif isinstance(block, ComparisonBlock):
        _comparison(block, draft)
    elif isinstance(block, ScoreCardBlock):
        draft.say(plain(block.summary))
        if not draft.dialect.pictures:
            draft.say(card_in_words(block))
    elif isinstance(block, SittingBlock):
        _sitting(block, draft)
    elif isinstance(block, QuizBlock):
        _quiz(block, draft, link)
    elif isinstance(block, QuizResultBlock):
        _quiz_result(block, draft, link)
    elif isinstance(block, CardBlock):
        _card(block, draft, link)


def _answer(block: AnswerBlock, draft: Draft, link: Addresses, group: bool) -> None:
    if group and (question := " ".join(plain(block.question).split())):
        short = question if len(question) <= LONGEST_QUESTION else f"{question[:LONGEST_QUESTION]}……"
        draft.say(draft.quoted(f"问：{short}"))
    if understood := plain(block.understood):
        draft.say(f"（接着问：{understood}）")
    draft.say(plain(block.answer))
    if caution := plain(block.caution):
        draft.say(f"注意：{caution}")
    if block.citations:
        draft.say(draft.bold("依据"), *(_citation(one, draft, link) for one in block.citations))
    for title, lines in (("该怎么做", block.do), ("别这么做", block.dont)):
        if said := _bullets(lines):
            draft.say(draft.bold(title), *said)


def _citation(citation: Citation, draft: Draft, link: Addresses) -> str:
    where = f"《{citation.law}》{article_label(citation.article)}" if citation.law else citation.title
    since = (
        f"{citation.effective} 起施行"
        if citation.effective
        else f"{citation.version} 版"
        if citation.version
        else ""
    )
    status = draft.coloured(plain(citation.status_label), _COLOURS[citation.status])
    name = where if where == citation.title or not citation.law else f"{where} {citation.title}"
    return " ".join(
        filter(None, [f"· {draft.linked(plain(name) or '原文', link.citation(citation))}", status, since])
    )


def _customer(block: CustomerTurnBlock, draft: Draft) -> None:
    where = " · ".join(filter(None, [plain(block.situation), plain(block.setting)]))
    full = round(block.anger / 100 * BAR)
    draft.say(
        f"{FACES[block.level - 1]} {draft.bold(plain(block.name) or '客户')}"
        + (f"（{where}）" if where else ""),
        f"怒气 {block.anger} {'▮' * full}{'▯' * (BAR - full)} {block.level_name}",
        draft.quoted((f"（对{to}）" if (to := plain(block.to)) else "") + plain(block.line)),
    )


def _feedback(block: FeedbackBlock, draft: Draft) -> None:
    """What was good first, then one thing to change; the figures come last."""
    turn = f"{speaker}的第 {block.turn} 句" if (speaker := plain(block.speaker)) else f"第 {block.turn} 句"
    reasons = [reason for reason in block.reasons if abs(reason.delta) >= 0.5][:MOST_REASONS]
    why = "，".join(f"{plain(reason.label)} {signed(reason.delta)}" for reason in reasons)
    change = (
        f"怒气 {block.anger_before} → {block.anger_after}（{signed(block.anger_after - block.anger_before)}）"
    )
    draft.say(draft.bold(turn), plain(block.praise))
    if heard := plain(block.heard):
        draft.say(f"太长了，客户只听到“{_ending(heard)}”就打断了，后面的没进耳朵。")
    for line in block.redlines:
        draft.say(f"{draft.coloured(f'红线：{plain(line.name)}', 'warning')} {plain(line.why)}")
    if advice := plain(block.advice):
        draft.say(f"{draft.bold('改一处')}：{advice}")
    if (rewrite := plain(block.rewrite)) and block.rewrite != block.reply:
        draft.say(f"{draft.bold('换个说法试试')}：", draft.quoted(rewrite))
    draft.say(
        f"{change}，这句 {block.overall} 分",
        why and f"因为：{why}",
        *_bullets(block.causes),
    )


def _ending(text: str) -> str:
    """The last words of a speech that was cut short."""
    return text if len(text) <= 16 else f"……{text[-16:]}"


def _comparison(block: ComparisonBlock, draft: Draft) -> None:
    draft.say(draft.bold(f"同一句，两种说法（说之前怒气 {block.anger_before}）"))
    for one in block.tries:
        label = f"，{plain(one.label)}" if one.label else ""
        change = f"怒气 {one.anger}（{signed(one.delta)}{label}）"
        draft.say(f"{plain(one.title)}：{change}", draft.quoted(plain(one.reply)))
        draft.say(f"客户接着说：{plain(one.line)}")
    draft.say(plain(block.verdict))


def _sitting(block: SittingBlock, draft: Draft) -> None:
    passed = ""
    if block.passed is not None:
        mark = "" if block.pass_mark is None else f"（合格线 {block.pass_mark}）"
        passed = f"，{'合格' if block.passed else '不合格'}{mark}"
    draft.say(plain(block.verdict))
    draft.say(
        draft.bold(f"{plain(block.title)}：{block.overall} 分{passed}"),
        *(f"· {plain(row.name)}：{row.overall} 分，{plain(row.note)}" for row in block.rows),
    )


def _quiz(block: QuizBlock, draft: Draft, link: Addresses) -> None:
    draft.say(draft.bold(plain(block.title)))
    if customer := plain(block.customer):
        draft.say("客户说：", draft.quoted(customer))
    draft.say(plain(block.stem), *(f"{plain(one.key)}. {plain(one.label)}" for one in block.options))
    if block.picture:
        draft.say(
            draft.linked("看图", link.page(PageLink(label="看图", path=block.picture))),
            plain(block.picture_alt),
        )
    draft.say(f"（{plain(block.how)}）")


def _quiz_result(block: QuizResultBlock, draft: Draft, link: Addresses) -> None:
    draft.say(draft.bold(plain(block.verdict)))
    if block.score < 1:
        draft.say(
            given and f"您的回答：{given}" if (given := plain(block.given)) else "",
            f"答案：{plain(block.answer)}",
        )
    draft.say(plain(block.explanation), plain(block.misconception))
    draft.say(*(_citation(one, draft, link) for one in block.citations))


def _card(block: CardBlock, draft: Draft, link: Addresses) -> None:
    status = f" {draft.coloured(plain(block.status), _COLOURS[block.status_kind])}" if block.status else ""
    draft.say(draft.bold(plain(block.title)) + status)
    draft.say(*(f"{plain(row.label)}：{plain(row.value)}" for row in block.rows if plain(row.value)))
    draft.say(*map(plain, block.lines))
    if block.picture:
        draft.say(
            draft.linked(
                plain(block.picture_alt) or "看图", link.page(PageLink(label="看图", path=block.picture))
            )
        )
    if block.link:
        once = "（十分钟内有效，只能用一次）" if block.link.personal else ""
        draft.say(draft.linked(plain(block.link.label), link.page(block.link)) + once)


def card_in_words(block: ScoreCardBlock) -> str:
    """All that the picture shows, made harmless. The summary stands beside it."""
    groups = "，".join(
        f"{one.name} {'—' if one.score is None else one.score}"
        + ("" if one.last is None else f"（上次 {one.last}）")
        for one in block.groups
    )
    curve = " → ".join(f"{one.anger}（{one.label}）" if one.label else str(one.anger) for one in block.curve)
    earlier = "，".join(f"{one.overall} 分（{one.outcome_label}）" for one in block.earlier)
    lines = [
        f"{block.name}：{block.outcome_label}，{block.overall} 分，{block.grade}",
        block.situation,
        groups,
        f"怒气 {curve}" if curve else "",
        *(f"红线：{line.name}。{line.why}" for line in block.redlines),
        *(f"{'做到了' if one.met else '还没'}：{one.what}" for one in block.conditions),
        *(f"第 {one.turn} 句（{signed(one.delta)}）“{one.reply}” {one.why}" for one in block.moments),
        f"下次只练一件：{block.next_time}" if block.next_time else "",
        *(f"{one.name}：{one.turns} 句，平均 {one.overall} 分" for one in block.speakers),
        f"跟{block.name}练过的：{earlier}，这回 {block.overall} 分" if earlier else "",
        f"要了 {block.hints} 次提示" if block.hints else "",
        f"重说了 {block.retries} 句" if block.retries else "",
    ]
    return plain("\n".join(filter(None, lines)))


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"· {line}" for line in map(plain, lines) if line]


def _on_one_line(text: str) -> str:
    """A break would end the markup around it."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """The words with every sign that a platform could take for markup replaced by its wide twin, and none unseen.

    Control signs, and those that turn the direction of writing, could hide words or make them look like others.
    """
    seen = "".join(
        sign for sign in text if sign in "\n\u200d" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    ).translate(_SHOWN_AS)
    between = _ADDRESS.split(seen)  # addresses, at every second place, must open what they opened
    for place in range(0, len(between), 2):
        for pattern, instead in _WRITTEN_AS:
            between[place] = re.sub(pattern, instead, between[place])
    return "".join(between).strip()
