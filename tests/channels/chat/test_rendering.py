"""Every block reads well in every chat: within the limits, without lost words, and with nobody's signs read as markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.chat.dialects import (
    DINGTALK,
    DINGTALK_WEBHOOK,
    WECOM_AIBOT,
    WECOM_APP,
    WECOM_WEBHOOK,
    Dialect,
)
from bot.channels.chat.numbering import SAY_A_NUMBER
from bot.channels.chat.outbound import Buttons, Part, Picture, Words
from bot.channels.chat.rendering import offered, render
from bot.channels.chat.wording import Addresses
from bot.messages import (
    AnswerBlock,
    Block,
    CardBlock,
    CardRow,
    Choice,
    ChoicesBlock,
    Citation,
    ComparisonBlock,
    ConditionCheck,
    CurvePoint,
    CustomerTurnBlock,
    FeedbackBlock,
    KeyMoment,
    Message,
    PageLink,
    QuizBlock,
    QuizOption,
    QuizResultBlock,
    Reason,
    RedLine,
    ScoreCardBlock,
    ScoreGroup,
    SittingBlock,
    SittingRow,
    TextBlock,
    Try,
)

DIALECTS = (WECOM_APP, WECOM_AIBOT, WECOM_WEBHOOK, DINGTALK, DINGTALK_WEBHOOK)
dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
words = st.text(alphabet="电费停通知您我他，。？！0123456789", min_size=1, max_size=400)


link = Addresses(
    lambda citation: f"https://anxun.example.com/c/{citation.id}",
    lambda page: f"https://anxun.example.com{page.path}",
)


def shown(parts: list[Part]) -> str:
    """Everything a person reads, buttons and numbers included."""
    found = []
    for part in parts:
        if isinstance(part, Words):
            found.append(part.text)
        elif isinstance(part, Buttons):
            found += [part.prompt, *(one.label for one in part.buttons)]
        else:
            found.append(part.words)
    return "\n".join(found)


def citation(**other: Any) -> Citation:
    return Citation(
        **{
            "id": "fc-notice", "kind": "regulation", "title": "催告要留证据", "law": "电力法", "article": 32,
            "quote": "应当事先通知用户", "status": "current", "status_label": "现行", "effective": "2018-12-29",
        }
        | other
    )  # fmt: skip


ANSWER = AnswerBlock(
    question="停电提前几天？", answered=True, answer="提前七天送到，停前三十分钟再说一次。", confidence=0.9,
    citations=[citation(), citation(id="cr-7", law=None, title="本公司停电办法", status="unverified", status_label="公司规定")],
    do=["通知书写全"], dont=["别往门缝一塞就算"], related=["停错了怎么赔", "节假日能不能停"], caution="以当地文件为准。",
)  # fmt: skip
CUSTOMER = CustomerTurnBlock(
    persona="p03", name="王姐", situation="上有老下有小", line="你们凭什么停我家电！", anger=72, level=4,
    level_name="发怒", turn=2, setting="电话",
)  # fmt: skip
FEEDBACK = FeedbackBlock(
    turn=2, reply="不交就停电。", praise="语速稳得住。", advice="先接住她的急。", rewrite="您别急，我听您说。", overall=24, band=1,
    dimensions={}, redlines=[RedLine(code="threat", name="威胁恐吓", why="拿停电压人")], anger_before=60, anger_after=80,
    reasons=[Reason(label="被威胁", delta=18.2), Reason(label="没人听", delta=0.1)],
)  # fmt: skip
CARD = ScoreCardBlock(
    name="王姐", situation="上有老下有小", outcome="resolved", outcome_label="谈成了", overall=86, grade="良好",
    groups=[ScoreGroup(name="语气", score=88, last=70), ScoreGroup(name="合规", score=None), ScoreGroup(name="解决", score=80)],
    moments=[KeyMoment(turn=2, reply="我这就查", delta=-9, why="有了准信")], next_time="先复述，再讲政策。",
    summary="五句话，怒气从 72 降到 30。", curve=[CurvePoint(turn=0, anger=72), CurvePoint(turn=1, anger=30, label="被听懂")],
    turns=1, conditions=[ConditionCheck(what="说清阶梯怎么算", met=True)],
)  # fmt: skip
COMPARISON = ComparisonBlock(
    turn=2, anger_before=60, verdict="第二种更好：她听到了时间。",
    tries=[
        Try(title="头一回", reply="按规定办。", anger=70, delta=10, line="规定规定！", overall=40),
        Try(title="换个说法", reply="我下午三点回您。", anger=48, delta=-12, line="行，我等着。", overall=86, label="有准信"),
    ],
)  # fmt: skip
SITTING = SittingBlock(
    title="上岗考试", rows=[SittingRow(name="王姐", overall=86, note="谈成了", passed=True)], overall=86, pass_mark=70,
    passed=True, verdict="过了，稳的。",
)  # fmt: skip
QUIZ = QuizBlock(
    title="每日五题 2/5", kind="single", stem="后付费户逾期第几天起才谈得上停电？", how="回复字母，或点一下",
    options=[QuizOption(key="A", label="第 15 天"), QuizOption(key="B", label="第 31 天")],
    picture="/pictures/meter-box.svg", picture_alt="一只表箱",
)  # fmt: skip
RESULT = QuizResultBlock(
    verdict="差一点。", score=0, given="A", answer="B. 第 31 天", explanation="超过三十日，还要催交过。",
    misconception="选 A 的多半和预付费混了。", citations=ANSWER.citations[:1],
)  # fmt: skip
CERTIFICATE = CardBlock(
    title="新员工第一周", status="有效", rows=[CardRow(label="编号", value="AX-2026-0001")], lines=["十二个模块都合格。"],
    link=PageLink(label="查验", path="/check/AX-2026-0001"),
)  # fmt: skip
EVERY: dict[str, tuple[Block, tuple[str, ...]]] = {
    "text": (TextBlock(text="不客气。"), ("不客气。",)),
    "choices": (ChoicesBlock(prompt="接下来：", choices=[Choice(label="再来一通", send="开始练习")]), ("接下来：", "再来一通")),
    "answer": (ANSWER, (
        "提前七天送到", "以当地文件为准", "《电力法》第三十二条", "催告要留证据", "现行", "2018-12-29", "本公司停电办法", "公司规定",
        "通知书写全", "别往门缝一塞就算", "停错了怎么赔", "节假日能不能停", "https://anxun.example.com/c/fc-notice",
    )),
    "customer": (CUSTOMER, ("王姐", "上有老下有小", "电话", "72", "发怒", "你们凭什么停我家电！")),
    "feedback": (FEEDBACK, ("第 2 句", "24 分", "60 → 80", "被威胁 +18", "语速稳得住", "红线：威胁恐吓", "拿停电压人", "先接住她的急", "您别急，我听您说。")),
    "comparison": (COMPARISON, ("头一回", "按规定办。", "规定规定！", "换个说法", "我下午三点回您。", "有准信", "她听到了时间")),
    "score card": (CARD, ("五句话", "谈成了", "86", "良好", "语气 88", "说清阶梯怎么算", "先复述，再讲政策。", "我这就查")),
    "sitting": (SITTING, ("上岗考试", "86 分", "合格", "王姐", "过了，稳的。")),
    "quiz": (QUIZ, ("每日五题 2/5", "第几天起", "A. 第 15 天", "B. 第 31 天", "回复字母", "/pictures/meter-box.svg")),
    "quiz result": (RESULT, ("差一点", "您的回答：A", "答案：B", "三十日", "和预付费混了", "《电力法》第三十二条")),
    "card": (CERTIFICATE, ("新员工第一周", "有效", "编号：AX-2026-0001", "合格", "https://anxun.example.com/check/AX-2026-0001")),
}  # fmt: skip


@dialects
@pytest.mark.parametrize("name", EVERY)
def test_every_block_says_all_it_holds(dialect: Dialect, name: str) -> None:
    """On each platform the words of each block arrive, and fit."""
    block, wanted = EVERY[name]
    parts = render(Message(blocks=[block]), dialect, link)

    assert [] == [one for one in wanted if one not in shown(parts)]
    assert all(len(part.text.encode()) <= dialect.most_bytes for part in parts if isinstance(part, Words))
    assert all(part.text.strip() for part in parts if isinstance(part, Words))


@settings(deadline=None, max_examples=60)
@given(said=words, answer=words, lines=st.lists(words, max_size=8), dialect=st.sampled_from(DIALECTS))
def test_long_answers_fit_and_keep_every_word(
    said: str, answer: str, lines: list[str], dialect: Dialect
) -> None:
    """Whatever the length, parts fit and their words are those of the message."""
    blocks = [TextBlock(text=said), ANSWER.model_copy(update={"answer": answer, "do": lines})]
    parts = render(Message(blocks=blocks), dialect, link)
    whole = shown(parts).replace("\n", "")

    assert all(len(part.text.encode()) <= dialect.most_bytes for part in parts if isinstance(part, Words))
    assert sum(whole.count(sign) for sign in "电费停通知") >= sum(
        (said + answer + "".join(lines)).count(sign) for sign in "电费停通知"
    )


@dialects
@pytest.mark.parametrize(
    "typed", ["<font color=\"warning\">红</font>", "[点我](http://evil.example)", "**我**", "<@all>", "@all 快看", "`rm`", "> 我引用", "# 题"]
)  # fmt: skip
def test_signs_in_what_people_say_are_only_signs(dialect: Dialect, typed: str) -> None:
    """A customer's line cannot make a link, a colour, a heading or a mention."""
    alone = "".join(part.text for part in render(Message(blocks=[TextBlock(text=typed)]), dialect, link) if isinstance(part, Words))  # fmt: skip

    assert not set(alone) & set("<>[]*`#@")


