"""What is said about contests in chat: the question, what just happened, who stands where."""

from __future__ import annotations

from collections.abc import Sequence

from bot.desks.contest_floor import Live
from bot.learning.contests.hosting import part_points
from bot.learning.contests.moment import question_of
from bot.learning.contests.news import news_of
from bot.learning.contests.plan import Grader, PlannedRound, Question
from bot.learning.contests.state import Entry
from bot.learning.contests.viewing import answer_of
from bot.messages import (
    Block,
    CardBlock,
    CardRow,
    Choice,
    ChoicesBlock,
    Message,
    PageLink,
    QuizBlock,
    QuizOption,
    TextBlock,
    say,
)
from bot.stores.learning.contests import ContestRecord

KEYS = "ABCDEF"
PLACES = 5
_HOW = {
    "single": "回复字母",
    "multiple": "多选，字母连着写，如 AC",
    "judgement": "回复“对”或“错”",
    "order": "按先后把字母连着写，如 BDAC",
    "fill": "回复“答 ”加答案，如：答 30",
    "spoken": "开口答，主持人判",
}


def on_now(contests: Sequence[ContestRecord], may_host: bool, groups: Sequence[str]) -> Message:
    """What can be joined; for who may host, how to open one."""
    lines = [f"{one.title}，号码 {one.code}" for one in contests]
    blocks: list[Block] = [
        TextBlock(text="正开着的竞赛：" if lines else "这会儿没有开着的竞赛。主持人报了号码，发“加入竞赛 号码”就能进。")
    ]  # fmt: skip
    if lines:
        choices = [Choice(label=f"加入 {one.title}", send=f"加入竞赛 {one.code}") for one in contests[:6]]
        blocks = [TextBlock(text="\n".join(["正开着的竞赛：", *lines])), ChoicesBlock(choices=choices)]
    if may_host:
        rows = [CardRow(label="在网页上", value="选脚本、投大屏、发号码")]
        if groups:
            rows.append(CardRow(label="在群里", value=f"在群里发“群竞赛：{groups[0]}”"))
        link = PageLink(label="开一场竞赛", path="/contest", personal=True)
        blocks.append(CardBlock(title="您可以开一场", rows=rows, link=link))
    return Message(blocks=blocks)


def joined(live: Live, told: str) -> Message:
    """The way to the page, and how to play here."""
    link = PageLink(label="打开答题页", path=f"/contest/play/{live.record.id}", personal=True)
    card = CardBlock(
        title=live.plan.title, status="已加入", rows=[CardRow(label="号码", value=live.record.code)],
        lines=[told, "答题页上抢答最快。也可以就在这里：发“题目”看现在的题，回复字母作答，发“抢”抢答。"], link=link,
    )  # fmt: skip
    return Message(blocks=[card])


def group_opening(live: Live) -> Message:
    rules = [f"{one.name}：{one.title}，{part_points(one)}。" for one in live.plan.rounds]
    text = "\n".join(
        [
            f"群竞赛：{live.plan.title}",
            live.plan.about,
            *rules,
            "直接答题就算参加；先发到的先算，每题只算第一次。",
        ]
    )
    choices = [Choice(label="第一题", send="下一题"), Choice(label="结束", send="结束竞赛")]
    return Message(blocks=[TextBlock(text=text), ChoicesBlock(prompt="请主持人：", choices=choices)])


def question(live: Live, one: Question, part: PlannedRound) -> QuizBlock:
    """Without anything that tells the answer."""
    is_open = " · 抢答，先到先答" if part.kind in ("buzzer", "overtime") else ""
    return QuizBlock(
        title=f"{live.plan.title} · {part.title}第 {live.state.taken} 题{is_open}",
        kind=one.item.kind if one.item else "fill",
        stem=one.stem,
        options=[QuizOption(key=KEYS[n], label=text) for n, text in enumerate(one.options)],
        how=f"{_HOW[one.kind]}（{part.seconds} 秒内）",
    )


def now(live: Live, grader: Grader) -> Message:
    """Where the contest stands: the question, or what one waits for."""
    state = live.state
    one = question_of(live.plan, state.question)
    if state.is_over or state.phase == "finish":
        return Message(blocks=[TextBlock(text=standing(live))])
    if one is None or state.round < 0:
        return say(
            "还没有题，等主持人。" if state.phase != "staking" else "正在选风险分，请在答题页上选。", "notice"
        )
    blocks: list[Block] = [question(live, one, live.plan.rounds[state.round])]
    if state.phase == "shown":
        blocks = [TextBlock(text=shown(one, grader))]
    elif state.phase == "reading":
        blocks.append(TextBlock(text="还没开始抢答，等主持人说“开始抢答”。", tone="notice"))
    return Message(blocks=blocks)


def shown(one: Question, grader: Grader) -> str:
    return f"答案：{answer_of(one, grader)}\n{one.explanation}"


def standing(live: Live, count: int = PLACES) -> str:
    """The first places and how many there are."""
    places = live.places()
    if not places:
        return "还没有人得分。"
    unit = "队" if live.plan.is_team else "人"
    lines = [f"{one.rank}. {one.name} {one.score} 分" for one in places[:count]]
    return "\n".join(
        [f"{'最后' if live.state.is_over else '现在'}的排名（共 {len(places)} {unit}）：", *lines]
    )


def news(live: Live, entries: Sequence[Entry]) -> str:
    """What these lines of the log tell everybody."""
    return "\n".join(words for one in entries if (words := news_of(live.plan, live.state, one)))
