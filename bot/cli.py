"""The `anxun` command: Chinese for people, `--json` for programs, errors on standard error.

Exit code 2 means the input or the setup is at fault and the line says what to do; 1 means a failure.
Heavy parts load inside each command, so that `anxun ask` starts fast.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID
from rich.table import Table
from rich.text import Text

from bot.commands.loop import learn
from bot.commands.people import people
from bot.commands.points import points
from bot.commands.quiz import quiz
from bot.errors import AnxunError, BadInput, NotReady
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.doctor import Finding

app = typer.Typer(
    help="安训：供电营销人员的安全知识问答与催费话术陪练。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
content = typer.Typer(help="检查 knowledge/ 里的内容。", no_args_is_help=True)
app.add_typer(content, name="content")
channel = typer.Typer(help="接企业微信、钉钉。", no_args_is_help=True)
app.add_typer(channel, name="channel")
train = typer.Typer(help="重新训练自带的小模型（维护者用，要装开发环境）。", no_args_is_help=True)
app.add_typer(train, name="train")
evaluate = typer.Typer(help="量检索、问答和打分有多准（维护者和自带语料的人用）。", no_args_is_help=True)
app.add_typer(evaluate, name="eval")
app.add_typer(learn, name="learn")
app.add_typer(quiz, name="quiz")
app.add_typer(people, name="people")
app.add_typer(points, name="points")
out = Console(highlight=False)
SHOWN_PAIRS = 20

Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 文档，给程序用。")]
JsonLines = Annotated[
    Path | None, typer.Option("--jsonl", help="逐行读入 JSON，逐行输出。", show_default=False)
]


def main() -> None:
    """The console script's entry: runs a command and turns our errors into one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # half characters in somebody's file are no reason to stop
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except AnxunError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None


@app.command()
def up() -> None:
    """启动机器人：Rasa 和网页服务一起起来，Ctrl-C 一起停。"""
    from bot.authoring import require_sound_content
    from bot.launcher import up as launch

    settings = Settings.read()
    require_sound_content(settings)
    raise SystemExit(launch(settings))


@app.command()
def doctor(
    settings: Annotated[bool, typer.Option("--settings", help="列出全部设置和现在的值。")] = False,
    as_json: Json = False,
) -> None:
    """看看缺什么，该怎么补。"""
    values = Settings.read()
    if settings:
        rows = [{"name": n, "value": v, "meaning": m} for n, v, m in values.table()]
        _show(rows, as_json, ("设置", "现在的值", "意思"))
        return
    from bot.doctor import diagnose

    _show_findings(diagnose(values), as_json)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="要问的话。", show_default=False)] = None,
    as_json: Json = False,
    jsonl: JsonLines = None,
    explain: Annotated[bool, typer.Option("--explain", help="说清为什么这么答：候选、理由、把握。")] = False,
) -> None:
    """问一个问题，给出答案和它依据的条款。"""
    from bot.asking import build_libraries

    if (question is None) == (jsonl is None):
        raise BadInput("请给一个问题，或用 --jsonl 给一个文件，二选一。")
    if explain and jsonl is not None:
        raise BadInput("--explain 一次说清一个问题，不能和 --jsonl 一起用。", "去掉 --jsonl，直接写问题。")
    with _building("第一次要给知识库算向量") as progress:
        libraries = build_libraries(Settings.read(), progress)
    if jsonl is not None:
        for row in _rows(jsonl, ("question",)):
            _print_line({"id": row.get("id"), **libraries.ask(row["question"])})
        return
    if explain:
        from bot.explaining import as_document, explanation_tables

        explanation = libraries.explain(question or "")
        if as_json:
            _print_json(as_document(explanation))
            return
        for part in explanation_tables(explanation):
            out.print(part, soft_wrap=isinstance(part, Text))
        return
    answer = libraries.ask(question or "")
    if as_json:
        _print_json(answer)
    else:
        _print_answer(answer)


@app.command()
def search(
    corpus: Annotated[Path, typer.Option(help="要检索的 JSONL 或 JSONL.gz。")],
    queries: Annotated[Path, typer.Option(help="问题的 JSONL：{id, question}。")],
    run: Annotated[Path, typer.Option(help="写到哪里（TREC 格式）。")],
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=1000)] = 100,
    dense: Annotated[
        bool | None, typer.Option("--dense/--no-dense", help="是否用向量；不说则按规模决定。")
    ] = None,
    as_json: Json = False,
) -> None:
    """用本产品的检索器检索任何语料。"""
    from bot.searching import search_files

    figures = search_files(Settings.read(), corpus, queries, run, top_k, dense)
    if as_json:
        _print_json(figures)
    else:
        _show([figures], False, tuple(figures))