@dialects
def test_what_can_be_pressed_can_be_numbered(dialect: Dialect) -> None:
    """Where there are no buttons, or too few, every choice has a number, and the number means that choice."""
    choices = [Choice(label=f"客户{number}", send=f"找客户{number}") for number in range(1, 12)]
    message = Message(blocks=[ChoicesBlock(prompt="挑一位：", choices=choices)])
    text = shown(render(message, dialect, link))

    assert [f"找客户{number}" for number in range(1, 12)] == [one.send for one in offered(message, dialect)]
    assert all(f"客户{number}" in text for number in range(1, 12))
    assert all(f"{number}. 客户{number}" in text for number in range(dialect.buttons + 1, 12))


@dialects
def test_choices_in_a_call_are_not_numbered(dialect: Dialect) -> None:
    """Where a number is not understood as a choice, none is asked for, and what to say is said."""
    choices = [Choice(label=f"办法{number}", send=f"用第{number}个") for number in range(1, 12)]
    text = shown(render(Message(blocks=[CUSTOMER, ChoicesBlock(choices=choices)]), dialect, link))

    assert SAY_A_NUMBER not in text and not re.search(r"^\d+\. ", text, re.MULTILINE)
    assert all(f"· 办法{number}（回复“用第{number}个”）" in text for number in range(dialect.buttons + 1, 12))
    assert all(f"办法{number}" in text for number in range(1, 12))


