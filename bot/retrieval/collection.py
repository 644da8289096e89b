"""Reads a collection: documents and questions out of JSON lines, every fault named by file and line.

`anxun search` and `anxun eval retrieval` read with it, so both see the same texts.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import BadInput

QUESTION_KEYS = ("question", "query", "text")


@dataclass(frozen=True)
class Document:
    """`text` is what is indexed: law, title and article before the wording. `wording` is the text alone."""

    id: str
    text: str
    wording: str


@dataclass(frozen=True)
class Question:
    """A question with its row as written, so that callers can read what else they know from it."""

    id: str
    text: str
    line: int
    row: Mapping[str, Any]


def read_documents(path: Path) -> list[Document]:
    """Every document of {id, text} with law, article or title; raises BadInput when there is none."""
    documents = [_document(row, path, line) for line, row in read_rows(path, ("id", "text"))]
    if not documents:
        raise BadInput(f"{path} 里没有文档。", "每行写一个 JSON 对象。")
    return documents


def read_questions(path: Path) -> list[Question]:
    """Every question of {id, question}; `query` and `text` are taken for `question` too."""
    return [
        Question(str(row["id"]), next((str(row[k]) for k in QUESTION_KEYS if row.get(k)), ""), line, row)
        for line, row in read_rows(path, ("id",))
    ]


def read_rows(path: Path, keys: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, row) of each line that is not blank, from plain or gzipped JSON lines; each row has `keys`."""
    for number, line in read_lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise BadInput(f"{path} 第 {number} 行不是 JSON。", "每行写一个 JSON 对象。") from None
        missing = [k for k in keys if not isinstance(row, dict) or k not in row]
        if missing:
            raise BadInput(f"{path} 第 {number} 行缺少 {'、'.join(missing)}。", "补上后再来。")
        yield number, row


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number, line) of each line that is not blank, from a plain or a gzipped file."""
    if not path.is_file():
        raise BadInput(f"找不到文件 {path}。", "检查路径。")
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):  # bytes, so that a fault is told by its own line
                if text := line.decode("utf-8-sig").strip():
                    yield number, text
    except UnicodeDecodeError:
        raise BadInput(f"{path} 第 {number} 行不是 UTF-8。", "另存为 UTF-8 再来。") from None
    except (OSError, EOFError, zlib.error):
        raise BadInput(f"{path} 从第 {number + 1} 行起读不出来。", "文件可能不完整，重新取一份。") from None


def _document(row: Mapping[str, Any], path: Path, line: int) -> Document:
    if not isinstance(row["text"], str):
        raise BadInput(f"{path} 第 {line} 行的 text 不是文字。", "改成字符串。")
    head = " ".join(str(row[k]) for k in ("law", "title", "article") if row.get(k))
    return Document(str(row["id"]), f"{head} {row['text']}".strip(), row["text"])