@app.command()
def score(
    jsonl: Annotated[Path, typer.Option(help="每行 {id, customer, reply}，可带 history、persona、facts。")],
) -> None:
    """给催费回复打分，逐行输出。"""
    from bot.scoring import build_tone

    tone = build_tone(Settings.read())
    for row in _rows(jsonl, ("customer", "reply")):
        _print_line({"id": row.get("id"), **tone.score(row)})


@app.command()
def personas(as_json: Json = False) -> None:
    """列出可以练的客户。"""
    from bot.rehearsing import list_personas

    rows = list_personas(Settings.read())
    if as_json:
        _print_json(rows)
    else:
        _show([{k: r[k] for k in ("id", "name", "situation")} for r in rows], False, ("编号", "客户", "情况"))


@app.command()
def practise(
    persona: Annotated[str | None, typer.Option(help="客户编号，见 anxun personas。")] = None,
    difficulty: Annotated[int | None, typer.Option(min=1, max=5, help="1 最好说话，5 最难；默认 3。")] = None,
    seed: Annotated[int, typer.Option(help="同一个种子，同样的话得到同样的反应。")] = 1,
    scenario: Annotated[str | None, typer.Option(help="场景编号。")] = None,
    script: Annotated[Path | None, typer.Option(help="按脚本打一通电话（YAML）。")] = None,
    batch: Annotated[Path | None, typer.Option(help="把文件夹里的每个脚本跟每位客户各打几通。")] = None,
    report: Annotated[Path, typer.Option("--out", help="--batch 的报告写到哪里。")] = Path("report.html"),
    whom: Annotated[str, typer.Option("--personas", help="--batch 只跟这些客户打，逗号隔开。")] = "",
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="--batch 每位客户打几通。")] = 20,
    as_json: Json = False,
) -> None:
    """和一位发火的客户练一通；--script 按脚本练，--batch 成批地练；同样的脚本得到同样的字节。"""
    from bot.rehearsing import play_in_terminal, play_script_file

    settings = Settings.read()
    if batch is not None:
        _play_batch(settings, batch, report, _names(whom), difficulty, seeds, as_json)
        return
    if script is not None:
        result = play_script_file(settings, script)
        if as_json:
            _print_json(result)
        else:
            _print_script(result)
        return
    play_in_terminal(settings, out, persona, scenario, difficulty, seed)


@app.command()
def simulate(
    policy: Annotated[str, typer.Option(help="催收员怎么说话：good、cold、hostile、random。")] = "good",
    calls: Annotated[int, typer.Option(min=1, max=1_000_000, help="打多少通，轮着跟每位客户打。")] = 1000,
    turns: Annotated[int, typer.Option(min=1, max=30, help="每通最多说几句。")] = 10,
    difficulty: Annotated[int, typer.Option(min=1, max=5)] = 3,
    whom: Annotated[str, typer.Option("--personas", help="只跟这些客户打，逗号隔开。")] = "",
    as_json: Json = False,
) -> None:
    """让假的催收员打很多通电话，看情绪方程的系数调得合不合适。"""
    from bot.batching import play_all, simulated_jobs, summary
    from bot.rehearsing import build_stage
    from bot.roleplay.simulation import POLICIES

    settings = Settings.read()
    chosen = next((name for name in POLICIES if name == policy), None)
    if chosen is None:
        raise BadInput(f"没有叫 {policy} 的说话方式。", f"可选：{'、'.join(POLICIES)}。")
    jobs = simulated_jobs(build_stage(settings), chosen, calls, turns, difficulty, _names(whom))
    with _building("打电话") as progress:
        rows = summary(play_all(settings, jobs, progress))
    _show_summary(rows, as_json)


