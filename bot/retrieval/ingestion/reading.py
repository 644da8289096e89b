"""From a file to its passages: judges the kind, reads, masks personal data, cuts. What is wrong is one BadInput."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.errors import AnxunError, BadInput
from bot.retrieval.ingestion.blocks import Block, Box, Reading
from bot.retrieval.ingestion.concealing import conceal
from bot.retrieval.ingestion.finding import name_of
from bot.retrieval.ingestion.kinds import Kind, kind_of
from bot.retrieval.ingestion.pieces import Piece, pieces_of
from bot.text import normalise

Progress = Callable[[int, int], None]

MOST_PIECES = 50_000


@dataclass(frozen=True)
class Document:
    """A file that was read. `hidden` is where personal data is printed; `sha256` is of the file as it was read."""

    name: str
    kind: Kind
    sha256: str
    pages: int | None
    pieces: tuple[Piece, ...]
    hidden: tuple[Box, ...]
    notes: tuple[str, ...]


def read_document(path: Path, progress: Progress | None = None) -> Document:
    """The passages of one file; `progress` is told (pages done, pages). Raises BadInput, whatever is wrong with it."""
    kind, digest = identify(path)
    try:
        reading = _read(path, kind, progress)
    except AnxunError:
        raise
    except Exception as error:  # the parsers raise whatever they stumble over in a broken file
        raise BadInput(
            f"打不开，像是坏了（{type(error).__name__}）。", "请用原来的程序打开，另存一份再收。"
        ) from error
    blocks, hidden = conceal(_normalised(reading.blocks), reading.margins)
    name = name_of(Path(path.name))
    pieces = pieces_of(name, blocks)
    if not pieces:
        raise BadInput("里面没有文字。", "请确认没有拿错；图片太小或太糊也认不出字。")
    if len(pieces) > MOST_PIECES:
        raise BadInput(f"有 {len(pieces)} 段，超过 {MOST_PIECES} 段。", "请拆成几个文件再收。")
    return Document(name, kind, digest, reading.pages, tuple(pieces), tuple(hidden), reading.notes)


def identify(path: Path) -> tuple[Kind, str]:
    """What kind of document a file is, and its SHA-256, in hexadecimal. Raises BadInput for what cannot be taken in."""
    try:
        return kind_of(path), digest_of(path)
    except OSError as error:
        raise BadInput(
            f"读不了（{error.strerror or type(error).__name__}）。", "请检查文件的权限。"
        ) from error


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, kind: Kind, progress: Progress | None) -> Reading:
    """Each reader loads its own libraries, so that a folder of text files needs neither PDFium nor Word's."""
    if kind == "pdf":
        from bot.retrieval.ingestion.pdf import read_pdf

        return read_pdf(path, progress)
    if kind == "docx":
        from bot.retrieval.ingestion.docx import read_docx

        return read_docx(path)
    if kind == "xlsx":
        from bot.retrieval.ingestion.xlsx import read_xlsx

        return read_xlsx(path)
    if kind == "md":
        from bot.retrieval.ingestion.markdown import read_markdown

        return read_markdown(path)
    if kind == "html":
        from bot.retrieval.ingestion.html import read_html

        return read_html(path)
    from bot.retrieval.ingestion.plain import read_text

    return read_text(path)


def _normalised(blocks: Iterable[Block]) -> Iterable[Block]:
    """Printed lines are normalised as they are read, so that their letters keep their places."""
    for block in blocks:
        if block.starts:
            yield block
        elif text := normalise(block.text):
            yield replace(block, text=text, cells=tuple(map(normalise, block.cells)))
