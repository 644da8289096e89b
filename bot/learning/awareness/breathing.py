"""Words for a minute of quiet, and for who carries too much. No diagnosis, no figures: what helps, and who listens."""

from __future__ import annotations

BREATHING = (
    "先把手机放稳，脚踩实地，肩膀往下沉一沉。",
    "吸气，心里数四下：一、二、三、四。",
    "停一下，数两下：一、二。",
    "慢慢呼出去，数六下：一、二、三、四、五、六。",
    "这样来五遍，大概一分钟。哪一遍急了，就从那一遍重来。",
    "做完喝口水，再想想下一户第一句怎么说。",
)
"""Slow breathing with a longer way out; about six breaths a minute."""

LIMITS = "先说清楚：这不是看病，也不是测评，答了什么我不存、也不给任何人看，只在这一屏里跟你说说。"
QUESTIONS = (
    "这一周，睡下去要翻来覆去很久吗？",
    "一想到明天那几户，胸口发紧吗？",
    "为一点小事就想发火，或者想哭吗？",
    "被骂过的话，做别的事时还在脑子里转吗？",
    "以前爱做的事，现在提不起劲吗？",
    "吃饭没胃口，或者停不下来地吃吗？",
    "上门前，会想绕开那条路吗？",
    "这些话，没有跟任何人说过吗？",
)
ADVICE = (
    (2, "听着还撑得住。今天给自己留十分钟，什么也不干。练习里挑一句最怕的，跟我过一遍，心里会松些。"),
    (5, "压着不少东西了。今晚找个信得过的人，把最堵的那一件说出来；明天跟班长说一声，换一换那几户。"),
    (8, "一个人扛太久了。请今天就跟班长、工会，或者本单位公布的心理援助电话说一声，这不丢人，也不影响工作。"),
)
URGENT = "要是冒出过不想活、想伤自己的念头，别一个人待着：马上叫身边的人，打 120，或者去最近的医院。"


def advice(yes: int) -> str:
    """For so many yeses out of eight."""
    return next(words for most, words in ADVICE if yes <= most)
