"""`anxun quiz`: drafts of questions from cards, for somebody to read; and how questions have fared."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings

quiz = typer.Typer(help="题库：从卡片起草题目，看每道题答得怎么样。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 文档，给程序用。")]
SEED = 7


@quiz.command("generate")
def generate(
    out: Annotated[
        Path | None, typer.Option(help="写到哪里；不写就放进 knowledge/quizzes/。", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """从卡片、案例和问答起草题目。读过不好的，编号和原因写进 _dropped.yaml；哪个案例拐在哪一步、哪些问答先后是死的，写进 _chosen.yaml。"""
    from bot.content.loader import load_knowledge
    from bot.content.quiz_files import read_decisions, write_sets
    from bot.learning.quizzes.generating.making import make, sets_of

    settings = Settings.read()
    knowledge, folder = load_knowledge(settings.knowledge), settings.knowledge / "quizzes"
    drafts = make(knowledge.cards, knowledge.cases, knowledge.faqs, SEED, read_decisions(folder))
    sets = sets_of(drafts, date.today().isoformat(), SEED)
    write_sets(out or folder, sets)
    counts = {one["id"]: len(one["items"]) for one in sets}
    if as_json:
        print(json.dumps(counts))
    else:
        print(f"起草了 {len(counts)} 组，{sum(counts.values())} 道。请逐题对着卡片读一遍，再用。")


@quiz.command("stats")
def stats(as_json: Json = False) -> None:
    """每道题答得怎么样，哪些要改；只算每个人的第一次。"""
    from bot.desks.building import open_learning
    from bot.learning.quizzes.statistics import item_statistics

    quizzes = open_learning(Settings.read()).quizzes
    found = item_statistics(quizzes.answers(), {name: item for name, (_, item) in quizzes.items.items()})
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        for flag in one.flags:
            print(f"{one.item}（{one.answers} 人）：{flag}")
    print(f"有人答过的 {len(found)} 道，要看一眼的 {sum(bool(one.flags) for one in found)} 道。")