@dialects
def test_every_prompt_and_choice_is_said(dialect: Dialect) -> None:
    """Two questions in one message, and an answer that asks back and knows more: nothing is dropped."""
    asking = ANSWER.model_copy(update={"choices": ["居民还是企业"]})
    more = [
        ChoicesBlock(prompt=prompt, choices=[Choice(label=f"选{prompt}", send="选")]) for prompt in "甲乙"
    ]
    text = shown(render(Message(blocks=[asking, *more]), dialect, link))

    assert [] == [
        one for one in ("居民还是企业", "停错了怎么赔", "甲", "选甲", "乙", "选乙") if one not in text
    ]


@dialects
def test_choices_too_many_for_a_prompt_are_said(dialect: Dialect) -> None:
    """A hundred scenarios with long names fit too, buttons or not, and each has its number."""
    choices = [Choice(label=f"第{n}位{'客' * 30}", send=f"{n}") for n in range(1, 101)]
    parts = render(Message(blocks=[ChoicesBlock(prompt="挑一位：", choices=choices)]), dialect, link)

    assert all(f"第{n}位" in shown(parts) for n in range(1, 101))
    assert all(sizes(parts, dialect))


def test_in_a_group_an_answer_says_to_what() -> None:
    """Several people ask at once: a short reminder of the question comes first, and only in a group."""
    block = ANSWER.model_copy(update={"question": "停电提前几天？" * 20})
    alone, group = (
        shown(render(Message(blocks=[block]), DINGTALK, link, group=one)) for one in (False, True)
    )

    assert group.startswith("> 问：停电提前几天？") and "……" in group.split("\n")[0]
    assert "问：停电提前" not in alone


