"""What a customer hears in a reply besides its moves: how much of it, the question asked, words worth taking up.

Pure text; used by `bot.roleplay.session` and `bot.roleplay.voice`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

from bot.content.lines import Topic
from bot.content.personas import Touch
from bot.judgement import Judgement, Span
from bot.roleplay.coefficients import Difficulty

Strange = Literal["puzzled", "echo"]

_NUMBER = "[0-9一二三四五六七八九十两半]{1,3}"
_TIME = re.compile(
    "(?:今天|明天|后天|大后天|(?:本|这|下)?(?:周|礼拜|星期)[一二三四五六日天])(?:上午|下午|中午|晚上|早上)?"
    f"(?:{_NUMBER}点(?:半)?)?(?:之?前)?"
    f"|{_NUMBER}个?(?:工作日|小时|钟头|分钟)(?:之?内)?|{_NUMBER}天(?:之?内)|月底(?:之?前)|{_NUMBER}号(?:之?前)?"
)
_THING = re.compile(
    "先交一部分|人工窗口|值班电话|备用电源|现场核表|核读数|逐日电量|缴费流水|停电通知|书面答复|收费终端|"
    "上门|分期|校验|检定|复核|登记|明细|账单|短信|流水|工单|单号|营业厅|窗口|复电|送电|保电|退费|过户|更名|代扣|"
    "授权|截图|回执|收据|票据|发票|协议|缓交|热线|记录|凭证|渠道|材料|申请|通知单|合同|读数"
)
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]?")
_QUESTION = re.compile(
    r"[？?]|[吗呢么没][。，,]?$|请问|方便说|怎么称呼|贵姓|能不能跟我说|跟我说说|说说看|讲讲"
)
_ASKS: tuple[tuple[Topic, re.Pattern[str]], ...] = (
    ("notice", re.compile(
        "收到(?!账).{0,8}(?:短信|通知|单|提醒|信)|看到.{0,6}(?:短信|通知|单)|(?:短信|通知|提醒|催缴单).{0,10}(?:看|收|到|见)|通知过"
    )),
    ("paid", re.compile(
        "[交缴付]过|[交缴付]了(?:没|吗|多少)|怎么[交缴付]的|(?:用|通过|从|在)(?:什么|哪|微信|支付宝|柜台)[^？?。]{0,8}[交缴付]|"
        "谁[^？?。]{0,4}[交缴付]|代扣|绑[^？?。]{0,6}卡|凭证|截图|[交缴]费记录|上(?:次|回)[^？?。]{0,6}[交缴]"
    )),
    ("usage", re.compile(
        "空调|电器|冰箱|热水器|电暖|用电(?:量|情况|习惯)|多少度|(?:电?表)[^？?。]{0,8}(?:读数|显示|走|灯|闪|换|什么样)|"
        "设备[^？?。]{0,8}(?:用|开|多少|哪)|机器[^？?。]{0,6}(?:用|开|多少)|最近[^？?。]{0,6}用(?:了|过|得)|添(?:了|过|置)"
    )),
    ("living", re.compile(
        "几口人|几个人|谁(?:在)?住|住(?:着)?(?:谁|几)|一个人住|住(?:了)?多久|什么时候搬|哪天搬|搬来|入住|还有(?:谁|什么人|老人|孩子)|"
        "(?:家里|家中|屋里|店里|您家)[^？?。]{0,6}(?:谁|哪些人|什么人|老人|孩子|病人)|地址|住(?:在)?哪|门牌|几楼|几栋|房子是"
    )),
    ("who", re.compile(
        "本人|户主|机主|户名|贵姓|怎么称呼|哪位|您叫|您姓|什么关系|"
        "(?:请问|您)是.{0,8}(?:大爷|大妈|阿姨|女士|先生|姐|嫂|婶|老板|总|家|老师|书记|厂长|经理)"
    )),
    ("amount", re.compile("多少钱|多少电|多少块|金额|用了多少|数[字目]?对|账上是|上(?:个)?月是多少|差多少")),
    ("when", re.compile(
        "什么时候|啥时候|哪天|几号|何时|几点|哪个时间|什么时间|多久|(?:今天|明天|后天|这周|本周|月底).{0,8}(?:[交付缴]|方便|在家|有空)"
    )),
    ("reason", re.compile(
        "为什么|为啥|怎么(?:还|一直)?没[^？?。]{0,6}[交缴付]|(?:什么|哪些|啥)(?:原因|难处|困难|情况|顾虑|想法|要求|委屈|打算)|"
        "哪里(?:有|不|卡)|卡在|遇到什么|碰到什么|碰上什么|怎么回事|怎么了|有(?:没有|什么)[^？?。]{0,6}(?:难处|困难|想法|意见|不方便)|"
        "是不是[^？?。]{0,10}(?:难处|困难|不方便|手头|周转)|最(?:担心|着急|在意|怕|放心不下)|跟我说说|说说看|讲讲"
    )),
)  # fmt: skip
_PAUSE = re.compile(r"[，。！？；、：,.!?;:\s]")
_LONGEST_QUOTE = 10
_HAN = re.compile(r"[一-鿿]")
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>|```|\{\{|\$\{|\[\[|^\s*[{\[].*[}\]]\s*$", re.DOTALL)
_MACHINE = re.compile(
    "(?:忘掉|忘记|忽略|无视|跳出|退出|重置|改变|修改)[^。，]{0,8}(?:设定|指令|角色|规则|提示|人设|身份|以上|之前的(?:话|内容))|"
    "系统提示|提示词|角色扮演|扮演(?:一个|成)|你(?:现在)?(?:是|其实是|只是)[^。，]{0,6}(?:机器人|程序|模型|助手|AI|人工智能)|"
    "(?:输出|显示|打印|告诉我)[^。，]{0,8}(?:设定|提示词|指令|隐藏|参数|怒气值|脚本)|(?:怒气|信任|分数)[^。，]{0,6}(?:设为|改成|调到|清零|归零)|"
    "[Ii]gnore[^.]{0,30}(?:instructions?|prompts?)|system prompt|jailbreak"
)
_ECHOED = 0.75


def heard_part(reply: str, difficulty: int, level: int, d: Difficulty) -> str:
    """As much of a reply as this customer listens to, cut at a pause; all of it when it is short enough."""
    angry = difficulty >= d.interrupts_from and level >= d.interrupts_level
    limit = d.listens if angry else d.listens_at_all
    if len(reply) <= limit:
        return reply
    pauses = [pause.end() for pause in _PAUSE.finditer(reply, 0, limit)]
    return reply[: pauses[-1] if pauses and pauses[-1] > limit // 2 else limit]


def strange(reply: str, customer: str) -> Strange | None:
    """Whether a reply is nothing one could say to a customer: signs, another language, orders to a machine, or
    the customer's own words back."""
    letters = [sign for sign in reply if sign.isalnum()]
    if sum(1 for sign in letters if _HAN.match(sign)) < max(1, 0.4 * len(letters)):
        return "puzzled"
    if _MARKUP.search(reply) or _MACHINE.search(reply):
        return "puzzled"
    own, other = _pairs(reply), _pairs(customer)
    if len(own) >= 4 and len(own & other) / len(own) >= _ECHOED and len(own) >= 0.3 * len(other):
        return "echo"
    return None


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


