"""What a customer hears in a reply besides its moves: the question asked, words worth throwing back, sore spots."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.content.personas import Topic, Touch
from bot.judgement import Judgement, Span

_NUMBER = "[0-9一二三四五六七八九十两半]{1,3}"
_TIME = re.compile(
    "(?:今天|明天|后天|大后天|(?:本|这|下)?(?:周|礼拜|星期)[一二三四五六日天])(?:上午|下午|中午|晚上|早上)?"
    f"(?:{_NUMBER}点(?:半)?)?(?:之?前)?"
    f"|{_NUMBER}个?(?:工作日|小时|钟头|分钟)(?:之?内)?|{_NUMBER}天(?:之?内)|月底(?:之?前)|{_NUMBER}号(?:之?前)?"
)
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]?")
_QUESTION = re.compile(r"[？?]|[吗呢么][。，,]?$|请问|方便说|怎么称呼|贵姓")
_ASKS: tuple[tuple[Topic, re.Pattern[str]], ...] = (
    (
        "who",
        re.compile(
            "本人|户主|机主|贵姓|怎么称呼|哪位|您叫|(?:请问|您)是.{0,8}(?:大爷|女士|先生|姐|老板|总|家)"
        ),
    ),
    ("notice", re.compile("收到|看到.{0,6}(?:短信|通知|单)|(?:短信|通知|账单).{0,8}(?:看|收|到)|通知过")),
    ("amount", re.compile("多少钱|多少度|多少电|多少块|金额|用了多少|交了多少|数[字目]?对")),
    (
        "when",
        re.compile(
            "什么时候|啥时候|哪天|几号|何时|几点|哪个时间|多久|(?:今天|明天|这周|本周|月底).{0,8}[交付缴]"
        ),
    ),
)
_PAUSE = re.compile(r"[，。！？；、：,.!?;:\s]")
_LONGEST_QUOTE = 10


def asks(reply: str) -> bool:
    """Whether a reply holds any question at all."""
    return any(_QUESTION.search(sentence) for sentence in _SENTENCE.findall(reply))


def question_in(reply: str) -> Topic | None:
    """The topic of the last question a reply asks, None when it asks nothing a customer could answer."""
    found: Topic | None = None
    for sentence in _SENTENCE.findall(reply):
        if _QUESTION.search(sentence):
            found = next((topic for topic, words in _ASKS if words.search(sentence)), found)
    return found


def time_in(reply: str) -> str:
    """The last time a reply names (周四上午, 五个工作日内), "" when it names none."""
    times = _TIME.findall(reply)
    return times[-1] if times else ""


def quote_in(reply: str, judgement: Judgement) -> str:
    """Words that stung, short enough to be thrown back, "" when there are none."""
    for span in judgement.evidence:
        if span.polarity == "-":
            for words in (_clause(reply, span), reply[span.start : span.end]):
                if 2 <= len(words) <= _LONGEST_QUOTE and not _PAUSE.search(words):
                    return words
    return ""


def _clause(reply: str, span: Span) -> str:
    """The whole clause around a span, so that nobody is quoted in the middle of a word."""
    start = max((pause.end() for pause in _PAUSE.finditer(reply, 0, span.start)), default=0)
    end = next((pause.start() for pause in _PAUSE.finditer(reply, span.end)), len(reply))
    return reply[start:end]


def touched(reply: str, touches: Iterable[Touch]) -> Touch | None:
    """The first of a persona's spots that a reply hits."""
    return next((touch for touch in touches if any(word in reply for word in touch.words)), None)
