"""Turns what the libraries return into blocks: the only place that knows both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.content.personas import SETTING_NAMES, Persona, Scenario
from bot.content.rubric import Rubric
from bot.judgement import Judgement
from bot.messages import (
    Choice,
    ChoicesBlock,
    CurvePoint,
    CustomerTurnBlock,
    Evidence,
    FeedbackBlock,
    KeyMoment,
    Reason,
    RedLine,
    ScoreCardBlock,
    ScoreGroup,
)
from bot.roleplay.scoring import Result, main_label
from bot.roleplay.session import Practice, TurnRecord
from bot.roleplay.state import level_of

LEVEL_NAMES = ("平静", "不快", "生气", "发怒", "失控")
OUTCOME_LABELS = {"resolved": "谈成了", "open": "还没谈成", "escalated": "闹大了", "hung_up": "挂断了"}


def customer_turn(practice: Practice, persona: Persona) -> CustomerTurnBlock:
    """What the customer has just said, with the anger of every turn so far."""
    anger = practice.state.anger
    level = level_of(anger)
    return CustomerTurnBlock(
        persona=persona.id,
        name=persona.name,
        situation=persona.situation,
        line=practice.customer,
        anger=round(anger),
        level=level,
        level_name=LEVEL_NAMES[level - 1],
        turn=len(practice.turns),
        curve=_curve(practice),
    )


def feedback(record: TurnRecord, rubric: Rubric) -> FeedbackBlock:
    """What one reply did, and why the customer changed."""
    judged = record.judgement
    return FeedbackBlock(
        turn=record.number,
        reply=record.reply,
        praise=judged.praise,
        advice=judged.advice,
        rewrite=judged.rewrite,
        overall=judged.overall,
        band=judged.band,
        dimensions=dict(judged.dimensions),
        evidence=_evidence(judged),
        redlines=_redlines(judged.redlines, judged, rubric),
        anger_before=round(record.before.anger),
        anger_after=round(record.after.anger),
        reasons=[
            Reason(label=r.label, delta=round(r.value, 1))
            for r in (*record.reasons, *record.adjustments)
            if abs(r.value) >= 0.05
        ],
    )


def score_card(
    practice: Practice, persona: Persona, result: Result, rubric: Rubric, last: Mapping[str, Any] | None
) -> ScoreCardBlock:
    """The end of a call; `last` is the card of the practice before, for the marks on the bars."""
    before = {g["name"]: g["score"] for g in (last or {}).get("groups", [])}
    hit = {h.code: practice.turns[h.turn - 1].judgement for h in result.redlines}
    return ScoreCardBlock(
        name=persona.name,
        situation=persona.situation,
        outcome=result.outcome,
        outcome_label=OUTCOME_LABELS[result.outcome],
        overall=result.overall or 0,
        grade=result.grade,
        groups=[ScoreGroup(name=g.name, score=g.score, last=before.get(g.name)) for g in result.groups],
        moments=[
            KeyMoment(turn=m.turn, reply=m.reply, delta=round(m.change, 1), why=m.why) for m in result.moments
        ],
        next_time=result.next_time,
        summary=result.summary,
        redlines=[line for code, judged in hit.items() for line in _redlines([code], judged, rubric)],
        curve=[
            CurvePoint(turn=p.turn, anger=round(p.anger), label=p.label, reply=p.reply) for p in result.curve
        ],
        turns=result.turns,
    )


def scenario_choices(
    scenarios: Iterable[Scenario], personas: Mapping[str, Persona], prompt: str
) -> ChoicesBlock:
    """One button a scenario; pressing it says its title, which starts it."""
    return ChoicesBlock(
        prompt=prompt,
        choices=[
            Choice(
                label=f"{personas[s.persona].name}（{SETTING_NAMES[s.setting]}）：{s.title}",
                send=f"练习：{s.title}",
            )
            for s in scenarios
        ],
    )


def _curve(practice: Practice) -> list[CurvePoint]:
    points = [CurvePoint(turn=0, anger=round(practice.first.anger))]
    points += [
        CurvePoint(turn=t.number, anger=round(t.after.anger), label=main_label(t), reply=t.reply)
        for t in practice.turns
    ]
    return points


def _evidence(judged: Judgement) -> list[Evidence]:
    return [
        Evidence(start=s.start, end=s.end, cue=s.cue, polarity=s.polarity, why=s.why) for s in judged.evidence
    ]


def _redlines(codes: Iterable[str], judged: Judgement, rubric: Rubric) -> list[RedLine]:
    """Each red line with its name and the reason of the words that crossed it."""
    names = {line.code: line for line in rubric.redlines}
    found = []
    for code in codes:
        why = next((s.why for s in judged.evidence if s.cue.split("/")[0] == code), names[code].advice)
        found.append(RedLine(code=code, name=names[code].name, why=why))
    return found
