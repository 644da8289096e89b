"""`anxun eval` as people and programs meet it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import needs
from bot.cli import main
from bot.retrieval.evaluation.runs import read_run
from tests.content.factory import CARD, OTHER, write_knowledge
from tests.retrieval.evaluation.conftest import write_rows

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def anxun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `anxun eval …` in this process: (exit code, standard output, standard error)."""
    monkeypatch.setenv("ANXUN_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["anxun", "eval", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        code = left.value.code
        captured = capsys.readouterr()
        return int(code or 0), captured.out, captured.err

    return run


def figures(done: tuple[int, str, str]) -> dict[str, Any]:
    code, out, err = done
    assert 0 == code, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_baselines_are_compared(anxun: Run, tmp_path: Path, corpus: Path, queries: Path) -> None:
    """One JSON document; the runs and pictures of --out are there; the question without an answer is not measured."""
    out = tmp_path / "out"
    found = figures(
        anxun("retrieval", "--corpus", corpus, "--queries", queries, "--system", "bm25-chars", "--system",
              "static", "--out", out, "--json")
    )  # fmt: skip

    assert (5, 4, 3, 0) == tuple(
        found[k] for k in ("documents", "questions", "measured", "right_documents_missing")
    )
    assert ["bm25-chars", "static"] == [s["system"] for s in found["systems"]]
    assert all(Path(file).is_file() for file in found["files"])
    assert {"q1", "q2", "q3", "q4"} == set(read_run(out / "static.trec"))
    assert {("static", "bm25-chars")} == {(c["system"], c["against"]) for c in found["comparisons"]}


def test_product_is_what_search_writes(
    anxun: Run, tmp_path: Path, corpus: Path, queries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`hybrid` ranks as `anxun search` does, to the last digit."""
    out, searched = tmp_path / "out", tmp_path / "searched.trec"
    figures(
        anxun(
            "retrieval",
            "--corpus",
            corpus,
            "--queries",
            queries,
            "--system",
            "hybrid",
            "--out",
            out,
            "--json",
        )
    )
    words = ["search", "--corpus", corpus, "--queries", queries, "--run", searched]
    monkeypatch.setattr(sys, "argv", ["anxun", *map(str, words)])
    with pytest.raises(SystemExit):
        main()

    assert read_run(searched) == read_run(out / "hybrid.trec")


def test_stored_run_is_the_reference(anxun: Run, tmp_path: Path, corpus: Path, queries: Path) -> None:
    """A perfect run kept from elsewhere: nothing is lost against it, and what it cost is not invented."""
    stored, qrels = tmp_path / "peer.trec", tmp_path / "qrels.txt"
    stored.write_text("q1 Q0 a1 1 1 x\nq2 Q0 a2 1 1 x\nq3 Q0 a3 1 1 x\n", encoding="utf-8")
    qrels.write_text("q1 0 a1 1\nq2 0 a2 1\nq3 0 a4 1\nq3 0 gone 0\n", encoding="utf-8")
    asked = ("retrieval", "--corpus", corpus, "--queries", queries, "--qrels", qrels, "--system", "bm25-chars",
             "--against", stored, "--json")  # fmt: skip
    strict, merged = figures(anxun(*asked)), figures(anxun(*asked, "--equal-wordings"))

    assert ["peer.trec", "bm25-chars"] == [s["system"] for s in strict["systems"]]
    assert "p50_ms" not in strict["systems"][0] and "p50_ms" in strict["systems"][1]
    assert 2 / 3 == pytest.approx(strict["systems"][0]["MRR@10"]["value"], abs=1e-6)
    assert 1.0 == merged["systems"][0]["MRR@10"]["value"]


def test_missing_right_documents_are_told(anxun: Run, tmp_path: Path, corpus: Path, queries: Path) -> None:
    """People read that a right document is not in the corpus, and that it counts as missed."""
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("q1 0 a1 1\nq1 0 gone 1\n", encoding="utf-8")
    code, out, _ = anxun("retrieval", "--corpus", corpus, "--queries", queries, "--qrels", qrels, "--system", "bm25-words")  # fmt: skip

    assert 0 == code
    assert "有 1 篇对的文档不在语料里" in out
    assert "0.500" in out


@pytest.fixture
def knowledge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot knows two cards."""
    monkeypatch.setenv("ANXUN_KNOWLEDGE_DIR", str(write_knowledge(tmp_path, CARD, OTHER)))


@pytest.mark.usefixtures("knowledge")
def test_answers_are_measured(anxun: Run, tmp_path: Path) -> None:
    """From a file of questions to figures, pictures and the list of misses, with the shipped models."""
    questions = write_rows(
        tmp_path / "q.jsonl",
        [
            {"id": "x1", "question": CARD["questions"][0], "accept": ["电力供应与使用条例:39"]},
            {"id": "x2", "question": "附近哪家火锅好吃", "answerable": False},
        ],
    )
    found = figures(anxun("answers", "--questions", questions, "--out", tmp_path / "out", "--json"))

    assert (1, 1) == (found["answerable"], found["unanswerable"])
    assert 1.0 == found["refused"]["value"]
    assert ["figures.json", "risk_coverage.png", "calibration.png"] == [Path(f).name for f in found["files"]]
    assert all(Path(file).is_file() for file in found["files"])


@pytest.mark.usefixtures("knowledge")
def test_people_read_the_misses(anxun: Run, tmp_path: Path) -> None:
    """A question that should have found another clause is listed with what was cited instead."""
    rows = [{"id": "x1", "question": CARD["questions"][0], "accept": ["民法典:654"]}]
    code, out, _ = anxun("answers", "--questions", write_rows(tmp_path / "q.jsonl", rows))

    assert 0 == code
    assert f"x1 {CARD['questions'][0]}" in out
    assert "第一条就对" in out and "0.000" in out


FAULTS: list[tuple[list[str], str]] = [
    (["--system", "bm42"], "没有叫 bm42 的系统"),
    (["--corpus", "nowhere.jsonl"], "找不到文件 nowhere.jsonl"),
    (["--qrels", "nowhere.txt"], "找不到文件 nowhere.txt"),
    (["--against", "nowhere.trec"], "找不到文件 nowhere.trec"),
    (["--out", "no/such/folder"], "建不了文件夹"),
]


@pytest.mark.parametrize(("extra", "fault"), FAULTS)
def test_faults_are_single_lines(
    anxun: Run,
    tmp_path: Path,
    corpus: Path,
    queries: Path,
    monkeypatch: pytest.MonkeyPatch,
    extra: list[str],
    fault: str,
) -> None:
    """Exit code 2, one line on standard error that says what to do, nothing on standard output."""
    monkeypatch.chdir(tmp_path)
    code, out, err = anxun(
        "retrieval", "--corpus", corpus, "--queries", queries, "--system", "bm25-words", *extra
    )

    assert (2, "") == (code, out)
    assert fault in err and 1 == len(err.splitlines())


def test_reference_is_not_overwritten(anxun: Run, tmp_path: Path, corpus: Path, queries: Path) -> None:
    """Writing beside the stored run could replace what one wants to compare with."""
    stored = tmp_path / "bm25-words.trec"
    stored.write_text("q1 Q0 a1 1 1 x\n", encoding="utf-8")
    code, _, err = anxun(
        "retrieval", "--corpus", corpus, "--queries", queries, "--against", stored, "--out", tmp_path
    )

    assert 2 == code
    assert "盖掉" in err and "q1 Q0 a1 1 1 x\n" == stored.read_text(encoding="utf-8")


def test_unjudged_questions_are_refused(anxun: Run, tmp_path: Path, corpus: Path) -> None:
    """Without a right document for any question there is nothing to measure."""
    queries = write_rows(tmp_path / "bare.jsonl", [{"id": "q1", "question": "停电"}])
    code, _, err = anxun("retrieval", "--corpus", corpus, "--queries", queries)

    assert 2 == code
    assert "--qrels" in err and 1 == len(err.splitlines())


@pytest.mark.parametrize("command", ["retrieval", "answers"])
def test_missing_package_is_named(
    anxun: Run, corpus: Path, queries: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Where only the bot is installed, one line says what to install."""
    monkeypatch.setattr(needs, "find_spec", lambda name: None)
    files = ("--questions", queries) if command == "answers" else ("--corpus", corpus, "--queries", queries)
    code, _, err = anxun(command, *files)

    assert 2 == code
    assert "pip install" in err and "scipy" in err and 1 == len(err.splitlines())
