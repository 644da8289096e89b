"""Plays a written call from end to end: `anxun practise --script`. The same script gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import BadInput
from bot.roleplay.scoring import finish
from bot.roleplay.session import DIFFICULTIES, Scorer, TurnRecord, play, start
from bot.roleplay.stage import Stage

KEYS = ("persona", "scenario", "difficulty", "seed", "turns")
MOST_TURNS = 50
_SAMPLE = "照着这样写：persona、difficulty（1 到 5）、seed（整数）、turns（一句一行）。"


def play_script(stage: Stage, script: Mapping[str, Any], scorer: Scorer) -> dict[str, Any]:
    """The contract of DESIGN section 5. Turns after the customer has ended the call stay unsaid.

    Raises BadInput with a remedy when the script is faulty.
    """
    persona, scenario, difficulty, seed, replies = _read(script)
    practice = start(stage, persona=persona, scenario=scenario, difficulty=difficulty, seed=seed)
    turns = []
    for reply in replies:
        if practice.over:
            break
        practice, record = play(stage, practice, reply, scorer)
        turns.append(_turn(record))
    result = finish(stage, practice)
    unsaid = len(replies) - len(turns)
    return {
        "persona": practice.persona,
        "seed": practice.seed,
        "turns": turns,
        "outcome": result.outcome,
        "overall": result.overall,
        "grade": result.grade,
        "redlines": list(dict.fromkeys(hit.code for hit in result.redlines)),
        "summary": result.summary + (f"通话已结束，后面 {unsaid} 句没有说出口。" if unsaid else ""),
    }


def _turn(record: TurnRecord) -> dict[str, Any]:
    return {
        "customer_before": record.customer,
        "reply": record.reply,
        "state_before": record.before.shown(),
        "state_after": record.after.shown(),
        "delta_reasons": [
            {"label": reason.label, "delta": delta}
            for reason in (*record.reasons, *record.adjustments)
            if (delta := round(reason.value, 1))
        ],
        "score": record.judgement.overall,
        "customer_after": record.said.line,
    }


def _read(script: Mapping[str, Any]) -> tuple[str | None, str | None, int | None, int, list[str]]:
    if not isinstance(script, Mapping):
        raise BadInput("脚本应当是“键: 值”的形式。", _SAMPLE)
    unknown = [str(key) for key in script if key not in KEYS]
    if unknown:
        raise BadInput(f"脚本里有不认识的键 {unknown[0][:40]}。", f"可用的键：{'、'.join(KEYS)}。")
    persona, scenario = _text(script, "persona"), _text(script, "scenario")
    if persona is None and scenario is None:
        raise BadInput("脚本里没有写 persona。", _SAMPLE)
    difficulty, seed = _whole(script, "difficulty"), _whole(script, "seed")
    if difficulty is not None and difficulty not in DIFFICULTIES:
        raise BadInput(f"难度 {difficulty} 不在 1 到 5 之间。", "把 difficulty 改成 1、2、3、4 或 5。")
    return persona, scenario, difficulty, seed or 0, _replies(script.get("turns"))


def _text(script: Mapping[str, Any], key: str) -> str | None:
    value = script.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"脚本里的 {key} 应当是编号。", "例如 p01-liu-daye。")
    return value


def _whole(script: Mapping[str, Any], key: str) -> int | None:
    value = script.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInput(f"脚本里的 {key} 应当是整数。", f"例如 {key}: 3。")
    return value


def _replies(value: object) -> list[str]:
    if not isinstance(value, list | tuple) or not value:
        raise BadInput("脚本里没有可说的话。", "在 turns 下面一句一行地写。")
    if len(value) > MOST_TURNS:
        raise BadInput(f"脚本有 {len(value)} 句，太长了。", f"最多 {MOST_TURNS} 句，分成几个脚本。")
    for number, reply in enumerate(value, 1):
        if not isinstance(reply, str) or not reply.strip():
            raise BadInput(f"turns 的第 {number} 句不是文字。", "写成一句话，带冒号的用引号括起来。")
    return [str(reply) for reply in value]
