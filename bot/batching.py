"""Many calls at once: a folder of scripts × customers × seeds, or synthetic collectors, and the report on them.

Called by `anxun practise --batch` and `anxun simulate`. Calls run in as many processes as there are cores; the order
of results, and so every byte of the report, does not depend on how many.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bot.content.reading import read_yaml
from bot.errors import BadInput
from bot.rehearsing import build_stage
from bot.roleplay.script import Script, read_script, run
from bot.roleplay.session import Scorer
from bot.roleplay.simulation import WORDS, Policy, SyntheticCollector
from bot.roleplay.stage import Stage
from bot.roleplay.tally import Played, played, tally
from bot.scoring import build_tone
from bot.settings import Settings
from bot.text import mask_personal_data, normalise

CHUNK = 8
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """One call to be played: a script with everything filled in, or a synthetic collector."""

    name: str
    script: Script
    policy: Policy | None = None


def read_scripts(folder: Path) -> dict[str, Script]:
    """Every *.yaml of a folder by its name without ending; raises BadInput that lists all faults, file by file."""
    if not folder.is_dir():
        raise BadInput(f"找不到脚本文件夹 {folder}。", "检查路径。")
    scripts: dict[str, Script] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.y*ml")):
        raw, problems = read_yaml(path, path.name)
        faults += map(str, problems)
        if not problems:
            try:
                scripts[path.stem] = _masked(read_script(raw))
            except BadInput as error:
                faults.append(f"{path.name}：{error}")
    if faults:
        raise BadInput("脚本有问题：\n" + "\n".join(faults))
    if not scripts:
        raise BadInput(f"{folder} 里没有 .yaml 脚本。", "照 docs/examples/kind.yaml 写一个放进去。")
    return scripts


def jobs_of(
    stage: Stage, scripts: Mapping[str, Script], personas: Sequence[str], difficulty: int | None, seeds: int
) -> list[Job]:
    """Every script with every customer it may be played with and every seed from its own on.

    A script that names its customer or scenario keeps to it, unless `personas` asks for others.
    """
    everybody = [stage.persona(key).id for key in personas] or list(stage.personas)
    jobs: list[Job] = []
    for name, script in scripts.items():
        cast = [script]
        if script.for_anybody or (personas and script.scenario is None):
            cast = [replace(script, persona=persona) for persona in everybody]
        for part in cast:
            wanted = replace(part, difficulty=difficulty if difficulty is not None else part.difficulty)
            jobs += [Job(name, replace(wanted, seed=wanted.seed + number)) for number in range(seeds)]
    return jobs


def simulated_jobs(
    stage: Stage, policy: Policy, calls: int, turns: int, difficulty: int, personas: Sequence[str]
) -> list[Job]:
    """`calls` synthetic calls of at most `turns` replies, going round the customers."""
    everybody = [stage.persona(key).id for key in personas] or list(stage.personas)
    said = tuple(WORDS.format(number=number) for number in range(1, turns + 1))
    return [
        Job(policy, Script(said, everybody[n % len(everybody)], None, difficulty, n), policy)
        for n in range(calls)
    ]


def play_all(
    settings: Settings, jobs: Sequence[Job], progress: Progress, workers: int | None = None
) -> list[Played]:
    """Play every job, in the order given; `workers` defaults to the cores of this machine."""
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        return list(_counted(map(_player(settings), jobs), len(jobs), progress))
    with ProcessPoolExecutor(workers, initializer=_prepare, initargs=(settings,)) as pool:
        return list(_counted(pool.map(_play_one, jobs, chunksize=CHUNK), len(jobs), progress))


def summary(calls: Sequence[Played]) -> list[dict[str, Any]]:
    """One row for each script and customer, in the order played: how the calls ended, anger, score, red lines."""
    groups: dict[tuple[str, str, int], list[Played]] = {}
    for call in calls:
        groups.setdefault((call.script, call.persona, call.difficulty), []).append(call)
    return [
        {"script": script, "persona": persona, "difficulty": difficulty, **asdict(tally(group))}
        for (script, persona, difficulty), group in groups.items()
    ]


def _counted(results: Iterator[Played], total: int, progress: Progress) -> Iterator[Played]:
    for number, result in enumerate(results, 1):
        progress(number, total)
        yield result


def _player(settings: Settings) -> Callable[[Job], Played]:
    stage, scorer = build_stage(settings), build_tone(settings).scorer
    return lambda job: _play(stage, scorer, job)


def _play(stage: Stage, scorer: Scorer, job: Job) -> Played:
    judge = SyntheticCollector(job.policy, job.script.seed) if job.policy else scorer
    practice, result = run(stage, job.script, judge)
    return played(job.name, practice, result)


def _masked(script: Script) -> Script:
    return replace(script, turns=tuple(mask_personal_data(normalise(turn)) for turn in script.turns))


@cache
def _workshop(settings: Settings) -> Callable[[Job], Played]:
    return _player(settings)


_settings: list[Settings] = []


def _prepare(settings: Settings) -> None:
    """Runs once in every process of the pool, so that each reads knowledge/ once."""
    _settings[:] = [settings]
    _workshop(settings)


def _play_one(job: Job) -> Played:
    return _workshop(_settings[0])(job)
