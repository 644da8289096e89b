"""What somebody in danger asks is never refused and never answered with a menu: it goes to the item that says what to do.

`bot.retrieval.answering.answer` looks here only where it would not have answered.
"""

from __future__ import annotations

import re

_FIRST = (
    (re.compile(r"^\W*110\W*$"), "safety-threatened-at-door"),
    (re.compile(r"^\W*119\W*$"), "ws-report-fire-first"),
    (re.compile(r"^\W*120\W*$"), "ws-electric-shock-rescue"),
    (re.compile("触电|电到了|被电了|电着了|电倒"), "ws-electric-shock-rescue"),
    (re.compile("(?:拿|提|举|掏|持|抄)(?:着|起|出)?(?:菜|砍|尖|水果)?刀|砍我|砍死|捅我|打我|揍我|推我|推倒|掐我|(?:威胁|恐吓)(?:我|抄表员|催费员|员工|同事)|(?:被|遭|受)[^，。？]{0,8}(?:威胁|恐吓)|要弄死|(?:要|想|先|敢|跟我|对我)动手(?!机|环|续|册|术)"), "safety-threatened-at-door"),
    (re.compile("着火|起火|冒烟|烧起来|冒火"), "ws-electrical-fire"),
    (re.compile("(?<!热)(?:狗|犬)[^，。？]{0,4}(?:咬|追|扑|挡|拦|咋|怎)|被狗|遇到狗|碰到狗|咬了"), "safety-faq-dog-at-gate"),
    (re.compile("验电|麻手|手麻|漏电(?!保护)|有没有电|带电(?!脑|话|池|子|瓶|动|费)"), "ws-open-meter-box"),
)  # fmt: skip
ITEMS = tuple(item for _, item in _FIRST)


def urgent_item(question: str) -> str | None:
    """The item for whoever is in the danger that `question` speaks of; None when it speaks of none."""
    return next((item for pattern, item in _FIRST if pattern.search(question)), None)
