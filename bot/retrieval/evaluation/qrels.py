"""Which documents are right for which question: from a TREC file, or from the questions' own rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.errors import BadInput
from bot.retrieval.collection import Question, read_lines

Qrels = dict[str, dict[str, int]]
"""Question to document to grade; a grade of zero or less says that the document is wrong."""
KEYS = ("relevant", "gold_ids", "accept")
"""Where a question's row may list the documents that answer it."""


def read_qrels(path: Path) -> Qrels:
    """Judgements of `question 0 document grade`; raises BadInput naming file and line."""
    found: Qrels = {}
    for number, line in read_lines(path):
        columns = line.split()
        if len(columns) != 4 or not columns[3].lstrip("-").isdigit():
            raise BadInput(f"{path} 第 {number} 行不是 TREC 的四列。", "每行写 问题 0 文档 等级（整数）。")
        question, _, document, grade = columns
        found.setdefault(question, {})[document] = int(grade)
    return found


def qrels_of(questions: Iterable[Question], path: Path) -> Qrels:
    """Judgements out of the rows of `path`, all of grade 1; a row without any of KEYS is not judged."""
    found: Qrels = {}
    for question in questions:
        key = next((k for k in KEYS if question.row.get(k)), None)
        if key is None:
            continue
        documents = question.row[key]
        if not isinstance(documents, list) or not all(isinstance(d, str | int) for d in documents):
            raise BadInput(
                f"{path} 第 {question.line} 行的 {key} 不是文档编号的列表。",
                "写成编号的列表，或用 --qrels 给一个 TREC 文件。",
            )
        found[question.id] = {str(document): 1 for document in documents}
    return found


def answerable(qrels: Qrels, questions: Iterable[Question]) -> Qrels:
    """The judgements of those `questions` that have a right document: only they can be found or missed."""
    return {q.id: qrels[q.id] for q in questions if any(grade > 0 for grade in qrels.get(q.id, {}).values())}
