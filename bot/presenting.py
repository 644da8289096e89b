"""Turns what the libraries return into blocks: the only place that knows both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.content.lines import SETTING_NAMES, level_of
from bot.content.personas import Persona
from bot.content.rubric import Rubric
from bot.content.scenarios import Scenario
from bot.judgement import Judgement
from bot.messages import (
    Choice,
    ChoicesBlock,
    ComparisonBlock,
    ConditionCheck,
    CurvePoint,
    CustomerTurnBlock,
    EarlierCall,
    Evidence,
    FeedbackBlock,
    KeyMoment,
    Reason,
    RedLine,
    ScoreCardBlock,
    ScoreGroup,
    SittingBlock,
    SittingRow,
    SpeakerScore,
    StateChange,
    Try,
)
from bot.roleplay.advice import why_of
from bot.roleplay.scoring import Result, main_label
from bot.roleplay.session import Practice, TurnRecord
from bot.roleplay.sitting import CallResult, Sitting
from bot.roleplay.stage import Stage, cast
from bot.stores.practices import FinishedPractice

LEVEL_NAMES = ("平静", "不快", "生气", "发怒", "失控")
OUTCOME_LABELS = {"resolved": "谈成了", "open": "还没谈成", "escalated": "闹大了", "hung_up": "挂断了"}
STATE_NAMES = {"anger": "怒气", "trust": "信任", "understood": "被听懂", "clarity": "出路", "face": "面子"}
_CAUSES = 2
_TOO_SMALL = 0.5


def briefing(scenario: Scenario, persona: Persona) -> str:
    """What a collector knows before the first word, and what is to be done."""
    where = SETTING_NAMES[scenario.setting]
    return f"这一通：{scenario.title}（{where}，难度 {scenario.difficulty}）。{scenario.briefing}\n你要做到：{scenario.goal}"


def customer_turn(practice: Practice, persona: Persona, stage: Stage, to: str = "") -> CustomerTurnBlock:
    """What the customer has just said, with the anger of every turn so far; `to` is who is spoken to, in a group."""
    anger = practice.state.anger
    level = level_of(anger)
    setting = cast(stage, practice.persona, practice.scenario, practice.difficulty).setting
    return CustomerTurnBlock(
        persona=persona.id,
        name=persona.name,
        situation=persona.situation,
        line=practice.customer,
        anger=round(anger),
        level=level,
        level_name=LEVEL_NAMES[level - 1],
        turn=len(practice.turns),
        curve=_curve(practice.turns, practice.first.anger),
        setting=SETTING_NAMES[setting],
        to=to if practice.mode == "group" else "",
    )


def feedback(record: TurnRecord, rubric: Rubric) -> FeedbackBlock:
    """What one reply did, and why the customer changed."""
    judged = record.judgement
    return FeedbackBlock(
        turn=record.number,
        reply=record.reply,
        praise=judged.praise,
        advice=judged.advice,
        rewrite="" if judged.rewrite == record.reply.strip() else judged.rewrite,
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
        changes=_changes(record),
        causes=[
            f"{r.label}：{why_of(r.label)}"
            for r in record.reasons
            if abs(r.value) >= _TOO_SMALL and why_of(r.label)
        ][:_CAUSES],
        heard=record.heard,
        speaker=record.speaker,
    )


def comparison(
    first: TurnRecord, second: TurnRecord, titles: tuple[str, str] = ("头一回", "这一回")
) -> ComparisonBlock:
    """Two ways to say one turn, from the same state and mood."""
    return ComparisonBlock(
        turn=second.number,
        anger_before=round(second.before.anger),
        tries=[_try(title, record) for title, record in zip(titles, (first, second), strict=True)],
        verdict=_verdict(first, second, titles),
    )


def _try(title: str, record: TurnRecord) -> Try:
    return Try(
        title=title,
        reply=record.reply,
        anger=round(record.after.anger),
        delta=round(record.after.anger) - round(record.before.anger),
        line=record.said.line,
        overall=record.judgement.overall,
        label=main_label(record),
    )


def _verdict(first: TurnRecord, second: TurnRecord, titles: tuple[str, str]) -> str:
    """Which way left the customer calmer, by how much, and through what."""
    apart = second.after.anger - first.after.anger
    if abs(apart) < 1:
        return "两种说法，客户的火气差不多。看看他接的话有什么不同。"
    better, title = (second, titles[1]) if apart < 0 else (first, titles[0])
    why = why_of(main_label(better))
    return f"{title}的说法让客户少了 {abs(apart):.0f} 点火气。{why}"


def _changes(record: TurnRecord) -> list[StateChange]:
    before, after = record.before.shown(), record.after.shown()
    return [
        StateChange(name=title, before=round(before[name]), after=round(after[name]))
        for name, title in STATE_NAMES.items()
    ]


def score_card(
    practice: Practice,
    persona: Persona,
    result: Result,
    rubric: Rubric,
    last: Mapping[str, Any] | None,
    earlier: Iterable[FinishedPractice] = (),
) -> ScoreCardBlock:
    """The end of a call; `last` is the card of the practice before, for the marks on the bars."""
    before = {g["name"]: g["score"] for g in (last or {}).get("groups", [])}
    hit = {h.code: practice.turns[h.turn - 1].judgement for h in result.redlines}
    return ScoreCardBlock(
        name=persona.name,
        situation=persona.situation,
        outcome=result.outcome,
        outcome_label="时间到" if practice.timed_out else OUTCOME_LABELS[result.outcome],
        overall=result.overall or 0,
        grade=result.grade,
        groups=[ScoreGroup(name=g.name, score=g.score, last=before.get(g.name)) for g in result.groups],
        moments=[
            KeyMoment(turn=m.turn, reply=m.reply, delta=round(m.change, 1), why=m.why) for m in result.moments
        ],
        next_time=result.next_time,
        summary=result.summary,
        redlines=[line for code, judged in hit.items() for line in _redlines([code], judged, rubric)],
        curve=_curve(practice.turns, practice.first.anger),
        turns=result.turns,
        branches=[_point(turn) for turn in practice.retried if turn.number <= result.turns],
        conditions=[ConditionCheck(what=c.what, met=c.met) for c in result.conditions],
        earlier=[
            EarlierCall(overall=e.overall, outcome_label=OUTCOME_LABELS.get(e.outcome, e.outcome))
            for e in earlier
        ],
        hints=practice.hints,
        retries=len(practice.retried),
        speakers=_speakers(practice.turns),
    )


def sitting_card(sitting: Sitting) -> SittingBlock:
    """The end of an exam or a warm-up."""
    rows = [
        SittingRow(
            name=r.name,
            overall=r.overall,
            note=_note(r, sitting),
            passed=None if sitting.pass_mark is None else r.clean and r.overall >= sitting.pass_mark,
        )
        for r in sitting.results
    ]
    return SittingBlock(
        title=sitting.title,
        rows=rows,
        overall=sitting.overall,
        pass_mark=sitting.pass_mark,
        passed=sitting.passed,
        verdict=_sitting_verdict(sitting),
    )


def _note(result: CallResult, sitting: Sitting) -> str:
    if result.late:
        return "超过一分钟"
    if not result.clean:
        return "踩了红线"
    before, after = (round(anger) for anger in result.anger)
    return OUTCOME_LABELS[result.outcome] if sitting.pass_mark is not None else f"怒气 {before} → {after}"


def _sitting_verdict(sitting: Sitting) -> str:
    weakest = min(sitting.results, key=lambda r: r.overall)
    if sitting.pass_mark is None:
        best = max(sitting.results, key=lambda r: r.overall)
        return f"接得最好的是{best.name}那句，最该再练的是{weakest.name}。"
    if sitting.passed:
        return f"平均 {sitting.overall} 分，过了合格线 {sitting.pass_mark}。"
    if not all(r.clean for r in sitting.results):
        return "踩了红线，这一场不合格。先把红线那一句练过来，再考。"
    return f"平均 {sitting.overall} 分，差 {sitting.pass_mark - sitting.overall} 分合格。先和{weakest.name}多练两通。"


def _speakers(turns: Sequence[TurnRecord]) -> list[SpeakerScore]:
    names = list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker))
    scores = {name: [t.judgement.overall for t in turns if t.speaker == name] for name in names}
    return [SpeakerScore(name=n, turns=len(s), overall=round(sum(s) / len(s))) for n, s in scores.items()]


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


def _curve(turns: Sequence[TurnRecord], first: float) -> list[CurvePoint]:
    return [CurvePoint(turn=0, anger=round(first)), *map(_point, turns)]


def _point(turn: TurnRecord) -> CurvePoint:
    return CurvePoint(
        turn=turn.number, anger=round(turn.after.anger), label=main_label(turn), reply=turn.reply
    )


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