@app.command()
def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="文件和文件夹：docx、pdf、xlsx、md、txt、html。", show_default=False),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="列出收过的文件。")] = False,
    remove: Annotated[
        str | None, typer.Option(metavar="NAME", help="拿掉一个收过的文件。", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """收进本单位自己的文件，问答时可以引用、可以打开原文；收过没变的不再收。"""
    from bot.ingesting import ingest as take_in
    from bot.ingesting import list_documents, remove_document

    if sum((bool(paths), listed, remove is not None)) != 1:
        raise BadInput("请给要收的文件或文件夹，或用 --list、--remove，三选一。")
    settings = Settings.read()
    if listed:
        rows = list_documents(settings)
        if not as_json:
            rows = [{k: "" if v is None else escape(str(v)) for k, v in row.items()} for row in rows]
        _show(rows, as_json, ("文件", "种类", "页", "段", "收入日期", "问题"))
        return
    if remove is not None:
        gone = remove_document(settings, remove)
        if as_json:
            _print_json({"name": remove, "gone": gone})
        else:
            out.print(f"已拿掉“{remove}”，{gone} 段。", markup=False)
        return
    report = take_in(settings, paths or [])
    if as_json:
        _print_json(report)
    else:
        _print_ingested(report["documents"])
    for row in report["failed"]:
        print(f"{row['path']}：{row['problem']}{row['remedy']}", file=sys.stderr)
    if report["failed"]:
        raise SystemExit(2)


LawFolders = Annotated[
    list[Path] | None,
    typer.Option("--law-texts", help="法规原文的文件夹，可以给几个。", show_default=False),
]


@content.command("check")
def content_check(law_texts: LawFolders = None, as_json: Json = False) -> None:
    """检查全部知识内容；有问题时逐条说明文件、键和改法。"""
    from bot.authoring import check_everything

    report = check_everything(Settings.read(), law_texts or [])
    if as_json:
        _print_json(asdict(report))
    else:
        headers = ("专题", "卡片", "已核对", "二手资料", "公司规定", "案例", "问答", "问法")
        _show([dict(row) for row in report.table], False, headers)
        out.print(f"客户画像 {report.personas} 个，场景 {report.scenarios} 个。")
        if report.terms:
            words, groups, typos, stops = report.terms.values()
            out.print(f"行业词 {words} 个，同义词 {groups} 组，错写 {typos} 条，停用词 {stops} 个。")
        for name, pairs in (("卡片", report.alike), ("问法", report.alike_questions)):
            out.print(f"相近的{name} {len(pairs)} 对" + ("，请看一眼是不是重复：" if pairs else "。"))
            for pair in pairs[:SHOWN_PAIRS]:
                out.print(f"  {pair.cosine:.2f} {pair.first} ~ {pair.second}：{pair.text}", markup=False)
        for note in report.unchecked:
            out.print(f"未核对：{note}。")
        for fault in report.faults:
            print(fault, file=sys.stderr)
        out.print("没有问题。" if not report.faults else f"共 {len(report.faults)} 处问题。")
    if report.faults:
        raise SystemExit(1)


@content.command("lines")
def content_lines(as_json: Json = False) -> None:
    """每位客户写了多少句话，每一级怒气有多少句可说。"""
    from bot.authoring import count_lines

    headers = ("客户", "句数", "接头话", *(f"{level} 级可说" for level in range(1, 6)))
    _show(count_lines(Settings.read()), as_json, headers)


@content.command("stale")
def content_stale(
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="以哪一天为准。")],
    law_texts: LawFolders = None,
    as_json: Json = False,
) -> None:
    """列出该重新核对的内容：超过一年没看过的，或所依据的法规有了新版本的。"""
    from bot.authoring import list_stale

    doubts = list_stale(Settings.read(), as_of.date(), law_texts or [])
    if as_json:
        _print_json([asdict(d) for d in doubts])
        return
    if doubts:
        rows = [asdict(d) for d in doubts]
        _show(rows, False, ("种类", "编号", "上次核对", "为什么要再看"))
    out.print(f"到 {as_of.date()}，要重新核对的有 {len(doubts)} 条。")
    if not law_texts:
        out.print("未核对：没有给 --law-texts，只看了时间，没看法规有没有新版本。")


@content.command("new")
def content_new(
    kind: Annotated[str, typer.Argument(help="card、case 或 faq。")],
    item_id: Annotated[str, typer.Argument(metavar="ID", help="编号，也是文件名，如 fc-late-fee-cap。")],
    topic: Annotated[str, typer.Option(help="专题，如 fee_collection。")],
    law: Annotated[str, typer.Option(help="法规简称，如 电力法。")] = "",
    article: Annotated[str, typer.Option(help="条号，如 32 或 253之一。")] = "",
    law_texts: LawFolders = None,
) -> None:
    """建一个待填的文件；给了法规原文，会填好版本日期并把原文显示出来。"""
    from bot.authoring import new_item

    path, text = new_item(Settings.read(), kind, item_id, topic, law, article, law_texts or [])
    out.print(f"已建 {path}。把“（待写）”都换掉，再运行 anxun content check。", markup=False)
    if text:
        out.print(text, markup=False)