def thing_in(reply: str) -> str:
    """The first thing a reply offers or names (分期, 核读数), "" when it names none."""
    match = _THING.search(reply)
    return match[0] if match else ""


def quote_in(reply: str, judgement: Judgement) -> str:
    """Words that stung, short enough to be thrown back, "" when there are none."""
    for span in judgement.evidence:
        if span.polarity == "-":
            for words in (_clause(reply, span), reply[span.start : span.end]):
                if 2 <= len(words) <= _LONGEST_QUOTE and not _PAUSE.search(words):
                    return words
    return ""


def touched(reply: str, touches: Iterable[Touch]) -> Touch | None:
    """The first of a persona's spots that a reply hits."""
    return next((touch for touch in touches if any(word in reply for word in touch.words)), None)


def _clause(reply: str, span: Span) -> str:
    """The whole clause around a span, so that nobody is quoted in the middle of a word."""
    start = max((pause.end() for pause in _PAUSE.finditer(reply, 0, span.start)), default=0)
    end = next((pause.start() for pause in _PAUSE.finditer(reply, span.end)), len(reply))
    return reply[start:end]


def _pairs(text: str) -> set[str]:
    signs = [sign for sign in text if sign.isalnum()]
    return {"".join(pair) for pair in pairwise(signs)}
