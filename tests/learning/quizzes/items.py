"""A small set with one item of each kind."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.quizzes import QuizSet
from bot.learning.quizzes.grading import Verdict

SET = QuizSet.model_validate(
    {
        "id": "thirty-days", "topic": "fee_collection", "title": "三十天前后", "reviewed_on": "2026-11-27",
        "items": [
            {
                "id": "td-1", "kind": "single", "stem": "后付费的老赵逾期 20 天，说“停就停”。能停吗？", "cards": ["fc-over-30-days"],
                "explanation": "超过三十日、催交过，才谈得上按程序停。",
                "options": [
                    {"text": "还不能，不到三十日", "correct": True},
                    {"text": "能，他自己同意了", "misconception": "以为客户一句气话就算同意。"},
                    {"text": "能，催过三次就行", "misconception": "以为催的次数能代替天数。"},
                ],
            },
            {
                "id": "td-2", "kind": "multiple", "stem": "停电前要做到哪几样？", "cards": ["fc-over-30-days"],
                "explanation": "催交、事先通知，两样都要。",
                "options": [
                    {"text": "催交过", "correct": True}, {"text": "事先通知", "correct": True},
                    {"text": "告诉邻居", "misconception": "以为邻居转告算通知。"},
                ],
            },
            {
                "id": "td-3", "kind": "judgement", "stem": "客户说投诉，可以劝他别投。", "truth": False, "cards": ["fc-over-30-days"],
                "explanation": "要告诉他投诉的渠道。", "misconception": "以为大事化小就是本事。",
            },
            {
                "id": "td-4", "kind": "order", "stem": "先后怎么排？", "cards": ["fc-over-30-days"], "explanation": "先催，再通知，最后才停。",
                "options": [{"text": "催交"}, {"text": "书面通知"}, {"text": "再次通知"}, {"text": "按时停电"}],
            },
            {
                "id": "td-5", "kind": "fill", "stem": "逾期超过 ____ 日才谈得上停电。", "answers": ["30", "三十"], "unit": "日",
                "cards": ["fc-over-30-days"], "explanation": "三十日。", "misconception": "和预付费混了。",
            },
            {
                "id": "td-6", "kind": "reply", "stem": "你怎么接？", "customer": "你们凭什么停我家电！", "cards": ["fc-over-30-days"],
                "explanation": "先接住他的急。", "good": "您先别急，停电影响一家人，换谁都着急，我这就查。", "bad": "谁让你不交钱。", "level": 2,
            },
        ],
    }
)  # fmt: skip
ITEMS = {item.id: item for item in SET.items}


def judge(customer: str, reply: str, facts: Mapping[str, object]) -> Verdict:
    """别急 is good, 不交 is bad, 今天就停 crosses a line."""
    if "今天就停" in reply:
        return Verdict(10, 1, ("illegal_cutoff",), "先看程序走到哪一步。")
    return Verdict(88, 5) if "别急" in reply else Verdict(30, 2, (), "先接住他的急。")
