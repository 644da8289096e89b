"""How a question, its result and the end of a round look in chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.content.quizzes import Item
from bot.learning.quizzes.grading import Grade, right_answer
from bot.learning.quizzes.reading import KEYS
from bot.messages import (
    Block,
    Choice,
    ChoicesBlock,
    Citation,
    QuizBlock,
    QuizOption,
    QuizResultBlock,
    TextBlock,
)

Cite = Callable[[str], Citation | None]
"""The citation of a card, case or answer by its id."""

PICTURE_ALT = "图上标着字母，每个字母是什么写在下面"

_HOW = {
    "single": "点一个，或回复字母；不会就说“不会”",
    "multiple": "多选，字母连着写，如 AC；不会就说“不会”",
    "judgement": "回复“对”或“错”；不会就说“不会”",
    "order": "按先后把字母连着写，如 BDAC；不会就说“不会”",
    "fill": "直接写答案；不会就说“不会”",
    "reply": "你会怎么回？直接把话打出来；不会就说“不会”",
    "hotspot": "点图上的字母，或者回复字母；不会就说“不会”",
}
_UNREADABLE = {
    "single": "这题选一个，回复字母就行，如 B。",
    "multiple": "这题可以选几个，字母连着写，如 AC。",
    "judgement": "这题回复“对”或者“错”。",
    "order": "把每一步的字母都写上，按先后连着写，如 BDAC。",
    "hotspot": "看图选一处，回复字母就行，如 B。",
}
_TRUTH = (QuizOption(key="A", label="对"), QuizOption(key="B", label="错"))


def question(item: Item, order: Sequence[int], title: str) -> QuizBlock:
    options = [QuizOption(key=KEYS[n], label=item.options[place].text) for n, place in enumerate(order)]
    return QuizBlock(
        title=title,
        kind=item.kind,
        stem=item.stem,
        options=list(_TRUTH) if item.kind == "judgement" else options,
        how=_HOW[item.kind],
        customer=item.customer,
        picture=f"/pictures/{item.picture}.svg" if item.picture else "",
        picture_alt=PICTURE_ALT if item.picture else "",
    )


def ask_again(item: Item) -> str:
    return f"{_UNREADABLE.get(item.kind, '没看懂这个答案，换个写法。')}不会就说“不会”，想停就说“停”。"


def result(item: Item, grade: Grade, order: Sequence[int], cite: Cite) -> QuizResultBlock:
    return QuizResultBlock(
        verdict=_verdict(item, grade),
        score=min(1.0, grade.score) if not grade.right else 1.0,
        given=grade.given,
        answer=right_answer(item, order),
        explanation=item.explanation,
        misconception=_mistaken(item, grade),
        citations=[found for one in item.cards[:2] if (found := cite(one))],
    )


def _verdict(item: Item, grade: Grade) -> str:
    if grade.right:
        return "这句接得住。" if item.kind == "reply" else "对了。"
    if grade.given == "不会":
        return "没关系，看一眼答案，过两天再问你。"
    if item.kind == "reply":
        return "这句还差点意思。"
    return "差一点，对了一部分。" if grade.score > 0 else "不对。"


def _mistaken(item: Item, grade: Grade) -> str:
    if grade.right or not grade.misconception:
        return ""
    if item.kind == "reply":
        return f"可以改一处：{grade.misconception}"
    return f"这么答的人多半以为：{grade.misconception}"


def round_over(title: str, right: int, count: int, streak: int, due: int, is_daily: bool) -> list[Block]:
    """What the round came to, and what one may do next."""
    words = f"{title}做完了，{count} 道对了 {right} 道。"
    if is_daily and streak > 1:
        words += f"连着 {streak} 个工作日了。"
    words += "答错的过一两天会再来，记牢的隔得越来越久。" if right < count else "都记住了，过些日子再来问你。"
    choices = [Choice(label="学什么", send="学什么"), Choice(label="开始练习", send="开始练习")]
    if right < count:
        choices.insert(0, Choice(label="错题再来一遍", send="错题"))
    elif due:
        choices.insert(0, Choice(label=f"还有 {due} 道到了复习的时候", send="再来五题"))
    return [TextBlock(text=words), ChoicesBlock(choices=choices)]