@content.command("sample")
def content_sample(
    law_texts: LawFolders = None,
    size: Annotated[int, typer.Option("--n", min=1, help="抽几张。")] = 20,
    seed: Annotated[int, typer.Option(help="同样的种子抽到同样的卡片。")] = 1,
    as_json: Json = False,
) -> None:
    """随机抽卡片，和法条原文并排摆出来，给人复读。"""
    from bot.authoring import sample_cards

    rows = sample_cards(Settings.read(), size, seed, law_texts or [])
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        out.rule(row["id"])
        out.print(f"{row['title']}（{row['source']}，{row['status']}）\n{row['card']}", markup=False)
        out.print(f"原文：{row['law_text'] or '没有原文可对'}", markup=False)


@app.command()
def demo(
    platform: Annotated[str, typer.Argument(help="wecom、dingtalk，或 seed：写一批演示数据。")] = "wecom",
) -> None:
    """不用账号，在本机看看安训在企业微信或钉钉里的样子；seed 写一家演示单位和两个月的学习记录。"""
    if platform == "seed":
        from bot.demo.seeding import seed_from_settings

        seeded = seed_from_settings(Settings.read())
        out.print(
            f"写了 {seeded.people} 个人、{seeded.events} 条学习记录。在网页里说下面的话，就成了那个人："
        )
        for person, code in seeded.codes:
            out.print(f"  绑定 {code}　{person.name}，{person.department}{person.post}", markup=False)
        return
    from bot.demo.running import demo as show

    show(platform)


@channel.command("check")
def channel_check(
    platform: Annotated[str, typer.Argument(help="wecom 或 dingtalk。")],
    as_json: Json = False,
) -> None:
    """逐项看接入设置：缺什么、哪里不对、密钥合不合、平台让不让进，以及要粘贴的地址。"""
    from bot.channels.checking import check_dingtalk, check_wecom

    checks = {"wecom": check_wecom, "dingtalk": check_dingtalk}
    if platform not in checks:
        raise BadInput(f"不认识 {platform}。", "可用：wecom、dingtalk。")
    _show_findings(checks[platform](Settings.read()), as_json)


@channel.command("push")
def channel_push(
    platform: Annotated[str, typer.Argument(help="wecom 或 dingtalk。")],
    text: Annotated[str, typer.Argument(help="要发到群里的话；按 Markdown 显示。")],
) -> None:
    """往群里发一条通知：今日标语、竞赛、演练。"""
    from bot.channels.pushing import push

    push(Settings.read(), platform, text)


@train.command("encoder")
def train_encoder(
    shared: Annotated[Path, typer.Option(help="放 corpora/ 和 train/ 的文件夹。")],
    out: Annotated[
        Path | None, typer.Option(help="写到这里；不给就写进 models/。", show_default=False)
    ] = None,
    small: Annotated[
        bool | None,
        typer.Option("--small/--full", help="小方子两核约一小时；全方子要加速卡。不说则看有没有卡。"),
    ] = None,
    seed: Annotated[int, typer.Option(help="同样的种子、同样的机器，同样的结果。")] = 7,
    log: Annotated[Path | None, typer.Option(help="逐行记下损失。", show_default=False)] = None,
    keep: Annotated[Path | None, typer.Option(help="浮点权重也留一份。", show_default=False)] = None,
) -> None:
    """从底座开始训练两个编码器：微调、量化、蒸馏；有加速卡就用，没有也行。"""
    try:
        from bot.training import train_shipped_encoders
    except ModuleNotFoundError as error:
        raise NotReady(f"训练要用 {error.name}，这里没有装。", "运行 make test 装好开发环境。") from None

    train_shipped_encoders(Settings.read(), shared, out, small, seed, log, keep)


