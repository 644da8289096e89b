"""Plays a written call from end to end: `anxun practise --script` and `--batch`.

The same script gives the same bytes, in any process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import BadInput
from bot.roleplay.scoring import Result, finish
from bot.roleplay.session import DIFFICULTIES, Practice, Scorer, TurnRecord, play, start
from bot.roleplay.stage import Stage

KEYS = ("persona", "scenario", "difficulty", "seed", "turns")
MOST_TURNS = 50
_SAMPLE = "照着这样写：persona、difficulty（1 到 5）、seed（整数）、turns（一句一行）。"


@dataclass(frozen=True)
class Script:
    """A written call. Without persona and scenario it can be played with anybody (`play_batch`)."""

    turns: tuple[str, ...]
    persona: str | None = None
    scenario: str | None = None
    difficulty: int | None = None
    seed: int = 0

    @property
    def for_anybody(self) -> bool:
        return self.persona is None and self.scenario is None


def play_script(stage: Stage, script: Mapping[str, Any], scorer: Scorer) -> dict[str, Any]:
    """The contract of DESIGN section 5. Turns after the customer has ended the call stay unsaid.

    Raises BadInput with a remedy when the script is faulty.
    """
    wanted = read_script(script)
    if wanted.for_anybody:
        raise BadInput("脚本里没有写 persona。", _SAMPLE)
    practice, result = run(stage, wanted, scorer)
    unsaid = len(wanted.turns) - len(practice.turns)
    return {
        "persona": practice.persona,
        "seed": practice.seed,
        "turns": [_turn(record) for record in practice.turns],
        "outcome": result.outcome,
        "overall": result.overall,
        "grade": result.grade,
        "redlines": list(dict.fromkeys(hit.code for hit in result.redlines)),
        "summary": result.summary + (f"通话已结束，后面 {unsaid} 句没有说出口。" if unsaid else ""),
    }


def run(stage: Stage, script: Script, scorer: Scorer) -> tuple[Practice, Result]:
    """The call as the script leads it, until the script or the customer ends it."""
    practice = start(
        stage,
        persona=script.persona,
        scenario=script.scenario,
        difficulty=script.difficulty,
        seed=script.seed,
    )
    for reply in script.turns:
        if practice.over:
            break
        practice, _ = play(stage, practice, reply, scorer)
    return practice, finish(stage, practice)


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


def read_script(script: object) -> Script:
    """Check what an author wrote; raises BadInput that names the key and the remedy."""
    if not isinstance(script, Mapping):
        raise BadInput("脚本应当是“键: 值”的形式。", _SAMPLE)
    unknown = [str(key) for key in script if key not in KEYS]
    if unknown:
        raise BadInput(f"脚本里有不认识的键 {unknown[0][:40]}。", f"可用的键：{'、'.join(KEYS)}。")
    difficulty = _whole(script, "difficulty")
    if difficulty is not None and difficulty not in DIFFICULTIES:
        raise BadInput(f"难度 {difficulty} 不在 1 到 5 之间。", "把 difficulty 改成 1、2、3、4 或 5。")
    return Script(
        turns=_replies(script.get("turns")),
        persona=_text(script, "persona"),
        scenario=_text(script, "scenario"),
        difficulty=difficulty,
        seed=_whole(script, "seed") or 0,
    )


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


def _replies(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise BadInput("脚本里没有可说的话。", "在 turns 下面一句一行地写。")
    if len(value) > MOST_TURNS:
        raise BadInput(f"脚本有 {len(value)} 句，太长了。", f"最多 {MOST_TURNS} 句，分成几个脚本。")
    for number, reply in enumerate(value, 1):
        if not isinstance(reply, str) or not reply.strip():
            raise BadInput(f"turns 的第 {number} 句不是文字。", "写成一句话，带冒号的用引号括起来。")
    return tuple(str(reply) for reply in value)
