"""A message of the bot as parts for one chat platform: words within its limit, buttons, and a picture of the call.

Pure: the same message gives the same parts. What people typed is made harmless first, as a platform's Markdown would
read signs in it as links, mentions or colours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.channels.chat.dialects import Dialect
from bot.channels.chat.outbound import Button, Buttons, Part, Picture, Words
from bot.channels.chat.pictures import score_card_png
from bot.channels.chat.splitting import split
from bot.content.numerals import article_label
from bot.messages import (
    AnswerBlock,
    Block,
    ChoicesBlock,
    Citation,
    ComparisonBlock,
    CustomerTurnBlock,
    FeedbackBlock,
    Message,
    ScoreCardBlock,
    SittingBlock,
    TextBlock,
)

Link = Callable[[Citation], str]

FACES = ("🙂", "😕", "😠", "😡", "🤬")
BAR = 10
MOST_REASONS = 3
SAY_A_NUMBER = "回复数字就行。"
_SHOWN_AS = str.maketrans("<>[]*`#|\\", "＜＞［］＊｀＃｜＼")
_COLOURS = {"current": "info", "superseded": "warning", "unverified": "comment"}


@dataclass
class _Draft:
    """Text in the making. `marked` is whether it holds Markdown, and so must be sent as such."""

    dialect: Dialect
    paragraphs: list[str] = field(default_factory=list)
    marked: bool = False

    def say(self, *lines: str) -> None:
        """One paragraph of lines; empty lines are left out, and so is a paragraph of none."""
        if said := "\n".join(line for line in lines if line):
            self.paragraphs.append(said)

    def bold(self, text: str) -> str:
        if self.dialect.markdown == "none":
            return text
        self.marked = True
        return f"**{text}**"

    def quoted(self, text: str) -> str:
        """The words of the customer or of a clause: a quotation, or in quotation marks."""
        if self.dialect.markdown == "none":
            return f"“{text}”"
        self.marked = True
        return "\n".join(f"> {line}" for line in text.split("\n"))

    def coloured(self, text: str, colour: str) -> str:
        if self.dialect.markdown != "wecom":
            return f"【{text}】"
        self.marked = True
        return f'<font color="{colour}">{text}</font>'

    def linked(self, text: str, url: str) -> str:
        if self.dialect.markdown == "none":
            return f"{text} {url}"
        self.marked = True
        return f"[{text}]({url})"


def render(message: Message, dialect: Dialect, link: Link, group: bool = False) -> list[Part]:
    """The parts in the order in which they are to be sent; `link` makes the address of a citation's page.

    In a group what belongs to one person names them.
    """
    draft, pictures = _Draft(dialect), list[Part]()
    for block in message.blocks:
        _write(block, draft, link, group)
        if isinstance(block, ScoreCardBlock) and dialect.pictures:
            pictures.append(Picture(score_card_png(block), _card_in_words(block)))
    choices = _choices(message)
    if choices and not dialect.buttons:
        draft.say(_prompt(message), *_numbered(choices, 1), SAY_A_NUMBER)
    parts: list[Part] = [
        Words(piece, draft.marked)
        for piece in split("\n\n".join(draft.paragraphs), dialect.most_bytes)
        if piece
    ]
    parts += pictures
    if choices and dialect.buttons:
        shown, left = choices[: dialect.buttons], choices[dialect.buttons :]
        more = _numbered(left, len(shown) + 1)
        prompt = "\n".join(filter(None, [_prompt(message), *more, SAY_A_NUMBER if more else ""]))
        key = hashlib.sha256("\x00".join([prompt, *(one.send for one in choices)]).encode()).hexdigest()[:16]
        parts.append(Buttons(prompt or "接下来：", shown, key))
    return parts


def offered(message: Message, dialect: Dialect) -> list[Button]:
    """What a bare number stands for after this message: the choices in the order shown; none where a number means
    what it says, in the middle of a call."""
    if any(isinstance(block, CustomerTurnBlock) for block in message.blocks):
        return []
    return _choices(message)


def _choices(message: Message) -> list[Button]:
    found = []
    for block in message.blocks:
        if isinstance(block, ChoicesBlock):
            found += [Button(_plain(choice.label), choice.send) for choice in block.choices]
        elif isinstance(block, AnswerBlock):
            found += [Button(_plain(question), question) for question in block.choices or block.related]
    return found


def _prompt(message: Message) -> str:
    for block in message.blocks:
        if isinstance(block, ChoicesBlock) and block.prompt:
            return _plain(block.prompt)
        if isinstance(block, AnswerBlock) and block.related and not block.choices:
            return "还可以问："
    return ""


def _numbered(choices: Sequence[Button], first: int) -> list[str]:
    return [f"{number}. {choice.label}" for number, choice in enumerate(choices, first)]


def _write(block: Block, draft: _Draft, link: Link, group: bool) -> None:
    if isinstance(block, TextBlock):
        draft.say(_plain(block.text))
    elif isinstance(block, AnswerBlock):
        _answer(block, draft, link)
    elif isinstance(block, CustomerTurnBlock):
        _customer(block, draft)
    elif isinstance(block, FeedbackBlock):
        _feedback(block, draft)
    elif isinstance(block, ComparisonBlock):
        _comparison(block, draft)
    elif isinstance(block, ScoreCardBlock):
        if draft.dialect.pictures:
            draft.say(_plain(block.summary))
        else:
            draft.say(_plain(_card_in_words(block)))
    elif isinstance(block, SittingBlock):
        _sitting(block, draft)


def _answer(block: AnswerBlock, draft: _Draft, link: Link) -> None:
    if block.understood:
        draft.say(f"（接着问：{_plain(block.understood)}）")
    draft.say(_plain(block.answer))
    if block.caution:
        draft.say(f"注意：{_plain(block.caution)}")
    if block.citations:
        draft.say(draft.bold("依据"), *(_citation(one, draft, link) for one in block.citations))
    for title, lines in (("该怎么做", block.do), ("别这么做", block.dont)):
        if lines:
            draft.say(draft.bold(title), *(f"· {_plain(line)}" for line in lines))


def _citation(citation: Citation, draft: _Draft, link: Link) -> str:
    where = f"《{citation.law}》{article_label(citation.article)}" if citation.law else citation.title
    since = (
        f"{citation.effective} 起施行"
        if citation.effective
        else f"{citation.version} 版"
        if citation.version
        else ""
    )
    status = draft.coloured(_plain(citation.status_label), _COLOURS[citation.status])
    name = where if where == citation.title or not citation.law else f"{where} {citation.title}"
    return " ".join(filter(None, [f"· {draft.linked(_plain(name), link(citation))}", status, since]))


def _customer(block: CustomerTurnBlock, draft: _Draft) -> None:
    where = f"{block.situation} · {block.setting}" if block.setting else block.situation
    full = round(block.anger / 100 * BAR)
    draft.say(
        f"{FACES[block.level - 1]} {draft.bold(_plain(block.name))}（{_plain(where)}）",
        f"怒气 {block.anger} {'▮' * full}{'▯' * (BAR - full)} {block.level_name}",
        draft.quoted((f"（对{_plain(block.to)}）" if block.to else "") + _plain(block.line)),
    )


def _feedback(block: FeedbackBlock, draft: _Draft) -> None:
    change = block.anger_after - block.anger_before
    title = f"{_plain(block.speaker)}的第 {block.turn} 句" if block.speaker else f"第 {block.turn} 句"
    reasons = [reason for reason in block.reasons if abs(reason.delta) >= 0.5][:MOST_REASONS]
    why = "，".join(f"{_plain(reason.label)} {_signed(reason.delta)}" for reason in reasons)
    draft.say(
        draft.bold(
            f"{title}：{block.overall} 分，怒气 {block.anger_before} → {block.anger_after}（{_signed(change)}）"
        ),
        why and f"因为：{why}",
        _plain(block.praise),
    )
    if block.heard:
        draft.say("太长了，客户没听完就打断了，后面的没进耳朵。")
    for line in block.redlines:
        draft.say(f"{draft.coloured(f'红线：{_plain(line.name)}', 'warning')} {_plain(line.why)}")
    if block.advice:
        draft.say(f"改一处：{_plain(block.advice)}")
    if block.rewrite and block.rewrite != block.reply:
        draft.say("换个说法试试：", draft.quoted(_plain(block.rewrite)))


def _comparison(block: ComparisonBlock, draft: _Draft) -> None:
    draft.say(draft.bold(f"同一句，两种说法（说之前怒气 {block.anger_before}）"))
    for one in block.tries:
        label = f"，{_plain(one.label)}" if one.label else ""
        draft.say(
            f"{_plain(one.title)}：怒气 {one.anger}（{_signed(one.delta)}{label}）",
            draft.quoted(_plain(one.reply)),
            f"客户接着说：{_plain(one.line)}",
        )
    draft.say(_plain(block.verdict))


def _sitting(block: SittingBlock, draft: _Draft) -> None:
    passed = (
        ""
        if block.passed is None
        else f"，{'合格' if block.passed else '不合格'}（合格线 {block.pass_mark}）"
    )
    draft.say(
        draft.bold(f"{_plain(block.title)}：{block.overall} 分{passed}"),
        *(f"· {_plain(row.name)}：{row.overall} 分，{_plain(row.note)}" for row in block.rows),
    )
    draft.say(_plain(block.verdict))


def _card_in_words(block: ScoreCardBlock) -> str:
    """All that the picture shows."""
    groups = "，".join(f"{one.name} {'—' if one.score is None else one.score}" for one in block.groups)
    lines = [
        block.summary,
        f"{block.name}：{block.outcome_label}，{block.overall} 分，{block.grade}",
        groups,
        *(f"红线：{line.name}。{line.why}" for line in block.redlines),
        *(f"{'做到了' if one.met else '还没'}：{one.what}" for one in block.conditions),
        *(f"第 {one.turn} 句（{_signed(one.delta)}）“{one.reply}” {one.why}" for one in block.moments),
        f"下次只练一件：{block.next_time}" if block.next_time else "",
        *(f"{one.name}：{one.turns} 句，平均 {one.overall} 分" for one in block.speakers),
    ]
    return "\n".join(filter(None, lines))


def _signed(value: float) -> str:
    number = round(value)
    return f"+{number}" if number > 0 else str(number)


def _plain(text: str) -> str:
    """The words with every sign that a platform could take for markup replaced by its wide twin."""
    return text.translate(_SHOWN_AS).replace("@", "＠").strip()
