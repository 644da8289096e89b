"""What the customer is upset about, and how much of it a reply takes up."""

from __future__ import annotations

import re

from bot.content.rubric import Concern, Rubric
from bot.tone.text import View, bigrams

_COMMON_TEXT = (
    "你们 我们 您的 你的 我的 什么 怎么 这个 那个 电费 的电 不是 就是 可以 一个 没有 "
    "知道 现在 这么 那么 自己 还是 是不 不会 不能 给我 给您 今天 明天 了吗 了我 我这 "
    "你这 我就 你就 您这 交了 不了 的是 是我 是你 上个 个月 多少 为什 要我 时候 说的 "
    "都是 已经 这样 因为 所以 但是 收到 客户 供电 "
)
_COMMON = frozenset(_COMMON_TEXT.split())


class ConcernReader:
    """All concerns of a rubric, compiled once."""

    def __init__(self, rubric: Rubric) -> None:
        self._concerns = [
            (one, rubric.compile(*one.raised_by), rubric.compile(*one.taken_up_by)) for one in rubric.concerns
        ]

    def raised(self, customer: View) -> tuple[Concern, ...]:
        """The concerns in the customer's words, weightiest first."""
        heard = [one for one, raised, _ in self._concerns if raised.search(customer.norm)]
        return tuple(sorted(heard, key=lambda one: -one.weight))

    def taken(self, raised: tuple[Concern, ...], reply: View) -> frozenset[str]:
        """The ids of those concerns that the reply takes up."""
        return frozenset(
            one.id for one, _, words in self._concerns if one in raised and words.search(reply.norm)
        )

    def uptake(
        self, raised: tuple[Concern, ...], taken: frozenset[str], customer: View, reply: View
    ) -> float:
        """0..1, how far the reply takes up what the customer raised; shared words help a little."""
        shared = len((bigrams(customer.norm) & bigrams(reply.norm)) - _COMMON)
        echo = min(1.0, shared / 3)
        if not raised:
            return 0.35 + 0.55 * echo
        first = 1.0 if raised[0].id in taken else 0.0
        best = max((one.weight for one in raised if one.id in taken), default=0.0) / raised[0].weight
        return min(1.0, 0.45 * first + 0.4 * best + 0.15 * bool(taken) + 0.3 * echo)


def touches(words: tuple[str, ...], text: str) -> bool:
    """Whether any of the plain words occurs in the text."""
    return any(re.search(re.escape(word), text) for word in words if word)