def test_praise_comes_before_the_score() -> None:
    """Feedback begins with what was good; the figure stands after the sentences."""
    text = shown(render(Message(blocks=[FEEDBACK]), WECOM_APP, link))

    assert (
        sorted(wanted := [text.index(one) for one in ("语速稳得住", "先接住她的急", "您别急", "24 分")])
        == wanted
    )


def test_empty_fields_leave_no_headings() -> None:
    """What has nothing to say says nothing: no title, bullet or bracket stands alone."""
    answer = AnswerBlock(question="", answered=False, answer="这个我还不知道，问问班长。", confidence=0)
    feedback = FEEDBACK.model_copy(update={"advice": " ", "rewrite": "", "redlines": [], "reasons": []})

    assert [Words("这个我还不知道，问问班长。")] == render(
        Message(blocks=[answer]), WECOM_APP, link, group=True
    )
    assert not re.search(
        "改一处|换个说法|红线|因为|依据|· *$", shown(render(Message(blocks=[feedback]), WECOM_APP, link))
    )
    assert [] == render(Message(blocks=[TextBlock(text=" \n ")]), WECOM_APP, link)


def test_addresses_in_our_words_still_open() -> None:
    """The one-time link holds underscores; they are not made harmless, or it would lead nowhere."""
    address = "https://anxun.example.com/continue/d2Vj_b20.O8-OogA._C8VqtAv2EYTBoVp_"

    assert address in shown(
        render(Message(blocks=[TextBlock(text=f"点开接着聊：{address}")]), WECOM_AIBOT, link)
    )


SIGNS = st.text(alphabet="<>[]()*_`#|\\@&;~-=! \n\r\t\u202e\u200b\x00电费amp1", max_size=60)
FONT = re.compile(r'<font color="(?:info|warning|comment)">[^<>]*</font>')


@settings(deadline=None, max_examples=150)
@given(said=st.lists(SIGNS, min_size=12, max_size=12), dialect=st.sampled_from(DIALECTS))
def test_no_markup_but_ours(said: list[str], dialect: Dialect) -> None:
    """Whatever signs stand in any field, the only links are citations, the only colours pills, and nobody is mentioned."""
    a, b, c, d, e, f, g, h, i, j, k, m = said
    blocks: list[Block] = [
        TextBlock(text=a),
        ANSWER.model_copy(update={"answer": b, "do": [c], "understood": d, "related": [], "citations": [citation(title=e, law=f)]}),
        CUSTOMER.model_copy(update={"name": g, "line": h, "situation": i, "to": j}),
        FEEDBACK.model_copy(update={"praise": k, "rewrite": m, "speaker": g, "heard": h, "redlines": []}),
        COMPARISON.model_copy(update={"verdict": a}),
    ]  # fmt: skip
    parts = render(Message(blocks=blocks), dialect, link)
    text = FONT.sub("", "".join(part.text for part in parts if isinstance(part, Words)))

    assert 1 == len(re.findall(r"\]\(", text)) == text.count("[") == text.count("https://")
    assert not set(text) & set("<@`#|\\\r\x00\u202e\u200b")
    assert not re.search(r"&#?\w+;|~~|(?m:^[-=]{2,}$)", text)
    assert not re.search(r"\*", re.sub(r"\*\*[^*\n]+\*\*", "", text))


LINES = st.lists(
    st.text(alphabet="电费停通知您我他，。？！0123456789👨‍👩‍👧\n", min_size=1, max_size=900),
    min_size=6,
    max_size=6,
)


@settings(deadline=None, max_examples=80)
@given(lines=LINES, dialect=st.sampled_from(DIALECTS))
def test_every_block_however_long_fits_whole(lines: list[str], dialect: Dialect) -> None:
    """All kinds of blocks with long words in every field: each part fits, and each field is there, sign by sign."""
    a, b, c, d, e, f = lines
    blocks: list[Block] = [
        ANSWER.model_copy(update={"answer": a, "caution": b, "do": [c], "dont": [d]}),
        CUSTOMER.model_copy(update={"line": e}),
        FEEDBACK.model_copy(update={"praise": f, "advice": a, "rewrite": b}),
        COMPARISON.model_copy(update={"tries": [one.model_copy(update={"reply": c, "line": d}) for one in COMPARISON.tries]}),
        SITTING.model_copy(update={"verdict": e}),
        ChoicesBlock(prompt=f, choices=[Choice(label=a, send="甲")]),
    ]  # fmt: skip
    parts = render(Message(blocks=blocks), dialect, link)
    text = "".join(
        re.sub(r"^（\d+/\d+）\n", "", part.text) if isinstance(part, Words) else shown([part])
        for part in parts
    )
    there = re.sub(r"[>\s]", "", text)

    assert [] == [line for line in lines if re.sub(r"\s", "", line) not in there]
    assert all(sizes(parts, dialect))


