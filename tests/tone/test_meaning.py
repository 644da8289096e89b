"""Minimal pairs: nearly the same words, another meaning."""

from __future__ import annotations

import pytest

from bot.judgement import Exchange, Need, TurnContext, VulnerableFact
from bot.tone.scorer import ToneScorer
from tests.tone.conftest import BILL

GOOD = "一下子多出这么多，换谁都得问个明白。我这就查读数，今天下午给您回话。"
PAIRS = [
    ("您放心，不会因为这个停电。", "不交就停电。"),
    ("您说的“停电”，现在不会有。", "停电，马上就给你停电。"),
    ("我不能让您转我微信。", "您转我微信。"),
    ("违约金能不能减，我帮您申请，以审批为准。", "违约金我给您免了。"),
    ("您可以投诉，95598随时能打。", "投诉也没用，别打95598。"),
    ("隔壁的情况我不方便说。", "隔壁老王家欠了八百。"),
    ("没人说您没文化。", "你没文化就别问。"),
    ("这不是罚款，是按合同算的违约金。", "这就是罚款，罚你的。"),
    ("我不会打到您单位去。", "我打到你单位去。"),
    ("谁跟您说不交就坐牢的？没这回事。", "不交就坐牢。"),
    ("您别说自己没本事，谁家都有难处。", "没本事别当老板。"),
    ("明天检修停电两小时，跟欠费没关系。", "明天就给你停电。"),
]


@pytest.mark.parametrize(("innocent", "crossing"), PAIRS)
def test_pairs_are_told_apart(scorer: ToneScorer, innocent: str, crossing: str) -> None:
    """Denied, quoted or lawful words are no red line; meant ones are."""
    assert scorer.judge(TurnContext(BILL, innocent)).redlines == ()
    assert scorer.judge(TurnContext(BILL, crossing)).redlines != ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("加我薇信转钱给我。", "private_collection"),
        ("今天就给你停 电", "illegal_cutoff"),
        ("不交就给你家停店！", "threat"),
    ],
)
def test_typos_hide_nothing(scorer: ToneScorer, typed: str, code: str) -> None:
    """Misspelt or spaced-out words count as what they say."""
    assert code in scorer.judge(TurnContext(BILL, typed)).redlines


def test_double_negation_is_a_threat(scorer: ToneScorer) -> None:
    """“不会不停”means it will be cut."""
    assert scorer.judge(TurnContext(BILL, "今天不会不停你的电。")).redlines


def test_lawful_notice_depends_on_days(scorer: ToneScorer) -> None:
    """The same notice is lawful at 62 days, not at 12, and never where a ventilator runs."""
    notice = "您欠费800元，已书面催交两次。按程序经批准并再次通知后可能中止供电，办分期就能避免。"

    def judged(**facts: object) -> tuple[str, ...]:
        return scorer.judge(TurnContext("你敢停电试试！", notice, facts=facts)).redlines

    assert judged(overdue_days=62) == ()
    assert "illegal_cutoff" in judged(overdue_days=12)
    assert "illegal_cutoff" in judged(overdue_days=62, life_support=True)


def test_but_takes_understanding_back(scorer: ToneScorer) -> None:
    """“我理解，但是”is no acknowledgement."""
    kept = scorer.judge(TurnContext(BILL, "您着急我理解。"))
    taken = scorer.judge(TurnContext(BILL, "您着急我理解，但是该交还得交。"))

    assert kept.moves["ack"] >= 0.5
    assert taken.moves["ack"] == 0


def test_order_decides_ack_first(scorer: ToneScorer) -> None:
    """First the feeling and then the reason is seen as such; the other way round is not."""
    ack, reason = "换谁都着急。", "因为年累计进了第三档。"

    assert scorer.judge(TurnContext(BILL, ack + reason)).ack_first
    assert not scorer.judge(TurnContext(BILL, reason + ack)).ack_first


def test_plain_dialect_reaches_the_top(scorer: ToneScorer) -> None:
    """Care needs no polite words: the point taken up, who does what by when."""
    plain = "咋多出这老些，搁谁都得急。俺这就把表数对一对，今儿下午给个准信儿。"

    assert scorer.judge(TurnContext(BILL, plain)).band == 5


def test_polite_shell_stays_low(scorer: ToneScorer) -> None:
    """Set phrases that pass the customer by are band 2, and more of them help nothing."""
    shell = "尊敬的客户您好，给您带来不便敬请谅解，感谢您的理解与支持。"

    assert scorer.judge(TurnContext(BILL, shell)).band == 2
    assert scorer.judge(TurnContext(BILL, shell * 3)).band == 2


def test_wrong_amount_costs_accuracy(scorer: ToneScorer) -> None:
    """A figure that differs from the known one makes the explanation wrong."""
    reply = "您欠费500元，因为进了第三档。"
    right = scorer.judge(TurnContext(BILL, reply, facts={"amount": 500}))
    wrong = scorer.judge(TurnContext(BILL, reply, facts={"amount": 412.6}))

    assert (wrong.dimensions["accuracy"] or 0) < (right.dimensions["accuracy"] or 0)


def test_early_turn_needs_no_plan(scorer: ToneScorer) -> None:
    """Before the customer feels heard nobody is marked down for offering no solution."""
    early = scorer.judge(TurnContext(BILL, "换谁都着急，您慢慢说。", understood=10))

    assert early.dimensions["solution"] is None
    assert early.dimensions["empathy"] is not None


def test_context_is_used(scorer: ToneScorer) -> None:
    """Needs make the fit, facts make the answers, earlier replies make the repetition."""
    turn = TurnContext(
        "我妈用着呼吸机呢！", GOOD, history=(Exchange("喂？", GOOD),),
        needs=(Need("安全", 0.7, ("保电",)), Need("公道", 0.3, ("查",))),
        vulnerable=(VulnerableFact("ventilator", 1.0, ("呼吸机", "机器")),),
    )  # fmt: skip
    judged = scorer.judge(turn)

    assert judged.fit == pytest.approx(0.3)
    assert judged.answered == ()
    assert judged.repeat == 1.0


def test_stock_apology_is_named(scorer: ToneScorer) -> None:
    """A set phrase of regret is told from an apology for something."""
    assert scorer.judge(TurnContext(BILL, "给您带来不便，深表歉意。")).stock_apology
    assert not scorer.judge(TurnContext(BILL, "是我们没提前说清楚，给您道歉。")).stock_apology
