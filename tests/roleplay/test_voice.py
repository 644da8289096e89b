"""What the customer says: fitting, never twice, and nothing hidden before its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.roleplay.hearing import question_in, time_in
from bot.roleplay.session import Practice, play, start
from tests.roleplay.factory import CARING, HARSH, KIND, CaringScorer, FixedScorer, WordScorer, judged, stage

PERSONAS = sorted(stage().personas)
SCENARIOS = sorted(stage().scenarios)
MIXED = (
    *KIND,
    "您好。",
    "系统显示就是这样。",
    "您家用了多少度电？",
    "对不起。",
    "您收到短信了吗？",
    "因为表上是这个数。",
)


def called(practice: Practice, replies: tuple[str, ...], turns: int) -> Practice:
    """Plays on for `turns` turns, whatever the customer feels."""
    endless = replace(practice, max_turns=99)
    for number in range(turns):
        if endless.over:
            break
        endless, _ = play(stage(), endless, replies[number % len(replies)], WordScorer())
    return endless


def calm(practice: Practice) -> Practice:
    return replace(practice, first=replace(practice.first, anger=40.0, open=()))


@pytest.mark.parametrize("persona", PERSONAS)
def test_nothing_is_said_twice(persona: str) -> None:
    """In a call of twenty turns no line comes twice, for any of twenty seeds."""
    unmoved = FixedScorer(
        judged(moves={"respect": 0.6, "safety": 1.0}, answered=("knee", "ventilator", "reported"))
    )
    for seed in range(20):
        practice = replace(start(stage(), persona=persona, seed=seed), max_turns=99)
        while not practice.over and len(practice.turns) < 20:
            practice, _ = play(stage(), practice, MIXED[len(practice.turns) % len(MIXED)], unmoved)
        lines = [utterance.line for utterance in practice.said]

        assert len(set(lines)) == len(lines), lines
        assert "……" not in lines


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_hidden_facts_keep_waiting(scenario: str) -> None:
    """No hidden fact, and no word of it, is said before its gate is open."""
    for seed in range(8):
        practice = called(start(stage(), scenario=scenario, seed=seed), MIXED + HARSH, 12)
        persona = stage().persona(practice.persona)
        for turn in practice.turns:
            for reveal in persona.reveals:
                gate = turn.after.understood >= 35 if reveal.gate == "understood" else turn.after.trust >= 30
                told = any(word in turn.said.line for word in reveal.secret)

                assert gate or not told, turn.said.line


@pytest.mark.parametrize("persona", PERSONAS)
def test_kind_words_open_up(persona: str) -> None:
    """Whoever is heard and trusts tells at least one hidden fact."""
    practice = start(stage(), persona=persona, difficulty=1, seed=4)
    for reply in (*CARING[:3], "您着急我明白，您最为难的是什么？", "您慢慢说，我听着，您难在哪里？"):
        if not practice.over:
            practice, _ = play(stage(), practice, reply, CaringScorer())

    assert any(utterance.revealed for utterance in practice.said)


def test_anger_shows_at_once() -> None:
    """A rise in anger is heard in the very next line."""
    practice = calm(start(stage(), persona="p08", seed=2))
    _, record = play(stage(), practice, "不交就停电，不要脸。", WordScorer())
    cells = stage().persona("p08").lines.reacting

    assert record.after.level >= 4
    assert record.said.templates[0] in (*cells.threat["4-5"], *cells.insult["4-5"])


def test_calm_lags_one_turn() -> None:
    """When anger falls to level two the words go half soft first, at the old level."""
    practice = start(stage(), persona="p03", seed=2)
    practice = replace(practice, first=replace(practice.first, anger=46.0))
    scorer = FixedScorer(judged(moves={"ack": 0.39, "para": 0.39, "respect": 1.0}, ack_first=True))
    _, record = play(stage(), practice, "我记下了。", scorer)

    assert record.after.level == 2
    assert record.said.function == "softening"


@pytest.mark.parametrize(
    ("reply", "function"),
    [
        ("您家里现在几口人住？", "answering.living"),
        ("上个月的电费您是怎么交的？", "answering.paid"),
        ("您跟我说说，是遇到什么难处了？", "answering.reason"),
        ("最近添了什么电器没有？", "answering.usage"),
        ("好的。", "reacting.empty"),
        ("😂😂😂", "reacting.puzzled"),
        ("请问这笔多少钱您清楚吗？", "answering.amount"),
        ("您看什么时候方便交呢？", "answering.when"),
        ("短信您收到了吗？", "answering.notice"),
        ("请问您是户主本人吗？", "answering.who"),
        ("赶紧交钱。", "reacting.command"),
        ("这不归我管。", "reacting.deflect"),
        ("不交就停电。", "reacting.threat"),
    ],
)
def test_reply_gets_its_answer(reply: str, function: str) -> None:
    """What was asked is answered; what stung is answered first."""
    _, record = play(stage(), start(stage(), persona="p08", seed=5), reply, WordScorer())

    assert record.said.function == function


def test_ventilator_is_insisted_on() -> None:
    """A daughter whose mother breathes by machine comes back to it when it is passed over."""
    practice = start(stage(), scenario="sun-nvshi-night-call", seed=1)
    _, record = play(stage(), practice, "您家的电费是这样的。", WordScorer())

    assert record.said.function == "insisting"
    assert any(word in record.said.line for word in ("呼吸机", "机器"))


def test_asking_brings_it_out() -> None:
    """A fact not yet told comes out early when the trainee asks about it, and who asked has already cared."""
    practice = start(stage(), persona="p01", seed=1)
    _, record = play(stage(), practice, "大爷，您腿脚怎么样，走路方便吗？", WordScorer())

    assert record.said.raised == ("knee",)
    assert record.after.open == ()


def test_fear_is_spoken_as_consent() -> None:
    """A fearful old man under a threat says yes, and the call can no longer be won."""
    practice = start(stage(), persona="p01", difficulty=1, seed=1)
    practice, record = play(stage(), practice, "不交就停电。", WordScorer())

    assert record.said.function == "complying"
    assert practice.outcome == "escalated"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_lines_fit_their_setting(scenario: str) -> None:
    """Nobody hangs up a door, and no hole in a line is left open."""
    practice = called(start(stage(), scenario=scenario, seed=9), HARSH, 12)
    at_phone = stage().scenarios[scenario].setting == "phone"
    for utterance in practice.said:
        assert "{" not in utterance.line and not utterance.line.startswith("[")
        assert at_phone or "挂断" not in utterance.line


def test_swearing_can_be_off() -> None:
    """With crude words switched off, none is spoken even at the top of anger."""
    polite = replace(stage(), crude=False)
    for seed in range(20):
        practice = replace(start(polite, persona="p07", difficulty=5, seed=seed), max_turns=99)
        for reply in HARSH * 2:
            if not practice.over:
                practice, _ = play(polite, practice, reply, WordScorer())

        assert not any(word in u.line for u in practice.said for word in ("他妈", "滚"))


def test_trainee_words_come_back() -> None:
    """Sooner or later the customer throws the trainee's own words back."""
    echoed = 0
    for seed in range(20):
        _, record = play(
            stage(), start(stage(), persona="p03", seed=seed), "规定就是规定，您懂吧。", WordScorer()
        )
        echoed += "规定就是规定" in record.said.line

    assert echoed >= 3


def test_time_is_heard() -> None:
    """A time named in a reply is picked up as it was said."""
    assert time_in("我安排李师傅周四上午上门。") == "周四上午"
    assert time_in("五个工作日内给您结果。") == "五个工作日内"
    assert time_in("我记下了。") == ""


def test_last_question_counts() -> None:
    """Of several questions the customer answers the last one that has a topic."""
    assert question_in("您是本人吗？您什么时候方便交？") == "when"
    assert question_in("电费我已经登记了。") is None
