"""Runs and judgements in TREC's form are read as every evaluation tool reads them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.retrieval.collection import Question
from bot.retrieval.evaluation.qrels import answerable, qrels_of, read_qrels
from bot.retrieval.evaluation.runs import ranked, read_run, write_run


def test_score_and_not_place_decides(tmp_path: Path) -> None:
    """Lines may stand in any order, and what the rank column says is not believed."""
    path = tmp_path / "run.trec"
    path.write_text("q1 Q0 a1 1 0.5 x\nq1 Q0 a2 2 0.9 x\n\nq2 Q0 a3 1 -1 x\n", encoding="utf-8")

    assert {"q1": [("a2", 0.9), ("a1", 0.5)], "q2": [("a3", -1.0)]} == read_run(path)


def test_equal_scores_follow_trec_eval() -> None:
    """Of equals the later id leads, whatever order they came in."""
    pairs = [("条例39", 1.0), ("条例40", 1.0), ("a", 2.0)]

    assert [("a", 2.0), ("条例40", 1.0), ("条例39", 1.0)] == ranked(pairs) == ranked(reversed(pairs))


def test_written_run_reads_back_unchanged(tmp_path: Path) -> None:
    """No digit of a score is lost, so no tie appears that was none."""
    run = {"q1": [("a1", 0.1 + 0.2), ("a2", 0.3)], "q2": [("a1", 1e-12)]}
    path = tmp_path / "run.trec"
    write_run(path, run, "anxun")

    assert run == read_run(path)
    assert "q1 Q0 a1 1 0.30000000000000004 anxun" == path.read_text(encoding="utf-8").splitlines()[0]


def test_empty_run_is_a_run(tmp_path: Path) -> None:
    """A system that found nothing has an empty file, which is no fault."""
    path = tmp_path / "run.trec"
    path.touch()

    assert {} == read_run(path)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("q1 Q0 a1 1 0.5", "六列"),
        ("q1 Q0 a1 1 高 x", "不是数"),
        ("q1 Q0 a1 1 nan x", "不是数"),
        ("q1 Q0 a0 1 0.5 x", "出现过"),
    ],
)
def test_faulty_run_line_is_named(tmp_path: Path, line: str, fault: str) -> None:
    """A fault is told with file and line, in one line."""
    path = tmp_path / "run.trec"
    path.write_text(f"q1 Q0 a0 1 0.9 x\n{line}\n", encoding="utf-8")

    with pytest.raises(BadInput, match=rf"run\.trec 第 2 行.*{fault}") as caught:
        read_run(path)
    assert "\n" not in str(caught.value)


def test_qrels_are_read_with_grades(tmp_path: Path) -> None:
    """Grades stay as they are, zero and less included; a gzipped file will do."""
    path = tmp_path / "qrels.txt.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write("q1 0 a1 2\nq1 0 a2 0\nq2 0 a3 -1\n")

    assert {"q1": {"a1": 2, "a2": 0}, "q2": {"a3": -1}} == read_qrels(path)


def test_faulty_qrels_line_is_named(tmp_path: Path) -> None:
    """A grade that is no whole number is told with file and line."""
    path = tmp_path / "qrels.txt"
    path.write_text("q1 0 a1 1\nq1 0 a2 对\n", encoding="utf-8")

    with pytest.raises(BadInput, match=r"qrels\.txt 第 2 行"):
        read_qrels(path)


@pytest.mark.parametrize("key", ["relevant", "gold_ids", "accept"])
def test_questions_may_carry_their_answers(key: str) -> None:
    """Each of the three keys lists the right documents; numbers are ids too."""
    question = Question("q1", "欠费几天停电", 1, {key: ["a1", 7]})

    assert {"q1": {"a1": 1, "7": 1}} == qrels_of([question], Path("q.jsonl"))


def test_clauses_are_not_documents() -> None:
    """A list of clauses names no document of the corpus: file, line and key are told."""
    question = Question("q1", "欠费几天停电", 3, {"accept": [{"law": "供电条例", "article": 39}]})

    with pytest.raises(BadInput, match=r"q\.jsonl 第 3 行的 accept"):
        qrels_of([question], Path("q.jsonl"))


def test_only_answerable_questions_are_measured() -> None:
    """Judgements of other questions, and questions whose every document is wrong, are left out."""
    questions = [Question(f"q{i}", "问", i, {}) for i in (1, 2, 3)]
    qrels = {"q1": {"a1": 1, "a2": 0}, "q2": {"a1": 0}, "q9": {"a1": 1}}

    assert {"q1": {"a1": 1, "a2": 0}} == answerable(qrels, questions)