def sizes(parts: list[Part], dialect: Dialect) -> list[bool]:
    """Whether each part with words is within the limit."""
    words = [
        part.text if isinstance(part, Words) else part.prompt
        for part in parts
        if not isinstance(part, Picture)
    ]
    return [0 < len(text.encode()) <= dialect.most_bytes for text in words] or [False]


def test_number_in_a_call_is_what_was_said() -> None:
    """A customer who asks how much is owed may be answered with a bare figure."""
    message = Message(blocks=[CUSTOMER, ChoicesBlock(choices=[Choice(label="提示", send="提示")])])

    assert [] == offered(message, WECOM_AIBOT)


@pytest.mark.parametrize("dialect", [WECOM_APP, DINGTALK], ids=lambda one: one.name)
def test_end_of_a_call_is_a_picture(dialect: Dialect) -> None:
    """The card comes as one PNG of 720 pixels, the same each time, with its words for whom it cannot reach."""
    first, second = (
        [part for part in render(Message(blocks=[CARD]), dialect, link) if isinstance(part, Picture)]
        for _ in range(2)
    )

    assert 1 == len(first) and first == second
    assert b"\x89PNG" == first[0].png[:4] and 720 == int.from_bytes(first[0].png[16:20])
    assert "谈成了" in first[0].words


def test_words_of_a_picture_are_harmless_too() -> None:
    """They are sent as Markdown where the picture cannot be, and so hold no markup of what was typed."""
    moment = KeyMoment(turn=1, reply="<@all> [点我](http://evil.example) **看**", delta=3, why="`x`")
    parts = render(Message(blocks=[CARD.model_copy(update={"moments": [moment]})]), WECOM_AIBOT, link)
    (said,) = (part.words for part in parts if isinstance(part, Picture))

    assert "点我" in said and not set(said) & set("<>[]*`@")


@dialects
def test_quotations_end_where_they_end(dialect: Dialect) -> None:
    """What follows a quotation stands after an empty line, or Markdown would make it part of the quotation."""
    blocks: list[Block] = [CUSTOMER, FEEDBACK, COMPARISON]
    text = "\n".join(
        part.text for part in render(Message(blocks=blocks), dialect, link) if isinstance(part, Words)
    )

    assert 4 == len(re.findall(r"^> ", text, re.MULTILINE))
    assert not re.search(r"^> .*\n[^>\n]", text, re.MULTILINE)


@pytest.mark.filterwarnings("error:Glyph")
def test_picture_draws_every_sign() -> None:
    """Chinese comes out as Chinese on any machine, and what no font holds is left out, not drawn as a box."""
    strange = CARD.model_copy(
        update={"name": "王姐😡", "next_time": "先复述🙂，再讲政策。" * 6, "grade": "良好✅"}
    )

    assert render(Message(blocks=[strange]), WECOM_APP, link)


def test_list_too_long_for_a_card_comes_whole_in_words() -> None:
    """Fifty calls to choose from begin with the first, and nobody has to look for 1 to 6 on a card below."""
    choices = [
        Choice(label=f"客户{n}（电话）：一张翻三倍的阶梯账单", send=f"找客户{n}") for n in range(1, 51)
    ]
    parts = render(Message(blocks=[ChoicesBlock(prompt="想跟谁练？", choices=choices)]), WECOM_APP, link)
    text = shown(parts)

    assert not [part for part in parts if isinstance(part, Buttons)]
    assert sorted(text.index(f"{n}. 客户{n}（") for n in range(1, 51)) == [
        text.index(f"{n}. 客户{n}（") for n in range(1, 51)
    ]
    assert text.endswith(SAY_A_NUMBER)
