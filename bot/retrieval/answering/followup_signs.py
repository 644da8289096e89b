"""What a single utterance gives away about leaning on the talk before it: thanks, pointing, asking why, changing the topic.

`bot.retrieval.answering.followup` reads it; nothing here knows the knowledge base.
"""

from __future__ import annotations

import re

from bot.content.numerals import chinese_to_int

_GAP = r"[\s，。,.!！~～…、]*"
_NOD = (
    r"(?:好的好的|好嘞|好吧|好的|好滴|好(?=[\s，。,我那]|了?$)|行吧|行了|行(?=[\s，。,我那]|了?$)|嗯+|哦+|噢+|喔+|唉+|哎+|"
    r"要得|这下|我?(?:知道|晓得|明白|懂|清楚|了解|记住)(?:[了啦]|(?=[\s，。,]|$))|(?:明白){2}|收到|OK|ok|"
    r"太?(?:谢谢|多谢|感谢|谢)(?:[了啦你您啊哈]+|(?=[\s，。,!！]|$))|辛苦[了啦]|原来(?:如此|是这样))"
)
_NODS = re.compile(rf"(?:{_GAP}{_NOD})+[了啦啊呀吧]*{_GAP}")
_RESOLVE = re.compile(r"^(?:那我|我就|我再|我这就|我先|我去).{1,6}$")
_ASKS = re.compile(
    r"[?？吗么呢嘛]|什么|啥|怎|咋|哪|谁|几|多[少久长大高远]|为何|凭|行不|能不|可不|有没|是不是|算不|要不|不行|不能|"
    r"(?:不|没|没有|得不|成不)$"
)
_SWITCH = re.compile(
    r"^(?:对了|另外|还有(?:个|一|，|,|就是|客户|户)?|再问|再请教|换个|问个|顺便|顺带|问一下别的|别的事)"
)
_LEAN = re.compile(
    r"^(?:那么?|要是|如果|万一|假如|假设|可是?|但是?|就(?!近)|也|都|已经|真|超|不(?!用)|没(?!有?人)|为)"
)
_POINT = re.compile(r"[他她它]|这|那|人家|上面|刚才|你说|前面|俩|两者|一样")
_WHOLE = re.compile(r"客户|用户|有户|有个|户主|我们|员工|柜台|同事|公司")
_WHY = re.compile(
    r"^(?:那|这|这个|那个|这是|那是)?(?:为什么|为啥|为何|凭什么|凭啥|(?:法律|有什么|有啥|有没有|啥|什么)?依据(?:是什么|是啥|在哪)?|"
    r"根据(?:什么|啥|哪条)|谁(?:说的|规定的|定的)|(?:是)?(?:哪条|哪部法|哪里|哪儿|在哪)(?:法|规定)?(?:里)?(?:写的|说的|规定的)?|"
    r"写在哪(?:里|儿|条|部法里?)?的?|出处(?:在哪)?|什么意思|啥意思|怎么讲|真的假的|真的|确定|你确定|说具体点|详细说说|再说一遍)"
    r"(?:不行|不能|不可以|呢|呀|啊|吗|嘛|么|的|[\s？?。])*$"
)
_NTH = re.compile(
    r"^(?:那|就|你|上面|刚才|前面|说|引|的|那个)*"
    r"(?:第\s*(?P<number>[一二三四五1-5])\s*(?:条|个|点|款|项|张)|(?:那|这|上一|头一)一?条)(?P<rest>.*)$"
)
_EXPLAIN = re.compile(
    r"^[\s？?。]*$|^(?:里|里面|规定|法条)?(?:是|到底|究竟|具体|详细|说的|讲的|写的|讲了|说了|写了)*"
    r"(?:什么意思|啥意思|是什么|是啥|什么|啥|怎么说|咋说|怎么讲|内容|原文|原话|说了什么|说了啥|讲了啥|看看|展开说说|讲讲|说说|呢)"
    r"(?:的|呢|呀|啊|吗|[\s？?。])*$"
)


def is_chat(utterance: str) -> bool:
    """A nod, thanks, or what the person will do now: nothing to look up. At most a few words beside the nod."""
    nods = _NODS.match(utterance)
    rest = utterance[nods.end() :] if nods else utterance
    if _ASKS.search(rest):
        return False
    return (nods is not None and len(rest) <= 4) or _RESOLVE.match(rest) is not None


def without_nod(utterance: str) -> str:
    """The utterance without a nod or thanks in front: 好的，再问下… → 再问下…"""
    nods = _NODS.match(utterance)
    return utterance[nods.end() :] if nods and nods.end() < len(utterance) else utterance


def asks_why(utterance: str) -> bool:
    """Bare 为什么, 依据呢, 谁说的: about the answer just given, whatever it was."""
    return _WHY.match(utterance) is not None


def pointed_at(utterance: str) -> int | None:
    """Which citation is to be explained, counted from 0: 第二条什么意思 → 1, 上面那条呢 → 0; None for anything else."""
    found = _NTH.match(utterance)
    if not found or not _EXPLAIN.match(found["rest"]):
        return None
    number = found["number"]
    if not number:
        return 0
    return (int(number) if number.isdigit() else chinese_to_int(number) or 1) - 1


def signs(utterance: str) -> dict[str, float]:
    """Named marks of leaning (`lean`, `points`) and of standing alone (`switch`, `whole`), each 0 or 1, and the length."""
    return {
        "length": min(30.0, float(len(utterance))),
        "switch": float(_SWITCH.search(utterance) is not None),
        "lean": float(_LEAN.search(utterance) is not None),
        "points": float(_POINT.search(utterance) is not None),
        "whole": float(_WHOLE.search(utterance) is not None),
        "asks": float(_ASKS.search(utterance) is not None),
    }
