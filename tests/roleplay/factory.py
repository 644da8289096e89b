"""Stand-ins for role-play tests: the shipped stage, a scorer that goes by a few words, and short-hands."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from bot.content.personas import Parameters, Persona
from bot.content.scenarios import Scenario
from bot.judgement import DIMENSIONS, MOVES, Judgement, Span, TurnContext
from bot.roleplay.coefficients import Coefficients, load_coefficients
from bot.roleplay.stage import Stage

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
_WORDS: dict[str, tuple[str, float]] = {
    "respect": ("您", 1.0),
    "ack": ("着急|担心|不容易|难处|慢慢说", 0.9),
    "para": ("您是说|我确认一下", 0.9),
    "ask": ("[？?]", 0.6),
    "verify": ("我查|核实|看看记录", 0.9),
    "apol": ("道歉|对不起", 0.8),
    "explain": ("因为|是这样", 0.7),
    "option": ("还是", 0.9),
    "plan": ("登记|安排|分期|上门", 0.9),
    "threat": ("不交就停", 0.9),
    "insult": ("老糊涂|不要脸", 0.9),
    "command": ("赶紧|马上交", 0.8),
    "deflect": ("不归我|找别人", 0.9),
    "cold": ("规定就是规定|系统显示", 0.9),
}
_REDLINES = {"threat": "threat", "insult": "insult"}

KIND = (
    "您好，我是供电所的小李，您慢慢说，我听着。",
    "您是说之前一直没人管，对吗？换谁都着急，让您受累了，向您道歉。",
    "我查一下您家的记录，您担心的这件事我先登记。",
    "我给您安排师傅上门，写张纸给您，分期先交一部分也行，明天还是后天？您不容易，我单独跟您联系。",
    "您的难处我记下了，登记单号发您，每天的读数也发您，渠道和书面协议都给您留底，值班电话也给您。",
    "我确认一下：您是说明天上门、机器先保电，余下的分期，对吗？我安排好给您打电话，您看行吗？",
)
CARING = ("您好，先不说电费，您母亲的呼吸机通着电吗？您慢慢说，我听着。", *KIND[1:])
HARSH = ("赶紧交钱。", "规定就是规定，马上交。", "这不归我管，你找别人。", "不交就停电。")


class WordScorer:
    """Judges by single words; crude, but the same every time and readable in a test."""

    def judge(self, turn: TurnContext) -> Judgement:
        hits = {name: re.search(words, turn.reply) for name, (words, _) in _WORDS.items()}
        moves = {name: _WORDS[name][1] if hits.get(name) else 0.0 for name in MOVES}
        redlines = tuple(code for name, code in _REDLINES.items() if moves[name])
        bad = [
            hit
            for name, hit in hits.items()
            if hit and name in ("threat", "command", "deflect", "cold", "insult")
        ]
        overall = (
            15 if redlines else 35 if bad else min(95, 40 + 12 * sum(1 for value in moves.values() if value))
        )
        return judged(
            overall=overall,
            redlines=redlines,
            evidence=tuple(Span(h.start(), h.end(), "cue", "-", "伤人") for h in bad),
            fit=sum(n.weight for n in turn.needs if any(cue in turn.reply for cue in n.cues)),
            ack_first=bool(moves["ack"]),
            answered=tuple(f.id for f in turn.vulnerable if any(cue in turn.reply for cue in f.cues)),
            repeat=0.9 if any(turn.reply == earlier.reply for earlier in turn.history) else 0.0,
            moves=moves,
        )


class CaringScorer(WordScorer):
    """The same, but nothing grave is ever passed over."""

    def judge(self, turn: TurnContext) -> Judgement:
        return replace(super().judge(turn), answered=tuple(fact.id for fact in turn.vulnerable))


def judged(
    *,
    overall: int = 60,
    redlines: tuple[str, ...] = (),
    evidence: tuple[Span, ...] = (),
    fit: float = 1.0,
    ack_first: bool = False,
    answered: tuple[str, ...] = (),
    repeat: float = 0.0,
    moves: dict[str, float] | None = None,
    dimensions: dict[str, int | None] | None = None,
) -> Judgement:
    return Judgement(
        overall=overall,
        band=1 + sum(overall >= limit for limit in (25, 50, 70, 85)),
        dimensions=dimensions or {name: overall if name != "accuracy" else None for name in DIMENSIONS},
        redlines=redlines,
        evidence=evidence,
        moves=dict.fromkeys(MOVES, 0.0) | (moves or {}),
        fit=fit,
        ack_first=ack_first,
        stock_apology=False,
        repeat=repeat,
        answered=answered,
        praise="先听了他说完",
        advice="再说清谁来办",
        rewrite="我登记好，明天李师傅上门。",
    )


class FixedScorer:
    """Gives every reply the same judgement."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement

    def judge(self, turn: TurnContext) -> Judgement:
        return self._judgement


@cache
def coefficients() -> Coefficients:
    return load_coefficients(KNOWLEDGE / "personas")


@cache
def stage() -> Stage:
    def read(name: str) -> list[dict[str, object]]:
        files = sorted((KNOWLEDGE / name).glob("[!_]*.yaml"))
        return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in files]

    personas = [Persona.model_validate(raw) for raw in read("personas")]
    scenarios = [Scenario.model_validate(raw) for raw in read("scenarios")]
    return Stage({p.id: p for p in personas}, {s.id: s for s in scenarios}, coefficients())


def parameters(**changes: float) -> Parameters:
    usual: dict[str, float] = {
        "anger0": 70, "base": 15, "trust0": 35, "understood0": 15, "clarity0": 20, "face0": 55,
        "temper": 1.0, "patience": 8, "rumination": 0.4, "face": 1.0, "sigma": 0.1,
    }  # fmt: skip
    return Parameters.model_construct(**(usual | changes))