@train.command("tone")
def train_tone(
    out: Annotated[
        Path | None, typer.Option(help="写到这里；不给就写进 models/tone。", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="同样的种子、同样的机器，同样的结果。")] = 7,
) -> None:
    """用标过的回话训练语气模型：两核约八分钟，不用加速卡。"""
    try:
        from bot.teaching import train_shipped_tone
    except ModuleNotFoundError as error:
        raise NotReady(f"训练要用 {error.name}，这里没有装。", "运行 make test 装好开发环境。") from None

    train_shipped_tone(Settings.read(), out, seed)


EvalOut = Annotated[Path | None, typer.Option("--out", help="图和数字写进这个文件夹。", show_default=False)]


@evaluate.command("retrieval")
def eval_retrieval(
    corpus: Annotated[Path, typer.Option(help="语料，和 anxun search 的一样：JSONL 或 JSONL.gz。")],
    queries: Annotated[Path, typer.Option(help="问题的 JSONL：{id, question}，可带 relevant。")],
    qrels: Annotated[
        Path | None, typer.Option(help="对的文档（TREC 格式）； 不给就看问题里写的。", show_default=False)
    ] = None,
    system: Annotated[
        list[str] | None,
        typer.Option(
            help="量哪个系统， 可以给几个： hybrid（就是 anxun search） bm25-words bm25-chars "
            "static transformer e5-zero-shot。 不给就量 不费时间的四个。",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="拿存下的结果（TREC 格式）作比较的基准。", show_default=False)
    ] = None,
    equal_wordings: Annotated[
        bool, typer.Option("--equal-wordings", help="文字相同的文档 同样算对： 法条常有几个版本。")
    ] = False,
    dense: Annotated[
        bool | None, typer.Option("--dense/--no-dense", help="hybrid 是否用向量； 不说则按规模决定。")
    ] = None,
    folder: EvalOut = None,
    as_json: Json = False,
) -> None:
    """在任何语料上量检索有多准，并和别的系统比。"""
    from bot.evaluating import USUAL, Request, evaluate_retrieval
    from bot.retrieval.evaluation.tables import retrieval_tables

    figures = evaluate_retrieval(
        Settings.read(),
        Request(corpus, queries, qrels, system or USUAL, against, equal_wordings, dense, folder),
    )
    if as_json:
        _print_json(figures)
        return
    for part in retrieval_tables(figures):
        out.print(part, soft_wrap=True)


@evaluate.command("answers")
def eval_answers(
    questions: Annotated[
        Path, typer.Option(help='JSONL：{id, question, accept: ["法规:条号"], answerable}。')
    ],
    folder: EvalOut = None,
    as_json: Json = False,
) -> None:
    """量知识库答得对不对、该不该答、把握准不准。"""
    from bot.evaluating import evaluate_answers
    from bot.retrieval.evaluation.tables import answer_tables

    figures = evaluate_answers(Settings.read(), questions, folder)
    if as_json:
        _print_json(figures)
        return
    for part in answer_tables(figures):
        out.print(part, soft_wrap=True)


@evaluate.command("tone")
def eval_tone(
    replies: Annotated[
        Path,
        typer.Argument(
            help="JSONL：{id, customer, reply, band, redlines}，可带 facts、history、dimensions。"
        ),
    ],
    folder: EvalOut = None,
    begins: Annotated[str, typer.Option(help="只量编号以它开头的那些。", show_default=False)] = "",
    as_json: Json = False,
) -> None:
    """量语气打分和人标的差多少：次序、档位、红线。"""
    from bot.agreeing import evaluate_tone, names
    from bot.scoring import build_tone

    tone = build_tone(Settings.read())
    figures = evaluate_tone(tone, replies, folder, begins)
    if as_json:
        _print_json(figures)
        return
    from bot.tone.evaluation.tables import agreement_tables

    for part in agreement_tables(figures, names(tone)):
        out.print(part, soft_wrap=True)


@train.command("passages")
def train_passages() -> None:
    """知识库或编码器改过以后，把段落的向量算好放进 models/，别人第一次启动就不用等。"""
    from bot.shipping import ship_passages

    out.print(f"放好了 {ship_passages(Settings.read())} 段的向量。")


