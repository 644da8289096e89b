"""What the card says to the trainee: heard right, praised honestly, advised on what is there, reworded by the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.content.rubric import Rubric
from bot.judgement import Judgement, TurnContext
from bot.tone.concerns import ConcernReader
from bot.tone.feedback import LONGEST_QUOTE
from bot.tone.scorer import ToneScorer
from bot.tone.text import view
from tests.tone.conftest import BILL

Facts = Mapping[str, Any]
DUE: Facts = {"overdue_days": 41, "notices": 2, "approved": True}
CUT_OFF = "通知我看了，礼拜五停电，我们一家子怎么过？"


def _judge(scorer: ToneScorer, customer: str, reply: str, facts: Facts | None = None) -> Judgement:
    return scorer.judge(TurnContext(customer, reply, facts=facts or {}))


@pytest.mark.parametrize(
    ("customer", "misheard"),
    [
        ("你敢保证我交了就不停电？", "already-paid"),
        ("我要是交了你们还停呢？", "already-paid"),
        ("装表的师傅一句话没说就走了。", "death"),
        ("电怎么没了？", "death"),
        ("报修三回都没人来！", "forgotten"),
        ("我家电费怎么比去年高？", "damage"),
        ("是不是表坏了？", "damage"),
        ("表没毛病，人有毛病！", "meter-doubt"),
        ("昨晚停电，我一池子鱼全死了，你们赔！", "cutoff-fear"),
        ("店里站着客人呢！", "waiting"),
    ],
)
def test_words_are_not_misheard(rubric: Rubric, customer: str, misheard: str) -> None:
    """A word or two in common with a grave matter does not make it one."""
    heard = {one.id for one in ConcernReader(rubric).raised(view(customer))}

    assert misheard not in heard


@pytest.mark.parametrize(
    ("customer", "concern"),
    [
        ("我早就交过了，你们还催！", "already-paid"),
        ("我明明交了还催！", "already-paid"),
        ("我爸上个月走了，户头还是他的。", "death"),
        ("家里老人刚没了，你就来催。", "death"),
        ("我一张通知都没收到。", "forgotten"),
        ("冰箱里的肉全臭了！", "damage"),
        ("一天发我五条短信，有完没完？", "nagging"),
        ("报装跑了三趟，还差材料！", "waiting"),
        ("你先帮我垫着行不行？", "favour"),
        ("对门那家是不是没交电费啊？", "others-data"),
    ],
)
def test_concerns_are_heard(rubric: Rubric, customer: str, concern: str) -> None:
    """What people say at the door is understood in their own words."""
    heard = {one.id for one in ConcernReader(rubric).raised(view(customer))}

    assert concern in heard


def test_polite_apology_is_no_blame(scorer: ToneScorer) -> None:
    """“请您多担待”asks for patience; nobody is blamed by it."""
    moves = _judge(scorer, BILL, "是我没讲清楚，请您多担待，我这就查，下午给您回话。").moves

    assert moves["blame"] == 0
    assert moves["apol"] > 0


@pytest.mark.parametrize(
    "reply", ["麻烦您另外反映一下呢。", "我不跟您说了。", "您要是交了，还会收到吗？", "按流程走就行。"]
)
def test_brush_offs_earn_no_praise(scorer: ToneScorer, reply: str) -> None:
    """Polite words that send the customer away are not held up as an example."""
    assert "说得好" not in _judge(scorer, BILL, reply).praise


def test_echoes_earn_no_praise(scorer: ToneScorer) -> None:
    """The customer's own words, said back, are not the trainee's merit."""
    customer = "下午预约满了，快点送电，烫头的客人等不了。"

    assert "预约" not in _judge(scorer, customer, "您下午预约满了，快点送电，收到。").praise


def test_praise_quotes_few_words(scorer: ToneScorer) -> None:
    """Speech without stops is quoted in part, never as a whole paragraph."""
    spoken = "您家这个表我明天上午带师傅去给您校验当天下午就把结果念给您听不收钱您放心在家等着就行"
    praise = _judge(scorer, "表不准！", spoken).praise

    assert "说得好" in praise
    assert len(praise.partition("“")[2].partition("”")[0]) <= LONGEST_QUOTE


def test_advice_names_what_is_missing(scorer: ToneScorer) -> None:
    """“办法有了”is said only where the reply holds one."""
    offered = _judge(scorer, BILL, "涨的这些，我查表底，今天下午四点前把明细发给您。")
    nothing = _judge(scorer, BILL, "这个月的用电量比上个月多。")

    assert "办法有了" in offered.advice
    assert "办法有了" not in nothing.advice


def test_excellent_replies_are_left_alone(scorer: ToneScorer) -> None:
    """A reply that is excellent is told so and not corrected."""
    reply = "一下子多出四百多，换我也得问个明白。我现在查您每天的用电量，今天下午四点前给您打回去，一笔一笔讲清楚。"
    card = _judge(scorer, BILL, reply)

    assert card.overall >= 85
    assert "这样就好" in card.advice
    assert reply == card.rewrite


def test_harsh_words_come_with_a_way_out(scorer: ToneScorer, rubric: Rubric) -> None:
    """The card says why a harsh word hurts and what to say instead."""
    advice = _judge(scorer, BILL, "这个不归我管，您找物业去。").advice

    assert advice.endswith(rubric.rewrites.advice["instead-deflect"])


def test_announced_cut_off_is_not_denied(scorer: ToneScorer) -> None:
    """Where the notice was served and the time has run out, no rewrite says that nothing will be cut."""
    rewrite = _judge(scorer, CUT_OFF, "请您尽快交费。", DUE).rewrite

    assert "分期" in rewrite
    assert "不会" not in rewrite


@pytest.mark.parametrize(
    "facts",
    [{"overdue_days": 12, "notices": 0}, {"overdue_days": 41, "notices": 2, "approved": False}],
)
def test_early_fear_is_taken_away(scorer: ToneScorer, facts: Facts) -> None:
    """Before procedure is complete, the rewrite says that nobody is cut off out of hand."""
    rewrite = _judge(scorer, CUT_OFF, "请您尽快交费。", facts).rewrite

    assert "不会说停就停" in rewrite


def test_machine_in_the_facts_comes_first(scorer: ToneScorer) -> None:
    """Who lives on a machine is thought of even when the customer only shouts."""
    card = _judge(scorer, "你们管不管人死活啊！", "请您尽快交费。", {"life_support": True})

    assert "机器" in card.rewrite


def test_neighbours_stay_private(scorer: ToneScorer) -> None:
    """Who asks about another household is offered help with their own."""
    card = _judge(scorer, "对门老陈家是不是没交电费啊？", "不知道。", {"third_party": True})

    assert "别人家" in card.rewrite and "您自己家" in card.rewrite


def test_farewells_promise_nothing_more(scorer: ToneScorer) -> None:
    """After “不会再打”no rewrite promises a call today."""
    customer = "再打来老子弄死你！"
    rewrite = _judge(scorer, customer, "我不跟您吵，也不会再打了，您早点休息。").rewrite

    assert "今天下班前" not in rewrite


def test_rewrites_correct_after_a_red_line(scorer: ToneScorer) -> None:
    """After a demand for money in hand, the rewrite names the proper way to pay."""
    card = _judge(scorer, "我没空去营业厅。", "把钱转我微信，我替您交。")

    assert ("private_collection",) == card.redlines
    assert "营业厅" in card.rewrite


def test_gravest_line_gives_the_advice(scorer: ToneScorer, rubric: Rubric) -> None:
    """Of several lines crossed, the card speaks of the gravest, not of the first one in the text."""
    card = _judge(scorer, BILL, "违约金我给您免了。再不交就断您的电，等着瞧。")
    threat = next(line for line in rubric.redlines if line.code == "threat")

    assert {"threat", "false_promise"} <= set(card.redlines)
    assert threat.advice == card.advice


def test_wordings_come_in_pairs(rubric: Rubric) -> None:
    """Every opening has something to do behind it, also those for an announced cut-off."""
    ack, act = rubric.rewrites.ack, rubric.rewrites.act

    assert ack.keys() == act.keys()
    assert "cutoff-fear-due" in ack
    assert all(len(ack[name]) == len(act[name]) for name in ack)
