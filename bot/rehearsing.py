"""Role-play without servers: the list of customers, scripts, and a call in the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.content.loader import Knowledge, load_knowledge
from bot.content.reading import read_yaml
from bot.errors import BadInput
from bot.messages import ComparisonBlock
from bot.presenting import LEVEL_NAMES, OUTCOME_LABELS, briefing, comparison
from bot.roleplay.coefficients import load_coefficients
from bot.roleplay.hints import hint
from bot.roleplay.scoring import finish
from bot.roleplay.script import play_script
from bot.roleplay.session import Practice, Scorer, play, retry_last, start, what_if
from bot.roleplay.stage import Stage
from bot.scoring import build_tone
from bot.settings import Settings
from bot.text import mask_personal_data, normalise


def build_stage(settings: Settings, knowledge: Knowledge | None = None) -> Stage:
    """Personas, scenarios and coefficients; raises ContentError when any is faulty."""
    knowledge = knowledge or load_knowledge(settings.knowledge)
    return Stage(
        knowledge.personas,
        knowledge.scenarios,
        load_coefficients(settings.knowledge / "personas"),
        crude=settings.crude,
        exams=knowledge.exams,
    )


def list_personas(settings: Settings) -> list[dict[str, Any]]:
    """The contract of `anxun personas --json`."""
    stage = build_stage(settings)
    return [
        {
            "id": p.id,
            "name": p.name,
            "situation": p.situation,
            "about": p.about,
            "speech": p.speech.model_dump(),
            "settings": list(p.settings),
            "accepts": list(p.accepts),
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
    if practice.scenario is not None:
        out.print(briefing(stage.scenario(practice.scenario), stage.persona(practice.persona)), markup=False)
    out.print("对客户说话。提示、重说、换个说法、放弃、结束也可以直接打。", style="dim")
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
        if said == "放弃":
            return
        if said == "结束":
            break
        practice = _one(stage, scorer, practice, said, out)
    _ending(stage, practice, out, name)


def _one(stage: Stage, scorer: Scorer, practice: Practice, said: str, out: Console) -> Practice:
    if said == "提示":
        out.print(hint(stage, practice), style="dim", markup=False)
        return replace(practice, hints=practice.hints + 1)
    if said == "重说":
        return retry_last(practice) if practice.turns else practice
    if said == "换个说法":
        _other_wording(stage, scorer, practice, out)
        return practice
    if not said:
        return practice
    practice, record = play(stage, practice, said, scorer)
    judged = record.judgement
    why = "、".join(f"{r.label} {r.value:+.0f}" for r in record.reasons[:3])
    out.print(f"  {judged.praise}\n  {judged.advice}", markup=False)
    if judged.rewrite:
        out.print(f"  可以说：{judged.rewrite}", markup=False)
    out.print(
        f"  {judged.overall} 分，怒气 {record.before.anger:.0f} → {record.after.anger:.0f}（{why}）",
        style="dim",
        markup=False,
    )
    if practice.first_try is not None:
        _side_by_side(comparison(practice.first_try, record), out)
    return practice


def _other_wording(stage: Stage, scorer: Scorer, practice: Practice, out: Console) -> None:
    better = practice.turns[-1].judgement.rewrite if practice.turns else ""
    if not better:
        out.print("  还没有可以比的更好说法。", style="dim")
        return
    other = what_if(stage, practice, better, scorer)
    _side_by_side(comparison(practice.turns[-1], other, ("你说的", "换个说法")), out)


def _side_by_side(block: ComparisonBlock, out: Console) -> None:
    table = Table("", *(one.title for one in block.tries))
    table.add_row("说的话", *(one.reply for one in block.tries))
    table.add_row("怒气", *(f"{block.anger_before} → {one.anger}" for one in block.tries))
    table.add_row("客户接着说", *(one.line for one in block.tries))
    out.print(table)
    out.print(f"  {block.verdict}", markup=False)


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
    for condition in result.conditions:
        out.print(f"  {'做到了' if condition.met else '没做到'}：{condition.what}", markup=False)
    out.print(f"下次只练一件：{result.next_time}", markup=False)


def _clean(turn: object) -> object:
    return mask_personal_data(normalise(turn)) if isinstance(turn, str) else turn
