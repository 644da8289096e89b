"""Role-play without servers: the list of customers, scripts, and a call in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from bot.content.loader import Knowledge, load_knowledge
from bot.content.reading import read_yaml
from bot.errors import BadInput
from bot.presenting import LEVEL_NAMES, OUTCOME_LABELS
from bot.roleplay.coefficients import load_coefficients
from bot.roleplay.hints import hint
from bot.roleplay.scoring import finish
from bot.roleplay.script import play_script
from bot.roleplay.session import Practice, play, retry_last, start
from bot.roleplay.stage import Stage
from bot.scoring import build_tone
from bot.settings import Settings
from bot.text import mask_personal_data, normalise


def build_stage(settings: Settings, knowledge: Knowledge | None = None) -> Stage:
    """Personas, scenarios and coefficients; raises ContentError when any is faulty."""
    knowledge = knowledge or load_knowledge(settings.knowledge)
    return Stage(knowledge.personas, knowledge.scenarios, load_coefficients(settings.knowledge / "personas"))


def list_personas(settings: Settings) -> list[dict[str, Any]]:
    """The contract of `anxun personas --json`."""
    stage = build_stage(settings)
    return [
        {
            "id": p.id,
            "name": p.name,
            "situation": p.situation,
            "about": p.about,
            "anger": p.parameters.anger0,
            "facts": dict(p.facts),
            "scenarios": [
                {"id": s.id, "title": s.title, "setting": s.setting, "difficulty": s.difficulty}
                for s in stage.scenarios.values()
                if s.persona == p.id
            ],
        }
        for p in stage.personas.values()
    ]


def play_script_file(settings: Settings, path: Path) -> dict[str, Any]:
    """The contract of `anxun practise --script`; raises BadInput naming what is wrong with the file."""
    if not path.is_file():
        raise BadInput(f"找不到脚本 {path}。", "检查路径。")
    script, faults = read_yaml(path, path.name)
    if faults:
        raise BadInput(str(faults[0]))
    if isinstance(script, dict) and isinstance(script.get("turns"), list):
        script = {**script, "turns": [_clean(turn) for turn in script["turns"]]}
    return play_script(build_stage(settings), script, build_tone(settings).scorer)


def play_in_terminal(
    settings: Settings,
    out: Console,
    persona: str | None,
    scenario: str | None,
    difficulty: int | None,
    seed: int,
) -> None:
    """A call on the keyboard: what the customer says, what each reply did, and the score at the end."""
    stage, scorer = build_stage(settings), build_tone(settings).scorer
    if persona is None and scenario is None:
        raise BadInput("还没说和谁练。", f"用 --persona，可选：{'、'.join(stage.personas)}。")
    practice = start(stage, persona=persona, scenario=scenario, difficulty=difficulty, seed=seed)
    name = stage.persona(practice.persona).name
    out.print("对客户说话。提示、重说、结束也可以直接打。", style="dim")
    while not practice.over:
        state = practice.state
        out.print(
            f"\n{name}（怒气 {state.anger:.0f} {LEVEL_NAMES[state.level - 1]}）：{practice.customer}",
            markup=False,
        )
        try:
            said = mask_personal_data(normalise(out.input("我：", markup=False)))
        except EOFError:
            break
        if said == "结束":
            break
        practice = _one(stage, scorer, practice, said, out)
    _ending(stage, practice, out, name)


def _one(stage: Stage, scorer: Any, practice: Practice, said: str, out: Console) -> Practice:
    if said == "提示":
        out.print(hint(stage, practice), style="dim", markup=False)
        return practice
    if said == "重说":
        return retry_last(practice) if practice.turns else practice
    if not said:
        return practice
    practice, record = play(stage, practice, said, scorer)
    judged = record.judgement
    why = "、".join(f"{r.label} {r.value:+.0f}" for r in record.reasons[:3])
    out.print(f"  {judged.praise}\n  {judged.advice}\n  可以说：{judged.rewrite}", markup=False)
    out.print(
        f"  {judged.overall} 分，怒气 {record.before.anger:.0f} → {record.after.anger:.0f}（{why}）",
        style="dim",
        markup=False,
    )
    return practice


def _ending(stage: Stage, practice: Practice, out: Console, name: str) -> None:
    if not practice.turns:
        return
    result = finish(stage, practice)
    if practice.over:
        out.print(f"\n{name}：{practice.customer}", markup=False)
    out.print(
        f"\n{OUTCOME_LABELS[result.outcome]}，{result.overall} 分，{result.grade}。{result.summary}",
        markup=False,
    )
    out.print(f"下次只练一件：{result.next_time}", markup=False)


def _clean(turn: object) -> object:
    return mask_personal_data(normalise(turn)) if isinstance(turn, str) else turn