@contextmanager
def _building(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error that appears only if something has to be built."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: list[TaskID] = []

        def progress(done: int, total: int) -> None:
            if not tasks:
                tasks.append(bar.add_task(what, total=total))
            bar.update(tasks[0], completed=done)

        yield progress


def _rows(path: Path, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    from bot.retrieval.collection import read_rows

    for number, row in read_rows(path, keys):
        if wrong := [k for k in keys if not isinstance(row[k], str)]:
            raise BadInput(f"{path} 第 {number} 行的 {'、'.join(wrong)} 不是文字。", "改成字符串。")
        yield row


def _as_dict(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _print_line(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def _show_findings(findings: Sequence[Finding], as_json: bool) -> None:
    """What was looked at; leaves with exit code 1 when something required is wrong."""
    if as_json:
        _print_json([_as_dict(f) for f in findings])
    else:
        table = Table("", "检查", "情况", "怎么办")
        for f in findings:
            table.add_row("✓" if f.ok else "✗", f.name, f.detail, "" if f.ok else f.remedy)
        out.print(table)
    if any(not f.ok and f.required for f in findings):
        raise SystemExit(1)


def _show(rows: Iterable[dict[str, Any]], as_json: bool, headers: tuple[str, ...]) -> None:
    rows = list(rows)
    if as_json:
        _print_json(rows)
        return
    table = Table(*headers)
    for row in rows:
        table.add_row(*(str(v) for v in row.values()))
    out.print(table)


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.replace("，", ",").split(",") if name.strip()]


def _play_batch(
    settings: Settings,
    folder: Path,
    report: Path,
    personas: list[str],
    difficulty: int | None,
    seeds: int,
    as_json: bool,
) -> None:
    from bot.batching import jobs_of, play_all, read_scripts, summary
    from bot.rehearsing import build_stage
    from bot.reporting import batch_page

    stage = build_stage(settings)
    jobs = jobs_of(stage, read_scripts(folder), personas, difficulty, seeds)
    with _building("打电话") as progress:
        calls = play_all(settings, jobs, progress)
    try:
        report.write_text(batch_page(calls, stage.personas), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"报告写不进 {report}：{error.strerror}。", "用 --out 换一个能写的地方。") from None
    _show_summary(summary(calls), as_json)
    if not as_json:
        out.print(f"{len(calls)} 通，报告在 {report}。", markup=False)


def _show_summary(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    table = Table("脚本", "客户", "难度", "通数", "谈成", "没谈成", "闹大", "挂断", "结束怒气", "场分")
    for row in rows:
        shares = [f"{row['outcomes'][name] / row['calls']:.0%}" for name in row["outcomes"]]
        figures = (row["difficulty"], row["calls"], *shares, f"{row['anger']:.0f}", f"{row['overall']:.0f}")
        table.add_row(row["script"], row["persona"], *map(str, figures))
    out.print(table)


def _print_answer(answer: dict[str, Any]) -> None:
    out.print(answer["answer"], markup=False)
    for cite in answer["citations"]:
        where = f"《{cite['law']}》{cite['article_label']}" if cite.get("law") else cite["title"]
        since = f"，{cite['effective']} 起施行" if cite.get("effective") else ""
        since = since or (f"，{cite['version']} 版" if cite.get("version") else "")
        out.print(f"  {where} [{cite['status_label']}{since}]", markup=False)
        if cite["quote"]:
            out.print(f"  “{cite['quote']}”", markup=False)
    for question in answer["choices"]:
        out.print(f"  {question}", markup=False)
    for question in answer["related"]:
        out.print(f"  还可以问：{question}", markup=False)


def _print_ingested(documents: list[dict[str, Any]]) -> None:
    said = {
        "new": "新收：{name}，{new} 段",
        "changed": "更新：{name}，留 {kept} 段，新 {new} 段，去 {gone} 段",
        "same": "没变：{name}，{kept} 段",
        "twin": "已有：{name} 和“{twin}”内容一样，没有再收",
    }
    for row in documents:
        out.print(said[row["state"]].format(**row), markup=False, soft_wrap=True)
        for note in row["notes"]:
            out.print(f"      {note}", markup=False, soft_wrap=True)
    out.print(f"收好 {len(documents)} 个文件。")


def _print_script(result: dict[str, Any]) -> None:
    for turn in result["turns"]:
        out.print(f"客户：{turn['customer_before']}", markup=False)
        out.print(f"  我：{turn['reply']}", markup=False)
        before, after = turn["state_before"]["anger"], turn["state_after"]["anger"]
        why = "、".join(f"{r['label']} {r['delta']:+.1f}" for r in turn["delta_reasons"])
        out.print(f"      怒气 {before:.0f} → {after:.0f}（{why}）得分 {turn['score']}", markup=False)
    out.print(f"{result['summary']}  总分 {result['overall']}，{result['grade']}", markup=False)
